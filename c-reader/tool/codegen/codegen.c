/* c-reader/tool/codegen: the types of a schema as generated code needs them: which of them, in
 * which order, and their names.  Used by both languages. */
#include "codegen/codegen.h"

#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX 60u /* longer names are cut, and told apart by a hash */

/* ---- What types are made of ---------------------------------------------------------- */

bool codegen_is_variant(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_VARIANT || type->kind == ANCIENT_TYPE_POLYVARIANT;
}

static bool has_fields(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_RECORD || type->kind == ANCIENT_TYPE_TUPLE;
}

bool codegen_is_leaf(const struct ancient_type *type)
{
	return !has_fields(type) && !codegen_is_variant(type) && type->argument_count == 0;
}

uint32_t codegen_part_count(const struct ancient_type *type)
{
	if (codegen_is_variant(type))
		return 0;
	return has_fields(type) ? type->field_count : type->argument_count;
}

uint32_t codegen_part(const struct ancient_type *type, uint32_t index)
{
	return has_fields(type) ? type->fields[index].type : type->arguments[index];
}

/* ---- The order ------------------------------------------------------------------------ */

struct stack {
	uint32_t *items;
	size_t depth, capacity;
};

static bool push(struct stack *stack, uint32_t item)
{
	if (stack->depth == stack->capacity) {
		size_t capacity = stack->capacity == 0 ? 64 : stack->capacity * 2;
		uint32_t *items = realloc(stack->items, capacity * sizeof *items);

		if (items == NULL)
			return false;
		stack->items = items;
		stack->capacity = capacity;
	}
	stack->items[stack->depth++] = item;
	return true;
}

/* What the type is made of, the first on top. */
static bool push_parts(struct stack *stack, const struct ancient_type *type)
{
	bool good = true;

	for (uint32_t i = codegen_part_count(type); i-- > 0 && good;)
		good = push(stack, codegen_part(type, i));
	if (!codegen_is_variant(type))
		return good;
	for (uint32_t i = type->constructor_count; i-- > 0;)
		for (uint32_t j = type->constructors[i].field_count; j-- > 0 && good;)
			good = push(stack, type->constructors[i].fields[j].type);
	return good;
}

static bool find_order(struct codegen *codegen)
{
	struct stack stack = {NULL, 0, 0};
	bool good = push(&stack, ancient_schema_root(codegen->schema));

	while (good && stack.depth > 0) {
		uint32_t number = stack.items[--stack.depth];

		if (codegen->place[number] != CODEGEN_NONE)
			continue;
		codegen->place[number] = codegen->count;
		codegen->order[codegen->count++] = number;
		good = push_parts(&stack, codegen_type(codegen, number));
	}
	free(stack.items);
	return good;
}

/* Where each type's members lie in the tables: variants' constructors first have their
 * arguments, in order, then the next type. */
static void number_members(struct codegen *codegen)
{
	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		if (!codegen_is_variant(type)) {
			codegen->first[i] = codegen->field_count;
			codegen->field_count += codegen_part_count(type);
			continue;
		}
		codegen->first[i] = codegen->constructor_count;
		codegen->first_argument[i] = codegen->field_count;
		codegen->constructor_count += type->constructor_count;
		for (uint32_t j = 0; j < type->constructor_count; j++)
			codegen->field_count += type->constructors[j].field_count;
	}
}

bool codegen_init(struct codegen *codegen, const struct ancient_schema *schema, const char *prefix,
		  FILE *out)
{
	size_t count = ancient_schema_type_count(schema);

	*codegen = (struct codegen){.schema = schema, .prefix = prefix, .out = out};
	codegen->order = calloc(count, sizeof *codegen->order);
	codegen->place = calloc(count, sizeof *codegen->place);
	codegen->plain = calloc(count, sizeof *codegen->plain);
	codegen->name = calloc(count, sizeof *codegen->name);
	codegen->first = calloc(count, sizeof *codegen->first);
	codegen->first_argument = calloc(count, sizeof *codegen->first_argument);
	if (codegen->order == NULL || codegen->place == NULL || codegen->plain == NULL ||
	    codegen->name == NULL || codegen->first == NULL || codegen->first_argument == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		codegen->place[i] = CODEGEN_NONE;
	if (!find_order(codegen))
		return false;
	number_members(codegen);
	return true;
}

void codegen_done(struct codegen *codegen)
{
	uint32_t count = ancient_schema_type_count(codegen->schema);

	for (uint32_t i = 0; codegen->plain != NULL && i < count; i++)
		free(codegen->plain[i]);
	codegen_names_done(&codegen->names);
	free(codegen->order);
	free(codegen->place);
	free(codegen->plain);
	free(codegen->name);
	free(codegen->first);
	free(codegen->first_argument);
}

/* ---- Names of types ------------------------------------------------------------------- */

static const char *leaf_name(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_Z:
		return "z";
	case ANCIENT_TYPE_BIGARRAY:
		return "bigarray";
	default:
		return ancient_type_kind_name(kind); /* "int", "string": one word */
	}
}

