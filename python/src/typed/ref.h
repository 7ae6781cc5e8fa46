/* python/typed: Ref, the view of an OCaml ref. */
#ifndef ANCIENT_PYTHON_TYPED_REF_H
#define ANCIENT_PYTHON_TYPED_REF_H

#include "module/objects.h"

int py_ref_init(PyObject *module, struct py_state *state);

#endif
