/* python/walk: == of views, raw and typed: two values are walked side by side, part by part.
 *
 * Raw values are equal where tags, sizes and fields are.  Records and constructors are equal where
 * they have one class and equal parts; lists and arrays where their elements are; tables and maps
 * where each key of one has an equal value in the other.  Leaves compare as Python objects, so a
 * NaN makes two values differ, except that a raw block equals itself.
 *
 * There is no recursion.  Two blocks that were compared, or are being compared, are united
 * (union-find) and not walked again, so that shared and cyclic values end: no more pairs are
 * walked than there are blocks. */
#include "walk/compare.h"

#include "module/interrupt.h"
#include "module/snapshot.h"
#include "module/threads.h"
#include "typed/class.h"
#include "typed/value.h"
#include "walk/compare_leaf.h"
#include "walk/digest.h"
#include "walk/walk.h"
#include "walk/wordmap.h"

/* Of typed values. */
#define STEPS_A_WORD 16u
#define STEPS (1u << 20)

struct pair {
	struct py_walk a, b;
	struct bindings *bindings; /* of b, where it has keys */
	uint64_t walked;           /* bindings of a that were met */
};

/* The bindings of a table, by the digests of their keys. */
struct bindings {
	struct wordmap first; /* first word of a digest: number of a binding, from 1 */
	struct binding {
		uint64_t second; /* word of the digest */
		struct ancient_typed value;
	} * all;
	size_t count, capacity;
};
#define BINDING (sizeof(struct binding) + 2 * sizeof(struct wordmap_entry)) /* bytes of one */

struct comparison {
	struct pair *stack;
	size_t depth, capacity;
	struct py_allowance allowance;
	struct py_digests a_keys, b_keys; /* of tables */
	uint64_t steps, held;             /* bytes of the bindings on the stack */
};

/* ---- What two values with parts are: 1 alike so far, 0 different, -1 ----------------- */

static bool is_sequence(int kind)
{
	return kind == ANCIENT_TYPE_LIST || kind == ANCIENT_TYPE_ARRAY;
}

static bool is_mapping(int kind)
{
	return kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE ||
	       kind == ANCIENT_TYPE_MAP;
}

static int alike(const struct py_walk *a, const struct py_walk *b)
{
	PyTypeObject *class, *other;

	if (is_sequence(a->kind) && is_sequence(b->kind))
		return 1;
	if (is_mapping(a->kind) && is_mapping(b->kind))
		return 1;
	if (a->kind != b->kind || a->number != b->number || a->count != b->count)
		return 0;
	if (a->kind != ANCIENT_TYPE_RECORD && a->kind != ANCIENT_TYPE_VARIANT &&
	    a->kind != ANCIENT_TYPE_POLYVARIANT)
		return 1;
	class = py_class_of(a->schema, a->typed.type);
	other = class == NULL ? NULL : py_class_of(b->schema, b->typed.type);
	return other == NULL ? -1 : class == other;
}

/* ---- The walk: 1 equal so far, 0 different, -1 an exception --------------------------- */

static void bindings_done(struct bindings *bindings)
{
	if (bindings == NULL)
		return;
	py_wordmap_done(&bindings->first);
	PyMem_Free(bindings->all);
	PyMem_Free(bindings);
}

static void pair_done(struct comparison *c, struct pair *pair)
{
	if (pair->bindings != NULL)
		c->held -= pair->bindings->count * BINDING;
	bindings_done(pair->bindings);
	pair->bindings = NULL;
	py_walk_done(&pair->a);
	py_walk_done(&pair->b);
}

/* Puts two values with parts onto the stack, above whose top they already lie. */
static int push(struct comparison *c, struct pair *pair)
{
	int equal = -1, met = 0;

	if (py_walk_enter(&pair->a) == 0 && py_walk_enter(&pair->b) == 0)
		equal = alike(&pair->a, &pair->b);
	if (equal == 1)
		met = py_allowance_unite(&c->allowance, &pair->a, &pair->b);
	if (equal == 1 && met == 0 && py_walk_is_raw(&pair->a) &&
	    py_allowance_take(&c->allowance, pair->a.snapshot, pair->a.count) < 0)
		equal = -1;
	if (equal == 1 && met == 0) {
		c->depth++;
		return 1;
	}
	pair_done(c, pair);
	return met < 0 ? -1 : equal;
}

