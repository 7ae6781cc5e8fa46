/* c-reader/schema: resolves the paths in a schema (FORMAT 12.2, 12.3): each is a declaration of the
 * text, or a type that every schema has.  For schema.c. */
#include "schema/names.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema_text.h"

/* ---- The types of 12.3 --------------------------------------------------------------- */

static const struct builtin {
	const char *path;
	enum schema_builtin kind;
	int base;
	unsigned arguments;
} builtins[] = {
	{"unit", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_UNIT, 0},
	{"bool", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_BOOL, 0},
	{"int", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_INT, 0},
	{"char", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_CHAR, 0},
	{"string", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_STRING, 0},
	{"bytes", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_BYTES, 0},
	{"float", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_FLOAT, 0},
	{"int32", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_INT32, 0},
	{"int64", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_INT64, 0},
	{"nativeint", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_NATIVEINT, 0},
	{"Z.t", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_Z, 0},
	{"floatarray", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_FLOATARRAY, 0},
	{"Float.Array.t", SCHEMA_BUILTIN_BASE, ANCIENT_TYPE_FLOATARRAY, 0},
	{"list", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_LIST, 1},
	{"array", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_ARRAY, 1},
	{"option", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_OPTION, 1},
	{"result", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_RESULT, 2},
	{"ref", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_REF, 1},
	{"lazy_t", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_LAZY, 1},
	{"Lazy.t", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_LAZY, 1},
	{"Queue.t", SCHEMA_BUILTIN_HOLDER, ANCIENT_TYPE_QUEUE, 1},
	{"Stack.t", SCHEMA_BUILTIN_HOLDER, ANCIENT_TYPE_STACK, 1},
	{"Dynarray.t", SCHEMA_BUILTIN_HOLDER, ANCIENT_TYPE_DYNARRAY, 1},
	{"Atomic.t", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_REF, 1},
	{"Hashtbl.t", SCHEMA_BUILTIN_APPLIED, ANCIENT_TYPE_HASHTBL, 2},
	{"Bigarray.Genarray.t", SCHEMA_BUILTIN_BIGARRAY, -1, 3},
	{"Bigarray.Array0.t", SCHEMA_BUILTIN_BIGARRAY, 0, 3},
	{"Bigarray.Array1.t", SCHEMA_BUILTIN_BIGARRAY, 1, 3},
	{"Bigarray.Array2.t", SCHEMA_BUILTIN_BIGARRAY, 2, 3},
	{"Bigarray.Array3.t", SCHEMA_BUILTIN_BIGARRAY, 3, 3},
	{"Bigarray.float16_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_FLOAT16, 0},
	{"Bigarray.float32_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_FLOAT32, 0},
	{"Bigarray.float64_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_FLOAT64, 0},
	{"Bigarray.int8_signed_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT8_SIGNED, 0},
	{"Bigarray.int8_unsigned_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT8_UNSIGNED, 0},
	{"Bigarray.int16_signed_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT16_SIGNED, 0},
	{"Bigarray.int16_unsigned_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT16_UNSIGNED, 0},
	{"Bigarray.int32_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT32, 0},
	{"Bigarray.int64_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT64, 0},
	{"Bigarray.int_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_INT, 0},
	{"Bigarray.nativeint_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_NATIVEINT, 0},
	{"Bigarray.complex32_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_COMPLEX32, 0},
	{"Bigarray.complex64_elt", SCHEMA_BUILTIN_ELEMENT, SCHEMA_ELEMENT_COMPLEX64, 0},
	{"Bigarray.c_layout", SCHEMA_BUILTIN_LAYOUT, 0, 0},
	{"Bigarray.fortran_layout", SCHEMA_BUILTIN_LAYOUT, 1, 0},
	{"Complex.t", SCHEMA_BUILTIN_COMPLEX, 0, 0},
};

static uint32_t component(const struct schema_text *text, const struct schema_node *node,
			  uint32_t index)
{
	return *SCHEMA_ITEM(uint32_t, text->path, node->component + index);
}

/* "Package.t" of a path, cut where it is long. */
static void path_text(const struct schema_text *text, const struct schema_node *node, char *out,
		      size_t capacity)
{
	size_t filled = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < node->components; i++) {
		const struct schema_name *name =
			SCHEMA_ITEM(struct schema_name, text->names, component(text, node, i));
		size_t length = name->length + (i > 0 ? 1u : 0u);
		if (length >= capacity - filled)
			return;
		if (i > 0)
			out[filled++] = '.';
		memcpy(out + filled, text->bytes + name->at, name->length);
		filled += name->length;
		out[filled] = '\0';
	}
}

static const struct builtin *find_builtin(const struct schema_text *text,
					  const struct schema_node *node)
{
	char path[64];

	if (node->components > 3)
		return NULL;
	path_text(text, node, path, sizeof(path));
	for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
		if (builtins[i].path[0] == path[0] && strcmp(builtins[i].path, path) == 0)
			return &builtins[i];
	return NULL;
}

/* ---- The declarations of the text ---------------------------------------------------- */

/* What the first name of a path stands for, in the innermost module that has it. */
static uint32_t find_first(const struct schema_text *text, const struct schema_node *node,
			   enum schema_space space)
{
	uint32_t name = component(text, node, 0);

	for (uint32_t scope = node->scope; scope != SCHEMA_NONE;
	     scope = SCHEMA_ITEM(struct schema_scope, text->scopes, scope)->parent) {
		uint32_t found = ancient_reader_schema_symbol_get(text, scope, name, space),
			 visible;
		if (found == SCHEMA_NONE)
			continue;
		visible = space == SCHEMA_SPACE_MODULE
				  ? SCHEMA_ITEM(struct schema_scope, text->scopes, found)->visible
				  : SCHEMA_ITEM(struct schema_decl, text->decls, found)->visible;
		if (visible <= node->at)
			return found;
	}
	return SCHEMA_NONE;
}

static void check_count(struct schema_text *text, const struct schema_node *node, uint32_t wanted)
{
	char path[128];

	if (node->count == wanted)
		return;
	path_text(text, node, path, sizeof(path));
	ancient_reader_schema_refuse(text, node->at, "expected %u argument%s of %s, found %u",
				     (unsigned)wanted, wanted == 1 ? "" : "s", path,
				     (unsigned)node->count);
}

static void resolve_builtin(struct schema_text *text, struct schema_node *node)
{
	const struct builtin *found = find_builtin(text, node);
	char path[128];

	if (found == NULL) {
		path_text(text, node, path, sizeof(path));
		ancient_reader_schema_refuse(text, node->at,
					     "expected a type declared before, found '%s'", path);
		return;
	}
	node->builtin = found->kind;
	node->base = found->base;
	check_count(text, node, found->arguments);
}

static void resolve_path(struct schema_text *text, struct schema_node *node)
{
	bool simple = node->components == 1;
	uint32_t found = find_first(text, node, simple ? SCHEMA_SPACE_TYPE : SCHEMA_SPACE_MODULE);

	if (found == SCHEMA_NONE) {
		resolve_builtin(text, node);
		return;
	}
	for (uint32_t i = 1; i < node->components; i++) {
		bool last = i + 1 == node->components;
		uint32_t name = component(text, node, i);
		found = ancient_reader_schema_symbol_get(
			text, found, name, last ? SCHEMA_SPACE_TYPE : SCHEMA_SPACE_MODULE);
		if (found == SCHEMA_NONE) {
			char path[128];
			path_text(text, node, path, sizeof(path));
			ancient_reader_schema_refuse(text, node->at,
						     "expected a %s of its module, found '%s'",
						     last ? "type" : "module", path);
			return;
		}
	}
	node->decl = found;
	check_count(text, node, SCHEMA_ITEM(struct schema_decl, text->decls, found)->parameters);
}

/* ---- Polymorphic variants ------------------------------------------------------------ */

/* The runtime's hash of a name (12.3). */
int64_t ancient_reader_schema_tag_hash(const struct schema_text *text, uint32_t name)
{
	const struct schema_name *n = SCHEMA_ITEM(struct schema_name, text->names, name);
	uint32_t hash = 0;

	for (uint32_t i = 0; i < n->length; i++)
		hash = (hash * 223u + (unsigned char)text->bytes[n->at + i]) & 0x7FFFFFFFu;
	return hash >= 0x40000000u ? (int64_t)hash - 0x80000000ll : (int64_t)hash;
}

static int by_hash(const void *left, const void *right)
{
	const int64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void check_hashes(struct schema_text *text, const struct schema_node *poly)
{
	int64_t *hashes = malloc((poly->count + 1) * sizeof(*hashes));
	uint32_t count = 0;

	if (hashes == NULL) {
		ancient_reader_schema_memory(text);
		return;
	}
	for (uint32_t tag = poly->child; tag != SCHEMA_NONE && count < poly->count;
	     tag = SCHEMA_ITEM(struct schema_node, text->nodes, tag)->next)
		hashes[count++] = ancient_reader_schema_tag_hash(
			text, SCHEMA_ITEM(struct schema_node, text->nodes, tag)->name);
	qsort(hashes, count, sizeof(*hashes), by_hash);
	for (uint32_t i = 1; i < count; i++)
		if (hashes[i] == hashes[i - 1])
			ancient_reader_schema_refuse(
				text, poly->at,
				"expected constructors of different hashes, found %lld twice",
				(long long)hashes[i]);
	free(hashes);
}

/* ---- Aliases that lead back to themselves -------------------------------------------- */

enum { WHITE, GREY, BLACK };

/* Whether it declares no type of its own, but stands for its right-hand side. */
static bool is_transparent(const struct schema_decl *decl)
{
	return decl->kind == SCHEMA_DECL_ALIAS || decl->kind == SCHEMA_DECL_CONTAINER;
}

struct walk {
	uint32_t decl; /* a transparent one */
	uint32_t next; /* the next of its nodes to look at */
	uint32_t end;
};

/* The nodes of an expression lie together, the first one being where its parsing began; so a
 * declaration's are those between its own and the next one's. */
static bool alias_step(struct schema_text *text, struct schema_list *stack, unsigned char *colour,
		       const uint32_t *ends)
{
	struct walk *top = SCHEMA_ITEM(struct walk, *stack, stack->count - 1);
	const struct schema_node *node;
	const struct schema_decl *decl;

	if (top->next == top->end) {
		colour[top->decl] = BLACK;
		stack->count--;
		return true;
	}
	node = SCHEMA_ITEM(struct schema_node, text->nodes, top->next++);
	if (node->kind != SCHEMA_NODE_PATH || node->decl == SCHEMA_NONE)
		return true;
	decl = SCHEMA_ITEM(struct schema_decl, text->decls, node->decl);
	if (!is_transparent(decl) || colour[node->decl] == BLACK)
		return true;
	if (colour[node->decl] == GREY) {
		ancient_reader_schema_refuse(
			text, decl->at,
			"expected a type of its own, found '%.*s', which is only itself",
			SCHEMA_NAME_ARGS(text, decl->name));
		return false;
	}
	colour[node->decl] = GREY;
	uint32_t number = node->decl;
	top = ancient_reader_schema_list_add(stack, sizeof(*top));
	if (top == NULL) {
		ancient_reader_schema_memory(text);
		return false;
	}
	*top = (struct walk){number, ends[2 * number], ends[2 * number + 1]};
	return true;
}

static void check_aliases(struct schema_text *text)
{
	uint32_t count = text->decls.count;
	unsigned char *colour = calloc(count + 1, 1);
	uint32_t *ends = malloc((count + 1) * 2 * sizeof(*ends));
	struct schema_list stack = {0};

	if (colour == NULL || ends == NULL)
		ancient_reader_schema_memory(text);
	for (uint32_t i = 0; i < count && text->code == ANCIENT_OK; i++) {
		const struct schema_decl *decl = SCHEMA_ITEM(struct schema_decl, text->decls, i);
		ends[2 * i] = decl->from;
		ends[2 * i + 1] = decl->to;
	}
	for (uint32_t i = 0; i < count && text->code == ANCIENT_OK; i++) {
		struct walk *first;
		if (!is_transparent(SCHEMA_ITEM(struct schema_decl, text->decls, i)) ||
		    colour[i] != WHITE)
			continue;
		colour[i] = GREY;
		first = ancient_reader_schema_list_add(&stack, sizeof(*first));
		if (first == NULL) {
			ancient_reader_schema_memory(text);
			break;
		}
		*first = (struct walk){i, ends[2 * i], ends[2 * i + 1]};
		while (stack.count > 0 && alias_step(text, &stack, colour, ends))
			;
	}
	free(stack.items);
	free(ends);
	free(colour);
}

void ancient_reader_schema_resolve(struct schema_text *text)
{
	for (uint32_t i = 0; i < text->nodes.count && text->code == ANCIENT_OK; i++) {
		struct schema_node *node = SCHEMA_ITEM(struct schema_node, text->nodes, i);
		if (node->kind == SCHEMA_NODE_PATH)
			resolve_path(text, node);
		else if (node->kind == SCHEMA_NODE_POLY)
			check_hashes(text, node);
	}
	if (text->code == ANCIENT_OK)
		check_aliases(text);
}
