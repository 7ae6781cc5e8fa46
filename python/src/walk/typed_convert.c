/* python: to_python for typed values: a copy in plain objects.
 *
 * Iterative, as convert.c, with the same care for shared blocks, cycles and the size of what
 * is made.  What becomes a key of a dict or an element of a set must be hashable, so there
 * lists and records become tuples; such a copy of a block is remembered by itself. */
#include "typed/typed.h"

#include "walk/wordmap.h"

#define UNDER_WAY 1ull /* no object has an odd address */

struct frame {
	struct py_walk walk;
	PyObject *parts;            /* list of what is converted */
	PyObject *key;              /* of the binding whose value is being converted */
	struct ancient_typed value; /* of the binding whose key is being converted */
	bool in_key;
	bool frozen;
	uint64_t node;
};

struct conversion {
	struct py_snapshot *snapshot;
	struct py_schema *schema;
	struct wordmap made; /* node: address of the object made of it, or UNDER_WAY */
	struct frame *stack;
	size_t depth, room;
	uint64_t words; /* that may still be copied */
	uint64_t steps;
};

static int spend(struct conversion *c, uint64_t words)
{
	if (words <= c->words) {
		c->words -= words;
		return 0;
	}
	py_fail(c->snapshot, ANCIENT_E_TOO_LARGE, ANCIENT_NO_OFFSET,
		"the parts of this value overlap too often to copy them");
	return -1;
}

/* ---- Values without parts ------------------------------------------------------------- */

static uint64_t charge(const struct conversion *c, struct ancient_typed typed,
		       enum ancient_type_kind kind)
{
	struct ancient_bigarray array;
	const double *floats;
	const char *bytes;
	size_t size = 0;

	if ((kind == ANCIENT_TYPE_STRING || kind == ANCIENT_TYPE_BYTES) &&
	    ancient_typed_string(c->snapshot->file, c->schema->schema, typed, &bytes, &size,
				 NULL) == ANCIENT_OK)
		return size / 8 + 1;
	if (kind == ANCIENT_TYPE_FLOATARRAY &&
	    ancient_typed_floats(c->snapshot->file, c->schema->schema, typed, &floats, &size,
				 NULL) == ANCIENT_OK)
		return size + 1;
	if (kind == ANCIENT_TYPE_BIGARRAY &&
	    ancient_typed_bigarray(c->snapshot->file, c->schema->schema, typed, &array, NULL) ==
		    ANCIENT_OK)
		return array.count / 8 + 1;
	return 1;
}

static PyObject *frozen_list(PyObject *list)
{
	PyObject *tuple = list == NULL ? NULL : PyList_AsTuple(list);

	Py_XDECREF(list);
	return tuple;
}

static PyObject *convert_leaf(struct conversion *c, struct ancient_typed typed,
			      enum ancient_type_kind kind, bool frozen)
{
	PyObject *view, *object;

	if (spend(c, charge(c, typed, kind)) < 0)
		return NULL;
	view = py_typed_value(c->snapshot, c->schema, typed);
	if (view == NULL)
		return NULL;
	if (Py_IS_TYPE(view, c->snapshot->state->float_array))
		object = py_float_array_tolist(view, NULL);
	else if (Py_IS_TYPE(view, c->snapshot->state->bigarray))
		object = py_bigarray_tolist(view, NULL);
	else
		return view;
	Py_DECREF(view);
	return frozen && object != NULL && PyList_Check(object) ? frozen_list(object) : object;
}

/* ---- Values with parts ------------------------------------------------------------------ */

static PyObject *named_parts(const struct ancient_field *fields, PyObject *parts)
{
	PyObject *dict = PyDict_New();
	Py_ssize_t i;

	for (i = 0; dict != NULL && i < PyList_GET_SIZE(parts); i++)
		if (PyDict_SetItemString(dict, fields[i].name, PyList_GET_ITEM(parts, i)) < 0)
			Py_CLEAR(dict);
	return dict;
}

static PyObject *only_part(const struct frame *frame)
{
	return Py_XNewRef(PyList_GetItem(frame->parts, 0));
}

static PyObject *finish_constructor(const struct frame *frame)
{
	const struct ancient_constructor *constructor =
		&frame->walk.type->constructors[frame->walk.number];
	PyObject *class = frame->walk.snapshot->state->constructor_class, *arguments, *made;

	if (constructor->inline_record && !frame->frozen)
		arguments = named_parts(constructor->fields, frame->parts);
	else
		arguments = PyList_AsTuple(frame->parts);
	if (arguments == NULL)
		return NULL;
	made = PyObject_CallFunction(class, "sO", constructor->name, arguments);
	Py_DECREF(arguments);
	return made;
}

/* A dict of the pairs, of which those met first hold. */
static PyObject *finish_mapping(const struct frame *frame)
{
	PyObject *dict;

	if (frame->frozen)
		return PyList_AsTuple(frame->parts);
	dict = PyDict_New();
	if (dict != NULL && PyDict_MergeFromSeq2(dict, frame->parts, 0) < 0)
		Py_CLEAR(dict);
	return dict;
}

static PyObject *finish_option(const struct frame *frame)
{
	if (frame->walk.number == 0)
		Py_RETURN_NONE;
	if (!py_type_may_be_none(frame->walk.schema, frame->walk.type->arguments[0]))
		return only_part(frame);
	return py_box(frame->walk.snapshot->state->some_class, only_part(frame));
}

