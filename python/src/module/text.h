/* python/module: str as the bytes that the reader takes, and names that are like others. */
#ifndef ANCIENT_PYTHON_MODULE_TEXT_H
#define ANCIENT_PYTHON_MODULE_TEXT_H

#include "module/objects.h"

/* The bytes of a str: UTF-8, surrogates of surrogateescape being their bytes again.  Other lone
 * surrogates become bytes that are no UTF-8, so that they are found nowhere and never refused. */
PyObject *py_utf8(PyObject *text);

/* The one of many names that is most like another, for messages. */
struct py_nearest {
	const char *wanted; /* borrowed; NULL: none is like it */
	size_t length, distance;
	PyObject *found; /* NULL: none is near */
};

/* `wanted`: str or bytes, others are like nothing. */
void py_nearest_init(struct py_nearest *nearest, PyObject *wanted);
/* Takes `object`, whose name this is, where it is nearer than all before it. */
void py_nearest_look(struct py_nearest *nearest, const char *name, size_t length, PyObject *object);
void py_nearest_done(struct py_nearest *nearest);

#endif
