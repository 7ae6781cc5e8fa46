/* c-reader/tool/codegen: class Types of the Python stub: what T = Store.types(key) finds by name.
 *
 * A name is looked for in the order that the Python package has: constructors of the root's type,
 * then types, by their whole name, their path and what is behind its last dot, then constructors of
 * all types, where only one has it. */
#include "codegen/codegen_pyi.h"

#include <stdlib.h>
#include <string.h>

enum rank { OF_ROOT, WHOLE, PATH, SHORT, OF_ANY };

/* Something with a name. */
struct found {
	const char *name;
	size_t length;
	enum rank rank;
	uint32_t type, constructor;
};

struct index {
	struct found *items;
	size_t count, capacity;
};

static int compare_names(const struct found *a, const struct found *b)
{
	const size_t length = a->length < b->length ? a->length : b->length;
	const int order = memcmp(a->name, b->name, length);

	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

static int compare(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	const int order = compare_names(a, b);

	if (order != 0)
		return order;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return (a->type > b->type) - (a->type < b->type);
}

static bool add(struct index *index, const char *name, enum rank rank, uint32_t type,
		uint32_t constructor)
{
	size_t length = strlen(name);

	if (index->count == index->capacity) {
		const size_t capacity = index->capacity == 0 ? 64 : 2 * index->capacity;
		struct found *items = realloc(index->items, capacity * sizeof *items);

		if (items == NULL)
			return false;
		index->items = items;
		index->capacity = capacity;
	}
	if (rank == SHORT && length > 2 && strcmp(name + length - 2, ".t") == 0)
		length -= 2;
	for (size_t i = length; rank == SHORT && i > 0; i--)
		if (name[i - 1] == '.') {
			name += i;
			length -= i;
			break;
		}
	index->items[index->count++] = (struct found){name, length, rank, type, constructor};
	return true;
}

static bool add_type(struct index *index, const struct codegen *codegen, uint32_t number)
{
	const struct ancient_type *type = codegen_type(codegen, number);
	bool good = true;

	if (type->kind != ANCIENT_TYPE_RECORD && !codegen_is_variant(type))
		return true;
	if (type->path != NULL)
		good = add(index, type->name, WHOLE, number, 0) &&
		       add(index, type->path, PATH, number, 0) &&
		       add(index, type->path, SHORT, number, 0);
	for (uint32_t i = 0; i < type->constructor_count && good; i++)
		good = add(index, type->constructors[i].name,
			   number == ancient_schema_root(codegen->schema) ? OF_ROOT : OF_ANY,
			   number, i);
	return good;
}

/* The first of each name is what it stands for; others are taken out.  A constructor of two types
 * is none. */
static void keep_first(struct index *index)
{
	size_t kept = 0;

	for (size_t first = 0, end; first < index->count; first = end) {
		for (end = first + 1; end < index->count &&
				      compare_names(&index->items[first], &index->items[end]) == 0;
		     end++)
			;
		if (index->items[first].rank != OF_ANY || end == first + 1)
			index->items[kept++] = index->items[first];
	}
	index->count = kept;
}

static bool is_name(const struct index *index, const char *name)
{
	const struct found wanted = {.name = name, .length = strlen(name)};
	size_t low = 0, high = index->count;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const int order = compare_names(&index->items[middle], &wanted);

		if (order == 0)
			return true;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The class that stands for something found. */
static const char *class_of(const struct pyi *pyi, const struct found *found)
{
	const uint32_t place = pyi->codegen->place[found->type];
	const struct pyi_variant *variant = &pyi->variants[place];
	const char *constructor;

	if (found->rank != OF_ROOT && found->rank != OF_ANY)
		return variant->base != NULL ? variant->base : pyi->codegen->name[place];
	constructor = variant->constructors[found->constructor];
	return constructor != NULL ? constructor : variant->constants;
}

/* Whether the stub can tell its type: it is one of those that the root consists of, and has a name
 * that is one of Python too. */
static bool is_shown(const struct pyi *pyi, const struct found *found, char *name, size_t size)
{
	if (found->length >= size || pyi->codegen->place[found->type] == CODEGEN_NONE)
		return false;
	memcpy(name, found->name, found->length);
	name[found->length] = 0;
	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
	    found->length)
		return false;
	return found->rank == OF_ROOT || found->rank == OF_ANY ? codegen_pyi_is_member(name)
							       : codegen_pyi_is_attribute(name);
}

/* A class whose name is also one of the attributes is annotated by another name. */
static void put_alias_name(FILE *out, const struct index *index, const char *class)
{
	char name[400];

	snprintf(name, sizeof name, "%s", class);
	while (is_name(index, name) && strlen(name) + 2 < sizeof name) {
		memmove(name + 1, name, strlen(name) + 1);
		name[0] = '_';
	}
	fputs(name, out);
}

static void put_alias(FILE *out, const struct index *index, const char *class)
{
	if (class == NULL || !is_name(index, class))
		return;
	put_alias_name(out, index, class);
	fprintf(out, ": _t.TypeAlias = \"%s\"\n", class);
}

static void put_aliases(const struct pyi *pyi, const struct index *index)
{
	const struct codegen *codegen = pyi->codegen;

	for (uint32_t i = 0; i < codegen->count; i++) {
		const struct ancient_type *type = codegen_type(codegen, codegen->order[i]);
		const struct pyi_variant *variant = &pyi->variants[i];

		if (type->kind == ANCIENT_TYPE_RECORD)
			put_alias(codegen->out, index, codegen->name[i]);
		put_alias(codegen->out, index, variant->base);
		put_alias(codegen->out, index, variant->constants);
		for (uint32_t j = 0; j < type->constructor_count; j++)
			put_alias(codegen->out, index, variant->constructors[j]);
	}
}

static void put_attributes(const struct pyi *pyi, const struct index *index)
{
	FILE *out = pyi->codegen->out;
	char name[300];

	for (size_t i = 0; i < index->count; i++) {
		const struct found *found = &index->items[i];
		const struct ancient_type *type = codegen_type(pyi->codegen, found->type);
		bool constant;

		if (!is_shown(pyi, found, name, sizeof name))
			continue;
		constant = (found->rank == OF_ROOT || found->rank == OF_ANY) &&
			   type->constructors[found->constructor].constant;
		fprintf(out, "    %s: _t.%s", name, constant ? "Literal[" : "TypeAlias = \"");
		put_alias_name(out, index, class_of(pyi, found));
		if (constant)
			fprintf(out, ".%s]\n", name);
		else
			fputs("\"\n", out);
	}
}

bool codegen_pyi_put_types(const struct pyi *pyi, const char *name)
{
	const struct codegen *codegen = pyi->codegen;
	struct index index = {NULL, 0, 0};
	bool good = true;

	for (uint32_t i = 0; i < ancient_schema_type_count(codegen->schema) && good; i++)
		good = add_type(&index, codegen, i);
	if (good && index.count > 0) {
		qsort(index.items, index.count, sizeof *index.items, compare);
		keep_first(&index);
	}
	if (good) {
		fputc('\n', codegen->out);
		put_aliases(pyi, &index);
		fprintf(codegen->out, "# What Store.types() gives.\n@_t.final\nclass %s:\n", name);
		fputs("    def __getitem__(self, name: _b.str, /) -> _t.Any: ...\n", codegen->out);
		put_attributes(pyi, &index);
	}
	free(index.items);
	return good;
}