static PyObject *finish(const struct frame *frame)
{
	const struct py_state *state = frame->walk.snapshot->state;

	switch (frame->walk.type->kind) {
	case ANCIENT_TYPE_TUPLE:
		return PyList_AsTuple(frame->parts);
	case ANCIENT_TYPE_RECORD:
		return frame->frozen ? PyList_AsTuple(frame->parts)
				     : named_parts(frame->walk.type->fields, frame->parts);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return finish_constructor(frame);
	case ANCIENT_TYPE_OPTION:
		return finish_option(frame);
	case ANCIENT_TYPE_RESULT:
		return py_box(frame->walk.number ? state->ok_class : state->err_class,
			      only_part(frame));
	case ANCIENT_TYPE_REF:
		return only_part(frame);
	case ANCIENT_TYPE_SET:
		return frame->frozen ? PyFrozenSet_New(frame->parts) : PySet_New(frame->parts);
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
		return finish_mapping(frame);
	default:
		return frame->frozen ? PyList_AsTuple(frame->parts) : Py_NewRef(frame->parts);
	}
}

/* ---- The walk ----------------------------------------------------------------------------- */

static void frame_done(struct frame *frame)
{
	py_walk_done(&frame->walk);
	Py_CLEAR(frame->parts);
	Py_CLEAR(frame->key);
}

/* Begins a value with parts: 0, -1. */
static int push(struct conversion *c, struct ancient_typed typed, bool frozen, uint64_t node)
{
	struct frame *frame;

	if (c->depth == c->room) {
		size_t room = c->room == 0 ? 16 : 2 * c->room;
		struct frame *grown = PyMem_Realloc(c->stack, room * sizeof *grown);

		if (grown == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		c->stack = grown;
		c->room = room;
	}
	frame = &c->stack[c->depth++];
	*frame = (struct frame){.frozen = frozen, .node = node};
	if (py_walk_begin(&frame->walk, c->snapshot, c->schema, typed) < 0)
		return -1;
	frame->parts = PyList_New(0);
	return frame->parts == NULL ? -1 : 0;
}

/* The object of a value, NULL with an exception, or NULL without one: it was pushed. */
static PyObject *meet(struct conversion *c, struct ancient_typed typed, bool frozen)
{
	struct wordmap_entry *entry = NULL;
	enum ancient_type_kind kind;
	PyObject *object;
	uint64_t node;

	if (py_typed_open(c->snapshot, c->schema, &typed) < 0 || spend(c, 1) < 0)
		return NULL;
	kind = py_schema_type(c->schema, typed.type)->kind;
	node = py_walk_node(c->snapshot, typed, frozen);
	if (node != 0) {
		entry = py_wordmap_at(&c->made, node);
		if (entry == NULL)
			return PyErr_NoMemory();
		if (entry->value == UNDER_WAY)
			return py_fail(c->snapshot, ANCIENT_E_CYCLE,
				       typed.value.word - c->snapshot->base,
				       "the value contains itself, so it cannot be copied");
		if (entry->value != 0)
			return Py_NewRef((PyObject *)(uintptr_t)entry->value);
	}
	if (py_walk_has_parts(kind)) {
		if (entry != NULL)
			entry->value = UNDER_WAY;
		push(c, typed, frozen, node);
		return NULL;
	}
	object = convert_leaf(c, typed, kind, frozen);
	if (object != NULL && entry != NULL) {
		entry = py_wordmap_at(&c->made, node);
		entry->value = (uint64_t)(uintptr_t)Py_NewRef(object);
	}
	return object;
}

/* Takes the finished value off the stack and gives its object. */
static PyObject *pop(struct conversion *c)
{
	struct frame *frame = &c->stack[--c->depth];
	PyObject *object = finish(frame);

	/* The entry is there: meet has made it. */
	if (object != NULL && frame->node != 0)
		py_wordmap_at(&c->made, frame->node)->value =
			(uint64_t)(uintptr_t)Py_NewRef(object);
	frame_done(frame);
	return object;
}

/* Puts a converted part into the frame on top: 0, -1; steals it. */
static int take(struct frame *frame, PyObject *object)
{
	PyObject *pair;
	int failed;

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
		return meet(c, part, top->frozen || top->walk.type->kind == ANCIENT_TYPE_SET);
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

	while (c->depth > 0)
		frame_done(&c->stack[--c->depth]);
	PyMem_Free(c->stack);
	for (i = 0; i < size; i++)
		if (c->made.entries[i].value > UNDER_WAY)
			Py_DECREF((PyObject *)(uintptr_t)c->made.entries[i].value);
	py_wordmap_done(&c->made);
}

static PyObject *plain_constant(const struct py_state *state, const struct py_variant *constant)
{
	return PyObject_CallFunction(state->constructor_class, "O()", constant->name);
}

PyObject *py_typed_to_python(struct py_state *state, PyObject *view)
{
	const struct py_typed *self = (const struct py_typed *)view;
	struct conversion c = {.made.seed = state->seed};
	PyObject *result;

	if (self->schema == NULL)
		return plain_constant(state, (const struct py_variant *)view);
	c.snapshot = self->view.snapshot;
	c.schema = self->schema;
	/* A block counts once for each type it has, itself and by its parts. */
	c.words = self->view.snapshot->words * 8 + 4096;
	result = walk(&c, py_typed_of(self));
	conversion_done(&c);
	return result;
}
