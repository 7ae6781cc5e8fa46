/* c-reader/tool/codegen: the structs of keys in a generated header, and the functions that make
 * them of typed arguments.  Called by codegen_c.c. */
#include "codegen/codegen_c.h"

#include <stdlib.h>

/* ---- Functions ---------------------------------------------------------------------------- */

/* Arguments that a key is made of; each has a name of its own, as text, in `names`. */
struct arguments {
	const struct ancient_field *fields; /* NULL: one, of `type` */
	uint32_t count, type;
	struct codegen_names used;
	const char **names;
};

static uint32_t argument_type(const struct arguments *arguments, uint32_t index)
{
	return arguments->fields != NULL ? arguments->fields[index].type : arguments->type;
}

static bool name_arguments(struct codegen *codegen, struct arguments *arguments)
{
	bool good;

	arguments->names = calloc(arguments->count + 1, sizeof *arguments->names);
	good = arguments->names != NULL;
	for (uint32_t i = 0; i < arguments->count && good; i++) {
		const char *field = arguments->fields != NULL ? arguments->fields[i].name : NULL;
		const char *behind =
			codegen_key_second(codegen_type(codegen, argument_type(arguments, i)));
		char *word = field != NULL ? codegen_mangle(field) : NULL;
		const char *name;

		if (word != NULL)
			name = codegen_unique(&arguments->used, "key_%s", word);
		else
			name = codegen_unique(&arguments->used, "key_%u", i);
		/* No other one is called as its length is. */
		if (name != NULL && behind != NULL)
			good = codegen_unique(&arguments->used, "%s_%s", name, behind) != NULL;
		arguments->names[i] = name;
		good = good && name != NULL;
		free(word);
	}
	codegen->failed |= !good;
	return good;
}

/* The head, and the key without its parts. */
static void begin_maker(struct codegen *codegen, uint32_t place, const char *suffix,
			const char *what, const struct arguments *arguments)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const char *self = codegen->key[place];
	const char *name =
		codegen_checked(codegen, codegen_unique(&codegen->names, "%s_%s", self, suffix));
	FILE *out = codegen->out;
	bool borrows = false;

	for (uint32_t i = 0; i < arguments->count; i++)
		borrows = borrows ||
			  codegen_key_borrows(codegen_type(codegen, argument_type(arguments, i)));
	fprintf(out, "\n/* The key %s%s */\nstatic inline struct %s\n%s(const struct %s_bind *b",
		what, borrows ? "; borrows what the arguments point to" : "", self, name,
		codegen->prefix);
	for (uint32_t i = 0; i < arguments->count; i++) {
		uint32_t part = argument_type(arguments, i);

		if (codegen_type(codegen, part)->kind == ANCIENT_TYPE_UNIT)
			continue;
		fputs(", ", out);
		codegen_put_key_parameter(codegen, part, arguments->names[i], true);
	}
	fprintf(out, ")\n{\n\tstruct %s made;\n\n%s\tmemset(&made, 0, sizeof(made));\n", self,
		type->kind == ANCIENT_TYPE_RECORD || codegen_is_variant(type) ? ""
									      : "\t(void)b;\n");
}

/* `field`: the first argument's place in the table; `behind` parts come before it. */
static void put_parts(struct codegen *codegen, const struct arguments *arguments, uint32_t field,
		      uint32_t behind)
{
	FILE *out = codegen->out;

	for (uint32_t i = 0; i < arguments->count; i++) {
		if (field != CODEGEN_NONE)
			fprintf(out, "\tancient_bind_key_part(made.parts, %u, b->fields[%u], ",
				arguments->count, field + i);
		else
			fprintf(out, "\tmade.parts[%u] = ", i + behind);
		codegen_put_key(codegen, argument_type(arguments, i), arguments->names[i], true);
		fputs(field != CODEGEN_NONE ? ");\n" : ";\n", out);
	}
}

static void end_maker(struct codegen *codegen, struct arguments *arguments)
{
	fputs("\treturn made;\n}\n", codegen->out);
	codegen_names_done(&arguments->used);
	free(arguments->names);
}

static void put_constructor(struct codegen *codegen, uint32_t place, uint32_t index, uint32_t field)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const struct ancient_constructor *constructor = &type->constructors[index];
	struct arguments arguments = {.fields = constructor->fields,
				      .count = constructor->field_count};
	bool polymorphic = type->kind == ANCIENT_TYPE_POLYVARIANT;
	char *word = codegen_mangle(constructor->name);
	char what[400];

	snprintf(what, sizeof what, "%s%.255s of %.120s", polymorphic ? "`" : "", constructor->name,
		 type->name);
	if (name_arguments(codegen, &arguments)) {
		begin_maker(codegen, place, codegen_checked(codegen, word), what, &arguments);
		put_parts(codegen, &arguments, constructor->inline_record ? field : CODEGEN_NONE,
			  polymorphic);
		fprintf(codegen->out,
			"\tancient_bind_key_constructor(&b->bind, b->types[%u], "
			"b->constructors[%u], %s, %u, &made.key);\n",
			place, codegen->first[place] + index,
			codegen_key_parts(type) > 0 ? "made.parts" : "NULL",
			constructor->field_count);
	}
	end_maker(codegen, &arguments);
	free(word);
}

