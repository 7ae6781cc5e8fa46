/* python/column: memory with a count of references (shared_memory.h). */
#include "column/shared_memory.h"

#include <Python.h>

struct py_shared_memory *py_shared_memory_new(struct py_large *large)
{
	struct py_shared_memory *shared = PyMem_RawMalloc(sizeof *shared);

	if (shared == NULL) {
		py_large_free(large);
		return NULL;
	}
	atomic_init(&shared->references, 1);
	shared->large = *large;
	*large = (struct py_large){0};
	return shared;
}

struct py_shared_memory *py_shared_memory_hold(struct py_shared_memory *shared)
{
	atomic_fetch_add_explicit(&shared->references, 1, memory_order_relaxed);
	return shared;
}

void py_shared_memory_drop(struct py_shared_memory *shared)
{
	if (shared == NULL ||
	    atomic_fetch_sub_explicit(&shared->references, 1, memory_order_acq_rel) > 1)
		return;
	py_large_free(&shared->large);
	PyMem_RawFree(shared);
}
