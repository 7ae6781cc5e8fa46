/* c-reader/tool/codegen: the accessors of a generated C header, type by type.
 *
 * Each is a static inline function with one or two calls of the library, or with none where an
 * inline function of <ancient_access.h> does it.  `put_result` and `put_conversion` know the C type
 * of a value: a struct of its own, or for a leaf a type of C; the other functions write the code
 * that finds the value. */
#define _GNU_SOURCE /* asprintf */

#include "codegen/codegen.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define FILE_AND_SCHEMA "b->bind.file, b->bind.schema"
#define ACCESS "&b->bind.access"

/* ---- What a value is in C ---------------------------------------------------------- */

static const char *struct_of(const struct codegen *codegen, uint32_t type)
{
	return codegen->name[codegen->place[type]];
}

/* Parameters that take a value of the type, each with ", " behind it. */
static void put_result(const struct codegen *codegen, uint32_t type, const char *name)
{
	FILE *out = codegen->out;

	switch (codegen_type(codegen, type)->kind) {
	case ANCIENT_TYPE_UNIT:
		return;
	case ANCIENT_TYPE_BOOL:
		fprintf(out, "bool *ret_%s, ", name);
		return;
	case ANCIENT_TYPE_CHAR:
		fprintf(out, "unsigned char *ret_%s, ", name);
		return;
	case ANCIENT_TYPE_INT32:
		fprintf(out, "int32_t *ret_%s, ", name);
		return;
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_INT64:
	case ANCIENT_TYPE_NATIVEINT:
		fprintf(out, "int64_t *ret_%s, ", name);
		return;
	case ANCIENT_TYPE_FLOAT:
		fprintf(out, "double *ret_%s, ", name);
		return;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		fprintf(out, "const char **ret_%s, size_t *ret_%s_length, ", name, name);
		return;
	case ANCIENT_TYPE_Z:
		fprintf(out, "struct ancient_z *ret_%s, ", name);
		return;
	case ANCIENT_TYPE_FLOATARRAY:
		fprintf(out, "const double **ret_%s, size_t *ret_%s_count, ", name, name);
		return;
	case ANCIENT_TYPE_BIGARRAY:
		fprintf(out, "struct ancient_bigarray *ret_%s, ", name);
		return;
	default:
		fprintf(out, "struct %s *ret_%s, ", struct_of(codegen, type), name);
	}
}

/* An expression that hands the typed value `part` out, and gives a code. */
static void put_conversion(const struct codegen *codegen, uint32_t type, const char *part,
			   const char *name)
{
	static const struct {
		enum ancient_type_kind kind;
		const char *call, *second;
	} leaves[] = {
		{ANCIENT_TYPE_INT, "ancient_access_int(" ACCESS, NULL},
		{ANCIENT_TYPE_INT64, "ancient_typed_int(" FILE_AND_SCHEMA, NULL},
		{ANCIENT_TYPE_NATIVEINT, "ancient_typed_int(" FILE_AND_SCHEMA, NULL},
		{ANCIENT_TYPE_FLOAT, "ancient_access_float(" ACCESS, NULL},
		{ANCIENT_TYPE_STRING, "ancient_typed_string(" FILE_AND_SCHEMA, "length"},
		{ANCIENT_TYPE_BYTES, "ancient_typed_string(" FILE_AND_SCHEMA, "length"},
		{ANCIENT_TYPE_Z, "ancient_typed_z(" FILE_AND_SCHEMA, NULL},
		{ANCIENT_TYPE_FLOATARRAY, "ancient_typed_floats(" FILE_AND_SCHEMA, "count"},
		{ANCIENT_TYPE_BIGARRAY, "ancient_typed_bigarray(" FILE_AND_SCHEMA, NULL},
	};
	enum ancient_type_kind kind = codegen_type(codegen, type)->kind;
	FILE *out = codegen->out;

	for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
		if (leaves[i].kind != kind)
			continue;
		fprintf(out, "%s, %s, ret_%s, ", leaves[i].call, part, name);
		if (leaves[i].second != NULL)
			fprintf(out, "ret_%s_%s, ", name, leaves[i].second);
		fputs("err)", out);
		return;
	}
	if (kind == ANCIENT_TYPE_UNIT)
		fprintf(out, "ancient_typed_check(" FILE_AND_SCHEMA ", %s, err)", part);
	else
		fprintf(out, "ancient_bind_%s(&b->bind, %s, ret_%s, err)",
			ancient_type_kind_name(kind), part, name);
}

