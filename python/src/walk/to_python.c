/* python/walk: ancient.to_python, which copies a value, raw or typed, out of the file into plain
 * objects.
 *
 * There is no recursion: values under construction lie on a stack on the heap.  A block that was
 * met before gives the object that was made then, so sharing survives, and the work is bounded by
 * the value's size in the file; one that is still under construction is a cycle.  In a sound file
 * blocks do not overlap, so a copy never has more words than the file: a file made to be copied
 * for ever exceeds that allowance.
 *
 * Keys of a dict and elements of a set must be hashable, so in them lists and records become
 * tuples ("frozen"); a frozen copy of a block is remembered apart from the usual one. */
#include "walk/to_python.h"

#include "module/choice.h"
#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "raw/bigarray_index.h"
#include "raw/floatarray.h"
#include "raw/value.h"
#include "typed/value.h"
#include "walk/identity.h"
#include "walk/plain.h"
#include "walk/shared_tuple.h"
#include "walk/walk.h"
#include "walk/wordmap.h"

#include <string.h>

/* A value whose parts are being converted. */
struct frame {
	struct py_walk walk;
	PyObject *parts;            /* those converted, as py_plain_value takes them */
	PyObject *key;              /* of the binding whose value is being converted */
	struct ancient_typed value; /* of the binding whose key is being converted */
	bool in_key;
	bool frozen;
	uint64_t level; /* values above it that are objects in Python */
};

/* What to_python was asked for. */
struct wish {
	uint64_t depth; /* levels that are copied; below them are views.  UINT64_MAX: all */
	bool refer;     /* on_cycle="ref" */
};

/* The values of one snapshot and schema in one call, which may get a tuple of them. */
struct conversion {
	struct conversion *next;
	struct py_snapshot *snapshot;
	struct py_schema *schema; /* NULL: raw */
	const struct wish *wish;
	/* node: address of the object made of it, or UNDER_WAY.  Where depth is limited, nodes at
	 * different levels have different copies, and so entries of their own: node_at. */
	struct wordmap made;
	struct wordmap open; /* node: UNDER_WAY, where depth is limited */
	PyObject *frozen;    /* dict: hashable objects with parts, themselves; NULL: none yet */
	struct frame *stack;
	size_t depth, capacity;
	uint64_t words;    /* that may still be copied */
	uint64_t elements; /* of raw bigarrays that may still be copied: they may share them */
	uint64_t steps;
};

#define UNDER_WAY 1ull /* no object has an odd address */

/* ---- The allowance: 0, or -1 with an exception ------------------------------------------ */

static int spend(struct conversion *c, struct ancient_value at, uint64_t words)
{
	if (words <= c->words) {
		c->words -= words;
		return 0;
	}
	py_fail(c->snapshot, ANCIENT_E_TOO_LARGE,
		ancient_value_is_int(at) ? ANCIENT_NO_OFFSET : at.word - c->snapshot->base,
		"the blocks of this value overlap: they hold more words than the file");
	return -1;
}

static int spend_leaf(struct conversion *c, const struct py_walk *leaf)
{
	uint64_t elements, words = py_plain_words(leaf, &elements);

	if (elements <= c->elements) {
		c->elements -= elements;
		return spend(c, leaf->typed.value, words);
	}
	py_fail(c->snapshot, ANCIENT_E_TOO_LARGE, leaf->typed.value.word - c->snapshot->base,
		"the bigarrays of this value refer to the same elements too often to copy them");
	return -1;
}

/* ---- The walk ----------------------------------------------------------------------------- */

static void frame_done(struct frame *frame)
{
	py_walk_done(&frame->walk);
	Py_CLEAR(frame->parts);
	Py_CLEAR(frame->key);
}

static bool is_limited(const struct conversion *c)
{
	return c->wish->depth != UINT64_MAX;
}

/* The level of what is next: options and refs are no objects of their own. */
static uint64_t next_level(const struct conversion *c)
{
	const struct frame *top = &c->stack[c->depth - 1];

	if (c->depth == 0)
		return 0;
	return top->level +
	       (top->walk.kind != ANCIENT_TYPE_OPTION && top->walk.kind != ANCIENT_TYPE_REF);
}