static int meet_leaves(struct comparison *c, const struct pair *pair)
{
	int met;

	/* Long strings and arrays of a raw value may be shared as often as it has words. */
	met = py_walk_is_raw(&pair->a) ? py_allowance_unite(&c->allowance, &pair->a, &pair->b) : 0;
	/* What is met with itself is equal to itself, but a float may be NaN. */
	if (met < 0 || (met == 1 && pair->a.kind != PY_RAW + ANCIENT_KIND_FLOAT))
		return met;
	return py_leaves_equal(&c->allowance, &pair->a, &pair->b);
}

/* Compares two values: leaves at once, those with parts when the stack is worked off.  a_in and
 * b_in: what they are part of, possibly on the stack. */
static int meet(struct comparison *c, const struct py_walk *a_in, const struct py_walk *b_in,
		struct ancient_typed a, struct ancient_typed b)
{
	struct py_snapshot *a_snapshot = a_in->snapshot, *b_snapshot = b_in->snapshot;
	struct py_schema *a_schema = a_in->schema, *b_schema = b_in->schema;
	bool a_parts, b_parts;
	struct pair *pair;

	if (a_schema == NULL && ancient_value_is_int(a.value) && ancient_value_is_int(b.value))
		return a.value.word == b.value.word;
	pair = py_stack_reserve(c->stack, c->depth, &c->capacity, sizeof *pair);
	if (pair == NULL)
		return -1;
	c->stack = pair;
	pair += c->depth;
	pair->bindings = NULL;
	pair->walked = 0;
	if (py_walk_look(&pair->a, a_snapshot, a_schema, a) < 0 ||
	    py_walk_look(&pair->b, b_snapshot, b_schema, b) < 0)
		return -1;
	a_parts = py_walk_has_parts(&pair->a);
	b_parts = py_walk_has_parts(&pair->b);
	if (a_parts && b_parts)
		return push(c, pair);
	if (a_parts != b_parts && a_schema != NULL)
		return 0;
	return meet_leaves(c, pair);
}

/* ---- Tables ---------------------------------------------------------------------------- */

