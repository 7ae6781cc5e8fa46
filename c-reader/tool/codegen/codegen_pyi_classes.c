/* c-reader/tool/codegen: classes of records and variants in the Python stub.
 *
 * A variant is the union of its constructors: a final class for each that has arguments, and one
 * enumeration of those that have none, so that type checkers see whether `match` leaves one out. */
#include "codegen/codegen_pyi.h"

#include <stdlib.h>
#include <string.h>

/* ---- Fields ----------------------------------------------------------------------------- */

static bool is_dunder(const char *name)
{
	const size_t length = strlen(name);

	return length > 4 && strncmp(name, "__", 2) == 0 && strcmp(name + length - 2, "__") == 0;
}

/* Whether a field is no attribute by its own name: it has a ', or Python's own meaning; or it is a
 * keyword, and another field has the name with a _ behind it. */
static bool is_hidden(const struct ancient_field *fields, uint32_t count, const char *name)
{
	const size_t length = strlen(name);

	if (strchr(name, '\'') != NULL || is_dunder(name))
		return true;
	for (uint32_t i = 0; codegen_pyi_is_keyword(name) && i < count; i++)
		if (fields[i].name != NULL && strlen(fields[i].name) == length + 1 &&
		    strncmp(fields[i].name, name, length) == 0 && fields[i].name[length] == '_')
			return true;
	return false;
}

static void put_name(FILE *out, const struct ancient_field *field, uint32_t index)
{
	if (field->name == NULL)
		fprintf(out, "_%u", index);
	else
		fprintf(out, "%s%s", field->name, codegen_pyi_is_keyword(field->name) ? "_" : "");
}

/* What patterns by position match: up to the first field that is no attribute. */
static void put_match_args(const struct codegen *codegen, const struct ancient_field *fields,
			   uint32_t count)
{
	FILE *out = codegen->out;

	fputs("    __match_args__ = (", out);
	for (uint32_t i = 0; i < count; i++) {
		if (fields[i].name != NULL && is_dunder(fields[i].name))
			break;
		fputc('"', out);
		put_name(out, &fields[i], i);
		fputs("\", ", out);
	}
	fputs(")\n", out);
}

static void put_members(const struct codegen *codegen, const struct ancient_field *fields,
			uint32_t count)
{
	FILE *out = codegen->out;

	put_match_args(codegen, fields, count);
	for (uint32_t i = 0; i < count; i++) {
		const char *name = fields[i].name;

		if (name != NULL && is_hidden(fields, count, name)) {
			fprintf(out, "    # getattr(v, \"%s\"): %s\n", name,
				codegen_type(codegen, fields[i].type)->name);
			continue;
		}
		fputs("    @_b.property\n    def ", out);
		put_name(out, &fields[i], i);
		fprintf(out, "(self) -> %s: ...\n", codegen_pyi_word(codegen, fields[i].type));
	}
}

/* Without this, the base class has any attribute, and no mistake is found. */
static const char no_others[] = "    __getattr__: None  # type: ignore\n";

void codegen_pyi_put_record(const struct pyi *pyi, uint32_t place)
{
	const struct codegen *codegen = pyi->codegen;
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);

	codegen_pyi_put_type(pyi, place, "");
	fprintf(codegen->out, "@_t.final\nclass %s(_a.Record):\n%s", codegen->name[place],
		no_others);
	put_members(codegen, type->fields, type->field_count);
}

/* ---- Variants --------------------------------------------------------------------------- */

bool codegen_pyi_name_variant(struct pyi *pyi, uint32_t place)
{
	struct codegen *codegen = pyi->codegen;
	struct pyi_variant *variant = &pyi->variants[place];
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	const char *self = codegen->name[place];
	bool good;

	variant->base = codegen_unique(&codegen->names, "%s_type", self);
	variant->constructors = calloc(type->constructor_count + 1, sizeof(char *));
	good = variant->base != NULL && variant->constructors != NULL;
	for (uint32_t i = 0; i < type->constructor_count && good; i++) {
		const struct ancient_constructor *constructor = &type->constructors[i];
		char *name;

		if (constructor->constant) {
			if (variant->constants == NULL)
				variant->constants =
					codegen_unique(&codegen->names, "%s_constant", self);
			good = variant->constants != NULL;
			continue;
		}
		name = codegen_mangle(constructor->name);
		if (name != NULL && strlen(name) == strlen(constructor->name))
			strcpy(name, constructor->name); /* with its capitals */
		if (name != NULL)
			variant->constructors[i] =
				codegen_unique(&codegen->names, "%s_%s", self, name);
		good = variant->constructors[i] != NULL;
		free(name);
	}
	return good;
}

