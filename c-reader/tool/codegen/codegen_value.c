/* c-reader/tool/codegen: what a value of a type is in C, and the frame of the functions that give
 * one, for the accessors of codegen_members.c and codegen_containers.c. */
#include "codegen/codegen_c.h"

#include <stdarg.h>

/* ---- What a value is in C ---------------------------------------------------------- */

const char *codegen_struct(const struct codegen *codegen, uint32_t type)
{
	return codegen->name[codegen->place[type]];
}

/* Parameters that take a value of the type, each with ", " behind it. */
void codegen_put_result(const struct codegen *codegen, uint32_t type, const char *name)
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
		fprintf(out, "struct %s *ret_%s, ", codegen_struct(codegen, type), name);
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
void codegen_put_hand_out(const struct codegen *codegen, uint32_t type, const char *condition,
			  const char *part, const char *name)
{
	FILE *out = codegen->out;

	fprintf(out, "\tif (code == ANCIENT_OK%s)\n\t\t", condition);
	if (codegen_struct(codegen, type) != NULL) {
		fprintf(out, "ret_%s->typed = %s;\n", name, part);
		return;
	}
	fputs("code = ", out);
	put_conversion(codegen, type, part, name);
	fputs(";\n", out);
}

/* ---- Functions ------------------------------------------------------------------------ */

/* A name, or "" where there was no memory for it, which is remembered in `failed`. */
const char *codegen_checked(struct codegen *codegen, const char *name)
{
	codegen->failed |= name == NULL;
	return name != NULL ? name : "";
}

void codegen_begin(struct codegen *codegen, const char *self, const char *suffix,
		   const char *format, ...)
{
	const char *name =
		codegen_unique(&codegen->names, "%s_%s", self, codegen_checked(codegen, suffix));
	va_list arguments;

	fputs("\n/* ", codegen->out);
	va_start(arguments, format);
	vfprintf(codegen->out, format, arguments);
	va_end(arguments);
	fprintf(codegen->out,
		" */\nstatic inline enum ancient_code\n%s(const struct %s_bind *b, struct %s "
		"self, ",
		codegen_checked(codegen, name), codegen->prefix, self);
}

/* The rest of a function whose value `call`, a call without its last two arguments, gives. */
void codegen_finish(struct codegen *codegen, uint32_t type, const char *call)
{
	FILE *out = codegen->out;

	codegen_put_result(codegen, type, "value");
	fputs("struct ancient_error *err)\n{\n", out);
	if (codegen_struct(codegen, type) != NULL) {
		fprintf(out, "\treturn %s, &ret_value->typed, err);\n}\n", call);
		return;
	}
	fprintf(out,
		"\tstruct ancient_typed part;\n\tenum ancient_code code = %s, &part, err);\n\n",
		call);
	codegen_put_hand_out(codegen, type, "", "part", "value");
	fputs("\treturn code;\n}\n", out);
}

/* The same where there may be no value: `flag` says whether. */
void codegen_finish_if(struct codegen *codegen, uint32_t type, const char *function,
		       const char *flag, const char *condition)
{
	FILE *out = codegen->out;

	fprintf(out, "bool *ret_%s, ", flag);
	codegen_put_result(codegen, type, "value");
	fprintf(out,
		"struct ancient_error *err)\n{\n"
		"\tstruct ancient_typed part;\n\tbool holds = false;\n"
		"\tenum ancient_code code = %s(" FILE_AND_SCHEMA
		", self.typed, &holds, &part, err);\n\n",
		function);
	if (*condition == '!')
		fputs("\tholds = !holds;\n", out);
	codegen_put_hand_out(codegen, type, " && holds", "part", "value");
	fprintf(out, "\tif (code == ANCIENT_OK)\n\t\t*ret_%s = holds;\n\treturn code;\n}\n", flag);
}

const char *codegen_shown(const struct codegen *codegen, uint32_t type)
{
	return codegen_type(codegen, type)->name;
}
