/* c-reader/schema: the types of a schema as the public header shows them, with names as OCaml
 * writes them; for schema.c.  Also the public ancient_type_kind_name. */
#include "schema/show.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema_text.h"

#define SHOWN 120u /* bytes of a type's name */

static const char *const kind_names[] = {
	[ANCIENT_TYPE_UNIT] = "unit",
	[ANCIENT_TYPE_BOOL] = "bool",
	[ANCIENT_TYPE_INT] = "int",
	[ANCIENT_TYPE_CHAR] = "char",
	[ANCIENT_TYPE_STRING] = "string",
	[ANCIENT_TYPE_BYTES] = "bytes",
	[ANCIENT_TYPE_FLOAT] = "float",
	[ANCIENT_TYPE_INT32] = "int32",
	[ANCIENT_TYPE_INT64] = "int64",
	[ANCIENT_TYPE_NATIVEINT] = "nativeint",
	[ANCIENT_TYPE_Z] = "Z.t",
	[ANCIENT_TYPE_FLOATARRAY] = "floatarray",
	[ANCIENT_TYPE_TUPLE] = "tuple",
	[ANCIENT_TYPE_RECORD] = "record",
	[ANCIENT_TYPE_VARIANT] = "variant",
	[ANCIENT_TYPE_POLYVARIANT] = "polymorphic variant",
	[ANCIENT_TYPE_LIST] = "list",
	[ANCIENT_TYPE_ARRAY] = "array",
	[ANCIENT_TYPE_OPTION] = "option",
	[ANCIENT_TYPE_RESULT] = "result",
	[ANCIENT_TYPE_REF] = "ref",
	[ANCIENT_TYPE_LAZY] = "lazy",
	[ANCIENT_TYPE_HASHTBL] = "Hashtbl.t",
	[ANCIENT_TYPE_HASHTABLE] = "functorial hash table",
	[ANCIENT_TYPE_MAP] = "map",
	[ANCIENT_TYPE_SET] = "set",
	[ANCIENT_TYPE_BIGARRAY] = "bigarray",
	[ANCIENT_TYPE_QUEUE] = "Queue.t",
	[ANCIENT_TYPE_STACK] = "Stack.t",
	[ANCIENT_TYPE_DYNARRAY] = "Dynarray.t",
};

const char *ancient_type_kind_name(enum ancient_type_kind kind)
{
	if ((unsigned)kind >= sizeof(kind_names) / sizeof(kind_names[0]) ||
	    kind_names[kind] == NULL)
		return "unknown";
	return kind_names[kind];
}

/* ---- Strings ----------------------------------------------------------------------- */

/* All strings of a schema in one allocation; while that grows, they are offsets in it. */
struct strings {
	struct schema_text *text;
	char *bytes;
	size_t length, capacity;
};

static size_t add_string(struct strings *s, const char *bytes, size_t length)
{
	size_t at = s->length;

	if (length + 1 > s->capacity - s->length) {
		size_t capacity = 2 * (s->length + length) + 1024;
		char *larger = realloc(s->bytes, capacity);
		if (larger == NULL) {
			ancient_reader_schema_memory(s->text);
			return 0;
		}
		s->bytes = larger;
		s->capacity = capacity;
	}
	memcpy(s->bytes + at, bytes, length);
	s->bytes[at + length] = '\0';
	s->length += length + 1;
	return at;
}

/* "Outer.Package.t"; only the last parts where that is too long. */
static void decl_path(const struct schema_text *text, uint32_t number, char *out, size_t capacity)
{
	const struct schema_decl *decl = SCHEMA_ITEM(struct schema_decl, text->decls, number);
	uint32_t name = decl->name, scope = decl->scope;
	size_t at = capacity - 1;

	out[at] = '\0';
	for (;;) {
		const struct schema_name *n = SCHEMA_ITEM(struct schema_name, text->names, name);
		bool dot = out[at] != '\0';
		if (n->length + (dot ? 1u : 0u) > at)
			break;
		if (dot)
			out[--at] = '.';
		at -= n->length;
		memcpy(out + at, text->bytes + n->at, n->length);
		if (SCHEMA_ITEM(struct schema_scope, text->scopes, scope)->name == SCHEMA_NONE)
			break;
		name = SCHEMA_ITEM(struct schema_scope, text->scopes, scope)->name;
		scope = SCHEMA_ITEM(struct schema_scope, text->scopes, scope)->parent;
	}
	memmove(out, out + at, capacity - at);
}

/* ---- Names of types ---------------------------------------------------------------- */

struct shown {
	char bytes[SHOWN + 4];
	size_t length;
};

