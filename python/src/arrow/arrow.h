/* python/arrow: views as Arrow data, in the capsules of Arrow's PyCapsule interface. */
#ifndef ANCIENT_PYTHON_ARROW_ARROW_H
#define ANCIENT_PYTHON_ARROW_ARROW_H

#include "module/objects.h"

/* __arrow_c_stream__ and __arrow_c_schema__ of a List, Array, Hashtbl, Map or Set. */
PyObject *py_arrow_view_stream(PyObject *view, PyObject *const *args, Py_ssize_t nargs,
			       PyObject *names);
PyObject *py_arrow_view_schema(PyObject *view, PyObject *ignored);

#define PY_ARROW_METHODS                                                                           \
	{"__arrow_c_stream__", (PyCFunction)(void (*)(void))py_arrow_view_stream,                  \
	 METH_FASTCALL | METH_KEYWORDS, PY_DOC_List___arrow_c_stream__},                           \
	{                                                                                          \
		"__arrow_c_schema__", py_arrow_view_schema, METH_NOARGS,                           \
			"__arrow_c_schema__($self, /)\n--\n\n"                                     \
			"The types of that stream: a capsule."                                     \
	}

/* __arrow_c_array__ and __arrow_c_schema__ of a FloatArray or Bigarray: in place. */
PyObject *py_arrow_numbers(PyObject *view, PyObject *const *args, Py_ssize_t nargs,
			   PyObject *names);
PyObject *py_arrow_numbers_schema(PyObject *view, PyObject *ignored);

#define PY_ARROW_NUMBERS_METHODS(class)                                                            \
	{"__arrow_c_array__", (PyCFunction)(void (*)(void))py_arrow_numbers,                       \
	 METH_FASTCALL | METH_KEYWORDS, PY_DOC_##class##___arrow_c_array__},                       \
	{                                                                                          \
		"__arrow_c_schema__", py_arrow_numbers_schema, METH_NOARGS,                        \
			"__arrow_c_schema__($self, /)\n--\n\n"                                     \
			"The type of that array: a capsule."                                       \
	}

/* For ancient._table: (view, columns, strings, json, batch_rows, limit, requested_schema), of
 * which columns may be None; the last three are not given for the schema's. */
PyObject *py_arrow_stream(PyObject *module, PyObject *args);
PyObject *py_arrow_schema(PyObject *module, PyObject *args);
/* The next batch of a stream: a capsule; None at the end. */
PyObject *py_arrow_next(PyObject *module, PyObject *stream);
/* The columns of a schema: a list of (name, type, whether it is nullable). */
PyObject *py_arrow_fields(PyObject *module, PyObject *schema);
/* (schema, array), of a batch: a list of its rows, dicts by the names of columns.  Lists are cut
 * with an Ellipsis, texts without. */
PyObject *py_arrow_cells(PyObject *module, PyObject *args);

#endif