/* What follows the names of the parts. */
static const char *suffix_of(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_LIST:
		return "list";
	case ANCIENT_TYPE_ARRAY:
		return "array";
	case ANCIENT_TYPE_OPTION:
		return "option";
	case ANCIENT_TYPE_RESULT:
		return "result";
	case ANCIENT_TYPE_REF:
		return "ref";
	case ANCIENT_TYPE_LAZY:
		return "lazy";
	case ANCIENT_TYPE_QUEUE:
		return "queue";
	case ANCIENT_TYPE_STACK:
		return "stack";
	case ANCIENT_TYPE_DYNARRAY:
		return "dynarray";
	case ANCIENT_TYPE_HASHTBL:
		return "table";
	case ANCIENT_TYPE_TUPLE:
		return NULL; /* joined by "and" */
	default:
		return "tags"; /* a polymorphic variant without a name */
	}
}

/* The types that a type's own name is made with: a declared one's parameters, or the value of
 * a map; what a tuple or list is of; none for a polymorphic variant. */
static uint32_t named_after_count(const struct ancient_type *type)
{
	if (type->kind == ANCIENT_TYPE_SET)
		return 0;
	if (type->kind == ANCIENT_TYPE_MAP || type->kind == ANCIENT_TYPE_HASHTABLE)
		return 1;
	return type->kind == ANCIENT_TYPE_TUPLE ? type->field_count : type->argument_count;
}

static uint32_t named_after(const struct ancient_type *type, uint32_t index)
{
	if (type->kind == ANCIENT_TYPE_MAP || type->kind == ANCIENT_TYPE_HASHTABLE)
		return type->arguments[1];
	return type->kind == ANCIENT_TYPE_TUPLE ? type->fields[index].type : type->arguments[index];
}

static void write_tags(FILE *out, const struct ancient_type *type)
{
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		char *tag = codegen_mangle(type->constructors[i].name);

		fprintf(out, "%s_", tag != NULL ? tag : "");
		free(tag);
	}
}

/* Whether the names of the parts are made, or cannot be: a type in a parameter of itself. */
static bool compose(const struct codegen *codegen, const struct ancient_type *type, FILE *out)
{
	char *path = type->path != NULL ? codegen_mangle(type->path) : NULL;
	const char *suffix = type->path != NULL ? path : suffix_of(type->kind);

	if (codegen_is_leaf(type) && type->path == NULL) {
		fputs(leaf_name(type->kind), out);
		return true;
	}
	if (type->path != NULL && path == NULL)
		return false;
	for (uint32_t i = 0; i < named_after_count(type); i++) {
		const char *part = codegen->plain[named_after(type, i)];

		fprintf(out, "%s%s",
			i > 0 && suffix == NULL ? "_and_"
			: i > 0                 ? "_"
						: "",
			part != NULL ? part : "self");
	}
	if (type->kind == ANCIENT_TYPE_POLYVARIANT && type->path == NULL)
		write_tags(out, type);
	if (suffix != NULL)
		fprintf(out, "%s%s", named_after_count(type) > 0 ? "_" : "", suffix);
	free(path);
	return true;
}

/* A name that is too long is cut, and a hash of the whole name is appended, so that it does not
 * depend on the rest of the schema. */
static char *shorten(char *text)
{
	uint32_t hash = 0x811C9DC5u;

	if (strlen(text) <= PLAIN_MAX)
		return text;
	for (const char *at = text; *at != 0; at++)
		hash = (hash ^ (unsigned char)*at) * 0x01000193u;
	snprintf(text + PLAIN_MAX - 9, 10, "_%08x", hash);
	return text;
}

static bool set_plain(struct codegen *codegen, uint32_t number)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool good = out != NULL && compose(codegen, codegen_type(codegen, number), out);

	if (out != NULL && fclose(out) != 0)
		good = false;
	if (!good) {
		free(text);
		return false;
	}
	free(codegen->plain[number]);
	codegen->plain[number] = shorten(text);
	return true;
}

/* Names what the type's name is made with before the type itself.  `begun` are those that are
 * under way or done. */
static bool name_plainly(struct codegen *codegen, struct stack *stack, bool *begun)
{
	while (stack->depth > 0) {
		uint32_t number = stack->items[stack->depth - 1];
		const struct ancient_type *type = codegen_type(codegen, number);

		if (begun[number]) {
			stack->depth--;
			if (codegen->plain[number] == NULL && !set_plain(codegen, number))
				return false;
			continue;
		}
		begun[number] = true;
		for (uint32_t i = named_after_count(type); i-- > 0;)
			if (!begun[named_after(type, i)] && !push(stack, named_after(type, i)))
				return false;
	}
	return true;
}

bool codegen_name_types(struct codegen *codegen, const char *const *reserved)
{
	struct stack stack = {NULL, 0, 0};
	bool *begun = calloc(ancient_schema_type_count(codegen->schema), sizeof *begun);
	bool good = begun != NULL;

	for (; good && *reserved != NULL; reserved++)
		good = codegen_unique(&codegen->names, "%s_%s", codegen->prefix, *reserved) != NULL;
	for (uint32_t i = 0; i < codegen->count && good; i++) {
		uint32_t number = codegen->order[i];

		if (codegen_is_leaf(codegen_type(codegen, number)))
			continue;
		good = push(&stack, number) && name_plainly(codegen, &stack, begun);
		if (good)
			codegen->name[i] = codegen_unique(&codegen->names, "%s_%s", codegen->prefix,
							  codegen->plain[number]);
		good = good && codegen->name[i] != NULL;
	}
	free(stack.items);
	free(begun);
	return good;
}
