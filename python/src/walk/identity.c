/* python/walk: ancient.identity: which block a view shows, OCaml's ==.  Also names the blocks that
 * a copy of a cyclic value refers to (to_python.c). */
#include "walk/identity.h"

#include "store/info.h"
#include "typed/value.h"

PyObject *py_identity_of(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_info info;
	PyObject *uuid;

	/* An immediate is the same in every file. */
	if (ancient_value_is_int(value))
		return Py_BuildValue("OL", Py_None, (long long)ancient_value_to_int(value));
	ancient_file_info(snapshot->file, &info);
	uuid = py_uuid_text(info.uuid);
	if (uuid == NULL)
		return NULL;
	return Py_BuildValue("NK", uuid, (unsigned long long)(value.word - snapshot->base));
}

static bool is_raw_view(const struct py_state *state, PyObject *object)
{
	return Py_IS_TYPE(object, state->block) || Py_IS_TYPE(object, state->float_array) ||
	       Py_IS_TYPE(object, state->bigarray) || Py_IS_TYPE(object, state->custom);
}

PyObject *py_identity(PyObject *module, PyObject *object)
{
	const struct py_state *state = PyModule_GetState(module);
	const struct py_typed *view = (const struct py_typed *)object;

	if (is_raw_view(state, object) || (py_is_typed(state, object) && view->flat == 0) ||
	    (PyObject_TypeCheck(object, state->variant) && view->schema == NULL))
		return py_identity_of(view->view.snapshot, view->view.value);
	return PyErr_Format(PyExc_TypeError,
			    "identity() takes a view of a block, not %.200s: what is copied out of "
			    "the file, and a float that lies in a record, has none",
			    Py_TYPE(object)->tp_name);
}
