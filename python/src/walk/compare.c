/* python: equality of views, by value.
 *
 * Two values are equal where their Python values are, field by field: shapes, tags, and
 * leaves by Python's own ==, so a NaN makes values differ (but a block equals itself, as a
 * Python list does).  Iterative, and bounded on shared
 * and cyclic values: pairs that were compared once, or are being compared, are united
 * (union-find) and not walked again, so no more pairs are walked than there are blocks. */
#include "module/module.h"

#include <string.h>

#include "walk/wordmap.h"

/* Two blocks of the same tag and size, compared up to `next`. */
struct pair {
	struct ancient_block a, b;
	uint64_t next;
};

struct comparison {
	struct py_snapshot *a, *b;
	struct wordmap parents; /* node: the node above it; 0: a root */
	struct pair *stack;
	size_t depth, room;
	uint64_t words;    /* that may still be compared */
	uint64_t elements; /* of bigarrays that may still be compared: they may be shared */
	uint64_t steps;
	bool one_file;
};

/* Words of two files may be equal by chance; pointers are multiples of 8. */
static uint64_t node_of(const struct comparison *c, struct ancient_value value, bool right)
{
	return value.word | (right && !c->one_file ? 1 : 0);
}

/* 1: were one class already; 0: united now; -1: error */
static int unite(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	return py_wordmap_unite(&c->parents, node_of(c, a, false), node_of(c, b, true));
}

static int fail(struct py_snapshot *snapshot, const struct ancient_error *err)
{
	py_raise(snapshot->state, snapshot->name, err);
	return -1;
}

/* ---- Leaves: 1 equal, 0 not, -1 error --------------------------------------------- */

static int spend(struct comparison *c, uint64_t words)
{
	if (words < c->words) {
		c->words -= words;
		return 0;
	}
	py_fail(c->a, ANCIENT_E_BAD_BLOCK, ANCIENT_NO_OFFSET,
		"the blocks of these values overlap: they hold more words than the files; "
		"verify() tells more");
	return -1;
}

static int strings_equal(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	const char *left, *right;
	size_t left_length, right_length;
	struct ancient_error err;

	if (ancient_string_get(c->a->file, a, &left, &left_length, &err) != ANCIENT_OK)
		return fail(c->a, &err);
	if (ancient_string_get(c->b->file, b, &right, &right_length, &err) != ANCIENT_OK)
		return fail(c->b, &err);
	if (left_length != right_length)
		return 0;
	if (spend(c, left_length / 8) < 0)
		return -1;
	return memcmp(left, right, left_length) == 0;
}

static int floats_equal(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	const double *left, *right;
	size_t left_count, right_count, i;
	struct ancient_error err;

	if (ancient_float_array_get(c->a->file, a, &left, &left_count, &err) != ANCIENT_OK)
		return fail(c->a, &err);
	if (ancient_float_array_get(c->b->file, b, &right, &right_count, &err) != ANCIENT_OK)
		return fail(c->b, &err);
	if (left_count != right_count)
		return 0;
	if (spend(c, left_count) < 0)
		return -1;
	for (i = 0; i < left_count; i++)
		if (left[i] != right[i])
			return 0;
	return 1;
}

static int bigarrays_equal(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	struct ancient_bigarray left, right;
	struct ancient_error err;

	if (ancient_bigarray_get(c->a->file, a, &left, &err) != ANCIENT_OK)
		return fail(c->a, &err);
	if (ancient_bigarray_get(c->b->file, b, &right, &err) != ANCIENT_OK)
		return fail(c->b, &err);
	if (left.count > c->elements) {
		py_fail(c->a, ANCIENT_E_TOO_LARGE, ANCIENT_NO_OFFSET,
			"the bigarrays of these values refer to the same elements too often to "
			"compare them");
		return -1;
	}
	c->elements -= left.count;
	return PyErr_CheckSignals() < 0 ? -1 : py_bigarray_equal(&left, &right);
}

/* Both as Python numbers: an int may equal a float, as in Python. */
static int numbers_equal(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	PyObject *left = py_value(c->a, a);
	PyObject *right = left == NULL ? NULL : py_value(c->b, b);
	int equal = -1;

	if (right != NULL)
		equal = PyObject_RichCompareBool(left, right, Py_EQ);
	Py_XDECREF(left);
	Py_XDECREF(right);
	return equal;
}

static int customs_equal(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	struct ancient_custom left, right;
	struct ancient_error err;

	if (ancient_custom_get(c->a->file, a, &left, &err) != ANCIENT_OK)
		return fail(c->a, &err);
	if (ancient_custom_get(c->b->file, b, &right, &err) != ANCIENT_OK)
		return fail(c->b, &err);
	if (py_custom_is_integer(&left) && py_custom_is_integer(&right))
		return numbers_equal(c, a, b);
	if (strcmp(left.identifier, right.identifier) != 0 || left.bytes != right.bytes)
		return 0;
	if (spend(c, left.bytes / 8) < 0)
		return -1;
	return memcmp(left.payload, right.payload, left.bytes) == 0;
}

/* 1 where the value becomes an int or a float, 0, -1 */
static int is_number(struct py_snapshot *snapshot, struct ancient_value value,
		     enum ancient_kind kind)
{
	struct ancient_custom custom;
	struct ancient_error err;

