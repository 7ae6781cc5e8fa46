/* python: what all views have in common: they keep their snapshot alive, know where in the
 * file they are, and cannot be pickled. */
#include "module.h"

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

	Py_XDECREF(((struct py_view *)self)->snapshot);
	type->tp_free(self);
	Py_DECREF(type);
}

PyObject *py_view_offset(PyObject *self, void *Py_UNUSED(closure))
{
	const struct py_view *view = (const struct py_view *)self;

	return PyLong_FromUnsignedLongLong(view->value.word - view->snapshot->base);
}

PyObject *py_refuse_pickle(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	PyErr_Format(PyExc_TypeError,
		     "cannot pickle %s: it is a view of a file; pickle ancient.to_python(value), "
		     "or open the file again where it is needed",
		     Py_TYPE(self)->tp_name);
	return NULL;
}

int py_stands(struct py_snapshot *snapshot)
{
	struct ancient_error err;

	if (ancient_file_stands(snapshot->file, &err) == ANCIENT_OK)
		return 0;
	py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}
