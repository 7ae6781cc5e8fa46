/* c-reader/tool/codegen: the C header of `ancientctl codegen --lang c`: its frame, the tables of
 * its types, a struct for each type, and the functions that bind them to a file. */
#include "codegen/codegen_c.h"

#include <stdlib.h>
#include <string.h>

#include "tool.h"

static const char *const reserved[] = {
	"bind", "bind_key", "bind_named", "bind_value", "unbind",
	"root", "type",     "types",      "fields",     "constructors",
};

/* ---- Tables --------------------------------------------------------------------------- */

static const char *const kinds[] = {
	[ANCIENT_TYPE_UNIT] = "UNIT",
	[ANCIENT_TYPE_BOOL] = "BOOL",
	[ANCIENT_TYPE_INT] = "INT",
	[ANCIENT_TYPE_CHAR] = "CHAR",
	[ANCIENT_TYPE_STRING] = "STRING",
	[ANCIENT_TYPE_BYTES] = "BYTES",
	[ANCIENT_TYPE_FLOAT] = "FLOAT",
	[ANCIENT_TYPE_INT32] = "INT32",
	[ANCIENT_TYPE_INT64] = "INT64",
	[ANCIENT_TYPE_NATIVEINT] = "NATIVEINT",
	[ANCIENT_TYPE_Z] = "Z",
	[ANCIENT_TYPE_FLOATARRAY] = "FLOATARRAY",
	[ANCIENT_TYPE_TUPLE] = "TUPLE",
	[ANCIENT_TYPE_RECORD] = "RECORD",
	[ANCIENT_TYPE_VARIANT] = "VARIANT",
	[ANCIENT_TYPE_POLYVARIANT] = "POLYVARIANT",
	[ANCIENT_TYPE_LIST] = "LIST",
	[ANCIENT_TYPE_ARRAY] = "ARRAY",
	[ANCIENT_TYPE_OPTION] = "OPTION",
	[ANCIENT_TYPE_RESULT] = "RESULT",
	[ANCIENT_TYPE_REF] = "REF",
	[ANCIENT_TYPE_LAZY] = "LAZY",
	[ANCIENT_TYPE_HASHTBL] = "HASHTBL",
	[ANCIENT_TYPE_HASHTABLE] = "HASHTABLE",
	[ANCIENT_TYPE_MAP] = "MAP",
	[ANCIENT_TYPE_SET] = "SET",
	[ANCIENT_TYPE_BIGARRAY] = "BIGARRAY",
	[ANCIENT_TYPE_QUEUE] = "QUEUE",
	[ANCIENT_TYPE_STACK] = "STACK",
	[ANCIENT_TYPE_DYNARRAY] = "DYNARRAY",
};

static void put_field(struct codegen *codegen, const char *name, uint32_t type)
{
	if (name != NULL)
		fprintf(codegen->out, "\t{\"%s\", %u},\n", name, codegen->place[type]);
	else
		fprintf(codegen->out, "\t{NULL, %u},\n", codegen->place[type]);
}

/* C has no empty arrays: one that would be has an element that nothing leads to. */
static void put_fields(struct codegen *codegen)
{
	fprintf(codegen->out, "\nstatic const struct ancient_bind_field %s_fields[] = {\n",
		codegen->prefix);
	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		for (uint32_t j = 0; j < codegen_part_count(type); j++)
			put_field(codegen,
				  type->kind == ANCIENT_TYPE_RECORD ? type->fields[j].name : NULL,
				  codegen_part(type, j));
		for (uint32_t j = 0; codegen_is_variant(type) && j < type->constructor_count; j++)
			for (uint32_t k = 0; k < type->constructors[j].field_count; k++)
				put_field(codegen, type->constructors[j].fields[k].name,
					  type->constructors[j].fields[k].type);
	}
	if (codegen->field_count == 0)
		fputs("\t{NULL, 0},\n", codegen->out);
	fputs("};\n", codegen->out);
}

static void put_constructors(struct codegen *codegen)
{
	fprintf(codegen->out,
		"\nstatic const struct ancient_bind_constructor %s_constructors[] = {\n",
		codegen->prefix);
	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);
		uint32_t field = codegen->first_argument[i];

		for (uint32_t j = 0; codegen_is_variant(type) && j < type->constructor_count; j++) {
			const struct ancient_constructor *c = &type->constructors[j];

			fprintf(codegen->out, "\t{\"%s\", %s, %u, %u},\n", c->name,
				c->constant ? "true" : "false", field, c->field_count);
			field += c->field_count;
		}
	}
	if (codegen->constructor_count == 0)
		fputs("\t{NULL, false, 0, 0},\n", codegen->out);
	fputs("};\n", codegen->out);
}

