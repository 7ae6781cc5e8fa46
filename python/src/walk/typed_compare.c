/* python: equality and hashes of typed values.
 *
 * Two typed values are compared part by part, iteratively.  Pairs of blocks that were
 * compared once, or are being compared, are united (union-find) and not walked again, so
 * that shared and cyclic values end.  Records and constructors are equal where they have one
 * class and equal parts; lists and arrays where their elements are, tables and maps where
 * each key of one has an equal value in the other; what is left compares as in Python. */
#include "typed/typed.h"

#include "walk/wordmap.h"

struct pair {
	struct py_walk a, b;
};

struct comparison {
	struct wordmap parents;
	struct pair *stack;
	size_t depth, room;
	uint64_t steps;
	bool one_file; /* and one schema */
};

/* ---- What two values are: 1 alike so far, 0 different, -1 --------------------------- */

static bool is_sequence(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_LIST || kind == ANCIENT_TYPE_ARRAY;
}

static bool is_mapping(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE ||
	       kind == ANCIENT_TYPE_MAP;
}

static int alike(const struct py_walk *a, const struct py_walk *b)
{
	enum ancient_type_kind left = a->type->kind, right = b->type->kind;

	if (is_sequence(left) && is_sequence(right))
		return 1;
	if (is_mapping(left) && is_mapping(right))
		return 1;
	if (left != right || a->number != b->number || a->count != b->count)
		return 0;
	if (left != ANCIENT_TYPE_RECORD && left != ANCIENT_TYPE_VARIANT &&
	    left != ANCIENT_TYPE_POLYVARIANT)
		return 1;
	PyTypeObject *class = py_class_of(a->schema, a->typed.type), *other;

	other = class == NULL ? NULL : py_class_of(b->schema, b->typed.type);
	return other == NULL ? -1 : class == other;
}

static int objects_equal(struct py_snapshot *a_snapshot, struct py_schema *a_schema,
			 struct ancient_typed a, struct py_snapshot *b_snapshot,
			 struct py_schema *b_schema, struct ancient_typed b)
{
	PyObject *left = py_typed_value(a_snapshot, a_schema, a);
	PyObject *right = left == NULL ? NULL : py_typed_value(b_snapshot, b_schema, b);
	int equal = right == NULL ? -1 : PyObject_RichCompareBool(left, right, Py_EQ);

	/* A NaN differs from itself, whatever object it is. */
	if (equal == 1 && PyFloat_Check(left) && PyFloat_Check(right))
		equal = PyFloat_AS_DOUBLE(left) == PyFloat_AS_DOUBLE(right);
	Py_XDECREF(left);
	Py_XDECREF(right);
	return equal;
}

static int unite(struct comparison *c, const struct pair *pair)
{
	uint64_t a = py_walk_node(pair->a.snapshot, pair->a.typed, false);
	uint64_t b = py_walk_node(pair->b.snapshot, pair->b.typed, !c->one_file);

	return a == 0 || b == 0 ? 0 : py_wordmap_unite(&c->parents, a, b);
}

/* ---- The walk ----------------------------------------------------------------------- */

/* Begins two values with parts; 1 equal so far, 0, -1. */
static int push(struct comparison *c, struct py_snapshot *a_snapshot, struct py_schema *a_schema,
		struct ancient_typed a, struct py_snapshot *b_snapshot, struct py_schema *b_schema,
		struct ancient_typed b)
{
	struct pair *pair;
	int equal, met;

	if (c->depth == c->room) {
		size_t room = c->room == 0 ? 16 : 2 * c->room;
		struct pair *grown = PyMem_Realloc(c->stack, room * sizeof *grown);

		if (grown == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		c->stack = grown;
		c->room = room;
	}
	pair = &c->stack[c->depth];
	pair->b = (struct py_walk){0};
	equal = py_walk_begin(&pair->a, a_snapshot, a_schema, a) < 0 ||
				py_walk_begin(&pair->b, b_snapshot, b_schema, b) < 0
			? -1
			: alike(&pair->a, &pair->b);
	met = equal == 1 ? unite(c, pair) : 0;
	if (equal == 1 && met == 0) {
		c->depth++;
		return 1;
	}
	py_walk_done(&pair->a);
	py_walk_done(&pair->b);
	return met < 0 ? -1 : equal;
}

static int meet(struct comparison *c, const struct pair *pair, struct ancient_typed a,
		struct ancient_typed b)
{
	struct py_snapshot *a_snapshot = pair->a.snapshot, *b_snapshot = pair->b.snapshot;
	struct py_schema *a_schema = pair->a.schema, *b_schema = pair->b.schema;
	bool a_parts, b_parts;