/* What an object is remembered by; two nodes or levels are taken for one by an accident of 1 in
 * 2^64, which a file cannot bring about, as the seed is secret. */
static uint64_t node_at(const struct conversion *c, uint64_t node, uint64_t level)
{
	if (node == 0 || !is_limited(c))
		return node;
	node += level * (c->made.seed * 0x9E3779B97F4A7C15u | 1);
	return node == 0 ? 1 : node;
}

/* Begins with the parts of the value above the top of the stack: 0, or -1 with an exception. */
static int push(struct conversion *c, bool frozen)
{
	const uint64_t level = next_level(c);
	struct frame *frame = &c->stack[c->depth++];

	frame->level = level;
	frame->parts = NULL;
	frame->key = NULL;
	frame->in_key = false;
	frame->frozen = frozen;
	if (py_walk_enter(&frame->walk) < 0)
		return -1;
	if (c->schema == NULL) {
		if (spend(c, frame->walk.typed.value, frame->walk.count + 1) < 0)
			return -1;
		frame->parts = PyTuple_New((Py_ssize_t)frame->walk.count);
	} else {
		frame->parts = PyList_New(0);
	}
	return frame->parts == NULL ? -1 : 0;
}

/* What stands for a value within itself. */
static PyObject *cycle(const struct conversion *c, struct ancient_value value)
{
	PyObject *class = c->snapshot->state->reference_class;

	if (c->wish->refer)
		return py_box(class, py_identity_of(c->snapshot, value));
	return py_fail(c->snapshot, ANCIENT_E_CYCLE, value.word - c->snapshot->base,
		       c->schema == NULL
			       ? "the value contains itself, so it cannot be copied whole: copy so "
				 "many levels with depth=, or on_cycle='ref'; walk it with Block, "
				 "whose offset tells blocks apart"
			       : "the value contains itself, so it cannot be copied whole: copy so "
				 "many levels with depth=, or on_cycle='ref'");
}

/* Remembers the object of a node that meet has put into the map. */
static void remember(struct conversion *c, uint64_t node, PyObject *object)
{
	if (node != 0)
		py_wordmap_at(&c->made, node)->value = (uint64_t)(uintptr_t)Py_NewRef(object);
}

