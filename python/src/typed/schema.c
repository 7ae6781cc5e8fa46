/* python/typed: parsed schemas, shared by their texts, and the keys by which equal types share a
 * class. */
#include "typed/schema.h"

#include "module/errors.h"
#include "module/module.h"
#include "module/text.h"
#include "module/threads.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

#include <xxhash.h>

/* ---- The object ------------------------------------------------------------------- */

static void schema_dealloc(PyObject *object)
{
	struct py_schema *self = (struct py_schema *)object;
	PyTypeObject *type = Py_TYPE(object);
	uint32_t i;

	py_clear_weak_references(object, &self->weak_references);
	for (i = 0; i < self->count && self->classes != NULL; i++)
		Py_XDECREF(self->classes[i]);
	for (i = 0; i < self->count && self->constructors != NULL; i++)
		Py_XDECREF(self->constructors[i]);
	for (i = 0; i < self->count && self->names != NULL; i++)
		PyMem_Free(self->names[i]);
	PyMem_Free(self->types);
	PyMem_Free(self->classes);
	PyMem_Free(self->constructors);
	PyMem_Free(self->names);
	PyMem_Free(self->numbers);
	ancient_schema_close(self->schema);
	Py_XDECREF(self->text);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMemberDef schema_members[] = {
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct py_schema, weak_references), READONLY,
	 NULL},
	{NULL, 0, 0, 0, NULL},
};

static PyType_Slot schema_slots[] = {
	{Py_tp_dealloc, schema_dealloc},
	{Py_tp_members, schema_members},
	{0, NULL},
};

static PyType_Spec schema_spec = {
	.name = "ancient._Schema",
	.basicsize = sizeof(struct py_schema),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = schema_slots,
};

static PyObject *make(const char *module, const char *class)
{
	PyObject *imported = PyImport_ImportModule(module), *made = NULL;

	if (imported != NULL)
		made = PyObject_CallMethod(imported, class, NULL);
	Py_XDECREF(imported);
	return made;
}

int py_schema_init(PyObject *module, struct py_state *state)
{
	PyObject *lock;

	state->schemas = make("weakref", "WeakValueDictionary");
	state->classes = state->schemas == NULL ? NULL : make("weakref", "WeakValueDictionary");
	state->named = state->classes == NULL ? NULL : make("weakref", "WeakValueDictionary");
	state->restored = state->named == NULL ? NULL : make("weakref", "WeakValueDictionary");
	lock = state->restored == NULL ? NULL : make("_thread", "RLock");
	if (lock == NULL)
		return -1;
	/* Bound methods, so that releasing the lock allocates nothing and cannot fail. */
	state->acquire = PyObject_GetAttrString(lock, "acquire");
	state->release = PyObject_GetAttrString(lock, "release");
	Py_DECREF(lock);
	if (state->acquire == NULL || state->release == NULL)
		return -1;
	return py_add_type(module, &schema_spec, NULL, &state->schema);
}

static struct py_schema *schema_new(struct py_state *state, struct ancient_schema *parsed,
				    PyObject *text)
{
	struct py_schema *self = (struct py_schema *)state->schema->tp_alloc(state->schema, 0);
	uint32_t i;

	if (self == NULL) {
		ancient_schema_close(parsed);
		return NULL;
	}
	self->state = state;
	self->schema = parsed;
	self->text = Py_NewRef(text);
	self->count = ancient_schema_type_count(parsed);
	self->classes = PyMem_Calloc(self->count + 1u, sizeof *self->classes);
	self->constructors = PyMem_Calloc(self->count + 1u, sizeof *self->constructors);
	self->names = PyMem_Calloc(self->count + 1u, sizeof *self->names);
	self->numbers = PyMem_Calloc(self->count + 1u, sizeof *self->numbers);
	self->types = PyMem_Calloc(self->count + 1u, sizeof *self->types);
	for (i = 0; i < self->count && self->types != NULL; i++)
		self->types[i] = ancient_schema_type(parsed, i);
	if (self->types != NULL && self->classes != NULL && self->constructors != NULL &&
	    self->names != NULL && self->numbers != NULL)
		return self;
	Py_DECREF(self);
	return (struct py_schema *)PyErr_NoMemory();
}