/* A statement that does so where `code` is good so far. */
static void put_hand_out(const struct codegen *codegen, uint32_t type, const char *condition,
			 const char *part, const char *name)
{
	FILE *out = codegen->out;

	fprintf(out, "\tif (code == ANCIENT_OK%s)\n\t\t", condition);
	if (struct_of(codegen, type) != NULL) {
		fprintf(out, "ret_%s->typed = %s;\n", name, part);
		return;
	}
	fputs("code = ", out);
	put_conversion(codegen, type, part, name);
	fputs(";\n", out);
}

/* ---- Functions ------------------------------------------------------------------------ */

/* A name, or "" where there was no memory for it, which is remembered in `failed`. */
static const char *checked(struct codegen *codegen, const char *name)
{
	codegen->failed |= name == NULL;
	return name != NULL ? name : "";
}

/* The comment, and the head up to `self`. */
static void begin(struct codegen *codegen, const char *self, const char *suffix, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));

static void begin(struct codegen *codegen, const char *self, const char *suffix, const char *format,
		  ...)
{
	const char *name = codegen_unique(&codegen->names, "%s_%s", self, checked(codegen, suffix));
	va_list arguments;

	fputs("\n/* ", codegen->out);
	va_start(arguments, format);
	vfprintf(codegen->out, format, arguments);
	va_end(arguments);
	fprintf(codegen->out,
		" */\nstatic inline enum ancient_code\n%s(const struct %s_bind *b, struct %s "
		"self, ",
		checked(codegen, name), codegen->prefix, self);
}

/* The rest of a function whose value `call`, a call without its last two arguments, gives. */
static void finish(struct codegen *codegen, uint32_t type, const char *call)
{
	FILE *out = codegen->out;

	put_result(codegen, type, "value");
	fputs("struct ancient_error *err)\n{\n", out);
	if (struct_of(codegen, type) != NULL) {
		fprintf(out, "\treturn %s, &ret_value->typed, err);\n}\n", call);
		return;
	}
	fprintf(out,
		"\tstruct ancient_typed part;\n\tenum ancient_code code = %s, &part, err);\n\n",
		call);
	put_hand_out(codegen, type, "", "part", "value");
	fputs("\treturn code;\n}\n", out);
}

/* The same where there may be no value: `flag` says whether. */
static void finish_if(struct codegen *codegen, uint32_t type, const char *function,
		      const char *flag, const char *condition)
{
	FILE *out = codegen->out;

	fprintf(out, "bool *ret_%s, ", flag);
	put_result(codegen, type, "value");
	fprintf(out,
		"struct ancient_error *err)\n{\n"
		"\tstruct ancient_typed part;\n\tbool holds = false;\n"
		"\tenum ancient_code code = %s(" FILE_AND_SCHEMA
		", self.typed, &holds, &part, err);\n\n",
		function);
	if (*condition == '!')
		fputs("\tholds = !holds;\n", out);
	put_hand_out(codegen, type, " && holds", "part", "value");
	fprintf(out, "\tif (code == ANCIENT_OK)\n\t\t*ret_%s = holds;\n\treturn code;\n}\n", flag);
}

static const char *shown(const struct codegen *codegen, uint32_t type)
{
	return codegen_type(codegen, type)->name;
}

/* ---- Records, tuples, variants ---------------------------------------------------------- */

