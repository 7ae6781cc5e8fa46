/* c-reader/tool/codegen: the accessors of a generated C header for records, tuples, variants,
 * options, results and refs, and the choice of those of every type.
 *
 * Each is a static inline function with one or two calls of the library, or with none where an
 * inline function of <ancient_access.h> does it. */
#define _GNU_SOURCE /* asprintf */

#include "codegen/codegen_c.h"

#include <stdlib.h>
#include <string.h>

/* ---- Records, tuples, variants ---------------------------------------------------------- */

/* The whole of an accessor whose field and value <ancient_access.h> reads in one step. */
static bool put_one_step(const struct codegen *codegen, uint32_t type, uint32_t field)
{
	enum ancient_type_kind kind = codegen_type(codegen, type)->kind;

	if (kind != ANCIENT_TYPE_INT && kind != ANCIENT_TYPE_FLOAT)
		return false;
	codegen_put_result(codegen, type, "value");
	fprintf(codegen->out,
		"struct ancient_error *err)\n{\n"
		"\treturn ancient_access_field_%s(" ACCESS
		", self.typed, b->fields[%u], ret_value, err);\n}\n",
		ancient_type_kind_name(kind), field);
	return true;
}

static void put_fields(struct codegen *codegen, const char *self, const struct ancient_type *type,
		       uint32_t first)
{
	for (uint32_t i = 0; i < type->field_count; i++) {
		const struct ancient_field *field = &type->fields[i];
		char *suffix = field->name != NULL ? codegen_mangle(field->name) : NULL;
		char call[160], number[16];

		snprintf(number, sizeof number, "%u", i);
		snprintf(call, sizeof call,
			 "ancient_access_field(" ACCESS ", self.typed, b->fields[%u]", first + i);
		if (field->name != NULL)
			codegen_begin(codegen, self, suffix, "%s of %s: %s", field->name,
				      type->name, codegen_shown(codegen, field->type));
		else
			codegen_begin(codegen, self, number, "Part %u of %s: %s", i, type->name,
				      codegen_shown(codegen, field->type));
		if (!put_one_step(codegen, field->type, first + i))
			codegen_finish(codegen, field->type, call);
		free(suffix);
	}
}

char *codegen_argument_suffix(const struct ancient_constructor *constructor, uint32_t index)
{
	const char *field = constructor->fields[index].name;
	char *base = codegen_mangle(constructor->name);
	char *member = field != NULL ? codegen_mangle(field) : NULL;
	char *suffix = NULL;
	int length = 0;

	if (base != NULL && member != NULL)
		length = asprintf(&suffix, "%s_%s", base, member);
	else if (base != NULL && constructor->field_count > 1)
		length = asprintf(&suffix, "%s_%u", base, index);
	else if (base != NULL)
		suffix = strdup(base);
	free(member);
	free(base);
	return length < 0 ? NULL : suffix;
}

/* `slot`, `field`: the places of the constructor and of the argument in the tables. */
static void put_argument(struct codegen *codegen, const char *self, const struct ancient_type *type,
			 const struct ancient_constructor *constructor, uint32_t index,
			 uint32_t slot, uint32_t field)
{
	const struct ancient_field *argument = &constructor->fields[index];
	char *suffix = codegen_argument_suffix(constructor, index);
	char call[160];

	snprintf(call, sizeof call,
		 "ancient_bind_argument(&b->bind, self.typed, b->constructors[%u], b->fields[%u]",
		 slot, field);
	if (argument->name != NULL)
		codegen_begin(codegen, self, suffix, "%s of %s, a constructor of %s: %s",
			      argument->name, constructor->name, type->name,
			      codegen_shown(codegen, argument->type));
	else
		codegen_begin(codegen, self, suffix, "Argument %u of %s, a constructor of %s: %s",
			      index, constructor->name, type->name,
			      codegen_shown(codegen, argument->type));
	codegen_finish(codegen, argument->type, call);
	free(suffix);
}

