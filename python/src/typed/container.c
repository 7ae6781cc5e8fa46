/* python/typed: what the views of lists, arrays, tables, maps and sets share. */
#include "typed/container.h"

#include "module/module.h"
#include "typed/value.h"
#include "walk/walk.h"

#include <string.h>

int py_add_container_type(PyObject *module, PyType_Spec *spec, PyTypeObject **ret_type)
{
	if (py_add_type(module, spec, NULL, ret_type) < 0)
		return -1;
	return PyModule_AddObjectRef(module, strchr(spec->name, '.') + 1, (PyObject *)*ret_type);
}

int py_container_true(PyObject *object)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct ancient_typed key, part;
	struct py_walk walk;
	int more = py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self));

	if (more == 0)
		more = py_walk_next(&walk, &key, &part);
	py_walk_done(&walk);
	return more;
}
