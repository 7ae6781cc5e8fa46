/* python/walk: what IPython and Jupyter ask views and stores for: tables in HTML and the completion
 * of keys.  The texts are made here, the table of them in ancient._notebook. */
#ifndef ANCIENT_PYTHON_WALK_NOTEBOOK_H
#define ANCIENT_PYTHON_WALK_NOTEBOOK_H

#include "module/objects.h"

/* Methods _repr_html_ and _ipython_key_completions_. */
PyObject *py_repr_html(PyObject *self, PyObject *ignored);
PyObject *py_key_completions(PyObject *self, PyObject *ignored);

/* _preview(view, limit): the type; names and types of the fields of a record, or of the records in
 * a container, or None; rows of so many parts, each a tuple of the key or None and a list of texts;
 * the number of parts; whether all were counted. */
PyObject *py_preview(PyObject *module, PyObject *args);

/* For the tables of methods. */
#define PY_NOTEBOOK_METHODS                                                                        \
	{                                                                                          \
		"_repr_html_", py_repr_html, METH_NOARGS, NULL                                     \
	}

#endif