static uint32_t detail_of(const struct ancient_type *type)
{
	if (type->kind != ANCIENT_TYPE_BIGARRAY)
		return 0;
	return (uint32_t)type->bigarray_kind | (type->bigarray_fortran ? 256u : 0) |
	       (uint32_t)(type->bigarray_dims + 1) << 9;
}

static void put_types(struct codegen *codegen)
{
	const char *prefix = codegen->prefix;
	FILE *out = codegen->out;

	fprintf(out, "\nstatic const struct ancient_bind_type %s_type[] = {\n", prefix);
	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		fprintf(out, "\t{ANCIENT_TYPE_%s, \"%s\", %u, %u, %u},\n", kinds[type->kind],
			type->name, codegen->first[i],
			codegen_is_variant(type) ? type->constructor_count
						 : codegen_part_count(type),
			detail_of(type));
	}
	fprintf(out,
		"};\n\nstatic const struct ancient_bind_table %s_types = {\n"
		"\t%s_type, %s_constructors, %s_fields, %u, 0,\n};\n",
		prefix, prefix, prefix, prefix, codegen->count);
}

/* ---- Binding ---------------------------------------------------------------------------- */

/* A function that binds: `parameters` say what, `call` is the library's with its first
 * arguments. */
static void put_binder(struct codegen *codegen, const char *suffix, const char *comment,
		       const char *parameters, const char *call)
{
	const char *p = codegen->prefix;

	fprintf(codegen->out,
		"\n/* %s */\nstatic inline enum ancient_code\n"
		"%s_bind%s(const struct ancient_file *file, %s,\n"
		"\tstruct %s_bind *ret_bind, struct ancient_error *err)\n{\n"
		"\treturn ancient_bind_%s &%s_types, &ret_bind->bind,\n"
		"\t\tret_bind->fields, ret_bind->constructors, ret_bind->types, err);\n}\n",
		comment, p, suffix, parameters, p, call, p);
}

static void put_bind(struct codegen *codegen)
{
	const char *p = codegen->prefix;
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* The types above, found in a file.  Borrows the file, and is good for it "
		"alone. */\n"
		"struct %s_bind {\n\tstruct ancient_bind bind;\n\tuint32_t fields[%u];\n"
		"\tuint32_t constructors[%u];\n\tuint32_t types[%u];\n};\n",
		p, codegen->field_count > 0 ? codegen->field_count : 1,
		codegen->constructor_count > 0 ? codegen->constructor_count : 1, codegen->count);
	put_binder(
		codegen, "_key",
		"Binds what is published under a key.  NO_FIELD: a field is missing; BAD_SHAPE: a\n"
		" * constructor is, or a type is another; BAD_SCHEMA: the file has no types for it",
		"uint64_t key", "key(file, key,");
	put_binder(codegen, "_named", "The same for a name of `length` bytes",
		   "const char *name, size_t length", "named(file, name, length,");
	put_binder(codegen, "_value",
		   "Binds a value by a schema that is at hand, for a file that carries none.\n"
		   " * name   stands for the schema in messages; NULL: \"schema\"",
		   "struct ancient_schema *schema,\n\tstruct ancient_value value, const char *name",
		   "value(file, schema, value, name,");
	fprintf(out,
		"\n/* Gives back what binding took. */\n"
		"static inline void %s_unbind(struct %s_bind *b)\n{\n"
		"\tancient_bind_close(&b->bind);\n}\n",
		p, p);
}

static void put_root(struct codegen *codegen)
{
	uint32_t root = ancient_schema_root(codegen->schema);
	FILE *out = codegen->out;

	fprintf(out,
		"\n/* The value that was bound: %s */\nstatic inline enum ancient_code\n"
		"%s_root(const struct %s_bind *b, ",
		codegen_shown(codegen, root), codegen->prefix, codegen->prefix);
	codegen_put_result(codegen, root, "value");
	fputs("struct ancient_error *err)\n{\n\tenum ancient_code code = ANCIENT_OK;\n\n", out);
	if (codegen_struct(codegen, root) != NULL)
		fputs("\t(void)err;\n", out);
	codegen_put_hand_out(codegen, root, "", "b->bind.root", "value");
	fputs("\treturn code;\n}\n", out);
}

/* ---- The frame -------------------------------------------------------------------------- */

void codegen_text(const struct codegen *codegen, const char *margin)
{
	size_t length;
	const char *text = ancient_schema_text(codegen->schema, &length);
	bool begins = true;

	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == ' '))
		length--;
	for (size_t i = 0; i < length; i++) {
		char c = text[i];

		if (begins && c != '\n')
			fputs(margin, codegen->out);
		begins = c == '\n';
		if (c == '\n' || (c >= ' ' && c <= '~' && c != '\\'))
			fputc(c, codegen->out);
		else
			fputc(c == '\t' ? ' ' : '?', codegen->out);
		/* What would begin or end a comment of C is taken apart. */
		if (i + 1 < length && ((c == '*' && text[i + 1] == '/') ||
				       (c == '/' && (text[i + 1] == '*' || text[i + 1] == '/'))))
			fputc(' ', codegen->out);
	}
	fputc('\n', codegen->out);
}

