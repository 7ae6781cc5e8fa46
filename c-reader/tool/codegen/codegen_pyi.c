/* c-reader/tool/codegen: the Python stub of `ancientctl codegen --lang pyi`: the types of what
 * typed views return for a schema, for editors and type checkers.  Here: names, aliases for the
 * types that have no class, and the order of it all.
 *
 * Names of classes begin with a capital, which no field does, and what Python provides is named
 * through modules, so nothing hides anything. */
#include "codegen/codegen_pyi.h"

#include <stdlib.h>
#include <string.h>

/* ---- Words ------------------------------------------------------------------------------ */

bool codegen_pyi_is_keyword(const char *name)
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

bool codegen_pyi_is_attribute(const char *name)
{
	return strchr(name, '\'') == NULL && strncmp(name, "__", 2) != 0 &&
	       !codegen_pyi_is_keyword(name);
}

bool codegen_pyi_is_member(const char *name)
{
	return codegen_pyi_is_attribute(name) && *name != '_' && strcmp(name, "name") != 0 &&
	       strcmp(name, "value") != 0 && strcmp(name, "mro") != 0;
}

/* ---- Names ------------------------------------------------------------------------------ */

/* "Package" for "Package.t", "Dep" for "dep", "Inner_dep" for "Inner.dep": modules keep their
 * capitals.  For free(). */
static char *capitalised(const char *path)
{
	char *name = codegen_mangle(path);
	size_t end = strlen(path), length = name != NULL ? strlen(name) : 0;

	if (end > 2 && strcmp(path + end - 2, ".t") == 0)
		end -= 2;
	for (size_t i = 0; end == length && i < length; i++)
		if (path[i] != '.')
			name[i] = path[i];
	if (length > 0 && *name >= 'a' && *name <= 'z')
		*name = (char)(*name - 'a' + 'A');
	return name;
}

/* Types with a name are called by it, without the modules that the C header leaves out; others, and
 * types with parameters, have the header's name. */
static const char *name_of(struct codegen *codegen, uint32_t number)
{
	const struct ancient_type *type = codegen_type(codegen, number);
	const bool plainly = type->path == NULL || type->argument_count > 0;
	char *name = capitalised(plainly ? codegen->plain[number] : codegen->label[number]);
	const char *unique = NULL;

	if (name != NULL)
		unique = codegen_unique(&codegen->names,
					*name < 'A' || *name > 'Z'     ? "T_%s"
					: codegen_pyi_is_keyword(name) ? "%s_"
								       : "%s",
					name);
	free(name);
	return unique;
}

static bool name_all(struct pyi *pyi, const char **ret_types)
{
	struct codegen *codegen = pyi->codegen;
	bool good = codegen_unique(&codegen->names, "Root") != NULL;

	*ret_types = codegen_unique(&codegen->names, "Types");
	for (uint32_t i = 0; i < codegen->count && good; i++)
		if (!codegen_is_leaf(codegen_type(codegen, codegen->order[i]))) {
			codegen->name[i] = name_of(codegen, codegen->order[i]);
			good = codegen->name[i] != NULL;
		}
	for (uint32_t i = 0; i < codegen->count && good; i++)
		if (codegen_is_variant(codegen_type(codegen, codegen->order[i])))
			good = codegen_pyi_name_variant(pyi, i);
	return good && *ret_types != NULL;
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
	[ANCIENT_TYPE_FLOATARRAY] = "_a.FloatArray",
	[ANCIENT_TYPE_BIGARRAY] = "_a.Bigarray",
};

/* What is written around the annotations of the parts. */
static const char *generic(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_TUPLE:
		return "_t.Tuple";
	case ANCIENT_TYPE_LIST:
		return "_a.List";
	case ANCIENT_TYPE_ARRAY:
		return "_a.Array";
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		return "_a.Hashtbl";
	case ANCIENT_TYPE_MAP:
		return "_a.Map";
	case ANCIENT_TYPE_REF:
		return "_a.Ref";
	default:
		return "_a.Set";
	}
}

/* Each type is an alias or a class of the module's, so an annotation is always one word. */
const char *codegen_pyi_word(const struct codegen *codegen, uint32_t type)
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

void codegen_pyi_put_type(const struct pyi *pyi, uint32_t place, const char *before)
{
	const struct codegen *codegen = pyi->codegen;

	fprintf(codegen->out, "\n# %s%s", before,
		codegen_type(codegen, codegen->order[place])->name);
	codegen_put_modules(codegen, place);
	fputc('\n', codegen->out);
}