static int add_binding(struct comparison *c, const struct pair *pair, struct bindings *bindings,
		       const struct py_digest *key, struct ancient_typed value)
{
	struct wordmap_entry *entry;
	struct binding *all =
		py_stack_reserve(bindings->all, bindings->count, &bindings->capacity, sizeof *all);

	if (all == NULL)
		return -1;
	bindings->all = all;
	/* Those of tables within tables are there at once. */
	if (py_hold(pair->b.snapshot, NULL, BINDING, &c->held) < 0 ||
	    py_allowance_take(&c->allowance, pair->b.snapshot, 1) < 0)
		return -1;
	entry = py_wordmap_at(&bindings->first, key->word[0] | 1);
	if (entry == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	all[bindings->count++] = (struct binding){key->word[1], value};
	/* Of equal keys the one met first holds, as in to_python. */
	if (entry->value == 0)
		entry->value = bindings->count;
	return 0;
}

/* The bindings of b; NULL with an exception. */
static struct bindings *bindings_of(struct comparison *c, const struct pair *pair)
{
	struct bindings *bindings = PyMem_Calloc(1, sizeof *bindings);
	struct ancient_typed key, value;
	struct py_digest digest;
	struct py_walk walk;
	int more = -1;

	if (bindings == NULL) {
		PyErr_NoMemory();
		return NULL;
	}
	bindings->first.seed = pair->b.snapshot->state->seed;
	if (py_walk_begin(&walk, pair->b.snapshot, pair->b.schema, pair->b.typed) == 0)
		while ((more = py_walk_next(&walk, &key, &value)) == 1)
			if (py_digest(&c->b_keys, key, &digest) < 0 ||
			    add_binding(c, pair, bindings, &digest, value) < 0) {
				more = -1;
				break;
			}
	py_walk_done(&walk);
	if (more == 0)
		return bindings;
	bindings_done(bindings);
	return NULL;
}

/* The binding of b that belongs to a key of a: 1, 0 none, -1. */
static int partner(struct comparison *c, struct pair *pair, struct ancient_typed key,
		   struct ancient_typed *ret_b)
{
	const struct wordmap_entry *entry;
	struct py_digest digest;

	if (py_digest(&c->a_keys, key, &digest) < 0)
		return -1;
	entry = py_wordmap_at(&pair->bindings->first, digest.word[0] | 1);
	if (entry == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	if (entry->value == 0 || pair->bindings->all[entry->value - 1].second != digest.word[1])
		return 0;
	*ret_b = pair->bindings->all[entry->value - 1].value;
	pair->walked++;
	return 1;
}

/* One step of the pair on top. */
static int step(struct comparison *c)
{
	struct pair *top = &c->stack[c->depth - 1];
	struct ancient_typed a, b, key;
	int left, right;

	if (top->a.keyed && top->bindings == NULL) {
		top->bindings = bindings_of(c, top);
		if (top->bindings == NULL)
			return -1;
	}
	left = py_walk_next(&top->a, &key, &a);
	if (left < 0)
		return -1;
	if (left == 1 && top->a.keyed)
		right = partner(c, top, key, &b);
	else if (top->a.keyed) /* the end: b has no more */
		right = top->walked == top->bindings->count ? 0 : 1;
	else
		right = py_walk_next(&top->b, &key, &b);
	if (right < 0 || left != right)
		return right < 0 ? -1 : 0;
	if (left == 1)
		return meet(c, &top->a, &top->b, a, b);
	pair_done(c, top);
	c->depth--;
	return 1;
}

/* The values of two views; only snapshot and schema of `a` and `b` count. */
static int values_equal(const struct py_walk *a, struct ancient_typed a_value,
			const struct py_walk *b, struct ancient_typed b_value)
{
	struct comparison c = {.allowance.parents.seed = a->snapshot->state->seed};
	int equal;

	c.allowance.one_file = a->snapshot->file == b->snapshot->file && a->schema == b->schema;
	if (a->schema != NULL) {
		py_digests_init(&c.a_keys, a->snapshot, a->schema, false);
		py_digests_init(&c.b_keys, b->snapshot, b->schema, false);
		c.b_keys.nans = UINT64_MAX / 2; /* none is one of a's */
	}
	c.allowance.words = a->snapshot->words + b->snapshot->words;
	c.allowance.elements = 8 * c.allowance.words;
	/* A typed block has several types, and what is shared is met once for each. */
	if (a->schema != NULL)
		c.allowance.words = STEPS_A_WORD * c.allowance.words + STEPS;
	equal = meet(&c, a, b, a_value, b_value);
	while (equal == 1 && c.depth > 0) {
		equal = py_interrupted(c.steps++) < 0 ? -1 : 1;
		if (equal == 1 && a->schema != NULL)
			equal = py_allowance_take(&c.allowance, a->snapshot, 1) < 0 ? -1 : 1;
		if (equal == 1)
			equal = step(&c);
	}
	while (c.depth > 0)
		pair_done(&c, &c.stack[--c.depth]);
	PyMem_Free(c.stack);
	py_wordmap_done(&c.allowance.parents);
	PY_SHARED_ADD(&a->snapshot->state->steps, c.steps);
	py_digests_done(&c.a_keys);
	py_digests_done(&c.b_keys);
	return equal;
}

/* Where a file was truncated meanwhile, zeros may have been compared. */
static PyObject *answer(int equal, int operation, struct py_snapshot *a, struct py_snapshot *b)
{
	if (equal < 0 || py_stands(a) < 0 || (b != a && py_stands(b) < 0))
		return NULL;
	return PyBool_FromLong(equal == (operation == Py_EQ));
}

PyObject *py_raw_compare(PyObject *a, PyObject *b, int operation)
{
	const struct py_view *left = (const struct py_view *)a, *right = (const struct py_view *)b;
	struct py_walk a_walk, b_walk;
	int equal;

	if (Py_TYPE(a) != Py_TYPE(b) || (operation != Py_EQ && operation != Py_NE))
		Py_RETURN_NOTIMPLEMENTED;
	a_walk = (struct py_walk){.snapshot = left->snapshot};
	b_walk = (struct py_walk){.snapshot = right->snapshot};
	equal = values_equal(&a_walk, ancient_typed_of(left->value, 0), &b_walk,
			     ancient_typed_of(right->value, 0));
	return answer(equal, operation, left->snapshot, right->snapshot);
}

static int typed_equal(const struct py_typed *a, const struct py_typed *b)
{
	const struct py_walk a_walk = {.snapshot = a->view.snapshot, .schema = a->schema};
	const struct py_walk b_walk = {.snapshot = b->view.snapshot, .schema = b->schema};

	return values_equal(&a_walk, py_typed_of(a), &b_walk, py_typed_of(b));
}

/* ---- Views and Python's own containers ------------------------------------------------ */

/* A sequence and a list. */
static int list_equal(const struct py_typed *self, PyObject *list)
{
	struct ancient_typed part;
	struct py_walk walk;
	Py_ssize_t i = 0;
	int more, equal = 1;

	more = py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self)) < 0 ? -1
											      : 1;
	while (more == 1 && equal == 1) {
		PyObject *element, *other;

		more = py_interrupted((uint64_t)i) < 0 ? -1 : py_walk_next(&walk, NULL, &part);
		if (more != 1)
			break;
		/* A comparison may run code that changes the list, as other threads may. */
		if (i >= PyList_GET_SIZE(list) || (other = py_list_item(list, i)) == NULL) {
			PyErr_Clear();
			equal = 0;
			break;
		}
		element = py_typed_value(self->view.snapshot, self->schema, part);
		equal = element == NULL ? -1 : PyObject_RichCompareBool(element, other, Py_EQ);
		Py_XDECREF(element);
		Py_DECREF(other);
		i++;
	}
	py_walk_done(&walk);
	if (more < 0 || equal < 0)
		return -1;
	return equal && i == PyList_GET_SIZE(list);
}