/* The whole of an accessor whose field and value <ancient_access.h> reads in one step. */
static bool put_one_step(const struct codegen *codegen, uint32_t type, uint32_t field)
{
	enum ancient_type_kind kind = codegen_type(codegen, type)->kind;

	if (kind != ANCIENT_TYPE_INT && kind != ANCIENT_TYPE_FLOAT)
		return false;
	put_result(codegen, type, "value");
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
			begin(codegen, self, suffix, "%s of %s: %s", field->name, type->name,
			      shown(codegen, field->type));
		else
			begin(codegen, self, number, "Part %u of %s: %s", i, type->name,
			      shown(codegen, field->type));
		if (!put_one_step(codegen, field->type, first + i))
			finish(codegen, field->type, call);
		free(suffix);
	}
}

/* "circle" for the only plain argument of Circle, "rgb_0" for one of several, "circle_radius"
 * for a field of an inline record; for free(). */
static char *argument_suffix(const struct ancient_constructor *constructor, uint32_t index)
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
	char *suffix = argument_suffix(constructor, index);
	char call[160];

	snprintf(call, sizeof call,
		 "ancient_bind_argument(&b->bind, self.typed, b->constructors[%u], b->fields[%u]",
		 slot, field);
	if (argument->name != NULL)
		begin(codegen, self, suffix, "%s of %s, a constructor of %s: %s", argument->name,
		      constructor->name, type->name, shown(codegen, argument->type));
	else
		begin(codegen, self, suffix, "Argument %u of %s, a constructor of %s: %s", index,
		      constructor->name, type->name, shown(codegen, argument->type));
	finish(codegen, argument->type, call);
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
	fprintf(codegen->out, "\t%s,", checked(codegen, name));
	free(word);
}

/* The enum of a variant's constructors, in capitals, in the order of the schema. */
static const char *put_enum(struct codegen *codegen, const char *self,
			    const struct ancient_type *type)
{
	const char *name = checked(codegen, codegen_unique(&codegen->names, "%s_kind", self));

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

	begin(codegen, self, "kind_of", "Which constructor a value of %s is", type->name);
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
	begin(codegen, self, "get", "Whether a value of %s is Some, and of what", type->name);
	finish_if(codegen, type->arguments[0], "ancient_typed_option", "some", "");
}

static void put_result_type(struct codegen *codegen, const char *self,
			    const struct ancient_type *type)
{
	begin(codegen, self, "ok", "Whether a value of %s is Ok, and of what", type->name);
	finish_if(codegen, type->arguments[0], "ancient_typed_result", "ok", "");
	begin(codegen, self, "error", "Whether a value of %s is Error, and of what", type->name);
	finish_if(codegen, type->arguments[1], "ancient_typed_result", "error", "!");
}

static void put_contents(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	begin(codegen, self, "contents", "What is in a value of %s", type->name);
	finish(codegen, type->arguments[0],
	       "ancient_typed_contents(" FILE_AND_SCHEMA ", self.typed");
}

/* ---- Sequences and containers --------------------------------------------------------------- */

static void put_length(struct codegen *codegen, const char *self, const char *format)
{
	begin(codegen, self, "length", "%s", format);
	fputs("uint64_t *ret_length, struct ancient_error *err)\n{\n"
	      "\treturn ancient_typed_length(" FILE_AND_SCHEMA ", self.typed, ret_length, err);\n"
	      "}\n",
	      codegen->out);
}

static void put_item(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	begin(codegen, self, "item", "Element `index`, from 0; NO_INDEX past the end%s",
	      type->kind == ANCIENT_TYPE_LIST ? "; walks there" : "");
	fputs("uint64_t index, ", codegen->out);
	finish(codegen, type->arguments[0],
	       "ancient_typed_item(" FILE_AND_SCHEMA ", self.typed, index");
}

static void put_floats(struct codegen *codegen, const char *self)
{
	begin(codegen, self, "floats",
	      "All elements, in the mapping; BAD_SHAPE where they are boxed");
	fputs("const double **ret_value, size_t *ret_value_count, struct ancient_error *err)\n{\n"
	      "\treturn ancient_typed_floats(" FILE_AND_SCHEMA ", self.typed, ret_value,\n"
	      "\t\tret_value_count, err);\n}\n",
	      codegen->out);
}

