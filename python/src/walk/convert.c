/* python: to_python, which copies a value out of the file into plain objects.
 *
 * Iterative: the stack of blocks under construction lies in memory.  A word that was met
 * before gives the object made then, so that sharing survives and work is bounded by the
 * value's size in the file; one still under construction is a cycle.  In a sound file
 * blocks do not overlap, so the words copied never exceed those of the file: a file made
 * to be copied for ever runs out of that budget. */
#include "typed/typed.h"

#include <string.h>

#include "walk/wordmap.h"

/* A block whose fields are being converted. */
struct frame {
	struct ancient_block block;
	uint64_t word;
	uint64_t next;
	PyObject *fields; /* tuple */
};

struct conversion {
	struct py_snapshot *snapshot;
	struct wordmap made; /* word: address of the object made of it, or UNDER_WAY */
	struct frame *stack;
	size_t depth, room;
	uint64_t words;    /* that may still be copied */
	uint64_t elements; /* of bigarrays that may still be copied: they may be shared */
	uint64_t steps;
};

#define UNDER_WAY 1ull /* no object has an odd address */

static PyObject *overdrawn(struct conversion *c, uint64_t word)
{
	return py_fail(c->snapshot, ANCIENT_E_BAD_BLOCK, word - c->snapshot->base,
		       "the blocks of this value overlap: they hold more words than the file; "
		       "verify() tells more");
}

/* Takes `words` off the budget. */
static bool spend(struct conversion *c, uint64_t words)
{
	if (words > c->words)
		return false;
	c->words -= words;
	return true;
}

