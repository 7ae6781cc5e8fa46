/* c-reader/tool/codegen: the names of types in generated code.  A type's name is made of those of
 * its parts and of the path that it was declared by, of which modules that say nothing are left
 * out.  Used by both languages. */
#include "codegen/codegen.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define PLAIN_MAX 60u /* longer names are cut, and told apart by a hash */

/* ---- Paths ------------------------------------------------------------------------------ */

/* What is behind the first module of a path; NULL: it has none. */
static const char *behind_module(const char *path)
{
	const char *dot = strchr(path, '.');

	return dot != NULL ? dot + 1 : NULL;
}

/* Whether a path is that of a type which is called for its module: "Package.t". */
static bool is_of_module(const char *path)
{
	const char *rest = behind_module(path);

	return rest == NULL || strcmp(rest, "t") == 0;
}

/* Without the first module, which is the source file's, or without any. */
static const char *drop_modules(const char *path, bool all)
{
	for (bool dropped = false; !is_of_module(path) && (all || !dropped); dropped = true)
		path = behind_module(path);
	return path;
}

/* Without a first module that the prefix ends in, so that Wn.sense is wn_sense. */
static const char *drop_prefix(const char *path, const char *prefix)
{
	const char *rest = behind_module(path);
	size_t length = strlen(prefix), size;

	if (rest == NULL)
		return path;
	size = (size_t)(rest - path) - 1;
	if (size > length || (size < length && prefix[length - size - 1] != '_'))
		return path;
	for (size_t i = 0; i < size; i++)
		if (tolower((unsigned char)path[i]) !=
		    tolower((unsigned char)prefix[length - size + i]))
			return path;
	return rest;
}

struct called {
	const char *path, *label; /* the label is the path's end */
	char *name;
	uint32_t type;
};

static int compare(const void *left, const void *right)
{
	const struct called *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order != 0 ? order : strcmp(a->path, b->path);
}

/* Types that would have one name keep their modules, all of them, so that no type's name depends on
 * which one comes first. */
static void keep_modules(struct codegen *codegen, struct called *called, size_t count)
{
	for (size_t first = 0, end; first < count; first = end) {
		bool differ = false;

		for (end = first; end < count && strcmp(called[end].name, called[first].name) == 0;
		     end++)
			differ = differ || strcmp(called[end].path, called[first].path) != 0;
		for (size_t i = first; differ && i < end; i++)
			called[i].label = drop_prefix(called[i].path, codegen->prefix);
		for (size_t i = first; i < end; i++)
			codegen->label[called[i].type] = called[i].label;
	}
}

static bool label_types(struct codegen *codegen)
{
	struct called *called = calloc(codegen->count, sizeof *called);
	size_t count = 0;
	bool good = called != NULL;

	for (uint32_t i = 0; i < codegen->count && good; i++) {
		uint32_t number = codegen->order[i];
		const char *path = codegen_type(codegen, number)->path;
		const char *label;

		if (path == NULL)
			continue;
		label = drop_prefix(drop_modules(path, codegen->drop_modules), codegen->prefix);
		called[count] = (struct called){path, label, codegen_mangle(label), number};
		good = called[count++].name != NULL;
	}
	if (good) {
		qsort(called, count, sizeof *called, compare);
		keep_modules(codegen, called, count);
	}
	for (size_t i = 0; called != NULL && i < count; i++)
		free(called[i].name);
	free(called);
	return good;
}

/* ---- Names of parts ------------------------------------------------------------------- */

static const char *leaf_name(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_Z:
		return "z";
	case ANCIENT_TYPE_BIGARRAY:
		return "bigarray";
	default:
		return ancient_type_kind_name(kind); /* "int", "string": one word */
	}
}

/* What follows the names of the parts. */
static const char *suffix_of(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_LIST:
		return "list";
	case ANCIENT_TYPE_ARRAY:
		return "array";
	case ANCIENT_TYPE_OPTION:
		return "option";
	case ANCIENT_TYPE_RESULT:
		return "result";
	case ANCIENT_TYPE_REF:
		return "ref";
	case ANCIENT_TYPE_LAZY:
		return "lazy";
	case ANCIENT_TYPE_QUEUE:
		return "queue";
	case ANCIENT_TYPE_STACK:
		return "stack";
	case ANCIENT_TYPE_DYNARRAY:
		return "dynarray";
	case ANCIENT_TYPE_HASHTBL:
		return "table";
	case ANCIENT_TYPE_TUPLE:
		return NULL; /* joined by "and" */
	default:
		return "tags"; /* a polymorphic variant without a name */
	}
}

/* The types that a type's own name is made with: a declared one's parameters, or the value of
 * a map; what a tuple or list is of; none for a polymorphic variant. */
static uint32_t named_after_count(const struct ancient_type *type)
{
	if (type->kind == ANCIENT_TYPE_SET)
		return 0;
	if (type->kind == ANCIENT_TYPE_MAP || type->kind == ANCIENT_TYPE_HASHTABLE)
		return 1;
	return type->kind == ANCIENT_TYPE_TUPLE ? type->field_count : type->argument_count;
}

