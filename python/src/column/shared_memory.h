/* python/column: the memory of columns, which slices of them, and those who read it without
 * Python's objects, share. */
#ifndef ANCIENT_PYTHON_COLUMN_SHARED_MEMORY_H
#define ANCIENT_PYTHON_COLUMN_SHARED_MEMORY_H

#include "column/huge_pages.h"

#include <stdatomic.h>

struct py_shared_memory {
	atomic_size_t references;
	struct py_large large;
};

/* Takes the memory over, also where it fails; one reference is the caller's.  NULL: out of
 * memory. */
struct py_shared_memory *py_shared_memory_new(struct py_large *large);

/* Neither needs an interpreter, nor its lock. */
struct py_shared_memory *py_shared_memory_hold(struct py_shared_memory *shared);
void py_shared_memory_drop(struct py_shared_memory *shared); /* NULL: nothing */

#endif
