/* python/module: an argument that is one of a few words. */
#ifndef ANCIENT_PYTHON_MODULE_CHOICE_H
#define ANCIENT_PYTHON_MODULE_CHOICE_H

#include "module/objects.h"

/* The index of `given` in `words`; -1 with a ValueError, or a TypeError where it is no str: both
 * say `expected`, "strings is 'str' or 'bytes'", and what was given. */
int py_choice(PyObject *given, const char *expected, const char *const *words, size_t count);

#endif
