/* python/typed: tuples, options and results (nested.h), which are Python objects that hold the
 * objects of their parts.  They recurse as deep as their types do. */
#include "typed/nested.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "module/snapshot.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "walk/shared_tuple.h"
#include "walk/walk.h"

static PyObject *raise(struct py_snapshot *snapshot, const struct ancient_error *err)
{
	return py_raise(snapshot->state, snapshot->name, err);
}

#define LONG_LEAF 64 /* bytes; shorter ones are made again */
#define FEW 64       /* tuples, options, results and long leaves that are not remembered */

static PyObject *decode(struct py_decoding *d, struct py_snapshot *snapshot,
			struct py_schema *schema, struct ancient_typed typed);

void py_decoding_done(struct py_decoding *d)
{
	size_t i, size = d->made.bits == 0 ? 0 : (size_t)1 << d->made.bits;

	for (i = 0; i < size; i++)
		Py_XDECREF((PyObject *)(uintptr_t)d->made.entries[i].value);
	py_wordmap_done(&d->made);
}

static PyObject *tuple_value(struct py_decoding *d, struct py_snapshot *snapshot,
			     struct py_schema *schema, struct ancient_typed typed,
			     const struct ancient_type *type)
{
	PyObject *tuple;
	uint32_t i;

	if (py_interrupted(d->steps) < 0 ||
	    Py_EnterRecursiveCall(" while reading tuples in tuples"))
		return NULL;
	tuple = PyTuple_New((Py_ssize_t)type->field_count);
	for (i = 0; tuple != NULL && i < type->field_count; i++) {
		struct ancient_typed field;
		struct ancient_error err;
		PyObject *part = NULL;

		if (ancient_typed_field(snapshot->file, schema->schema, typed, i, &field, &err) !=
		    ANCIENT_OK)
			raise(snapshot, &err);
		else
			part = decode(d, snapshot, schema, field);
		if (part == NULL)
			Py_CLEAR(tuple);
		else
			PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, part);
	}
	Py_LeaveRecursiveCall();
	return py_shared_tuple(snapshot->state, tuple);
}

/* The value in a Some, Ok, Error or lazy. */
static PyObject *inner_value(struct py_decoding *d, struct py_snapshot *snapshot,
			     struct py_schema *schema, struct ancient_typed typed)
{
	PyObject *value;

	if (Py_EnterRecursiveCall(" while reading options in options") != 0)
		return NULL;
	value = decode(d, snapshot, schema, typed);
	Py_LeaveRecursiveCall();
	return value;
}

static PyObject *option_value(struct py_decoding *d, struct py_snapshot *snapshot,
			      struct py_schema *schema, struct ancient_typed typed,
			      const struct ancient_type *type)
{
	struct ancient_typed inner;
	struct ancient_error err;
	PyObject *value;
	bool some;

	if (ancient_typed_option(snapshot->file, schema->schema, typed, &some, &inner, &err) !=
	    ANCIENT_OK)
		return raise(snapshot, &err);
	if (!some)
		Py_RETURN_NONE;
	value = inner_value(d, snapshot, schema, inner);
	if (!py_type_may_be_none(schema, type->arguments[0]))
		return value;
	return py_box(snapshot->state->some_class, value);
}

static PyObject *result_value(struct py_decoding *d, struct py_snapshot *snapshot,
			      struct py_schema *schema, struct ancient_typed typed)
{
	struct ancient_typed inner;
	struct ancient_error err;
	bool ok;

	if (ancient_typed_result(snapshot->file, schema->schema, typed, &ok, &inner, &err) !=
	    ANCIENT_OK)
		return raise(snapshot, &err);
	return py_box(ok ? snapshot->state->ok_class : snapshot->state->err_class,
		      inner_value(d, snapshot, schema, inner));
}