static void put_constant(struct codegen *codegen, const char *self, const char *constructor)
{
	char *word = codegen_mangle(constructor);
	char *capitals = NULL;
	const char *name = NULL;

	if (word != NULL && asprintf(&capitals, "%s_%s", self, word) >= 0) {
		codegen_upper(capitals);
		name = codegen_unique(&codegen->names, "%s", capitals);
		free(capitals);
	}
	fprintf(codegen->out, "\t%s,", codegen_checked(codegen, name));
	free(word);
}

/* The enum of a variant's constructors, in capitals, in the order of the schema. */
static const char *put_enum(struct codegen *codegen, const char *self,
			    const struct ancient_type *type)
{
	const char *name =
		codegen_checked(codegen, codegen_unique(&codegen->names, "%s_kind", self));

	fprintf(codegen->out, "\n/* The constructors of %s */\nenum %s {\n", type->name, name);
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		put_constant(codegen, self, type->constructors[i].name);
		fprintf(codegen->out, " /* %s */\n", type->constructors[i].name);
	}
	put_constant(codegen, self, "other");
	fputs(" /* one that the file's type has and this header has not */\n};\n", codegen->out);
	return name;
}

static void put_variant(struct codegen *codegen, const char *self, const struct ancient_type *type,
			uint32_t place)
{
	const char *name = put_enum(codegen, self, type);
	uint32_t first = codegen->first[place], field = codegen->first_argument[place];

	codegen_begin(codegen, self, "kind_of", "Which constructor a value of %s is", type->name);
	fprintf(codegen->out,
		"enum %s *ret_kind, struct ancient_error *err)\n{\n"
		"\tuint32_t kind;\n"
		"\tenum ancient_code code = ancient_bind_kind(\n"
		"\t\t&b->bind, self.typed, &b->constructors[%u], %u, &kind, err);\n\n"
		"\tif (code == ANCIENT_OK)\n\t\t*ret_kind = (enum %s)kind;\n"
		"\treturn code;\n}\n",
		name, first, type->constructor_count, name);
	for (uint32_t i = 0; i < type->constructor_count; i++)
		for (uint32_t j = 0; j < type->constructors[i].field_count; j++)
			put_argument(codegen, self, type, &type->constructors[i], j, first + i,
				     field++);
}

/* ---- Options, results, refs --------------------------------------------------------------- */

static void put_option(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	codegen_begin(codegen, self, "get", "Whether a value of %s is Some, and of what",
		      type->name);
	codegen_finish_if(codegen, type->arguments[0], "ancient_typed_option", "some", "");
}

static void put_result_type(struct codegen *codegen, const char *self,
			    const struct ancient_type *type)
{
	codegen_begin(codegen, self, "ok", "Whether a value of %s is Ok, and of what", type->name);
	codegen_finish_if(codegen, type->arguments[0], "ancient_typed_result", "ok", "");
	codegen_begin(codegen, self, "error", "Whether a value of %s is Error, and of what",
		      type->name);
	codegen_finish_if(codegen, type->arguments[1], "ancient_typed_result", "error", "!");
}

static void put_contents(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	codegen_begin(codegen, self, "contents", "What is in a value of %s", type->name);
	codegen_finish(codegen, type->arguments[0],
		       "ancient_typed_contents(" FILE_AND_SCHEMA ", self.typed");
}

/* ---- All ------------------------------------------------------------------------------------ */

void codegen_accessors(struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const char *self = codegen->name[place];

	switch (type->kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		put_fields(codegen, self, type, codegen->first[place]);
		return;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		put_variant(codegen, self, type, place);
		return;
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
		codegen_sequence(codegen, self, type);
		return;
	case ANCIENT_TYPE_OPTION:
		put_option(codegen, self, type);
		return;
	case ANCIENT_TYPE_RESULT:
		put_result_type(codegen, self, type);
		return;
	case ANCIENT_TYPE_REF:
	case ANCIENT_TYPE_LAZY:
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		put_contents(codegen, self, type);
		return;
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
		codegen_table(codegen, self, type);
		return;
	case ANCIENT_TYPE_SET:
		codegen_set(codegen, self, type);
		return;
	default:
		return; /* leaves */
	}
}