/* What the constructors share, and where programs find them: T.shape.Circle. */
static void put_base(const struct pyi *pyi, uint32_t place)
{
	static const char *const operators[] = {"lt", "le", "gt", "ge"};
	const struct codegen *codegen = pyi->codegen;
	const struct pyi_variant *variant = &pyi->variants[place];
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	FILE *out = codegen->out;

	codegen_pyi_put_type(pyi, place, "");
	fprintf(out, "class %s(_a.Variant):\n%s", variant->base, no_others);
	for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
		fprintf(out, "    def __%s__(self, other: %s, /) -> _b.bool: ...\n", operators[i],
			variant->base);
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const char *name = type->constructors[i].name;

		if (!codegen_pyi_is_member(name))
			continue;
		if (variant->constructors[i] == NULL)
			fprintf(out, "    %s: _t.ClassVar[_t.Literal[%s.%s]]\n", name,
				variant->constants, name);
		else
			fprintf(out, "    %s: _t.TypeAlias = \"%s\"\n", name,
				variant->constructors[i]);
	}
}

/* Constants whose names are no attributes are members all the same, so that none is forgotten. */
static bool put_constants(const struct pyi *pyi, uint32_t place)
{
	const struct codegen *codegen = pyi->codegen;
	const struct pyi_variant *variant = &pyi->variants[place];
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	struct codegen_names taken = {NULL, 0, 0};
	FILE *out = codegen->out;
	bool good = true;

	codegen_pyi_put_type(pyi, place, "constants of ");
	fprintf(out, "@_t.final\nclass %s(%s, _e.Enum):\n", variant->constants, variant->base);
	for (uint32_t i = 0; i < type->constructor_count && good; i++) {
		const char *name = type->constructors[i].name;

		if (!type->constructors[i].constant || !codegen_pyi_is_member(name))
			continue;
		fprintf(out, "    %s = ...  # type: ignore[misc]\n", name);
		good = codegen_unique(&taken, "%s", name) != NULL;
	}
	for (uint32_t i = 0; i < type->constructor_count && good; i++) {
		char *name;

		if (!type->constructors[i].constant ||
		    codegen_pyi_is_member(type->constructors[i].name))
			continue;
		name = codegen_mangle(type->constructors[i].name);
		good = name != NULL;
		if (good) {
			const char *member = codegen_unique(&taken, "constant_%s", name);

			good = member != NULL;
			fprintf(out, "    %s = ...  # getattr(T, \"%s\")\n", good ? member : "",
				type->constructors[i].name);
		}
		free(name);
	}
	/* An enumeration to type checkers only. */
	fputs("    name: None  # type: ignore\n    value: None  # pyright: ignore\n", out);
	codegen_names_done(&taken);
	return good;
}

static void put_union(const struct pyi *pyi, uint32_t place)
{
	const struct codegen *codegen = pyi->codegen;
	const struct pyi_variant *variant = &pyi->variants[place];
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	FILE *out = codegen->out;
	uint32_t count = variant->constants != NULL ? 1 : 0;
	const char *before = "";

	for (uint32_t i = 0; i < type->constructor_count; i++)
		count += variant->constructors[i] != NULL ? 1 : 0;
	fprintf(out, "\n# any %s\n%s: _t.TypeAlias = %s", type->name, codegen->name[place],
		count > 1 ? "_t.Union[" : "");
	for (uint32_t i = 0; i < type->constructor_count; i++)
		if (variant->constructors[i] != NULL) {
			fprintf(out, "%s\"%s\"", before, variant->constructors[i]);
			before = ", ";
		}
	if (variant->constants != NULL)
		fprintf(out, "%s\"%s\"", before, variant->constants);
	fputs(count > 1 ? "]\n" : "\n", out);
}

bool codegen_pyi_put_variant(const struct pyi *pyi, uint32_t place)
{
	const struct codegen *codegen = pyi->codegen;
	const struct pyi_variant *variant = &pyi->variants[place];
	const struct ancient_type *type = codegen_type(codegen, codegen->order[place]);
	FILE *out = codegen->out;

	put_base(pyi, place);
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const struct ancient_constructor *constructor = &type->constructors[i];

		if (constructor->constant)
			continue;
		fprintf(out, "\n# %s, a constructor of %s\n@_t.final\nclass %s(%s):\n",
			constructor->name, type->name, variant->constructors[i], variant->base);
		put_members(codegen, constructor->fields, constructor->field_count);
	}
	if (variant->constants != NULL && !put_constants(pyi, place))
		return false;
	put_union(pyi, place);
	return true;
}