/* ---- One for each text -------------------------------------------------------------- */

int py_schemas_lock(struct py_state *state)
{
	PyObject *locked = PyObject_CallNoArgs(state->acquire);

	Py_XDECREF(locked);
	return locked == NULL ? -1 : 0;
}

void py_schemas_unlock(struct py_state *state)
{
	PyObject *kind, *exception, *traceback;

	PyErr_Fetch(&kind, &exception, &traceback);
	Py_XDECREF(PyObject_CallNoArgs(state->release));
	PyErr_Restore(kind, exception, traceback);
}

/* The schema that there is, NULL where there is none: 0, or -1 with an exception. */
static int find(struct py_state *state, PyObject *text, struct py_schema **ret_schema)
{
	PyObject *known = PyObject_CallMethod(state->schemas, "get", "O", text);

	*ret_schema = NULL;
	if (known == NULL)
		return -1;
	if (known == Py_None)
		Py_DECREF(known);
	else
		*ret_schema = (struct py_schema *)known;
	return 0;
}

static struct py_schema *parse(struct py_state *state, PyObject *text, const char *name)
{
	struct ancient_schema *parsed;
	struct py_schema *schema;
	struct ancient_error err;

	if (ancient_schema_parse(PyBytes_AS_STRING(text), (size_t)PyBytes_GET_SIZE(text), name,
				 &parsed, &err) != ANCIENT_OK)
		return (struct py_schema *)py_raise(state, NULL, &err);
	schema = schema_new(state, parsed, text);
	if (schema != NULL && PyObject_SetItem(state->schemas, text, (PyObject *)schema) < 0)
		Py_CLEAR(schema);
	return schema;
}

struct py_schema *py_schema_parse(struct py_state *state, const char *text, size_t length,
				  const char *name)
{
	PyObject *key = PyBytes_FromStringAndSize(text, (Py_ssize_t)length);
	struct py_schema *schema = NULL;
	int failed = key == NULL ? -1 : find(state, key, &schema);

	if (failed == 0 && schema == NULL && py_schemas_lock(state) == 0) {
		/* Another thread may have parsed it meanwhile. */
		failed = find(state, key, &schema);
		if (failed == 0 && schema == NULL)
			schema = parse(state, key, name);
		py_schemas_unlock(state);
	}
	Py_XDECREF(key);
	return schema;
}

struct py_schema *py_schema_given(struct py_state *state, PyObject *text)
{
	struct py_schema *schema;
	PyObject *bytes;

	if (!PyUnicode_Check(text))
		return (struct py_schema *)PyErr_Format(
			PyExc_TypeError, "schema is a str of OCaml declarations, not %.200s",
			Py_TYPE(text)->tp_name);
	bytes = py_utf8(text);
	if (bytes == NULL)
		return NULL;
	schema = py_schema_parse(state, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes),
				 "schema");
	Py_DECREF(bytes);
	return schema;
}

/* ---- Keys of types ---------------------------------------------------------------- */

/* A text to be written, or a type. */
struct piece {
	const char *text; /* NULL: the type */
	uint32_t type;
};

struct encoder {
	struct py_schema *schema;
	XXH3_state_t *hash;
	struct piece *stack; /* what is to come, the next one on top */
	size_t depth, room;
	uint32_t *met; /* types that have a number */
	uint32_t met_count, met_room;
};