static void show_text(struct shown *out, const char *text)
{
	size_t length = strlen(text);

	if (out->length >= SHOWN)
		return;
	if (length > SHOWN - out->length) {
		memcpy(out->bytes + out->length, text, SHOWN - out->length);
		memcpy(out->bytes + SHOWN, "...", 3);
		out->length = SHOWN + 3;
		return;
	}
	memcpy(out->bytes + out->length, text, length);
	out->length += length;
}

struct show_frame {
	uint32_t type, next;
	bool grouped; /* in parentheses */
};

#define SHOW_LEVELS 16u

struct shower {
	const struct schema_text *text;
	const struct schema_types *types;
	struct shown out;
	struct show_frame stack[SHOW_LEVELS];
	unsigned depth;
};

static const struct schema_type *type_at(const struct schema_types *types, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_type, types->types, number);
}

static void show_own(struct shower *s, const struct schema_type *type)
{
	char path[SHOWN + 1];

	if (type->decl != SCHEMA_NONE) {
		decl_path(s->text, type->decl, path, sizeof(path));
		show_text(&s->out, path);
	} else {
		show_text(&s->out, type->type.kind == ANCIENT_TYPE_LAZY
					   ? "Lazy.t"
					   : kind_names[type->type.kind]);
	}
}

/* The arguments that are written before the type: a map's key is its module's, and a queue is one
 * of what its list is of. */
static void visible_arguments(const struct schema_types *types, const struct schema_type *type,
			      uint32_t *ret_first, uint32_t *ret_count)
{
	bool functor =
		type->type.kind >= ANCIENT_TYPE_HASHTABLE && type->type.kind <= ANCIENT_TYPE_SET;

	if (type->type.kind >= ANCIENT_TYPE_QUEUE)
		type = type_at(types, *SCHEMA_ITEM(uint32_t, types->arguments, type->argument));
	*ret_first = type->argument + (functor ? 1 : 0);
	*ret_count = type->type.argument_count - (functor ? 1 : 0);
}

static void show_push(struct shower *s, uint32_t number, bool within)
{
	const struct schema_type *type = type_at(s->types, number);
	bool tuple = type->type.kind == ANCIENT_TYPE_TUPLE;
	uint32_t first, count;

	visible_arguments(s->types, type, &first, &count);
	if (type->type.kind == ANCIENT_TYPE_POLYVARIANT && type->decl == SCHEMA_NONE) {
		show_text(&s->out, "[ ... ]");
	} else if (!tuple && count == 0) {
		show_own(s, type);
	} else if (s->depth == SHOW_LEVELS) {
		show_text(&s->out, "_");
	} else {
		bool grouped = tuple ? within : count > 1;
		if (grouped)
			show_text(&s->out, "(");
		s->stack[s->depth++] = (struct show_frame){number, 0, grouped};
	}
}

static void show_step(struct shower *s)
{
	struct show_frame *top = &s->stack[s->depth - 1];
	const struct schema_type *type = type_at(s->types, top->type);
	bool tuple = type->type.kind == ANCIENT_TYPE_TUPLE;
	uint32_t first, count, next = top->next++;

	visible_arguments(s->types, type, &first, &count);
	if (tuple)
		count = type->type.field_count;
	if (next == count) {
		if (top->grouped)
			show_text(&s->out, ")");
		if (!tuple) {
			show_text(&s->out, " ");
			show_own(s, type);
		}
		s->depth--;
		return;
	}
	if (next > 0)
		show_text(&s->out, tuple ? " * " : ", ");
	if (tuple)
		show_push(s,
			  SCHEMA_ITEM(struct schema_field, s->types->fields, type->field + next)
				  ->type,
			  true);
	else
		show_push(s, *SCHEMA_ITEM(uint32_t, s->types->arguments, first + next), count == 1);
}

static size_t show_type(struct strings *strings, const struct schema_types *types, uint32_t number)
{
	struct shower s = {.text = strings->text, .types = types};

	show_push(&s, number, false);
	while (s.depth > 0 && s.out.length < SHOWN)
		show_step(&s);
	return add_string(strings, s.out.bytes, s.out.length);
}

/* ---- The whole --------------------------------------------------------------------- */

static const struct schema_name *name_at(const struct schema_text *text, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_name, text->names, number);
}

