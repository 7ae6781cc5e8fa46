/* c-reader/tool/codegen: the keys of lookups in C: which types have a struct for them, and what a
 * parameter that takes one is.  One of another type does not compile.
 *
 * A key of a type without parts is a parameter of its C type.  A tuple, record, variant, option or
 * result that is a key, or part of one, has a struct, and a function for each way to make it.  The
 * struct has room for the key's parts, and is copied with them; a part that has parts itself is
 * borrowed.  All others are taken as struct ancient_key, which the library compares with the type.
 */
#include "codegen/codegen_c.h"

#include <stdlib.h>
#include <string.h>

/* ---- What a key is in C ---------------------------------------------------------------- */

struct leaf_form {
	enum ancient_type_kind kind;
	const char *type, *second; /* of a second parameter, behind the first's name */
	const char *call, *end;
};

/* NULL: the type has parts, or no C type. */
static const struct leaf_form *leaf_form(enum ancient_type_kind kind)
{
	static const struct leaf_form forms[] = {
		{ANCIENT_TYPE_BOOL, "bool ", NULL, "ancient_key_int(", ")"},
		{ANCIENT_TYPE_CHAR, "unsigned char ", NULL, "ancient_key_int(", ")"},
		{ANCIENT_TYPE_INT, "int64_t ", NULL, "ancient_key_int(", ")"},
		{ANCIENT_TYPE_STRING, "const char *", "length", "ancient_key_string(", ")"},
		{ANCIENT_TYPE_BYTES, "const char *", "length", "ancient_key_string(", ")"},
		{ANCIENT_TYPE_FLOAT, "double ", NULL, "ancient_key_float(", ")"},
		{ANCIENT_TYPE_FLOATARRAY, "const double *", "count", "ancient_key_floats(", ")"},
		{ANCIENT_TYPE_INT32, "int32_t ", NULL, "ancient_key_boxed(ANCIENT_KEY_INT32, ",
		 ")"},
		{ANCIENT_TYPE_INT64, "int64_t ", NULL, "ancient_key_boxed(ANCIENT_KEY_INT64, ",
		 ")"},
		{ANCIENT_TYPE_NATIVEINT, "int64_t ", NULL,
		 "ancient_key_boxed(ANCIENT_KEY_NATIVEINT, ", ")"},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (forms[i].kind == kind)
			return &forms[i];
	return NULL;
}

static bool is_made(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_TUPLE || type->kind == ANCIENT_TYPE_RECORD ||
	       type->kind == ANCIENT_TYPE_OPTION || type->kind == ANCIENT_TYPE_RESULT ||
	       codegen_is_variant(type);
}

uint32_t codegen_key_parts(const struct ancient_type *type)
{
	uint32_t most = 0;

	if (type->kind == ANCIENT_TYPE_OPTION || type->kind == ANCIENT_TYPE_RESULT)
		return 1;
	if (!codegen_is_variant(type))
		return type->field_count;
	for (uint32_t i = 0; i < type->constructor_count; i++)
		if (type->constructors[i].field_count > most)
			most = type->constructors[i].field_count;
	return most > 0 && type->kind == ANCIENT_TYPE_POLYVARIANT ? most + 1 : most;
}

/* Records of floats have no other parts than doubles. */
static bool is_float(const struct codegen *codegen, uint32_t number)
{
	const struct ancient_type *type = codegen_type(codegen, number);

	while (type->unboxed) /* ends: the schema was parsed */
		type = codegen_type(codegen, type->kind == ANCIENT_TYPE_RECORD
						     ? type->fields[0].type
						     : type->constructors[0].fields[0].type);
	return type->kind == ANCIENT_TYPE_FLOAT;
}

bool codegen_key_has_numbers(const struct codegen *codegen, const struct ancient_type *type)
{
	bool floats = type->kind == ANCIENT_TYPE_RECORD && type->field_count > 0 && !type->unboxed;

	for (uint32_t i = 0; floats && i < type->field_count; i++)
		floats = is_float(codegen, type->fields[i].type);
	return floats;
}

const char *codegen_key_second(const struct ancient_type *type)
{
	const struct leaf_form *form = leaf_form(type->kind);

	return form != NULL ? form->second : NULL;
}

bool codegen_key_borrows(const struct ancient_type *type)
{
	const struct leaf_form *form = leaf_form(type->kind);

	if (type->kind == ANCIENT_TYPE_UNIT)
		return false;
	return form != NULL ? form->second != NULL : !is_made(type) || codegen_key_parts(type) > 0;
}

bool codegen_put_key_parameter(const struct codegen *codegen, uint32_t type, const char *name,
			       bool inside)
{
	const struct ancient_type *key = codegen_type(codegen, type);
	const struct leaf_form *form = leaf_form(key->kind);
	FILE *out = codegen->out;

	if (key->kind == ANCIENT_TYPE_UNIT)
		return false;
	if (form != NULL && form->second != NULL)
		fprintf(out, "%s%s, size_t %s_%s", form->type, name, name, form->second);
	else if (form != NULL)
		fprintf(out, "%s%s", form->type, name);
	else if (!is_made(key))
		fprintf(out, "const struct ancient_key *%s", name);
	else
		fprintf(out, "%sstruct %s %s%s",
			inside && codegen_key_parts(key) > 0 ? "const " : "",
			codegen->key[codegen->place[type]],
			inside && codegen_key_parts(key) > 0 ? "*" : "", name);
	return true;
}

void codegen_put_key(const struct codegen *codegen, uint32_t type, const char *name, bool inside)
{
	const struct ancient_type *key = codegen_type(codegen, type);
	const struct leaf_form *form = leaf_form(key->kind);
	const char *dot = inside ? "->" : ".";
	FILE *out = codegen->out;

	if (key->kind == ANCIENT_TYPE_UNIT)
		fputs("ancient_key_int(0)", out);
	else if (form != NULL && form->second != NULL)
		fprintf(out, "%s%s, %s_%s%s", form->call, name, name, form->second, form->end);
	else if (form != NULL)
		fprintf(out, "%s%s%s", form->call, name, form->end);
	else if (!is_made(key))
		fprintf(out, "*%s", name);
	else if (codegen_key_parts(key) == 0)
		fprintf(out, "%s.key", name);
	else if (codegen_key_has_numbers(codegen, key))
		fprintf(out, "ancient_bind_key_of(%s%skey, %s%sparts, %s%snumbers)", name, dot,
			name, dot, name, dot);
	else
		fprintf(out, "ancient_bind_key_of(%s%skey, %s%sparts, NULL)", name, dot, name, dot);
}

/* ---- Names ------------------------------------------------------------------------------- */

/* A field that is called key keeps its accessor's name. */
static bool has_key_field(const struct ancient_type *type)
{
	for (uint32_t i = 0; type->kind == ANCIENT_TYPE_RECORD && i < type->field_count; i++)
		if (strcmp(type->fields[i].name, "key") == 0)
			return true;
	for (uint32_t i = 0; codegen_is_variant(type) && i < type->constructor_count; i++)
		if (strcmp(type->constructors[i].name, "Key") == 0)
			return true;
	return false;
}

static bool push_key_parts(struct codegen_stack *stack, const struct ancient_type *type)
{
	bool good = true;

	for (uint32_t i = 0; i < codegen_part_count(type) && good; i++)
		good = codegen_push(stack, codegen_part(type, i));
	for (uint32_t i = 0; codegen_is_variant(type) && i < type->constructor_count; i++)
		for (uint32_t j = 0; j < type->constructors[i].field_count && good; j++)
			good = codegen_push(stack, type->constructors[i].fields[j].type);
	return good;
}

static bool is_keyed(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE ||
	       kind == ANCIENT_TYPE_MAP || kind == ANCIENT_TYPE_SET;
}

bool codegen_name_keys(struct codegen *codegen)
{
	struct codegen_stack stack = {NULL, 0, 0};
	bool good = true;

	for (uint32_t i = codegen->count; i-- > 0 && good;) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		if (is_keyed(type->kind))
			good = codegen_push(&stack, type->arguments[0]);
	}
	while (good && stack.depth > 0) {
		uint32_t number = stack.items[--stack.depth], place = codegen->place[number];
		const struct ancient_type *type = codegen_type(codegen, number);

		if (codegen->key[place] != NULL || !is_made(type))
			continue;
		codegen->key[place] = codegen_unique(&codegen->names, "%s_%s", codegen->name[place],
						     has_key_field(type) ? "lookup_key" : "key");
		good = codegen->key[place] != NULL && push_key_parts(&stack, type);
	}
	free(stack.items);
	return good;
}