/* Where depth is limited: whether the block is open already, and opens it.  -1: no memory. */
static int open_block(struct conversion *c, uint64_t node)
{
	struct wordmap_entry *entry = node == 0 ? NULL : py_wordmap_at(&c->open, node);
	int open;

	if (node == 0)
		return 0;
	if (entry == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	open = entry->value == UNDER_WAY;
	entry->value = UNDER_WAY;
	return open;
}

/* Whether the value lies too deep to be copied.  Keys are copied whole, as views have no hash. */
static bool too_deep(const struct conversion *c, const struct py_walk *walk, bool frozen)
{
	return is_limited(c) && !frozen && py_walk_has_parts(walk) &&
	       walk->kind != ANCIENT_TYPE_OPTION && walk->kind != ANCIENT_TYPE_REF &&
	       next_level(c) >= c->wish->depth;
}

/* The object of a value that lies above the top of the stack, as meet. */
static PyObject *convert(struct conversion *c, struct py_walk *walk, bool frozen)
{
	uint64_t node = node_at(c, py_walk_node(walk, frozen), next_level(c));
	struct wordmap_entry *entry;
	PyObject *object;
	int open = 0;

	if (is_limited(c) && py_walk_has_parts(walk))
		open = open_block(c, py_walk_node(walk, frozen));
	if (open != 0)
		return open < 0 ? NULL : cycle(c, walk->typed.value);
	if (node != 0) {
		entry = py_wordmap_at(&c->made, node);
		if (entry == NULL)
			return PyErr_NoMemory();
		if (entry->value == UNDER_WAY)
			return cycle(c, walk->typed.value);
		if (entry->value != 0)
			return Py_NewRef((PyObject *)(uintptr_t)entry->value);
		if (py_walk_has_parts(walk))
			entry->value = UNDER_WAY;
	}
	if (py_walk_has_parts(walk)) {
		push(c, frozen);
		return NULL;
	}
	if (spend_leaf(c, walk) < 0)
		return NULL;
	object = py_plain_leaf(walk, frozen);
	if (object != NULL)
		remember(c, node, object);
	return object;
}

/* The object of a value, NULL with an exception, or NULL without one: it was pushed. */
static PyObject *meet(struct conversion *c, struct ancient_typed typed, bool frozen)
{
	struct frame *stack;
	struct py_walk *walk;

	if (c->schema == NULL && ancient_value_is_int(typed.value))
		return py_int(ancient_value_to_int(typed.value));
	stack = py_stack_reserve(c->stack, c->depth, &c->capacity, sizeof *stack);
	if (stack == NULL)
		return NULL;
	c->stack = stack;
	walk = &stack[c->depth].walk;
	if (py_walk_look(walk, c->snapshot, c->schema, typed) < 0)
		return NULL;
	if (c->schema == NULL && ancient_value_is_int(walk->typed.value))
		return py_int(ancient_value_to_int(walk->typed.value));
	if (too_deep(c, walk, frozen))
		return c->schema == NULL ? py_value(c->snapshot, walk->typed.value)
					 : py_typed_value(c->snapshot, c->schema, walk->typed);
	/* The words of raw values are counted by their blocks. */
	if (c->schema != NULL && spend(c, walk->typed.value, 1) < 0)
		return NULL;
	return convert(c, walk, frozen);
}

/* The object that equals a hashable one and was met before, or itself.  Its hash is made now, of
 * those of its parts, and kept in it: so that neither hashing nor comparing it goes down again. */
static PyObject *frozen_once(struct conversion *c, PyObject *object)
{
	PyObject *same;

	if (object == NULL || PyTuple_CheckExact(object) || PyLong_Check(object) ||
	    PyUnicode_Check(object) || PyBytes_Check(object) || PyFloat_Check(object) ||
	    object == Py_None)
		return object;
	if (c->frozen == NULL)
		c->frozen = PyDict_New();
	same = c->frozen == NULL ? NULL : PyDict_SetDefault(c->frozen, object, object);
	Py_XINCREF(same);
	Py_DECREF(object);
	return same;
}

/* Takes the finished value off the stack and gives its object. */
static PyObject *pop(struct conversion *c)
{
	struct frame *frame = &c->stack[--c->depth];
	PyObject *object = py_plain_value(&frame->walk, frame->parts, frame->frozen);

	const uint64_t node = py_walk_node(&frame->walk, frame->frozen);

	if (frame->frozen)
		object = frozen_once(c, object);
	if (object != NULL)
		remember(c, node_at(c, node, frame->level), object);
	if (is_limited(c) && node != 0)
		py_wordmap_at(&c->open, node)->value = 0;
	frame_done(frame);
	return object;
}

/* Puts a converted part into the frame on top: 0, -1; steals it. */
static int take(struct frame *frame, PyObject *object)
{
	PyObject *pair;
	int failed;

	if (py_walk_is_raw(&frame->walk)) {
		PyTuple_SET_ITEM(frame->parts, (Py_ssize_t)frame->walk.next - 1, object);
		return 0;
	}
	if (frame->in_key) {
		frame->key = object;
		return 0;
	}
	if (frame->key != NULL) {
		pair = PyTuple_Pack(2, frame->key, object);
		Py_CLEAR(frame->key);
		Py_DECREF(object);
		object = pair;
	}
	failed = object == NULL ? -1 : PyList_Append(frame->parts, object);
	Py_XDECREF(object);
	return failed;
}

/* The next part of the frame on top; as meet, or the finished frame's object. */
static PyObject *advance(struct conversion *c)
{
	struct frame *top = &c->stack[c->depth - 1];
	struct ancient_typed key, part;
	int more;

	if (top->in_key) {
		top->in_key = false;
		return meet(c, top->value, top->frozen);
	}
	more = py_walk_next(&top->walk, &key, &part);
	if (more < 0)
		return NULL;
	if (more == 0)
		return pop(c);
	if (!top->walk.keyed)
		return meet(c, part, top->frozen || top->walk.kind == ANCIENT_TYPE_SET);
	top->value = part;
	top->in_key = true;
	return meet(c, key, true);
}

static PyObject *walk(struct conversion *c, struct ancient_typed root)
{
	PyObject *object = meet(c, root, false);

	for (;;) {
		if (object == NULL && PyErr_Occurred())
			return NULL;
		if (object != NULL && c->depth == 0)
			return object;
		if (py_interrupted(c->steps++) < 0) {
			Py_XDECREF(object);
			return NULL;
		}
		if (object != NULL && take(&c->stack[c->depth - 1], object) < 0)
			return NULL;
		object = advance(c);
	}
}

static void conversion_done(struct conversion *c)
{
	size_t i, size = c->made.bits == 0 ? 0 : (size_t)1 << c->made.bits;

	PY_SHARED_ADD(&c->snapshot->state->steps, c->steps);

	while (c->depth > 0)
		frame_done(&c->stack[--c->depth]);
	PyMem_Free(c->stack);
	for (i = 0; i < size; i++)
		if (c->made.entries[i].value > UNDER_WAY)
			Py_DECREF((PyObject *)(uintptr_t)c->made.entries[i].value);
	py_wordmap_done(&c->made);
	py_wordmap_done(&c->open);
	Py_CLEAR(c->frozen);
	Py_XDECREF(c->schema);
	Py_DECREF(c->snapshot);
}

/* ---- One call ------------------------------------------------------------------------------ */

struct call {
	PyObject *module;
	struct wish wish;
	PyObject *memo; /* dict, of what was converted: address of a tuple or box: its copy */
	struct conversion *conversions;
};

static struct conversion *conversion_for(struct call *call, struct py_snapshot *snapshot,
					 struct py_schema *schema)
{
	struct conversion *c = call->conversions;

	while (c != NULL && (c->snapshot != snapshot || c->schema != schema))
		c = c->next;
	if (c != NULL)
		return c;
	c = PyMem_Calloc(1, sizeof *c);
	if (c == NULL) {
		PyErr_NoMemory();
		return NULL;
	}
	c->next = call->conversions;
	call->conversions = c;
	c->snapshot = (struct py_snapshot *)Py_NewRef(snapshot);
	c->schema = (struct py_schema *)Py_XNewRef(schema);
	c->wish = &call->wish;
	c->made.seed = c->open.seed = snapshot->state->seed;
	c->elements = snapshot->words * 8;
	/* A typed block counts once for each type it has, itself and by its parts. */
	c->words = schema == NULL ? snapshot->words : snapshot->words * 8 + 4096;
	return c;
}

/* Only the schema and the words that may be copied differ between raw and typed values. */
static PyObject *copy(struct call *call, struct py_snapshot *snapshot, struct py_schema *schema,
		      struct ancient_typed typed)
{
	struct conversion *c = conversion_for(call, snapshot, schema);

	return c == NULL ? NULL : walk(c, typed);
}

/* ---- Objects that are no views ------------------------------------------------------------ */

static PyObject *plain_constant(const struct py_state *state, const struct py_variant *constant)
{
	return PyObject_CallFunction(state->constructor_class, "O()", constant->name);
}

static PyObject *convert_any(struct call *call, PyObject *object);

/* A tuple, as typed values have them, of values. */
static PyObject *convert_tuple(struct call *call, PyObject *tuple)
{
	PyObject *copy = PyTuple_New(PyTuple_GET_SIZE(tuple));
	Py_ssize_t i;

	for (i = 0; copy != NULL && i < PyTuple_GET_SIZE(tuple); i++) {
		PyObject *part = convert_any(call, PyTuple_GET_ITEM(tuple, i));

		if (part == NULL)
			Py_CLEAR(copy);
		else
			PyTuple_SET_ITEM(copy, i, part);
	}
	return py_shared_tuple(PyModule_GetState(call->module), copy);
}

static PyObject *convert_box(struct call *call, PyObject *box)
{
	PyObject *value = PyObject_GetAttrString(box, "value"), *copy;

	if (value == NULL)
		return NULL;
	copy = convert_any(call, value);
	Py_DECREF(value);
	return py_box((PyObject *)Py_TYPE(box), copy);
}

/* The objects that typed values are, without being views: NULL without an exception for
 * others. */
static PyObject *convert_made(struct call *call, const struct py_state *state, PyObject *object)
{
	PyObject *class = (PyObject *)Py_TYPE(object), *copy, *address;
	bool box =
		class == state->some_class || class == state->ok_class || class == state->err_class;

	if (object == Py_None)
		return Py_NewRef(object);
	if (!PyTuple_Check(object) && !box)
		return NULL;
	address = PyLong_FromVoidPtr(object);
	copy = address == NULL ? NULL : PyDict_GetItemWithError(call->memo, address);
	if (copy != NULL) {
		Py_DECREF(address);
		return Py_NewRef(copy);
	}
	if (!PyErr_Occurred() && Py_EnterRecursiveCall(" while copying a value") == 0) {
		copy = box ? convert_box(call, object) : convert_tuple(call, object);
		Py_LeaveRecursiveCall();
	}
	if (copy != NULL && PyDict_SetItem(call->memo, address, copy) < 0)
		Py_CLEAR(copy);
	Py_XDECREF(address);
	return copy;
}

static bool is_raw_view(const struct py_state *state, PyObject *object)
{
	return Py_IS_TYPE(object, state->block) || Py_IS_TYPE(object, state->float_array) ||
	       Py_IS_TYPE(object, state->bigarray) || Py_IS_TYPE(object, state->custom);
}

static PyObject *convert_any(struct call *call, PyObject *object)
{
	struct py_state *state = PyModule_GetState(call->module);
	const struct py_view *view = (const struct py_view *)object;
	const struct py_typed *typed = (const struct py_typed *)object;
	PyObject *result;

	if (PyLong_Check(object) || PyFloat_Check(object) || PyUnicode_Check(object) ||
	    PyBytes_Check(object) || Py_IS_TYPE(object, state->tagged))
		return Py_NewRef(object);
	/* The block of an empty one says nothing of floats. */
	if (Py_IS_TYPE(object, state->float_array) && PySequence_Size(object) == 0)
		return py_float_array_tolist(object, NULL);
	if (Py_IS_TYPE(object, state->bigarray_slice))
		return py_bigarray_tolist(object, NULL);
	if (is_raw_view(state, object))
		return copy(call, view->snapshot, NULL, ancient_typed_of(view->value, 0));
	if (py_is_typed(state, object))
		return copy(call, view->snapshot, typed->schema, py_typed_of(typed));
	if (PyObject_TypeCheck(object, state->variant))
		return plain_constant(state, (const struct py_variant *)object);
	result = convert_made(call, state, object);
	if (result != NULL || PyErr_Occurred())
		return result;
	return PyErr_Format(PyExc_TypeError,
			    "to_python() takes a value got from a store, not %.200s",
			    Py_TYPE(object)->tp_name);
}

/* depth=None or a number from 0. */
static int to_depth(PyObject *object, void *result)
{
	long long depth;
	int overflow;

	if (object == Py_None)
		return 1;
	depth = PyLong_AsLongLongAndOverflow(object, &overflow);
	if (depth == -1 && PyErr_Occurred())
		return 0;
	if (depth < 0 && overflow <= 0) {
		PyErr_SetString(PyExc_ValueError, "depth is 0 or more levels, or None for all");
		return 0;
	}
	*(uint64_t *)result = overflow > 0 ? UINT64_MAX : (uint64_t)depth;
	return 1;
}

PyObject *py_to_python(PyObject *module, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"", "depth", "on_cycle", NULL};
	struct call call = {.module = module, .wish.depth = UINT64_MAX};
	static const char *const words[] = {"raise", "ref"};
	PyObject *object, *on_cycle = NULL, *copied;
	int word = 0;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|$O&O:to_python", names, &object,
					 to_depth, &call.wish.depth, &on_cycle))
		return NULL;
	if (on_cycle != NULL)
		word = py_choice(on_cycle, "on_cycle is 'raise' or 'ref'", words, 2);
	if (word < 0)
		return NULL;
	call.wish.refer = word == 1;
	call.memo = PyDict_New();
	if (call.memo == NULL)
		return NULL;
	copied = convert_any(&call, object);
	while (call.conversions != NULL) {
		struct conversion *c = call.conversions;

		call.conversions = c->next;
		conversion_done(c);
		PyMem_Free(c);
	}
	Py_DECREF(call.memo);
	return copied;
}