static PyObject *nested(struct py_decoding *d, struct py_snapshot *snapshot,
			struct py_schema *schema, struct ancient_typed typed,
			const struct ancient_type *type)
{
	switch (type->kind) {
	case ANCIENT_TYPE_TUPLE:
		return tuple_value(d, snapshot, schema, typed, type);
	case ANCIENT_TYPE_OPTION:
		return option_value(d, snapshot, schema, typed, type);
	case ANCIENT_TYPE_RESULT:
		return result_value(d, snapshot, schema, typed);
	default:
		return py_typed_value(snapshot, schema, typed);
	}
}

/* Bytes of a string, or an integer of Zarith; 0 where it is none. */
static size_t leaf_bytes(const struct py_snapshot *snapshot, const struct py_schema *schema,
			 struct ancient_typed typed, enum ancient_type_kind kind)
{
	struct ancient_z z;
	const char *bytes;
	size_t length;

	if (kind == ANCIENT_TYPE_Z)
		return ancient_value_is_int(typed.value) ||
				       ancient_typed_z(snapshot->file, schema->schema, typed, &z,
						       NULL) != ANCIENT_OK
			       ? 0
			       : z.bytes;
	return ancient_typed_string(snapshot->file, schema->schema, typed, &bytes, &length, NULL) !=
			       ANCIENT_OK
		       ? 0
		       : length;
}

/* A value within a tuple, option or result. */
static PyObject *decode(struct py_decoding *d, struct py_snapshot *snapshot,
			struct py_schema *schema, struct ancient_typed typed)
{
	const struct ancient_type *type = py_schema_type(schema, typed.type);
	struct wordmap_entry *entry;
	struct py_walk walk;
	PyObject *object;
	uint64_t node = 0;
	size_t bytes = 0;
	bool remembers = d->remembers;

	switch (type->kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_RESULT:
	case ANCIENT_TYPE_LAZY:
		break;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
	case ANCIENT_TYPE_Z:
		bytes = leaf_bytes(snapshot, schema, typed, type->kind);
		if (bytes < LONG_LEAF)
			return py_typed_value(snapshot, schema, typed);
		remembers = true;
		break;
	default:
		return py_typed_value(snapshot, schema, typed);
	}
	if (d->steps++ >= FEW && !remembers)
		return NULL; /* py_decode begins again */
	if (type->kind == ANCIENT_TYPE_LAZY) {
		if (py_typed_open(snapshot, schema, &typed) < 0)
			return NULL;
		type = py_schema_type(schema, typed.type);
	}
	if (remembers) {
		walk = (struct py_walk){.snapshot = snapshot, .schema = schema, .typed = typed};
		node = py_walk_node(&walk, false);
	}
	if (node != 0) {
		entry = py_wordmap_at(&d->made, node);
		if (entry == NULL)
			return PyErr_NoMemory();
		if (entry->value != 0)
			return Py_NewRef((PyObject *)(uintptr_t)entry->value);
	}
	if (py_hold(snapshot, NULL, bytes, &d->held) < 0)
		return NULL;
	object = nested(d, snapshot, schema, typed, type);
	/* What was made meanwhile has moved the entry; a cycle has made no object. */
	if (object != NULL && node != 0) {
		entry = py_wordmap_at(&d->made, node);
		if (entry->value == 0)
			entry->value = (uint64_t)(uintptr_t)Py_NewRef(object);
	}
	return object;
}

PyObject *py_decode(struct py_decoding *d, struct py_snapshot *snapshot, struct py_schema *schema,
		    struct ancient_typed typed)
{
	PyObject *object;

	d->made.seed = snapshot->state->seed;
	d->steps = 0;
	object = decode(d, snapshot, schema, typed);
	/* Most are small, and need no table of what was made. */
	if (object == NULL && !PyErr_Occurred() && !d->remembers) {
		d->steps = 0;
		d->remembers = true;
		object = decode(d, snapshot, schema, typed);
	}
	PY_SHARED_ADD(&snapshot->state->steps, d->steps);
	return object;
}

PyObject *py_nested_value(struct py_snapshot *snapshot, struct py_schema *schema,
			  struct ancient_typed typed)
{
	struct py_decoding d = {.steps = 0};
	PyObject *object = py_decode(&d, snapshot, schema, typed);

	py_decoding_done(&d);
	return object;
}
