/* c-reader/tool/codegen: the types of a schema as generated code needs them: which of them, in
 * which order, and where their members lie.  Used by both languages. */
#include "codegen/codegen.h"

#include <stdlib.h>
#include <string.h>

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

bool codegen_push(struct codegen_stack *stack, uint32_t item)
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
static bool push_parts(struct codegen_stack *stack, const struct ancient_type *type)
{
	bool good = true;

	for (uint32_t i = codegen_part_count(type); i-- > 0 && good;)
		good = codegen_push(stack, codegen_part(type, i));
	if (!codegen_is_variant(type))
		return good;
	for (uint32_t i = type->constructor_count; i-- > 0;)
		for (uint32_t j = type->constructors[i].field_count; j-- > 0 && good;)
			good = codegen_push(stack, type->constructors[i].fields[j].type);
	return good;
}

static bool find_order(struct codegen *codegen)
{
	struct codegen_stack stack = {NULL, 0, 0};
	bool good = codegen_push(&stack, ancient_schema_root(codegen->schema));

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
	codegen->label = calloc(count, sizeof *codegen->label);
	codegen->name = calloc(count, sizeof *codegen->name);
	codegen->key = calloc(count, sizeof *codegen->key);
	codegen->first = calloc(count, sizeof *codegen->first);
	codegen->first_argument = calloc(count, sizeof *codegen->first_argument);
	if (codegen->order == NULL || codegen->place == NULL || codegen->plain == NULL ||
	    codegen->label == NULL || codegen->name == NULL || codegen->key == NULL ||
	    codegen->first == NULL || codegen->first_argument == NULL)
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
	free(codegen->label);
	free(codegen->name);
	free(codegen->key);
	free(codegen->first);
	free(codegen->first_argument);
}