/* The struct of an iterator, what starts it, and what steps it: over elements, or over keys
 * and values. */
static void put_next(struct codegen *codegen, const char *self, const char *iterator,
		     const struct ancient_type *type, bool keyed)
{
	const char *name = checked(codegen, codegen_unique(&codegen->names, "%s_next", self));
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* The next one; NO_INDEX at the end */\nstatic inline enum ancient_code\n"
		"%s(const struct %s_bind *b, struct %s *iterator, ",
		name, codegen->prefix, iterator);
	put_result(codegen, type->arguments[0], keyed ? "key" : "value");
	if (keyed)
		put_result(codegen, type->arguments[1], "value");
	fprintf(out,
		"struct ancient_error *err)\n{\n\tstruct ancient_typed %s;\n"
		"\tenum ancient_code code = ancient_iterator_next(&iterator->iterator, %s, "
		"err);\n\n"
		"\t(void)b;\n",
		keyed ? "key, value" : "value", keyed ? "&key, &value" : "&value, NULL");
	put_hand_out(codegen, type->arguments[0], "", keyed ? "key" : "value",
		     keyed ? "key" : "value");
	if (keyed)
		put_hand_out(codegen, type->arguments[1], "", "value", "value");
	fputs("\treturn code;\n}\n", out);
}

static const char *put_iterator(struct codegen *codegen, const char *self,
				const struct ancient_type *type, bool keyed)
{
	const char *iterator =
		checked(codegen, codegen_unique(&codegen->names, "%s_iterator", self));
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* A walk through a value of %s */\nstruct %s {\n"
		"\tstruct ancient_iterator iterator;\n};\n",
		type->name, iterator);
	begin(codegen, self, "iterate", "Starts a walk; it needs no end");
	fprintf(out,
		"struct %s *ret_iterator, struct ancient_error *err)\n{\n"
		"\treturn ancient_iterator_init(" FILE_AND_SCHEMA ", self.typed,\n"
		"\t\t&ret_iterator->iterator, err);\n}\n",
		iterator);
	put_next(codegen, self, iterator, type, keyed);
	return iterator;
}

/* ---- Lookups ------------------------------------------------------------------------------ */

/* What looks for a key of the type: parameters, and the expression that makes the key. */
struct key_form {
	const char *parameters, *key;
};

static struct key_form key_form(const struct codegen *codegen, uint32_t type)
{
	switch (codegen_type(codegen, type)->kind) {
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return (struct key_form){"const char *key, size_t key_length, ",
					 "ancient_key_string(key, key_length)"};
	case ANCIENT_TYPE_BOOL:
	case ANCIENT_TYPE_CHAR:
	case ANCIENT_TYPE_INT:
		return (struct key_form){"int64_t key, ", "ancient_key_int(key)"};
	case ANCIENT_TYPE_INT32:
		return (struct key_form){"int32_t key, ",
					 "ancient_key_boxed(ANCIENT_KEY_INT32, key)"};
	case ANCIENT_TYPE_INT64:
		return (struct key_form){"int64_t key, ",
					 "ancient_key_boxed(ANCIENT_KEY_INT64, key)"};
	case ANCIENT_TYPE_NATIVEINT:
		return (struct key_form){"int64_t key, ",
					 "ancient_key_boxed(ANCIENT_KEY_NATIVEINT, key)"};
	case ANCIENT_TYPE_FLOAT:
		return (struct key_form){"double key, ", "ancient_key_float(key)"};
	default:
		return (struct key_form){"const struct ancient_key *key, ", "*key"};
	}
}

