/* c-reader/tool/codegen: the Python stub of `ancientctl codegen --lang pyi`: the types of what
 * typed views return for a schema, for editors and type checkers.
 *
 * A record is a class with a property for each field; a constructor is a class too, and a
 * variant the union of its constructors.  Class names begin with a capital, which no field
 * does, and what Python provides is named through modules, so nothing hides anything. */
#define _GNU_SOURCE /* asprintf */

#include "codegen/codegen.h"

#include <stdlib.h>
#include <string.h>

static bool is_keyword(const char *name)
{
	/* Those that an OCaml name can be; the capital ones with a capital for a class. */
	static const char *const keywords[] = {
		"False",  "None",   "True",    "and",      "as",       "assert", "async",
		"await",  "break",  "class",   "continue", "def",      "del",    "elif",
		"else",   "except", "finally", "for",      "from",     "global", "if",
		"import", "in",     "is",      "lambda",   "nonlocal", "not",    "or",
		"pass",   "raise",  "return",  "try",      "while",    "with",   "yield",
	};

	for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
		if (strcmp(keywords[i], name) == 0)
			return true;
	return false;
}

static const char *checked(struct codegen *codegen, const char *name)
{
	codegen->failed |= name == NULL;
	return name != NULL ? name : "";
}

/* "Package" for "Index.Package.t", "Dep" for "dep": as the views' own classes, with a capital. */
static const char *class_name(struct codegen *codegen, const char *path)
{
	const char *end = path + strlen(path), *at;
	const char *name = NULL;
	char *word, *mangled;

	if (end - path > 2 && strcmp(end - 2, ".t") == 0)
		end -= 2;
	for (at = end; at > path && at[-1] != '.'; at--)
		;
	word = strndup(at, (size_t)(end - at));
	/* A module's name behind a dot keeps its capitals. */
	mangled = word != NULL ? codegen_mangle(word) : NULL;
	if (mangled != NULL && strlen(mangled) == strlen(word))
		memcpy(mangled, word, strlen(word));
	if (mangled != NULL && *mangled >= 'a' && *mangled <= 'z')
		*mangled = (char)(*mangled - 'a' + 'A');
	if (mangled != NULL)
		name = codegen_unique(&codegen->names,
				      *mangled < 'A' || *mangled > 'Z' ? "T_%s"
				      : is_keyword(mangled)            ? "%s_"
								       : "%s",
				      mangled);
	free(mangled);
	free(word);
	return checked(codegen, name);
}

/* ---- Annotations -------------------------------------------------------------------------- */

static const char *const leaves[] = {
	[ANCIENT_TYPE_UNIT] = "_t.Tuple[()]",
	[ANCIENT_TYPE_BOOL] = "_b.bool",
	[ANCIENT_TYPE_INT] = "_b.int",
	[ANCIENT_TYPE_CHAR] = "_b.str",
	[ANCIENT_TYPE_STRING] = "_b.str",
	[ANCIENT_TYPE_BYTES] = "_b.bytes",
	[ANCIENT_TYPE_FLOAT] = "_b.float",
	[ANCIENT_TYPE_INT32] = "_b.int",
	[ANCIENT_TYPE_INT64] = "_b.int",
	[ANCIENT_TYPE_NATIVEINT] = "_b.int",
	[ANCIENT_TYPE_Z] = "_b.int",
	[ANCIENT_TYPE_FLOATARRAY] = "_c.Sequence[_b.float]",
	[ANCIENT_TYPE_BIGARRAY] = "_a.Bigarray",
};

/* What is written around the annotations of the parts. */
static const char *generic(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_TUPLE:
		return "_t.Tuple";
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
		return "_c.Sequence";
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
		return "_c.Mapping";
	default:
		return "_c.Set";
	}
}

/* Each type is an alias or a class of the module's, so an annotation is always one word. */
static const char *word(const struct codegen *codegen, uint32_t type)
{
	const struct ancient_type *found = codegen_type(codegen, type);

	if (found->kind == ANCIENT_TYPE_STRING && found->bytes)
		return "_b.bytes";
	if (codegen_is_leaf(found))
		return leaves[found->kind];
	return codegen->name[codegen->place[type]];
}

/* A nested option is told from None by a box. */
static bool may_be_none(const struct codegen *codegen, uint32_t type)
{
	uint32_t steps = codegen->count;

	while (codegen_type(codegen, type)->kind == ANCIENT_TYPE_LAZY && steps-- > 0)
		type = codegen_type(codegen, type)->arguments[0];
	return codegen_type(codegen, type)->kind == ANCIENT_TYPE_OPTION;
}

static void put_alias(const struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	FILE *out = codegen->out;

	fprintf(out, "\n# %s\n%s: _t.TypeAlias = ", type->name, codegen->name[place]);
	switch (type->kind) {
	case ANCIENT_TYPE_OPTION:
		if (may_be_none(codegen, type->arguments[0]))
			fprintf(out, "_t.Optional[_a.Some[\"%s\"]]",
				word(codegen, type->arguments[0]));
		else
			fprintf(out, "_t.Optional[\"%s\"]", word(codegen, type->arguments[0]));
		break;
	case ANCIENT_TYPE_RESULT:
		fprintf(out, "_t.Union[_a.Ok[\"%s\"], _a.Err[\"%s\"]]",
			word(codegen, type->arguments[0]), word(codegen, type->arguments[1]));
		break;
	case ANCIENT_TYPE_REF:
		fprintf(out, "_a.Ref[\"%s\"]", word(codegen, type->arguments[0]));
		break;
	case ANCIENT_TYPE_LAZY:
	case ANCIENT_TYPE_QUEUE: /* what is in it */
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		fprintf(out, "\"%s\"", word(codegen, type->arguments[0]));
		break;
	default:
		fprintf(out, "%s[", generic(type->kind));
		for (uint32_t i = 0; i < codegen_part_count(type); i++)
			fprintf(out, "%s\"%s\"", i > 0 ? ", " : "",
				word(codegen, codegen_part(type, i)));
		fputc(']', out);
	}
	fputc('\n', out);
}

