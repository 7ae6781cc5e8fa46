/* python/raw: what all views share: they keep their snapshot alive and know their offset in the
 * file. */
#include "raw/view.h"

#include <stddef.h>
#include <structmember.h>

PyMemberDef py_view_members[] = {
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct py_view, weak_references), READONLY,
	 NULL},
	{NULL, 0, 0, 0, NULL},
};

PyObject *py_view_new(PyTypeObject *type, struct py_snapshot *snapshot, struct ancient_value value)
{
	struct py_view *view = (struct py_view *)type->tp_alloc(type, 0);

	if (view == NULL)
		return NULL;
	Py_INCREF(snapshot);
	view->snapshot = snapshot;
	view->value = value;
	return (PyObject *)view;
}

void py_view_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	py_view_clear_weak_references(self);
	Py_XDECREF(((struct py_view *)self)->snapshot);
	type->tp_free(self);
	Py_DECREF(type);
}

PyObject *py_view_offset(PyObject *self, void *Py_UNUSED(closure))
{
	const struct py_view *view = (const struct py_view *)self;

	return PyLong_FromUnsignedLongLong(view->value.word - view->snapshot->base);
}
