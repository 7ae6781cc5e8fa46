/* python/raw: Bigarray, the view of an OCaml bigarray. */
#ifndef ANCIENT_PYTHON_RAW_BIGARRAY_H
#define ANCIENT_PYTHON_RAW_BIGARRAY_H

#include <ancient/format.h>

#include "module/objects.h"

/* A bigarray, or some of the elements of one. */
struct py_bigarray {
	struct py_view view;
	struct ancient_bigarray array; /* all of it */
	const unsigned char *first;    /* element (0, 0, ...) */
	unsigned dims;
	Py_ssize_t shape[ANCIENT_BIGARRAY_DIMS_MAX];
	Py_ssize_t strides[ANCIENT_BIGARRAY_DIMS_MAX]; /* in bytes */
};

/* How many elements there are: no more than the file has. */
static inline uint64_t py_bigarray_count(const struct py_bigarray *self)
{
	uint64_t count = 1;

	/* One of 0 first, as the others may be of any size then. */
	for (unsigned i = 0; i < self->dims; i++)
		if (self->shape[i] == 0)
			return 0;
	for (unsigned i = 0; i < self->dims; i++)
		count *= (uint64_t)self->shape[i];
	return count;
}

PyObject *py_bigarray_new(struct py_snapshot *snapshot, struct ancient_value value);

/* The name of a bigarray's kind, "float64"; NULL for a number that is no kind. */
const char *py_bigarray_kind_name(int kind);

/* Whether two bigarrays have the same kind, layout, shape and elements. */
bool py_bigarray_equal(const struct ancient_bigarray *a, const struct ancient_bigarray *b);

int py_bigarray_init(PyObject *module, struct py_state *state);

#endif
