/* python/raw: Block, the view of an OCaml block of fields. */
#ifndef ANCIENT_PYTHON_RAW_BLOCK_H
#define ANCIENT_PYTHON_RAW_BLOCK_H

#include "module/objects.h"

PyObject *py_block_new(struct py_snapshot *snapshot, struct ancient_value value);
/* The OCaml word of field i of a Block; 0 where it is an integer, or there is none. */
uint64_t py_block_pointer(PyObject *object, Py_ssize_t i);

int py_block_init(PyObject *module, struct py_state *state);

#endif