static int encoder_push(struct encoder *e, const char *text, uint32_t type)
{
	if (e->depth == e->room) {
		size_t room = e->room == 0 ? 64 : 2 * e->room;
		struct piece *grown = PyMem_Realloc(e->stack, room * sizeof *grown);

		if (grown == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		e->stack = grown;
		e->room = room;
	}
	e->stack[e->depth++] = (struct piece){text, type};
	return 0;
}

static int encoder_meet(struct encoder *e, uint32_t type)
{
	if (e->met_count == e->met_room) {
		uint32_t room = e->met_room == 0 ? 64 : 2 * e->met_room;
		uint32_t *grown = PyMem_Realloc(e->met, room * sizeof *grown);

		if (grown == NULL) {
			PyErr_NoMemory();
			return -1;
		}
		e->met = grown;
		e->met_room = room;
	}
	e->met[e->met_count++] = type;
	e->schema->numbers[type] = e->met_count;
	return 0;
}

static void encode_text(struct encoder *e, const char *text)
{
	/* With the terminating 0, so that no two texts run together. */
	XXH3_128bits_update(e->hash, text, strlen(text) + 1);
}

static int push_fields(struct encoder *e, const struct ancient_field *fields, uint32_t count)
{
	while (count-- > 0)
		if (encoder_push(e, NULL, fields[count].type) < 0 ||
		    (fields[count].name != NULL && encoder_push(e, fields[count].name, 0) < 0))
			return -1;
	return 0;
}

/* In reverse, since the last one pushed is written first. */
static int push_parts(struct encoder *e, const struct ancient_type *type)
{
	uint32_t i = type->constructor_count;

	while (i-- > 0) {
		const struct ancient_constructor *constructor = &type->constructors[i];

		if (encoder_push(e, "|", 0) < 0 ||
		    push_fields(e, constructor->fields, constructor->field_count) < 0 ||
		    encoder_push(e, constructor->name, 0) < 0)
			return -1;
	}
	if (push_fields(e, type->fields, type->field_count) < 0)
		return -1;
	/* The arguments of records and variants are in their fields. */
	if (type->kind == ANCIENT_TYPE_RECORD || type->kind == ANCIENT_TYPE_VARIANT ||
	    type->kind == ANCIENT_TYPE_POLYVARIANT)
		return 0;
	for (i = type->argument_count; i-- > 0;)
		if (encoder_push(e, NULL, type->arguments[i]) < 0)
			return -1;
	return 0;
}

static int encode_type(struct encoder *e, uint32_t number)
{
	const struct ancient_type *type = py_schema_type(e->schema, number);
	uint32_t met = type == NULL ? 0 : e->schema->numbers[number];
	int32_t facts[8];

	if (type == NULL)
		return 0;
	XXH3_128bits_update(e->hash, &met, sizeof met);
	if (met != 0)
		return 0;
	facts[0] = (int32_t)type->kind;
	facts[1] = type->unboxed | type->bytes << 1 | type->standard << 2 |
		   type->bigarray_fortran << 3;
	facts[2] = type->bigarray_kind;
	facts[3] = type->bigarray_dims;
	facts[4] = (int32_t)type->field_count;
	facts[5] = (int32_t)type->constructor_count;
	facts[6] = (int32_t)type->argument_count;
	facts[7] = type->path != NULL;
	XXH3_128bits_update(e->hash, facts, sizeof facts);
	if (type->path != NULL)
		encode_text(e, type->path);
	return encoder_meet(e, number) < 0 ? -1 : push_parts(e, type);
}

static int encode(struct encoder *e, uint32_t type)
{
	/* No Python code may run in between: it could come here and find `numbers` in use. */
	if (encoder_push(e, NULL, type) < 0)
		return -1;
	while (e->depth > 0) {
		struct piece piece = e->stack[--e->depth];

		if (piece.text != NULL)
			encode_text(e, piece.text);
		else if (encode_type(e, piece.type) < 0)
			return -1;
	}
	return 0;
}

PyObject *py_schema_type_key(struct py_schema *schema, uint32_t type)
{
	struct encoder e = {.schema = schema, .hash = XXH3_createState()};
	XXH128_canonical_t digest;
	PyObject *key = NULL;

	if (e.hash == NULL)
		return PyErr_NoMemory();
	/* The seed is secret, so that no two types can be made to share a class. */
	XXH3_128bits_reset_withSeed(e.hash, schema->state->seed);
	if (encode(&e, type) == 0) {
		XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(e.hash));
		key = PyBytes_FromStringAndSize((const char *)digest.digest, sizeof digest.digest);
	}
	while (e.met_count > 0)
		schema->numbers[e.met[--e.met_count]] = 0;
	PyMem_Free(e.met);
	PyMem_Free(e.stack);
	XXH3_freeState(e.hash);
	return key;
}
