/* python/walk: equality of two values without parts: strings, floats, numbers, bigarrays, custom
 * blocks.  Called by compare.c for each pair of leaves that it meets. */
#include "walk/compare_leaf.h"

#include "module/errors.h"
#include "raw/bigarray.h"
#include "raw/custom.h"
#include "raw/value.h"
#include "typed/value.h"
#include "walk/walk.h"

#include <string.h>

static int fail(const struct py_walk *walk, const struct ancient_error *err)
{
	py_raise(walk->snapshot->state, walk->snapshot->name, err);
	return -1;
}

int py_allowance_take(struct py_allowance *allowance, struct py_snapshot *snapshot, uint64_t words)
{
	if (words < allowance->words) {
		allowance->words -= words;
		return 0;
	}
	py_fail(snapshot, ANCIENT_E_TOO_LARGE, ANCIENT_NO_OFFSET,
		"the blocks of these values overlap: they hold more words than the files");
	return -1;
}

/* ---- Raw values of one kind ------------------------------------------------------- */

static int strings_equal(struct py_allowance *allowance, const struct py_walk *a,
			 const struct py_walk *b)
{
	const char *left, *right;
	size_t left_length, right_length;
	struct ancient_error err;

	if (ancient_string_get(a->snapshot->file, a->typed.value, &left, &left_length, &err) !=
	    ANCIENT_OK)
		return fail(a, &err);
	if (ancient_string_get(b->snapshot->file, b->typed.value, &right, &right_length, &err) !=
	    ANCIENT_OK)
		return fail(b, &err);
	if (left_length != right_length)
		return 0;
	if (py_allowance_take(allowance, a->snapshot, left_length / 8) < 0)
		return -1;
	return memcmp(left, right, left_length) == 0;
}

static int floats_equal(struct py_allowance *allowance, const struct py_walk *a,
			const struct py_walk *b)
{
	const double *left, *right;
	size_t left_count, right_count, i;
	struct ancient_error err;

	if (ancient_float_array_get(a->snapshot->file, a->typed.value, &left, &left_count, &err) !=
	    ANCIENT_OK)
		return fail(a, &err);
	if (ancient_float_array_get(b->snapshot->file, b->typed.value, &right, &right_count,
				    &err) != ANCIENT_OK)
		return fail(b, &err);
	if (left_count != right_count)
		return 0;
	if (py_allowance_take(allowance, a->snapshot, left_count) < 0)
		return -1;
	for (i = 0; i < left_count; i++)
		if (left[i] != right[i])
			return 0;
	return 1;
}

static int bigarrays_equal(struct py_allowance *allowance, const struct py_walk *a,
			   const struct py_walk *b)
{
	struct ancient_bigarray left, right;
	struct ancient_error err;

	if (ancient_bigarray_get(a->snapshot->file, a->typed.value, &left, &err) != ANCIENT_OK)
		return fail(a, &err);
	if (ancient_bigarray_get(b->snapshot->file, b->typed.value, &right, &err) != ANCIENT_OK)
		return fail(b, &err);
	if (left.count > allowance->elements) {
		py_fail(a->snapshot, ANCIENT_E_TOO_LARGE, ANCIENT_NO_OFFSET,
			"the bigarrays of these values refer to the same elements too often to "
			"compare them");
		return -1;
	}
	allowance->elements -= left.count;
	return PyErr_CheckSignals() < 0 ? -1 : py_bigarray_equal(&left, &right);
}

/* ---- As Python objects ------------------------------------------------------------ */

static PyObject *object_of(const struct py_walk *walk)
{
	return py_walk_is_raw(walk) ? py_value(walk->snapshot, walk->typed.value)
				    : py_typed_value(walk->snapshot, walk->schema, walk->typed);
}

/* By Python's ==, in which an int may equal a float. */
static int objects_equal(const struct py_walk *a, const struct py_walk *b)
{
	PyObject *left = object_of(a);
	PyObject *right = left == NULL ? NULL : object_of(b);
	int equal = right == NULL ? -1 : PyObject_RichCompareBool(left, right, Py_EQ);

	/* RichCompareBool takes an object to equal itself, but a NaN differs even so. */
	if (equal == 1 && PyFloat_Check(left) && PyFloat_Check(right))
		equal = PyFloat_AS_DOUBLE(left) == PyFloat_AS_DOUBLE(right);
	Py_XDECREF(left);
	Py_XDECREF(right);
	return equal;
}

static int customs_equal(struct py_allowance *allowance, const struct py_walk *a,
			 const struct py_walk *b)
{
	struct ancient_custom left, right;
	struct ancient_error err;

	if (ancient_custom_get(a->snapshot->file, a->typed.value, &left, &err) != ANCIENT_OK)
		return fail(a, &err);
	if (ancient_custom_get(b->snapshot->file, b->typed.value, &right, &err) != ANCIENT_OK)
		return fail(b, &err);
	if (py_custom_is_integer(&left) && py_custom_is_integer(&right))
		return objects_equal(a, b);
	if (strcmp(left.identifier, right.identifier) != 0 || left.bytes != right.bytes)
		return 0;
	if (py_allowance_take(allowance, a->snapshot, left.bytes / 8) < 0)
		return -1;
	return memcmp(left.payload, right.payload, left.bytes) == 0;
}

/* 1 where a raw value becomes an int or a float, 0, -1 */
static int is_number(const struct py_walk *walk)
{
	struct ancient_custom custom;
	struct ancient_error err;

	switch (walk->kind) {
	case PY_RAW + ANCIENT_KIND_INT:
	case PY_RAW + ANCIENT_KIND_FLOAT:
	case PY_RAW + ANCIENT_KIND_INT32:
	case PY_RAW + ANCIENT_KIND_INT64:
	case PY_RAW + ANCIENT_KIND_NATIVEINT:
		return 1;
	case PY_RAW + ANCIENT_KIND_CUSTOM:
		if (ancient_custom_get(walk->snapshot->file, walk->typed.value, &custom, &err) !=
		    ANCIENT_OK)
			return fail(walk, &err);
		return py_custom_is_integer(&custom);
	default:
		return 0;
	}
}

int py_leaves_equal(struct py_allowance *allowance, const struct py_walk *a,
		    const struct py_walk *b)
{
	int left, right;

	if (!py_walk_is_raw(a))
		return objects_equal(a, b);
	if (a->kind == b->kind) {
		switch (a->kind) {
		case PY_RAW + ANCIENT_KIND_STRING:
			return strings_equal(allowance, a, b);
		case PY_RAW + ANCIENT_KIND_FLOAT_ARRAY:
			return floats_equal(allowance, a, b);
		case PY_RAW + ANCIENT_KIND_BIGARRAY:
			return bigarrays_equal(allowance, a, b);
		case PY_RAW + ANCIENT_KIND_CUSTOM:
			return customs_equal(allowance, a, b);
		default:
			break;
		}
	}
	left = is_number(a);
	right = left <= 0 ? left : is_number(b);
	return right <= 0 ? right : objects_equal(a, b);
}
