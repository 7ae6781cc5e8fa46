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

#define LONG 8u /* words of a typed leaf that is not read twice */

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
		"the blocks of these values overlap, or are shared as no program shares them: they "
		"hold more words than the files");
	return -1;
}

int py_allowance_unite(struct py_allowance *allowance, const struct py_walk *a,
		       const struct py_walk *b)
{
	uint64_t left = py_walk_node(a, false), right = py_walk_node(b, !allowance->one_file);

	return left == 0 || right == 0 ? 0 : py_wordmap_unite(&allowance->parents, left, right);
}

/* Before a long leaf of `words` is read: 1: it was compared before; 0; -1.  Raw ones were looked
 * for by who calls. */
static int met_before(struct py_allowance *allowance, const struct py_walk *a,
		      const struct py_walk *b, uint64_t words)
{
	int met = 0;

	if (!py_walk_is_raw(a) && words >= LONG)
		met = py_allowance_unite(allowance, a, b);
	if (met == 0 && py_allowance_take(allowance, a->snapshot, words) < 0)
		met = -1;
	return met;
}

/* ---- Leaves of one kind, which are compared in place --------------------------------- */

static int get_string(const struct py_walk *leaf, const char **ret_bytes, size_t *ret_length)
{
	struct ancient_error err;
	enum ancient_code code =
		py_walk_is_raw(leaf)
			? ancient_string_get(leaf->snapshot->file, leaf->typed.value, ret_bytes,
					     ret_length, &err)
			: ancient_typed_string(leaf->snapshot->file, leaf->schema->schema,
					       leaf->typed, ret_bytes, ret_length, &err);

	return code == ANCIENT_OK ? 0 : fail(leaf, &err);
}

static int strings_equal(struct py_allowance *allowance, const struct py_walk *a,
			 const struct py_walk *b)
{
	const char *left, *right;
	size_t left_length, right_length;
	int met;

	if (get_string(a, &left, &left_length) < 0 || get_string(b, &right, &right_length) < 0)
		return -1;
	if (left_length != right_length ||
	    (!py_walk_is_raw(a) && py_walk_is_bytes(a) != py_walk_is_bytes(b)))
		return 0;
	met = met_before(allowance, a, b, left_length / 8);
	return met != 0 ? met : memcmp(left, right, left_length) == 0;
}

static int get_floats(const struct py_walk *leaf, const double **ret_floats, size_t *ret_count)
{
	struct ancient_error err;
	enum ancient_code code =
		py_walk_is_raw(leaf)
			? ancient_float_array_get(leaf->snapshot->file, leaf->typed.value,
						  ret_floats, ret_count, &err)
			: ancient_typed_floats(leaf->snapshot->file, leaf->schema->schema,
					       leaf->typed, ret_floats, ret_count, &err);

	return code == ANCIENT_OK ? 0 : fail(leaf, &err);
}

static int floats_equal(struct py_allowance *allowance, const struct py_walk *a,
			const struct py_walk *b)
{
	const double *left, *right;
	size_t left_count, right_count, i;
	int met;

	if (get_floats(a, &left, &left_count) < 0 || get_floats(b, &right, &right_count) < 0)
		return -1;
	if (left_count != right_count)
		return 0;
	met = met_before(allowance, a, b, left_count);
	if (met != 0)
		return met;
	for (i = 0; i < left_count; i++)
		if (left[i] != right[i])
			return 0;
	return 1;
}

static int get_bigarray(const struct py_walk *leaf, struct ancient_bigarray *ret_array)
{
	struct ancient_error err;
	enum ancient_code code =
		py_walk_is_raw(leaf)
			? ancient_bigarray_get(leaf->snapshot->file, leaf->typed.value, ret_array,
					       &err)
			: ancient_typed_bigarray(leaf->snapshot->file, leaf->schema->schema,
						 leaf->typed, ret_array, &err);

	return code == ANCIENT_OK ? 0 : fail(leaf, &err);
}

static int bigarrays_equal(struct py_allowance *allowance, const struct py_walk *a,
			   const struct py_walk *b)
{
	struct ancient_bigarray left, right;
	int met;

	if (get_bigarray(a, &left) < 0 || get_bigarray(b, &right) < 0)
		return -1;
	met = met_before(allowance, a, b, LONG);
	if (met != 0)
		return met;
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

static bool is_text(int kind)
{
	return kind == ANCIENT_TYPE_STRING || kind == ANCIENT_TYPE_BYTES;
}

/* Integers of Zarith, one of which is large. */
static int integers_equal(struct py_allowance *allowance, const struct py_walk *a,
			  const struct py_walk *b)
{
	struct ancient_error err;
	struct ancient_z left, right;
	int met;

	if (ancient_value_is_int(a->typed.value) || ancient_value_is_int(b->typed.value))
		return objects_equal(a, b);
	if (ancient_typed_z(a->snapshot->file, a->schema->schema, a->typed, &left, &err) !=
	    ANCIENT_OK)
		return fail(a, &err);
	if (ancient_typed_z(b->snapshot->file, b->schema->schema, b->typed, &right, &err) !=
	    ANCIENT_OK)
		return fail(b, &err);
	met = met_before(allowance, a, b, left.bytes / 8 + right.bytes / 8);
	return met != 0 ? met : objects_equal(a, b);
}

static int typed_equal(struct py_allowance *allowance, const struct py_walk *a,
		       const struct py_walk *b)
{
	if (is_text(a->kind) && is_text(b->kind))
		return strings_equal(allowance, a, b);
	if (a->kind == b->kind && a->kind == ANCIENT_TYPE_FLOATARRAY)
		return floats_equal(allowance, a, b);
	if (a->kind == b->kind && a->kind == ANCIENT_TYPE_BIGARRAY)
		return bigarrays_equal(allowance, a, b);
	if (a->kind == b->kind && a->kind == ANCIENT_TYPE_Z)
		return integers_equal(allowance, a, b);
	return objects_equal(a, b);
}

int py_leaves_equal(struct py_allowance *allowance, const struct py_walk *a,
		    const struct py_walk *b)
{
	int left, right;

	if (!py_walk_is_raw(a))
		return typed_equal(allowance, a, b);
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
