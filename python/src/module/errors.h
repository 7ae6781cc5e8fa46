/* python/module: exceptions, made of the errors of the C reader. */
#ifndef ANCIENT_PYTHON_MODULE_ERRORS_H
#define ANCIENT_PYTHON_MODULE_ERRORS_H

#include "module/objects.h"

/* Raises the exception of `err` and returns NULL.  filename: str, or NULL for none. */
PyObject *py_raise(struct py_state *state, PyObject *filename, const struct ancient_error *err);

/* The same for a fault found here; the message is "FILE: " and the formatted text.
 * offset: of the fault in the file, or ANCIENT_NO_OFFSET. */
PyObject *py_fail(struct py_snapshot *snapshot, enum ancient_code code, uint64_t offset,
		  const char *format, ...) __attribute__((format(printf, 4, 5)));

int py_errors_init(PyObject *module, struct py_state *state);

#endif