static void put_record(struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	struct arguments arguments = {.fields = type->fields, .count = type->field_count};
	bool tuple = type->kind == ANCIENT_TYPE_TUPLE;
	char what[300];

	snprintf(what, sizeof what, "of type %.255s", type->name);
	if (name_arguments(codegen, &arguments)) {
		begin_maker(codegen, place, "of", what, &arguments);
		put_parts(codegen, &arguments, tuple ? CODEGEN_NONE : codegen->first[place], 0);
		if (tuple)
			fprintf(codegen->out, "\tmade.key = ancient_key_tuple(NULL, %u);\n",
				type->field_count);
		else
			fprintf(codegen->out,
				"\tancient_bind_key_record(&b->bind, b->types[%u], made.parts, %u, "
				"%s, &made.key);\n",
				place, type->field_count,
				codegen_key_has_numbers(codegen, type) ? "made.numbers" : "NULL");
	}
	end_maker(codegen, &arguments);
}

/* None, Some, Ok, Error. */
static void put_standard(struct codegen *codegen, uint32_t place, const char *name, uint32_t count,
			 uint32_t argument, unsigned tag)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	struct arguments arguments = {.count = count,
				      .type = count > 0 ? type->arguments[argument] : 0};
	char *word = codegen_mangle(name);
	char what[300];

	snprintf(what, sizeof what, "%s of %.255s", name, type->name);
	if (name_arguments(codegen, &arguments)) {
		begin_maker(codegen, place, codegen_checked(codegen, word), what, &arguments);
		put_parts(codegen, &arguments, CODEGEN_NONE, 0);
		if (count > 0)
			fprintf(codegen->out, "\tmade.key = ancient_key_block(%u, NULL, 1);\n",
				tag);
		else
			fputs("\tmade.key = ancient_key_int(0);\n", codegen->out);
	}
	end_maker(codegen, &arguments);
	free(word);
}

static void put_makers(struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	uint32_t field = codegen->first_argument[place];

	switch (type->kind) {
	case ANCIENT_TYPE_OPTION:
		put_standard(codegen, place, "None", 0, 0, 0);
		put_standard(codegen, place, "Some", 1, 0, 0);
		return;
	case ANCIENT_TYPE_RESULT:
		put_standard(codegen, place, "Ok", 1, 0, 0);
		put_standard(codegen, place, "Error", 1, 1, 1);
		return;
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		put_record(codegen, place);
		return;
	default:
		break;
	}
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		put_constructor(codegen, place, i, field);
		field += type->constructors[i].field_count;
	}
}

/* The key for a lookup of the program's own: behind the makers, whose names stay as they are where
 * a constructor is called Bound. */
static void put_bound(struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const char *self = codegen->key[place];
	const char *name =
		codegen_checked(codegen, codegen_unique(&codegen->names, "%s_bound", self));
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* The key for bounds of a range and for functions of the library, which refuse "
		"a "
		"`key` taken out of the struct; borrows `made`, which must stay where it is */\n"
		"static inline struct ancient_key\n%s(const struct %s *made)\n{\n\treturn ",
		name, self);
	if (codegen_key_parts(type) == 0)
		fputs("made->key", out);
	else
		codegen_put_key(codegen, codegen->order[place], "made", true);
	fputs(";\n}\n", out);
}

void codegen_keys(struct codegen *codegen)
{
	FILE *out = codegen->out;
	bool begun = false;

	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		if (codegen->key[i] == NULL)
			continue;
		if (!begun)
			codegen_section(codegen, "Keys");
		begun = true;
		fprintf(out,
			"\n/* A key of type %s, for lookups */\nstruct %s {\n"
			"\tstruct ancient_key key;\n",
			type->name, codegen->key[i]);
		if (codegen_key_parts(type) > 0)
			fprintf(out, "\tstruct ancient_key parts[%u];\n", codegen_key_parts(type));
		if (codegen_key_has_numbers(codegen, type))
			fprintf(out, "\tdouble numbers[%u];\n", type->field_count);
		fputs("};\n", out);
	}
	for (uint32_t i = 0; i < codegen->count; i++)
		if (codegen->key[i] != NULL)
			put_makers(codegen, i);
	for (uint32_t i = 0; i < codegen->count; i++)
		if (codegen->key[i] != NULL)
			put_bound(codegen, i);
}