/* ---- Classes -------------------------------------------------------------------------------- */

/* Whether a field is no attribute by its own name: it has a ', or Python's own meaning; or it is a
 * keyword, and another field has the name with a _ behind it. */
static bool is_hidden(const struct ancient_field *fields, uint32_t count, const char *name)
{
	const size_t length = strlen(name);

	if (strchr(name, '\'') != NULL ||
	    (length > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + length - 2, "__") == 0))
		return true;
	for (uint32_t i = 0; is_keyword(name) && i < count; i++)
		if (fields[i].name != NULL && strlen(fields[i].name) == length + 1 &&
		    strncmp(fields[i].name, name, length) == 0 && fields[i].name[length] == '_')
			return true;
	return false;
}

static void put_members(const struct codegen *codegen, const struct ancient_field *fields,
			uint32_t count)
{
	FILE *out = codegen->out;

	/* Without this, the base class has any attribute, and no mistake is found. */
	fputs("    __getattr__: None  # type: ignore\n", out);
	fprintf(out, "    __match_args__ = (");
	for (uint32_t i = 0; i < count; i++)
		if (fields[i].name != NULL)
			fprintf(out, "\"%s\", ", fields[i].name);
		else
			fprintf(out, "\"_%u\", ", i);
	fputs(")\n", out);
	for (uint32_t i = 0; i < count; i++) {
		const char *name = fields[i].name;

		if (name != NULL && is_hidden(fields, count, name)) {
			fprintf(out, "    # getattr(v, \"%s\"): %s\n", name,
				codegen_type(codegen, fields[i].type)->name);
			continue;
		}
		fputs("    @_b.property\n    def ", out);
		if (name != NULL)
			fprintf(out, "%s%s", name, is_keyword(name) ? "_" : "");
		else
			fprintf(out, "_%u", i);
		fprintf(out, "(self) -> %s: ...\n", word(codegen, fields[i].type));
	}
}

static void put_record(const struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);

	fprintf(codegen->out, "\n# %s\n@_t.final\nclass %s(_a.Record):\n", type->name,
		codegen->name[place]);
	put_members(codegen, type->fields, type->field_count);
}

static void put_variant(struct codegen *codegen, uint32_t place)
{
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const char *self = codegen->name[place];
	FILE *out = codegen->out;
	char *members = NULL;
	size_t length;
	FILE *list = open_memstream(&members, &length);

	codegen->failed |= list == NULL;
	for (uint32_t i = 0; list != NULL && i < type->constructor_count; i++) {
		const struct ancient_constructor *constructor = &type->constructors[i];
		char *base = codegen_mangle(constructor->name);
		const char *name;

		if (base != NULL && strlen(base) == strlen(constructor->name))
			strcpy(base, constructor->name);
		name = checked(codegen, codegen_unique(&codegen->names, "%s_%s", self,
						       checked(codegen, base)));
		fprintf(out, "\n# %s, a constructor of %s\n@_t.final\nclass %s(_a.Variant):\n",
			constructor->name, type->name, name);
		put_members(codegen, constructor->fields, constructor->field_count);
		fprintf(list, "%s\"%s\"", i > 0 ? ", " : "", name);
		free(base);
	}
	if (list != NULL && fclose(list) == 0)
		fprintf(out, "\n# %s\n%s: _t.TypeAlias = _t.Union[%s]\n", type->name, self,
			members);
	free(members);
}

/* ---- All --------------------------------------------------------------------------------------
 */

static void name_all(struct codegen *codegen)
{
	codegen_unique(&codegen->names, "Root");
	for (uint32_t i = 0; i < codegen->count; i++) {
		uint32_t number = codegen->order[i];
		const struct ancient_type *type = codegen_type(codegen, number);

		if (codegen_is_leaf(type))
			continue;
		/* The others have the C header's name, with a capital. */
		codegen->name[i] = class_name(
			codegen, type->kind == ANCIENT_TYPE_RECORD ||
						 (codegen_is_variant(type) && type->path != NULL)
					 ? type->path
					 : codegen->plain[number]);
	}
}

bool codegen_pyi(struct codegen *codegen)
{
	FILE *out = codegen->out;

	codegen->prefix = "";
	if (!codegen_name_types(codegen))
		return false;
	name_all(codegen);
	fprintf(out,
		"# Generated by ancientctl codegen, version %s, with --lang pyi%s.  Do not "
		"edit.\n#\n",
		ancient_version(), codegen->drop_modules ? " --drop-modules" : "");
	fputs("# What ancient's typed views give for values of these types:\n#\n", out);
	codegen_text(codegen, "#     ");
	fputs("#\n# A stub for editors and type checkers: import it under typing.TYPE_CHECKING, "
	      "and\n"
	      "# write `root: Root = db[key]`.\n\n"
	      "import builtins as _b\nimport collections.abc as _c\nimport typing as _t\n\n"
	      "import ancient as _a\n",
	      out);
	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		if (codegen_is_variant(type))
			put_variant(codegen, i);
		else if (type->kind == ANCIENT_TYPE_RECORD)
			put_record(codegen, i);
		else if (!codegen_is_leaf(type))
			put_alias(codegen, i);
	}
	fprintf(out, "\nRoot: _t.TypeAlias = \"%s\"\n",
		word(codegen, ancient_schema_root(codegen->schema)));
	return !codegen->failed;
}