	if (py_typed_open(a_snapshot, a_schema, &a) < 0 ||
	    py_typed_open(b_snapshot, b_schema, &b) < 0)
		return -1;
	a_parts = py_walk_has_parts(py_schema_type(a_schema, a.type)->kind);
	b_parts = py_walk_has_parts(py_schema_type(b_schema, b.type)->kind);
	if (a_parts && b_parts)
		return push(c, a_snapshot, a_schema, a, b_snapshot, b_schema, b);
	if (a_parts != b_parts)
		return 0;
	return objects_equal(a_snapshot, a_schema, a, b_snapshot, b_schema, b);
}

/* The binding of b that belongs to a key of a. */
static int partner(const struct pair *pair, struct ancient_typed key, struct ancient_typed *ret_b)
{
	struct py_snapshot *snapshot = pair->b.snapshot;
	PyObject *object = py_typed_value(pair->a.snapshot, pair->a.schema, key), *table = NULL;
	int found = -1;

	if (object != NULL)
		table = py_typed_new(snapshot->state->hashtbl_class, snapshot, pair->b.schema,
				     pair->b.typed);
	if (table != NULL)
		found = py_container_find(table, object, ret_b);
	Py_XDECREF(object);
	Py_XDECREF(table);
	return found;
}

/* Whether b has no more bindings than a. */
static int same_length(struct py_walk *a, struct py_walk *b)
{
	struct ancient_typed key, part;
	int left = 1, right = 1;

	while (left == 1 && right == 1) {
		left = py_walk_next(a, &key, &part);
		right = left < 0 ? -1 : py_walk_next(b, &key, &part);
	}
	if (left < 0 || right < 0)
		return -1;
	return left == right;
}

static int tables_equal_length(const struct pair *pair)
{
	struct py_walk a, b = {0};
	int equal = -1;

	if (py_walk_begin(&a, pair->a.snapshot, pair->a.schema, pair->a.typed) == 0 &&
	    py_walk_begin(&b, pair->b.snapshot, pair->b.schema, pair->b.typed) == 0)
		equal = same_length(&a, &b);
	py_walk_done(&a);
	py_walk_done(&b);
	return equal;
}

/* One step of the pair on top: 1 equal so far, 0, -1. */
static int step(struct comparison *c)
{
	struct pair *top = &c->stack[c->depth - 1], copy;
	struct ancient_typed a, b, key;
	bool first = top->a.next == 0;
	int left, right;

	if (top->a.keyed && first) {
		left = tables_equal_length(top);
		if (left != 1)
			return left;
	}
	left = py_walk_next(&top->a, &key, &a);
	if (left < 0)
		return -1;
	if (left == 1 && top->a.keyed)
		right = partner(top, key, &b);
	else
		right = top->a.keyed ? 0 : py_walk_next(&top->b, &key, &b);
	if (right < 0 || left != right)
		return right < 0 ? -1 : 0;
	if (left == 0) {
		py_walk_done(&top->a);
		py_walk_done(&top->b);
		c->depth--;
		return 1;
	}
	copy = *top; /* the stack may move */
	return meet(c, &copy, a, b);
}

static int views_equal(const struct py_typed *a, const struct py_typed *b)
{
	struct comparison c = {.parents.seed = a->view.snapshot->state->seed};
	int equal;

	c.one_file = a->view.snapshot->file == b->view.snapshot->file && a->schema == b->schema;
	equal = push(&c, a->view.snapshot, a->schema, py_typed_of(a), b->view.snapshot, b->schema,
		     py_typed_of(b));
	while (equal == 1 && c.depth > 0)
		equal = py_interrupted(c.steps++) < 0 ? -1 : step(&c);
	while (c.depth > 0) {
		c.depth--;
		py_walk_done(&c.stack[c.depth].a);
		py_walk_done(&c.stack[c.depth].b);
	}
	PyMem_Free(c.stack);
	py_wordmap_done(&c.parents);
	return equal;
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
		PyObject *element;

		more = py_interrupted((uint64_t)i) < 0 ? -1 : py_walk_next(&walk, NULL, &part);
		if (more != 1)
			break;
		if (i >= PyList_GET_SIZE(list)) {
			equal = 0;
			break;
		}
		element = py_typed_value(self->view.snapshot, self->schema, part);
		equal = element == NULL ? -1
					: PyObject_RichCompareBool(element,
								   PyList_GET_ITEM(list, i), Py_EQ);
		Py_XDECREF(element);
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
		return views_equal((struct py_typed *)a, (struct py_typed *)b);
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
	if (equal >= 0 && py_stands(self->view.snapshot) < 0)
		equal = -1;
	return equal < 0 ? NULL : PyBool_FromLong(equal == (operation == Py_EQ));
}

/* ---- Hashes --------------------------------------------------------------------------- */

static Py_hash_t hash_parts(const struct py_typed *self, struct py_walk *walk)
{
	Py_uhash_t hash = (Py_uhash_t)PyObject_Hash((PyObject *)Py_TYPE(self));
	struct ancient_typed part;
	int more;

	while ((more = py_walk_next(walk, NULL, &part)) == 1) {
		PyObject *object = py_typed_value(walk->snapshot, walk->schema, part);
		Py_hash_t one = object == NULL ? -1 : PyObject_Hash(object);

		Py_XDECREF(object);
		if (one == -1)
			return -1;
		hash = (hash ^ (Py_uhash_t)one) * 0x9E3779B97F4A7C15u;
		hash ^= hash >> 29;
	}
	if (more < 0)
		return -1;
	return (Py_hash_t)hash == -1 ? -2 : (Py_hash_t)hash;
}

Py_hash_t py_typed_hash(PyObject *object)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_walk walk;
	Py_hash_t hash = -1;

	if (self->schema == NULL)
		return PyBaseObject_Type.tp_hash(object);
	/* Values that share parts are hashed as often as they are met: let Ctrl-C through. */
	if (PyErr_CheckSignals() < 0 || Py_EnterRecursiveCall(" while hashing a value"))
		return -1;
	if (py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self)) == 0)
		hash = hash_parts(self, &walk);
	py_walk_done(&walk);
	Py_LeaveRecursiveCall();
	return hash;
}