static uint32_t named_after(const struct ancient_type *type, uint32_t index)
{
	if (type->kind == ANCIENT_TYPE_MAP || type->kind == ANCIENT_TYPE_HASHTABLE)
		return type->arguments[1];
	return type->kind == ANCIENT_TYPE_TUPLE ? type->fields[index].type : type->arguments[index];
}

static void write_tags(FILE *out, const struct ancient_type *type)
{
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		char *tag = codegen_mangle(type->constructors[i].name);

		fprintf(out, "%s_", tag != NULL ? tag : "");
		free(tag);
	}
}

/* Whether the names of the parts are made, or cannot be: a type in a parameter of itself. */
static bool compose(const struct codegen *codegen, uint32_t number, FILE *out)
{
	const struct ancient_type *type = codegen_type(codegen, number);
	char *path = type->path != NULL ? codegen_mangle(codegen->label[number]) : NULL;
	const char *suffix = type->path != NULL ? path : suffix_of(type->kind);

	if (codegen_is_leaf(type) && type->path == NULL) {
		fputs(leaf_name(type->kind), out);
		return true;
	}
	if (type->path != NULL && path == NULL)
		return false;
	for (uint32_t i = 0; i < named_after_count(type); i++) {
		const char *part = codegen->plain[named_after(type, i)];

		fprintf(out, "%s%s",
			i > 0 && suffix == NULL ? "_and_"
			: i > 0                 ? "_"
						: "",
			part != NULL ? part : "self");
	}
	if (type->kind == ANCIENT_TYPE_POLYVARIANT && type->path == NULL)
		write_tags(out, type);
	if (suffix != NULL)
		fprintf(out, "%s%s", named_after_count(type) > 0 ? "_" : "", suffix);
	free(path);
	return true;
}

/* A name that is too long is cut, and a hash of the whole name is appended, so that it does not
 * depend on the rest of the schema. */
static char *shorten(char *text)
{
	uint32_t hash = 0x811C9DC5u;

	if (strlen(text) <= PLAIN_MAX)
		return text;
	for (const char *at = text; *at != 0; at++)
		hash = (hash ^ (unsigned char)*at) * 0x01000193u;
	snprintf(text + PLAIN_MAX - 9, 10, "_%08x", hash);
	return text;
}

static bool set_plain(struct codegen *codegen, uint32_t number)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);
	bool good = out != NULL && compose(codegen, number, out);

	if (out != NULL && fclose(out) != 0)
		good = false;
	if (!good) {
		free(text);
		return false;
	}
	free(codegen->plain[number]);
	codegen->plain[number] = shorten(text);
	return true;
}

/* Names what the type's name is made with before the type itself.  `begun` are those that are
 * under way or done. */
static bool name_plainly(struct codegen *codegen, struct codegen_stack *stack, bool *begun)
{
	while (stack->depth > 0) {
		uint32_t number = stack->items[stack->depth - 1];
		const struct ancient_type *type = codegen_type(codegen, number);

		if (begun[number]) {
			stack->depth--;
			if (codegen->plain[number] == NULL && !set_plain(codegen, number))
				return false;
			continue;
		}
		begun[number] = true;
		for (uint32_t i = named_after_count(type); i-- > 0;)
			if (!begun[named_after(type, i)] &&
			    !codegen_push(stack, named_after(type, i)))
				return false;
	}
	return true;
}

/* ---- Names of types --------------------------------------------------------------------- */

bool codegen_name_types(struct codegen *codegen)
{
	struct codegen_stack stack = {NULL, 0, 0};
	bool *begun = calloc(ancient_schema_type_count(codegen->schema), sizeof *begun);
	bool good = begun != NULL && label_types(codegen);

	for (uint32_t i = 0; i < codegen->count && good; i++) {
		uint32_t number = codegen->order[i];

		if (codegen_is_leaf(codegen_type(codegen, number)))
			continue;
		good = codegen_push(&stack, number) && name_plainly(codegen, &stack, begun);
		if (good)
			codegen->name[i] = codegen_unique(&codegen->names, "%s_%s", codegen->prefix,
							  codegen->plain[number]);
		good = good && codegen->name[i] != NULL;
	}
	free(stack.items);
	free(begun);
	return good;
}

void codegen_put_modules(const struct codegen *codegen, uint32_t place)
{
	const uint32_t number = codegen->order[place];
	const char *path = codegen_type(codegen, number)->path;
	const char *label = codegen->label[number];

	if (label != NULL &&
	    label != drop_prefix(drop_modules(path, codegen->drop_modules), codegen->prefix))
		fprintf(codegen->out, ".  With its modules: another type is called %s, too",
			drop_modules(path, codegen->drop_modules));
}

void codegen_put_type(const struct codegen *codegen, uint32_t place)
{
	const uint32_t number = codegen->order[place];
	const size_t prefix = strlen(codegen->prefix) + 1;

	fputs(codegen_type(codegen, number)->name, codegen->out);
	if (strcmp(codegen->name[place] + prefix, codegen->plain[number]) != 0)
		fprintf(codegen->out, ".  Numbered: another type or function is %s_%s",
			codegen->prefix, codegen->plain[number]);
	codegen_put_modules(codegen, place);
}