/* Begins a block; 0, or -1 with an exception. */
static int push(struct conversion *c, uint64_t word)
{
	const struct ancient_value value = {word};
	struct ancient_error err;
	struct frame *frame;

	if (c->depth == c->room) {
		size_t room = c->room == 0 ? 64 : 2 * c->room;
		struct frame *grown = PyMem_Realloc(c->stack, room * sizeof *grown);

		if (grown == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		c->stack = grown;
		c->room = room;
	}
	frame = &c->stack[c->depth];
	*frame = (struct frame){.word = word};
	if (ancient_block_get(c->snapshot->file, value, &frame->block, &err) != ANCIENT_OK) {
		py_raise(c->snapshot->state, c->snapshot->name, &err);
		return -1;
	}
	if (!spend(c, frame->block.size + 1)) {
		overdrawn(c, word);
		return -1;
	}
	frame->fields = PyTuple_New((Py_ssize_t)frame->block.size);
	if (frame->fields == NULL)
		return -1;
	c->depth++;
	return 0;
}

/* ---- Values without fields ------------------------------------------------------- */

/* What the memory of a leaf is charged as. */
static int charge(struct conversion *c, struct ancient_value value, enum ancient_kind kind)
{
	struct ancient_file *file = c->snapshot->file;
	struct ancient_error err = {.code = ANCIENT_OK};
	struct ancient_bigarray array;
	struct ancient_custom custom;
	const double *floats;
	const char *bytes;
	size_t size = 0;

	switch (kind) {
	case ANCIENT_KIND_STRING:
		if (ancient_string_get(file, value, &bytes, &size, &err) == ANCIENT_OK)
			size = size / 8 + 1;
		break;
	case ANCIENT_KIND_FLOAT_ARRAY:
		ancient_float_array_get(file, value, &floats, &size, &err);
		break;
	case ANCIENT_KIND_CUSTOM:
		if (ancient_custom_get(file, value, &custom, &err) == ANCIENT_OK)
			size = custom.bytes / 8;
		break;
	case ANCIENT_KIND_BIGARRAY:
		if (ancient_bigarray_get(file, value, &array, &err) != ANCIENT_OK)
			break;
		if (array.count > c->elements) {
			py_fail(c->snapshot, ANCIENT_E_TOO_LARGE, value.word - c->snapshot->base,
				"the bigarrays of this value refer to the same elements too often "
				"to copy them");
			return -1;
		}
		c->elements -= array.count;
		break;
	default:
		break;
	}
	if (err.code != ANCIENT_OK) {
		py_raise(c->snapshot->state, c->snapshot->name, &err);
		return -1;
	}
	if (spend(c, size + 1))
		return 0;
	overdrawn(c, value.word);
	return -1;
}

/* A view as a plain object. */
static PyObject *plain(struct py_state *state, PyObject *view)
{
	PyObject *identifier, *bytes, *fields;

	if (Py_IS_TYPE(view, state->float_array))
		return py_float_array_tolist(view, NULL);
	if (Py_IS_TYPE(view, state->bigarray))
		return py_bigarray_tolist(view, NULL);
	if (!Py_IS_TYPE(view, state->custom))
		return Py_NewRef(view);
	identifier = py_custom_identifier(view, NULL);
	bytes = identifier == NULL ? NULL : PyBytes_FromObject(view);
	fields = bytes == NULL ? NULL : PyTuple_Pack(2, identifier, bytes);
	Py_XDECREF(identifier);
	Py_XDECREF(bytes);
	return fields == NULL ? NULL : py_tagged_new(state, 255, fields);
}

static PyObject *convert_leaf(struct conversion *c, struct ancient_value value,
			      enum ancient_kind kind)
{
	PyObject *view, *object;

	if (charge(c, value, kind) < 0)
		return NULL;
	view = py_value(c->snapshot, value);
	if (view == NULL)
		return NULL;
	object = plain(c->snapshot->state, view);
	Py_DECREF(view);
	return object;
}

/* ---- The walk -------------------------------------------------------------------- */

/* Remembers the object of a word, with a reference of its own. */
static int remember(struct conversion *c, uint64_t word, PyObject *object)
{
	struct wordmap_entry *entry = py_wordmap_at(&c->made, word);

	if (entry == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	entry->value = (uint64_t)(uintptr_t)Py_NewRef(object);
	return 0;
}

/* The object of `value`, NULL with an exception, or NULL without one: a block was pushed. */
static PyObject *meet(struct conversion *c, struct ancient_value value)
{
	struct ancient_file *file = c->snapshot->file;
	struct wordmap_entry *entry;
	struct ancient_error err;
	enum ancient_kind kind;
	PyObject *object;

	if (ancient_value_is_int(value))
		return py_int(ancient_value_to_int(value));
	if (ancient_value_kind(file, value, &kind, &err) != ANCIENT_OK ||
	    (kind == ANCIENT_KIND_LAZY &&
	     (ancient_value_force(file, value, &value, &err) != ANCIENT_OK ||
	      ancient_value_kind(file, value, &kind, &err) != ANCIENT_OK)))
		return py_raise(c->snapshot->state, c->snapshot->name, &err);
	if (ancient_value_is_int(value))
		return py_int(ancient_value_to_int(value));
	entry = py_wordmap_at(&c->made, value.word);
	if (entry == NULL)
		return PyErr_NoMemory();
	if (entry->value == UNDER_WAY)
		return py_fail(c->snapshot, ANCIENT_E_CYCLE, value.word - c->snapshot->base,
			       "the value contains itself, so it cannot be copied; walk it with "
			       "Block, whose offset tells blocks apart");
	if (entry->value != 0)
		return Py_NewRef((PyObject *)(uintptr_t)entry->value);
	if (kind == ANCIENT_KIND_BLOCK) {
		entry->value = UNDER_WAY;
		push(c, value.word);
		return NULL;
	}
	object = convert_leaf(c, value, kind);
	if (object != NULL && remember(c, value.word, object) < 0)
		Py_CLEAR(object);
	return object;
}

/* Takes the finished block off the stack and gives its object. */
static PyObject *pop(struct conversion *c)
{
	struct frame *frame = &c->stack[--c->depth];
	PyObject *object = py_tagged_new(c->snapshot->state, frame->block.tag, frame->fields);

	if (object != NULL && remember(c, frame->word, object) < 0)
		Py_CLEAR(object);
	return object;
}

static PyObject *walk(struct conversion *c, struct ancient_value root)
{
	PyObject *object = meet(c, root);
	struct ancient_value value;
	struct ancient_error err;

	for (;;) {
		struct frame *top = c->depth > 0 ? &c->stack[c->depth - 1] : NULL;

		if (object == NULL && PyErr_Occurred())
			return NULL;
		if (object != NULL && top == NULL)
			return object;
		if (object != NULL)
			PyTuple_SET_ITEM(top->fields, (Py_ssize_t)top->next++, object);
		object = NULL;
		if (py_interrupted(c->steps++) < 0)
			return NULL;
		if (top->next == top->block.size) {
			object = pop(c);
			continue;
		}
		if (ancient_block_field(c->snapshot->file, &top->block, top->next, &value, &err) !=
		    ANCIENT_OK)
			return py_raise(c->snapshot->state, c->snapshot->name, &err);
		object = meet(c, value);
	}
}

static void conversion_done(struct conversion *c)
{
	size_t i, size = c->made.bits == 0 ? 0 : (size_t)1 << c->made.bits;

	while (c->depth > 0)
		Py_XDECREF(c->stack[--c->depth].fields);
	PyMem_Free(c->stack);
	for (i = 0; i < size; i++)
		if (c->made.entries[i].value > UNDER_WAY)
			Py_DECREF((PyObject *)(uintptr_t)c->made.entries[i].value);
	py_wordmap_done(&c->made);
}

/* A tuple, as typed values have them, of values. */
static PyObject *convert_tuple(PyObject *module, PyObject *tuple)
{
	PyObject *copy = PyTuple_New(PyTuple_GET_SIZE(tuple));
	Py_ssize_t i;

	for (i = 0; copy != NULL && i < PyTuple_GET_SIZE(tuple); i++) {
		PyObject *part = py_to_python(module, PyTuple_GET_ITEM(tuple, i));

		if (part == NULL)
			Py_CLEAR(copy);
		else
			PyTuple_SET_ITEM(copy, i, part);
	}
	return copy;
}

static PyObject *convert_box(PyObject *module, PyObject *box)
{
	PyObject *value = PyObject_GetAttrString(box, "value"), *copy;

	if (value == NULL)
		return NULL;
	copy = py_to_python(module, value);
	Py_DECREF(value);
	return py_box((PyObject *)Py_TYPE(box), copy);
}

/* The objects that typed values are, without being views: NULL without an exception for
 * others. */
static PyObject *convert_made(PyObject *module, struct py_state *state, PyObject *object)
{
	PyObject *class = (PyObject *)Py_TYPE(object), *copy;
	bool box =
		class == state->some_class || class == state->ok_class || class == state->err_class;

	if (object == Py_None)
		return Py_NewRef(object);
	if (!PyTuple_Check(object) && !box)
		return NULL;
	if (Py_EnterRecursiveCall(" while copying a value") != 0)
		return NULL;
	copy = box ? convert_box(module, object) : convert_tuple(module, object);
	Py_LeaveRecursiveCall();
	return copy;
}

PyObject *py_to_python(PyObject *module, PyObject *object)
{
	struct py_state *state = PyModule_GetState(module);
	const struct py_view *view = (const struct py_view *)object;
	struct conversion c = {.made.seed = state->seed};
	PyObject *result;

	if (PyLong_Check(object) || PyFloat_Check(object) || PyUnicode_Check(object) ||
	    PyBytes_Check(object) || Py_IS_TYPE(object, state->tagged))
		return Py_NewRef(object);
	if (PyObject_TypeCheck(object, state->variant) || py_is_typed(state, object))
		return py_typed_to_python(state, object);
	result = convert_made(module, state, object);
	if (result != NULL || PyErr_Occurred())
		return result;
	if (!Py_IS_TYPE(object, state->block) && !Py_IS_TYPE(object, state->float_array) &&
	    !Py_IS_TYPE(object, state->bigarray) && !Py_IS_TYPE(object, state->custom))
		return PyErr_Format(PyExc_TypeError,
				    "to_python() takes a value got from a store, not %.200s",
				    Py_TYPE(object)->tp_name);
	c.snapshot = view->snapshot;
	c.words = view->snapshot->words;
	c.elements = view->snapshot->words * 8;
	result = walk(&c, view->value);
	conversion_done(&c);
	return result;
}