static void put_find(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	struct key_form form = key_form(codegen, type->arguments[0]);
	FILE *out = codegen->out;

	begin(codegen, self, "find", "The value of a key, %s; NO_KEY where there is none",
	      shown(codegen, type->arguments[0]));
	fputs(form.parameters, out);
	put_result(codegen, type->arguments[1], "value");
	fprintf(out,
		"struct ancient_error *err)\n{\n\tstruct ancient_key wanted = %s;\n"
		"\tstruct ancient_typed part;\n"
		"\tenum ancient_code code = ancient_typed_find(" FILE_AND_SCHEMA
		", self.typed,\n\t\t&wanted, &part, err);\n\n",
		form.key);
	put_hand_out(codegen, type->arguments[1], "", "part", "value");
	fputs("\treturn code;\n}\n", out);
}

static void put_find_all(struct codegen *codegen, const char *self, const char *iterator)
{
	begin(codegen, self, "find_all",
	      "A walk through the values of one key, the newest first; `key` must live as long");
	fprintf(codegen->out,
		"const struct ancient_key *key, struct %s *ret_iterator,\n"
		"\tstruct ancient_error *err)\n{\n"
		"\treturn ancient_iterator_init_key(" FILE_AND_SCHEMA ", self.typed, key,\n"
		"\t\t&ret_iterator->iterator, err);\n}\n",
		iterator);
}

static void put_table(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	const char *iterator;

	put_length(codegen, self,
		   type->kind == ANCIENT_TYPE_MAP
			   ? "How many bindings, by counting"
			   : "How many bindings, those that newer ones hide included, by counting");
	put_find(codegen, self, type);
	iterator = put_iterator(codegen, self, type, true);
	if (type->kind != ANCIENT_TYPE_MAP)
		put_find_all(codegen, self, iterator);
}

static void put_set(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	struct key_form form = key_form(codegen, type->arguments[0]);

	put_length(codegen, self, "How many elements, by counting");
	begin(codegen, self, "has", "Whether a %s is in the set",
	      shown(codegen, type->arguments[0]));
	fprintf(codegen->out,
		"%sbool *ret_has, struct ancient_error *err)\n{\n"
		"\tstruct ancient_key wanted = %s;\n\tstruct ancient_typed part;\n"
		"\tenum ancient_code code = ancient_typed_find(" FILE_AND_SCHEMA
		", self.typed,\n\t\t&wanted, &part, err);\n\n"
		"\tif (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)\n\t\treturn code;\n"
		"\t*ret_has = code == ANCIENT_OK;\n\treturn ANCIENT_OK;\n}\n",
		form.parameters, form.key);
	put_iterator(codegen, self, type, false);
}

static void put_sequence(struct codegen *codegen, const char *self, const struct ancient_type *type)
{
	bool array = type->kind == ANCIENT_TYPE_ARRAY;

	put_length(codegen, self, array ? "How many elements" : "How many elements, by counting");
	put_item(codegen, self, type);
	if (array && codegen_type(codegen, type->arguments[0])->kind == ANCIENT_TYPE_FLOAT)
		put_floats(codegen, self);
	put_iterator(codegen, self, type, false);
}

/* ---- All ------------------------------------------------------------------------------------ */

void codegen_root(struct codegen *codegen)
{
	uint32_t root = ancient_schema_root(codegen->schema);
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* The value that was bound: %s */\nstatic inline enum ancient_code\n"
		"%s_root(const struct %s_bind *b, ",
		shown(codegen, root), codegen->prefix, codegen->prefix);
	put_result(codegen, root, "value");
	fputs("struct ancient_error *err)\n{\n\tenum ancient_code code = ANCIENT_OK;\n\n", out);
	if (struct_of(codegen, root) != NULL)
		fputs("\t(void)err;\n", out);
	put_hand_out(codegen, root, "", "b->bind.root", "value");
	fputs("\treturn code;\n}\n", out);
}

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
		put_sequence(codegen, self, type);
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
		put_table(codegen, self, type);
		return;
	case ANCIENT_TYPE_SET:
		put_set(codegen, self, type);
		return;
	default:
		return; /* leaves */
	}
}