static void put_alias(const struct pyi *pyi, uint32_t place)
{
	const struct codegen *codegen = pyi->codegen;
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const uint32_t count = codegen_part_count(type);
	const char *part = count > 0 ? codegen_pyi_word(codegen, codegen_part(type, 0)) : "";
	FILE *out = codegen->out;

	codegen_pyi_put_type(pyi, place, "");
	fprintf(out, "%s: _t.TypeAlias = ", codegen->name[place]);
	switch (type->kind) {
	case ANCIENT_TYPE_OPTION:
		if (may_be_none(codegen, type->arguments[0]))
			fprintf(out, "_t.Optional[_a.Some[\"%s\"]]", part);
		else
			fprintf(out, "_t.Optional[\"%s\"]", part);
		break;
	case ANCIENT_TYPE_RESULT:
		fprintf(out, "_t.Union[_a.Ok[\"%s\"], _a.Err[\"%s\"]]", part,
			codegen_pyi_word(codegen, type->arguments[1]));
		break;
	case ANCIENT_TYPE_LAZY: /* what is in it */
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		fprintf(out, "\"%s\"", part);
		break;
	default:
		if (type->kind == ANCIENT_TYPE_ARRAY &&
		    codegen_type(codegen, type->arguments[0])->kind == ANCIENT_TYPE_FLOAT) {
			fputs("_a.FloatArray", out);
			break;
		}
		fprintf(out, "%s[", generic(type->kind));
		for (uint32_t i = 0; i < count; i++)
			fprintf(out, "%s\"%s\"", i > 0 ? ", " : "",
				codegen_pyi_word(codegen, codegen_part(type, i)));
		fputc(']', out);
	}
	fputc('\n', out);
}

/* ---- All -------------------------------------------------------------------------------- */

static bool has_constants(const struct pyi *pyi)
{
	for (uint32_t i = 0; i < pyi->codegen->count; i++)
		if (pyi->variants[i].constants != NULL)
			return true;
	return false;
}

static void put_head(const struct pyi *pyi, const char *types)
{
	const struct codegen *codegen = pyi->codegen;
	FILE *out = codegen->out;

	fprintf(out,
		"# Generated by ancientctl codegen, version %s, with --lang pyi%s.  Do not "
		"edit.\n#\n",
		ancient_version(), codegen->drop_modules ? " --drop-modules" : "");
	fputs("# What ancient's typed views give for values of these types:\n#\n", out);
	codegen_text(codegen, "#     ");
	fprintf(out,
		"#\n# A stub for editors and type checkers: import it under typing.TYPE_CHECKING, "
		"and\n"
		"# write `root: Root = db[key]`, and `T: %s = db.types(key)` for patterns.\n\n"
		"import builtins as _b\n%simport typing as _t\n\n"
		"import ancient as _a\n",
		types, has_constants(pyi) ? "import enum as _e\n" : "");
}

static bool put_all(const struct pyi *pyi, const char *types)
{
	struct codegen *codegen = pyi->codegen;
	bool good = true;

	put_head(pyi, types);
	for (uint32_t i = 0; i < codegen->count && good; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);

		if (codegen_is_variant(type))
			good = codegen_pyi_put_variant(pyi, i);
		else if (type->kind == ANCIENT_TYPE_RECORD)
			codegen_pyi_put_record(pyi, i);
		else if (!codegen_is_leaf(type))
			put_alias(pyi, i);
	}
	fprintf(codegen->out, "\nRoot: _t.TypeAlias = \"%s\"\n",
		codegen_pyi_word(codegen, ancient_schema_root(codegen->schema)));
	return good && codegen_pyi_put_types(pyi, types);
}

bool codegen_pyi(struct codegen *codegen)
{
	struct pyi pyi = {.codegen = codegen};
	const char *types;
	bool good;

	codegen->prefix = "";
	pyi.variants = calloc(codegen->count, sizeof *pyi.variants);
	good = pyi.variants != NULL && codegen_name_types(codegen) && name_all(&pyi, &types) &&
	       put_all(&pyi, types);
	for (uint32_t i = 0; pyi.variants != NULL && i < codegen->count; i++)
		free(pyi.variants[i].constructors);
	free(pyi.variants);
	return good;
}
