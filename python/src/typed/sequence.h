/* python/typed: views of lists and arrays. */
#ifndef ANCIENT_PYTHON_TYPED_SEQUENCE_H
#define ANCIENT_PYTHON_TYPED_SEQUENCE_H

#include "module/objects.h"

int py_sequences_init(PyObject *module, struct py_state *state);

#endif