static bool show_lists(struct schema_text *text, const struct schema_types *types,
		       struct ancient_schema *schema, const size_t *names)
{
	for (uint32_t i = 0; i < types->fields.count; i++) {
		const struct schema_field *field =
			SCHEMA_ITEM(struct schema_field, types->fields, i);
		schema->fields[i] = (struct ancient_field){
			field->name == SCHEMA_NONE ? NULL : schema->strings + names[field->name],
			field->type, type_at(types, field->type)->type.kind};
		schema->mutable_fields[i] = field->is_mutable;
	}
	for (uint32_t i = 0; i < types->cases.count; i++) {
		const struct schema_case *made = SCHEMA_ITEM(struct schema_case, types->cases, i);
		schema->constructors[i] =
			(struct ancient_constructor){.name = schema->strings + names[made->name],
						     .number = made->number,
						     .constant = made->constant,
						     .inline_record = made->inline_record,
						     .field_count = made->count,
						     .fields = schema->fields + made->field};
	}
	memcpy(schema->arguments,
	       types->arguments.items == NULL ? (void *)&schema->root : types->arguments.items,
	       types->arguments.count * sizeof(uint32_t));
	return text->code == ANCIENT_OK;
}

static void show_types(const struct schema_types *types, struct ancient_schema *schema,
		       const size_t *shown, const size_t *paths)
{
	for (uint32_t i = 0; i < types->types.count; i++) {
		const struct schema_type *type = type_at(types, i);
		struct ancient_type *out = &schema->types[i];
		*out = type->type;
		out->name = schema->strings + shown[i];
		out->block_fields = out->unboxed ? 0 : out->field_count;
		out->path = type->decl == SCHEMA_NONE ? NULL : schema->strings + paths[i];
		out->arguments = schema->arguments + type->argument;
		out->fields = schema->fields + type->field;
		out->constructors = schema->constructors + type->constructor;
	}
}

static int by_number(const void *left, const void *right, void *context)
{
	const struct ancient_constructor *all = context;
	const struct ancient_constructor *a = &all[*(const uint32_t *)left];
	const struct ancient_constructor *b = &all[*(const uint32_t *)right];

	if (a->constant != b->constant)
		return a->constant ? -1 : 1;
	return (a->number > b->number) - (a->number < b->number);
}

/* Sorts the constructors by number, for finding one from a value. */
static void order_constructors(struct ancient_schema *schema, uint32_t number)
{
	struct ancient_type *type = &schema->types[number];
	uint32_t *order = schema->order + (type->constructors - schema->constructors);

	for (uint32_t i = 0; i < type->constructor_count; i++) {
		order[i] = i;
		schema->constants[number] += type->constructors[i].constant;
	}
	qsort_r(order, type->constructor_count, sizeof(*order), by_number,
		(void *)(uintptr_t)type->constructors);
}

static bool allocate(const struct schema_types *types, struct ancient_schema *schema)
{
	schema->count = types->types.count;
	schema->root = types->root;
	schema->types = calloc(types->types.count + 1u, sizeof(*schema->types));
	schema->arguments = calloc(types->arguments.count + 1u, sizeof(*schema->arguments));
	schema->fields = calloc(types->fields.count + 1u, sizeof(*schema->fields));
	schema->mutable_fields = calloc(types->fields.count + 1u, sizeof(*schema->mutable_fields));
	schema->constructors = calloc(types->cases.count + 1u, sizeof(*schema->constructors));
	schema->order = calloc(types->cases.count + 1u, sizeof(*schema->order));
	schema->constants = calloc(types->types.count + 1u, sizeof(*schema->constants));
	return schema->order != NULL && schema->constants != NULL && schema->types != NULL &&
	       schema->arguments != NULL && schema->fields != NULL &&
	       schema->mutable_fields != NULL && schema->constructors != NULL;
}

void ancient_reader_schema_show(struct schema_text *text, const struct schema_types *types,
				struct ancient_schema *schema)
{
	struct strings strings = {.text = text};
	uint32_t count = types->types.count;
	size_t *names = calloc(text->names.count + 1u, sizeof(*names));
	size_t *shown = calloc(count + 1u, sizeof(*shown));
	size_t *paths = calloc(count + 1u, sizeof(*paths));

	if (names == NULL || shown == NULL || paths == NULL || !allocate(types, schema))
		ancient_reader_schema_memory(text);
	for (uint32_t i = 0; i < text->names.count && text->code == ANCIENT_OK; i++)
		names[i] = add_string(&strings, text->bytes + name_at(text, i)->at,
				      name_at(text, i)->length);
	for (uint32_t i = 0; i < count && text->code == ANCIENT_OK; i++) {
		char path[1024];
		shown[i] = show_type(&strings, types, i);
		if (type_at(types, i)->decl == SCHEMA_NONE || text->code != ANCIENT_OK)
			continue;
		decl_path(text, type_at(types, i)->decl, path, sizeof(path));
		paths[i] = add_string(&strings, path, strlen(path));
	}
	schema->strings = strings.bytes;
	if (text->code == ANCIENT_OK && show_lists(text, types, schema, names))
		show_types(types, schema, shown, paths);
	for (uint32_t i = 0; i < count && text->code == ANCIENT_OK; i++)
		order_constructors(schema, i);
	free(names);
	free(shown);
	free(paths);
}