/* A table and a dict. */
static int dict_equal(PyObject *object, PyObject *dict)
{
	PyObject *items, *copy;
	int equal = -1;

	if (PyObject_Size(object) != PyDict_GET_SIZE(dict))
		return PyErr_Occurred() ? -1 : 0;
	items = PyObject_CallMethod(object, "_iterate_items", NULL);
	copy = items == NULL ? NULL : PyDict_New();
	if (copy != NULL && PyDict_MergeFromSeq2(copy, items, 1) == 0)
		equal = PyObject_RichCompareBool(copy, dict, Py_EQ);
	Py_XDECREF(copy);
	Py_XDECREF(items);
	return equal;
}

/* 1, 0, -1; 2: not for us to say */
static int equal_to(struct py_state *state, PyObject *a, PyObject *b)
{
	bool sequence = PyObject_TypeCheck(a, state->list) || PyObject_TypeCheck(a, state->array);
	int equal;

	if (py_is_typed(state, a) && py_is_typed(state, b))
		return typed_equal((struct py_typed *)a, (struct py_typed *)b);
	if (!(sequence && PyList_Check(b)) &&
	    !(PyObject_TypeCheck(a, state->mapping) && PyDict_Check(b)))
		return 2;
	if (Py_EnterRecursiveCall(" while comparing values") != 0)
		return -1;
	equal = sequence ? list_equal((struct py_typed *)a, b) : dict_equal(a, b);
	Py_LeaveRecursiveCall();
	return equal;
}

PyObject *py_typed_compare(PyObject *a, PyObject *b, int operation)
{
	const struct py_typed *self = (const struct py_typed *)a;
	int equal;

	if (operation != Py_EQ && operation != Py_NE)
		Py_RETURN_NOTIMPLEMENTED;
	if (self->schema == NULL) { /* a constant, of which there is only one */
		if (a != b)
			Py_RETURN_NOTIMPLEMENTED;
		return PyBool_FromLong(operation == Py_EQ);
	}
	equal = equal_to(self->view.snapshot->state, a, b);
	if (equal == 2)
		Py_RETURN_NOTIMPLEMENTED;
	return answer(equal, operation, self->view.snapshot, self->view.snapshot);
}
