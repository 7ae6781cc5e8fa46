/* c-reader/value: OCaml's `compare`, as the runtime defines it (its compare.c; for custom blocks
 * ints.c and Zarith): total, nan below every number, blocks by tag, by size, and then field by
 * field. Called by lookups in maps and tables, and by dumps. */
#include <stdlib.h>
#include <string.h>

#include "value/gate_custom.h"
#include "value/ocaml_compare.h"

struct pair {
	struct lookup_view left, right;
	uint64_t next; /* field */
};

struct comparison {
	const struct ancient_file *file;
	struct ancient_error *err;
	struct pair first[4], *stack;
	size_t depth, capacity;
	uint64_t steps;
};

static int sign(bool less, bool greater)
{
	return greater - less;
}

static int compare_floats(double left, double right)
{
	if (left == right)
		return 0;
	if (left != left || right != right)
		return sign(left != left && right == right, left == left);
	return sign(left<right, left> right);
}

static int compare_strings(const struct lookup_view *left, const struct lookup_view *right)
{
	size_t length = left->size < right->size ? left->size : right->size;
	int order = length == 0 ? 0 : memcmp(left->bytes, right->bytes, length);

	if (order == 0)
		return sign(left->size<right->size, left->size> right->size);
	return order < 0 ? -1 : 1;
}

static int compare_arrays(const struct ancient_file *file, const struct lookup_view *left,
			  const struct lookup_view *right)
{
	int order = sign(left->size<right->size, left->size> right->size);

	for (uint64_t i = 0; i < left->size && order == 0; i++)
		order = compare_floats(lookup_float(file, left, i), lookup_float(file, right, i));
	return order;
}

/* Both are in the file: no key is one. */
static int compare_zarith(const struct ancient_file *file, const struct lookup_view *left,
			  const struct lookup_view *right)
{
	int order = sign(left->size<right->size, left->size> right->size);

	if (left->negative != right->negative)
		return left->negative ? -1 : 1;
	for (uint64_t i = left->size; i-- > 0 && order == 0;) {
		uint64_t a = reader_word(file, left->offset + i * ANCIENT_WORD);
		uint64_t b = reader_word(file, right->offset + i * ANCIENT_WORD);
		order = sign(a<b, a> b);
	}
	return left->negative ? -order : order;
}

static enum ancient_code no_order(const struct comparison *c)
{
	return reader_refuse(c->file == NULL ? "key" : c->file->name, c->err, ANCIENT_E_WRONG_KIND,
			     "expected values that are ordered the same everywhere, found a custom "
			     "block or bigarray");
}

static enum ancient_code compare_customs(const struct comparison *c, const struct pair *pair,
					 int *order)
{
	const struct lookup_view *left = &pair->left, *right = &pair->right;

	if (left->slot != right->slot) {
		if (left->slot >= ANCIENT_CUSTOM_WELL_KNOWN ||
		    right->slot >= ANCIENT_CUSTOM_WELL_KNOWN)
			return no_order(c);
		*order = strcmp(reader_custom_well_known[left->slot],
				reader_custom_well_known[right->slot]) < 0
				 ? -1
				 : 1;
		return ANCIENT_OK;
	}
	switch (left->slot) {
	case ANCIENT_CUSTOM_INT32:
	case ANCIENT_CUSTOM_INT64:
	case ANCIENT_CUSTOM_NATIVEINT:
		*order = sign(left->integer<right->integer, left->integer> right->integer);
		return ANCIENT_OK;
	case ANCIENT_CUSTOM_ZARITH:
		*order = compare_zarith(c->file, left, right);
		return ANCIENT_OK;
	default:
		return no_order(c);
	}
}

/* An immediate is less than any block, but for a negative Z.t. */
static int compare_immediate(const struct lookup_view *block)
{
	bool below = block->tag == ANCIENT_TAG_CUSTOM && block->slot == ANCIENT_CUSTOM_ZARITH &&
		     block->negative;

	return below ? 1 : -1;
}

static enum ancient_code push(struct comparison *c, const struct pair *pair)
{
	if (c->depth == c->capacity) {
		size_t capacity = 4 * c->capacity;
		bool inside = c->stack == c->first;
		struct pair *stack = realloc(inside ? NULL : c->stack, capacity * sizeof(*stack));
		if (stack == NULL)
			return reader_refuse(c->file == NULL ? "key" : c->file->name, c->err,
					     ANCIENT_E_MEMORY, "comparison");
		if (inside)
			memcpy(stack, c->first, sizeof(c->first));
		c->stack = stack;
		c->capacity = capacity;
	}
	c->stack[c->depth++] = *pair;
	return ANCIENT_OK;
}

/* Two opened values; blocks of values that may still differ go on the stack. */
static enum ancient_code compare_views(struct comparison *c, const struct pair *pair, int *order)
{
	const struct lookup_view *left = &pair->left, *right = &pair->right;