	switch (kind) {
	case ANCIENT_KIND_INT:
	case ANCIENT_KIND_FLOAT:
	case ANCIENT_KIND_INT32:
	case ANCIENT_KIND_INT64:
	case ANCIENT_KIND_NATIVEINT:
		return 1;
	case ANCIENT_KIND_CUSTOM:
		if (ancient_custom_get(snapshot->file, value, &custom, &err) != ANCIENT_OK)
			return fail(snapshot, &err);
		return py_custom_is_integer(&custom);
	default:
		return 0;
	}
}

static int leaves_equal(struct comparison *c, struct ancient_value a, enum ancient_kind a_kind,
			struct ancient_value b, enum ancient_kind b_kind)
{
	int left, right;

	if (a_kind == b_kind && a_kind == ANCIENT_KIND_STRING)
		return strings_equal(c, a, b);
	if (a_kind == b_kind && a_kind == ANCIENT_KIND_FLOAT_ARRAY)
		return floats_equal(c, a, b);
	if (a_kind == b_kind && a_kind == ANCIENT_KIND_BIGARRAY)
		return bigarrays_equal(c, a, b);
	if (a_kind == b_kind && a_kind == ANCIENT_KIND_CUSTOM)
		return customs_equal(c, a, b);
	left = is_number(c->a, a, a_kind);
	right = left <= 0 ? left : is_number(c->b, b, b_kind);
	return right <= 0 ? right : numbers_equal(c, a, b);
}

/* ---- The walk --------------------------------------------------------------------- */

/* 1: pushed, so equal so far; 0: different; -1: error */
static int push(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	struct ancient_error err;
	struct pair *pair;

	if (c->depth == c->room) {
		size_t room = c->room == 0 ? 64 : 2 * c->room;
		struct pair *grown = PyMem_Realloc(c->stack, room * sizeof *grown);

		if (grown == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		c->stack = grown;
		c->room = room;
	}
	pair = &c->stack[c->depth];
	pair->next = 0;
	if (ancient_block_get(c->a->file, a, &pair->a, &err) != ANCIENT_OK)
		return fail(c->a, &err);
	if (ancient_block_get(c->b->file, b, &pair->b, &err) != ANCIENT_OK)
		return fail(c->b, &err);
	if (pair->a.tag != pair->b.tag || pair->a.size != pair->b.size)
		return 0;
	if (spend(c, pair->a.size) < 0)
		return -1;
	c->depth++;
	return 1;
}

static int open_value(struct py_snapshot *snapshot, struct ancient_value *value,
		      enum ancient_kind *ret_kind)
{
	struct ancient_error err;

	if (ancient_value_force(snapshot->file, *value, value, &err) == ANCIENT_OK &&
	    ancient_value_kind(snapshot->file, *value, ret_kind, &err) == ANCIENT_OK)
		return 0;
	return fail(snapshot, &err);
}

static int meet(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	enum ancient_kind a_kind, b_kind;
	bool immediate;
	int met;

	if (ancient_value_is_int(a) && ancient_value_is_int(b))
		return a.word == b.word;
	if (open_value(c->a, &a, &a_kind) < 0 || open_value(c->b, &b, &b_kind) < 0)
		return -1;
	immediate = ancient_value_is_int(a) || ancient_value_is_int(b);
	met = immediate ? 0 : unite(c, a, b);
	/* A block met with itself is equal to itself, a float may be NaN. */
	if (met < 0 || (met == 1 && a_kind != ANCIENT_KIND_FLOAT))
		return met;
	if (a_kind == ANCIENT_KIND_BLOCK && b_kind == ANCIENT_KIND_BLOCK)
		return push(c, a, b);
	return leaves_equal(c, a, a_kind, b, b_kind);
}

static int compare(struct comparison *c, struct ancient_value a, struct ancient_value b)
{
	struct ancient_error err;
	int equal = meet(c, a, b);

	while (equal == 1 && c->depth > 0) {
		struct pair *top = &c->stack[c->depth - 1];

		if (py_interrupted(c->steps++) < 0)
			return -1;
		if (top->next == top->a.size) {
			c->depth--;
			continue;
		}
		if (ancient_block_field(c->a->file, &top->a, top->next, &a, &err) != ANCIENT_OK)
			return fail(c->a, &err);
		if (ancient_block_field(c->b->file, &top->b, top->next, &b, &err) != ANCIENT_OK)
			return fail(c->b, &err);
		top->next++;
		equal = meet(c, a, b);
	}
	return equal;
}

PyObject *py_view_compare(PyObject *a, PyObject *b, int operation)
{
	const struct py_view *left = (const struct py_view *)a, *right = (const struct py_view *)b;
	struct comparison c = {.a = left->snapshot};
	int equal;

	if (Py_TYPE(a) != Py_TYPE(b) || (operation != Py_EQ && operation != Py_NE))
		Py_RETURN_NOTIMPLEMENTED;
	c.b = right->snapshot;
	c.one_file = c.a->file == c.b->file;
	c.parents.seed = c.a->state->seed;
	c.words = c.a->words + c.b->words;
	c.elements = 8 * c.words;
	equal = compare(&c, left->value, right->value);
	PyMem_Free(c.stack);
	py_wordmap_done(&c.parents);
	if (equal >= 0 && (py_stands(c.a) < 0 || py_stands(c.b) < 0))
		equal = -1;
	return equal < 0 ? NULL : PyBool_FromLong(equal == (operation == Py_EQ));
}