static void put_head(struct codegen *codegen)
{
	const char *p = codegen->prefix;
	FILE *out = codegen->out;

	fprintf(out,
		"/* Generated by ancientctl codegen, version %s, with --prefix %s%s.  Do not "
		"edit.\n *\n"
		" * Type-safe access to OCaml values of these types:\n *\n",
		ancient_version(), p, codegen->drop_modules ? " --drop-modules" : "");
	codegen_text(codegen, " *     ");
	fprintf(out,
		" *\n"
		" *     struct %s_bind b;\n"
		" *     code = %s_bind_key(file, key, &b, &err);   // once for each open file\n"
		" *     ...\n"
		" *     %s_unbind(&b);\n *\n"
		" * Every type has a struct, so that the compiler tells them apart, and functions "
		"that\n"
		" * begin with its name; texts and arrays point into the file and live as long as "
		"it is\n"
		" * open.  Fields and constructors are found by name in the types of the file at "
		"hand:\n"
		" * a file whose types have more of them, or in another order, is read all the "
		"same.\n"
		" *\n"
		" * Functions return ANCIENT_OK or the code of an error and fill `err` in, which "
		"may be\n"
		" * NULL; after an error, what ret_ points to is not to be used.  A bind may be "
		"used by\n"
		" * any number of threads.  See <ancient_schema.h> for what is returned when. */\n",
		p, p, p);
}

/* The word that guards against being included twice. */
static void put_guard(struct codegen *codegen, const char *format)
{
	char *capitals = strdup(codegen->prefix);

	codegen->failed |= capitals == NULL;
	if (capitals == NULL)
		return;
	codegen_upper(capitals);
	fprintf(codegen->out, format, capitals, capitals);
	free(capitals);
}

void codegen_section(struct codegen *codegen, const char *title)
{
	fprintf(codegen->out, "\n/* ---- %s ", title);
	for (size_t column = strlen(title) + 9; column < 82; column++)
		fputc('-', codegen->out);
	fputs(" */\n", codegen->out);
}

static void put_structs(struct codegen *codegen)
{
	for (uint32_t i = 0; i < codegen->count; i++) {
		if (codegen->name[i] == NULL)
			continue;
		fputs("\n/* ", codegen->out);
		codegen_put_type(codegen, i);
		fprintf(codegen->out, " */\nstruct %s {\n\tstruct ancient_typed typed;\n};\n",
			codegen->name[i]);
	}
}

/* What the names of types must not be. */
static bool reserve_names(struct codegen *codegen)
{
	bool good = codegen_names_reserve(&codegen->names);

	for (size_t i = 0; good && i < sizeof reserved / sizeof *reserved; i++)
		good = codegen_unique(&codegen->names, "%s_%s", codegen->prefix, reserved[i]) !=
		       NULL;
	return good;
}

static void put_header(struct codegen *codegen)
{
	put_head(codegen);
	put_guard(codegen, "#ifndef %s_ANCIENT_TYPES_H\n#define %s_ANCIENT_TYPES_H\n\n");
	fputs("#include <ancient_bind.h>\n\n"
	      "#ifdef __cplusplus\nextern \"C\" {\n#endif\n",
	      codegen->out);
	codegen_section(codegen, "Types: what binding looks for");
	put_fields(codegen);
	put_constructors(codegen);
	put_types(codegen);
	codegen_section(codegen, "Values");
	put_structs(codegen);
	codegen_section(codegen, "Binding");
	put_bind(codegen);
	put_root(codegen);
	codegen_keys(codegen);
	for (uint32_t i = 0; i < codegen->count; i++) {
		if (codegen->name[i] == NULL)
			continue;
		codegen_section(codegen, codegen_shown(codegen, codegen->order[i]));
		codegen_accessors(codegen, i);
	}
	fputs("\n#ifdef __cplusplus\n}\n#endif\n\n#endif\n", codegen->out);
}

bool codegen_c(struct codegen *codegen)
{
	FILE *out = codegen->out;
	char *text = NULL;
	size_t length;

	if (!reserve_names(codegen) || !codegen_name_types(codegen) || !codegen_name_keys(codegen))
		return false;
	codegen->out = open_memstream(&text, &length);
	if (codegen->out == NULL)
		return false;
	put_header(codegen);
	codegen->failed |= fclose(codegen->out) != 0;
	codegen->out = out;
	if (!codegen->failed)
		codegen_wrap(out, text);
	free(text);
	return !codegen->failed;
}