	if (left->tag == LOOKUP_IMMEDIATE && right->tag == LOOKUP_IMMEDIATE) {
		*order = sign(left->integer<right->integer, left->integer> right->integer);
		return ANCIENT_OK;
	}
	if (left->tag == LOOKUP_IMMEDIATE) {
		*order = compare_immediate(right);
		return ANCIENT_OK;
	}
	if (right->tag == LOOKUP_IMMEDIATE) {
		*order = -compare_immediate(left);
		return ANCIENT_OK;
	}
	if (left->tag != right->tag) {
		*order = left->tag < right->tag ? -1 : 1;
		return ANCIENT_OK;
	}
	switch (left->tag) {
	case ANCIENT_TAG_STRING:
		*order = compare_strings(left, right);
		return ANCIENT_OK;
	case ANCIENT_TAG_DOUBLE:
		*order = compare_floats(lookup_float(c->file, left, 0),
					lookup_float(c->file, right, 0));
		return ANCIENT_OK;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		*order = compare_arrays(c->file, left, right);
		return ANCIENT_OK;
	case ANCIENT_TAG_CUSTOM:
		return compare_customs(c, pair, order);
	default:
		*order = sign(left->size<right->size, left->size> right->size);
		return *order == 0 && left->size > 0 ? push(c, pair) : ANCIENT_OK;
	}
}

static enum ancient_code too_long(const struct comparison *c)
{
	return reader_refuse(c->file == NULL ? "key" : c->file->name, c->err, ANCIENT_E_TOO_LARGE,
			     "the comparison has no end: a value contains itself");
}

static enum ancient_code open_through_lazies(struct comparison *c, struct lookup_item item,
					     struct lookup_view *view)
{
	enum ancient_code code = lookup_open(c->file, item, view, c->err);

	while (code == ANCIENT_OK && view->tag == ANCIENT_TAG_FORWARD) {
		if (c->steps-- == 0)
			return too_long(c);
		code = lookup_open(c->file, lookup_field(c->file, view, 0), view, c->err);
	}
	return code;
}

static enum ancient_code compare_items(struct comparison *c, struct lookup_item left,
				       struct lookup_item right, int *order)
{
	struct pair pair = {.next = 0};
	enum ancient_code code;

	*order = 0;
	if (left.key == NULL && right.key == NULL && left.word == right.word)
		return ANCIENT_OK;
	if (c->steps-- == 0)
		return too_long(c);
	code = open_through_lazies(c, left, &pair.left);
	if (code == ANCIENT_OK)
		code = open_through_lazies(c, right, &pair.right);
	return code == ANCIENT_OK ? compare_views(c, &pair, order) : code;
}

enum ancient_code lookup_compare(const struct ancient_file *file, struct lookup_item left,
				 struct lookup_item right, int *ret_order,
				 struct ancient_error *err)
{
	struct comparison c = {.file = file, .err = err, .capacity = 4};
	int order = 0;
	enum ancient_code code;

	c.stack = c.first;
	c.steps = (file == NULL ? 0 : file->super.used / ANCIENT_WORD) + (1u << 20);
	code = compare_items(&c, left, right, &order);
	while (code == ANCIENT_OK && order == 0 && c.depth > 0) {
		struct pair *top = &c.stack[c.depth - 1];
		struct lookup_item a = lookup_field(file, &top->left, top->next);
		struct lookup_item b = lookup_field(file, &top->right, top->next);
		if (++top->next == top->left.size)
			c.depth--;
		code = compare_items(&c, a, b, &order);
	}
	if (c.stack != c.first)
		free(c.stack);
	if (code == ANCIENT_OK)
		*ret_order = order;
	return code;
}

enum ancient_code lookup_equal(const struct ancient_file *file, struct ancient_value value,
			       const struct ancient_key *key, bool *ret_equal,
			       struct ancient_error *err)
{
	int order = 1;
	enum ancient_code code =
		lookup_compare(file, lookup_word(value.word), lookup_key(key), &order, err);

	*ret_equal = order == 0;
	return code;
}

enum ancient_code ancient_value_compare(const struct ancient_file *file, struct ancient_value left,
					struct ancient_value right, int *ret_order,
					struct ancient_error *err)
{
	int order = 0;
	enum ancient_code code = reader_settle(
		file,
		lookup_compare(file, lookup_word(left.word), lookup_word(right.word), &order, err),
		err);

	if (code == ANCIENT_OK)
		*ret_order = order;
	return code;
}

enum ancient_code ancient_key_compare(const struct ancient_file *file, struct ancient_value left,
				      const struct ancient_key *right, int *ret_order,
				      struct ancient_error *err)
{
	int order = 0;
	enum ancient_code code = reader_settle(
		file, lookup_compare(file, lookup_word(left.word), lookup_key(right), &order, err),
		err);

	if (code == ANCIENT_OK)
		*ret_order = order;
	return code;
}
