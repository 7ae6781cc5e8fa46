/* python/raw: Block, the view of an OCaml block of fields. */
#ifndef ANCIENT_PYTHON_RAW_BLOCK_H
#define ANCIENT_PYTHON_RAW_BLOCK_H

#include "module/objects.h"

PyObject *py_block_new(struct py_snapshot *snapshot, struct ancient_value value);
int py_block_init(PyObject *module, struct py_state *state);

#endif
