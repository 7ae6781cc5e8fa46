/* c-reader/value: OCaml's `compare`, as the runtime defines it (its compare.c; for custom blocks
 * ints.c and Zarith): total, nan below every number, blocks by tag, by size, and then field by
 * field. Called by lookups in maps and tables, and by dumps.
 *
 * Two blocks that were compared are united (union-find) and not compared again, so that shared
 * structures cost their blocks and not their paths; a pair that is met inside of itself has no end.
 * The first pairs of a comparison do without, because most comparisons end there. */
#include <stdlib.h>
#include <string.h>

#include "base/word_map.h"
#include "value/gate_custom.h"
#include "value/ocaml_compare.h"

#define ALONE 64u /* pairs of blocks before the union-find begins */
#define LONG 8u   /* words of a string or array that is worth a place in it */

/* Two blocks of the same size whose fields are being compared. */
struct pair {
	uint64_t left, right; /* offset, or address of a key's fields */
	uint64_t size, next;  /* fields; the next one */
	uint32_t level; /* number of this level of the stack; blocks in one's last field share it */
	bool left_in_file, right_in_file;
};

struct comparison {
	const struct ancient_file *file;
	struct reader_budget *budget;
	struct ancient_error *err;
	struct pair first[8], *stack;
	size_t depth, capacity;
	uint64_t pairs;         /* of blocks so far */
	uint32_t level, levels; /* of the pair that is opened; given so far */
	struct reader_word_map
		united; /* by offset: {the node above, levels as left and as right} */
};

static int sign(bool less, bool greater)
{
	return greater - less;
}

/* ---- Leaves ------------------------------------------------------------------------- */

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
		order = compare_floats(ancient_reader_lookup_float(file, left, i),
				       ancient_reader_lookup_float(file, right, i));
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
	return ancient_reader_refuse(
		c->file == NULL ? "key" : c->file->name, c->err, ANCIENT_E_WRONG_KIND,
		"expected values that are ordered the same everywhere, found a custom "
		"block or bigarray");
}

static enum ancient_code compare_customs(const struct comparison *c, const struct lookup_view *left,
					 const struct lookup_view *right, int *order)
{
	if (left->slot != right->slot) {
		if (left->slot >= ANCIENT_CUSTOM_WELL_KNOWN ||
		    right->slot >= ANCIENT_CUSTOM_WELL_KNOWN)
			return no_order(c);
		*order = strcmp(ancient_reader_custom_well_known[left->slot],
				ancient_reader_custom_well_known[right->slot]) < 0
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

/* ---- What was compared before ------------------------------------------------------- */

static enum ancient_code exceeded(const struct comparison *c, const struct lookup_view *view)
{
	return ancient_reader_budget_fail(
		c->budget, view->in_file ? view->offset : ANCIENT_NO_OFFSET, "comparison", c->err);
}

static enum ancient_code no_end(const struct comparison *c, const struct lookup_view *view)
{
	const struct reader_fault fault = {.code = ANCIENT_E_TOO_LARGE, .offset = view->offset};

	return ancient_reader_fail(c->file == NULL ? "key" : c->file->name, c->err, &fault,
				   "the comparison has no end: a value contains itself");
}

/* The root above a block, which is added where it is not there; NULL: see the budget. */
static struct reader_word_entry *root_of(struct comparison *c, uint64_t offset)
{
	struct reader_word_entry *entry = ancient_reader_word_map_at(&c->united, offset, c->budget);

	while (entry != NULL && entry->value[0] != 0) {
		/* What is above is in the map: nothing is added, and nothing moves. */
		struct reader_word_entry *above =
			ancient_reader_word_map_at(&c->united, entry->value[0], c->budget);
		if (above->value[0] != 0)
			entry->value[0] = above->value[0];
		entry = above;
	}
	return entry;
}

/* Whether a level of the stack is not finished: they are numbered upwards. */
static bool is_open(const struct comparison *c, uint32_t level)
{
	size_t low = 0, high = c->depth;

	if (level == 0 || level == c->level)
		return level != 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (c->stack[middle].level == level)
			return true;
		if (c->stack[middle].level < level)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Unites two blocks; *ret_met where they were equal before. */
static enum ancient_code unite(struct comparison *c, const struct lookup_view *left,
			       const struct lookup_view *right, bool *ret_met)
{
	struct reader_word_entry *a = NULL, *b = NULL, *node;

	*ret_met = false;
	/* b is added before a is looked for again, because adding moves entries. */
	if (root_of(c, left->offset) != NULL)
		b = root_of(c, right->offset);
	if (b != NULL)
		a = root_of(c, left->offset);
	if (a == NULL)
		return exceeded(c, left);
	*ret_met = a == b;
	if (a != b)
		a->value[0] = b->key;
	node = ancient_reader_word_map_at(&c->united, left->offset, c->budget);
	if (*ret_met && is_open(c, (uint32_t)(node->value[1] >> 32)))
		return no_end(c, left);
	/* The outermost level counts. */
	if (!is_open(c, (uint32_t)(node->value[1] >> 32)))
		node->value[1] = (uint64_t)c->level << 32 | (uint32_t)node->value[1];
	node = ancient_reader_word_map_at(&c->united, right->offset, c->budget);
	if (*ret_met && is_open(c, (uint32_t)node->value[1]))
		return no_end(c, right);
	if (!is_open(c, (uint32_t)node->value[1]))
		node->value[1] = (node->value[1] >> 32 << 32) | c->level;
	return ANCIENT_OK;
}

/* ---- The walk ----------------------------------------------------------------------- */

static enum ancient_code push(struct comparison *c, const struct lookup_view *left,
			      const struct lookup_view *right)
{
	if (c->depth == c->capacity) {
		const size_t size = sizeof(*c->stack);
		bool inside = c->stack == c->first;
		size_t capacity = 2 * c->capacity;
		struct pair *stack;
		if (!ancient_reader_budget_hold(c->budget, (inside ? 2 : 1) * c->capacity * size))
			return exceeded(c, left);
		stack = realloc(inside ? NULL : c->stack, capacity * size);
		if (stack == NULL)
			return ancient_reader_refuse(c->file == NULL ? "key" : c->file->name,
						     c->err, ANCIENT_E_MEMORY, "comparison");
		if (inside)
			memcpy(stack, c->first, sizeof(c->first));
		c->stack = stack;
		c->capacity = capacity;
	}
	c->stack[c->depth++] =
		(struct pair){.left = left->in_file ? left->offset : (uintptr_t)left->fields,
			      .right = right->in_file ? right->offset : (uintptr_t)right->fields,
			      .size = left->size,
			      .level = c->level,
			      .left_in_file = left->in_file,
			      .right_in_file = right->in_file};
	return ANCIENT_OK;
}

static struct lookup_item field_of(const struct comparison *c, uint64_t at, bool in_file,
				   uint64_t index)
{
	if (in_file)
		return lookup_word(reader_word(c->file, at + index * ANCIENT_WORD));
	return lookup_key((const struct ancient_key *)(uintptr_t)at + index);
}

static enum ancient_code compare_blocks(struct comparison *c, const struct lookup_view *left,
					const struct lookup_view *right, int *order)
{
	bool met = false;

	*order = sign(left->size<right->size, left->size> right->size);
	if (*order != 0 || left->size == 0)
		return ANCIENT_OK;
	if (++c->pairs > ALONE && left->in_file && right->in_file) {
		enum ancient_code code = unite(c, left, right, &met);
		if (code != ANCIENT_OK)
			return code;
	}
	return met ? ANCIENT_OK : push(c, left, right);
}

/* Strings, arrays of floats, custom blocks: long ones are not compared twice. */
static enum ancient_code compare_long(struct comparison *c, const struct lookup_view *left,
				      const struct lookup_view *right, int *order)
{
	const bool string = left->tag == ANCIENT_TAG_STRING;
	uint64_t words = left->size < right->size ? left->size : right->size;
	bool met = false;

	words = string ? words / ANCIENT_WORD : words;
	if (words >= LONG && c->pairs > ALONE && left->in_file && right->in_file &&
	    left->size == right->size) {
		enum ancient_code code = unite(c, left, right, &met);
		if (code != ANCIENT_OK || met)
			return code;
	}
	if (!reader_budget_take(c->budget, words))
		return exceeded(c, left);
	if (left->tag == ANCIENT_TAG_CUSTOM)
		return compare_customs(c, left, right, order);
	*order = string ? compare_strings(left, right) : compare_arrays(c->file, left, right);
	return ANCIENT_OK;
}

/* Two opened values; blocks of values that may still differ go on the stack. */
static enum ancient_code compare_views(struct comparison *c, const struct lookup_view *left,
				       const struct lookup_view *right, int *order)
{
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
	case ANCIENT_TAG_DOUBLE_ARRAY:
	case ANCIENT_TAG_CUSTOM:
		return compare_long(c, left, right, order);
	case ANCIENT_TAG_DOUBLE:
		*order = compare_floats(ancient_reader_lookup_float(c->file, left, 0),
					ancient_reader_lookup_float(c->file, right, 0));
		return ANCIENT_OK;
	default:
		return compare_blocks(c, left, right, order);
	}
}

static enum ancient_code open_through_lazies(struct comparison *c, struct lookup_item item,
					     struct lookup_view *view)
{
	enum ancient_code code = ancient_reader_lookup_open(c->file, item, view, c->err);

	while (code == ANCIENT_OK && view->tag == ANCIENT_TAG_FORWARD) {
		if (!reader_budget_take(c->budget, 1))
			return exceeded(c, view);
		code = ancient_reader_lookup_open(
			c->file, ancient_reader_lookup_field(c->file, view, 0), view, c->err);
	}
	return code;
}

static enum ancient_code compare_items(struct comparison *c, struct lookup_item left,
				       struct lookup_item right, int *order)
{
	struct lookup_view a, b;
	enum ancient_code code;

	*order = 0;
	if (left.key == NULL && right.key == NULL && left.word == right.word)
		return ANCIENT_OK;
	code = open_through_lazies(c, left, &a);
	if (code == ANCIENT_OK)
		code = open_through_lazies(c, right, &b);
	return code == ANCIENT_OK ? compare_views(c, &a, &b, order) : code;
}

/* The next field of the pair on top.  The pair leaves the stack before its last field is compared,
 * so that a list needs no stack; it is open until that field is done, by its level. */
static enum ancient_code compare_next(struct comparison *c, int *order)
{
	struct pair *top = &c->stack[c->depth - 1];
	struct lookup_item a = field_of(c, top->left, top->left_in_file, top->next);
	struct lookup_item b = field_of(c, top->right, top->right_in_file, top->next);

	/* Levels are numbered in 32 bits: no more than that, whatever the budget of a huge file. */
	if (!reader_budget_take(c->budget, 1) || c->levels == UINT32_MAX)
		return ancient_reader_budget_fail(c->budget,
						  top->left_in_file ? top->left : ANCIENT_NO_OFFSET,
						  "comparison", c->err);
	if (++top->next == top->size) {
		c->level = top->level;
		c->depth--;
	} else {
		c->level = ++c->levels;
	}
	return compare_items(c, a, b, order);
}

enum ancient_code ancient_reader_lookup_compare(struct reader_budget *budget,
						struct lookup_item left, struct lookup_item right,
						int *ret_order, struct ancient_error *err)
{
	struct comparison c;
	int order = 0;
	enum ancient_code code;

	c.file = budget->file;
	c.budget = budget;
	c.err = err;
	c.stack = c.first;
	c.depth = 0;
	c.capacity = sizeof(c.first) / sizeof(c.first[0]);
	c.pairs = 0;
	c.level = c.levels = 1;
	c.united = (struct reader_word_map){0};
	if (!reader_budget_take(budget, 1))
		return ancient_reader_budget_fail(budget, ANCIENT_NO_OFFSET, "comparison", err);
	code = compare_items(&c, left, right, &order);
	while (code == ANCIENT_OK && order == 0 && c.depth > 0)
		code = compare_next(&c, &order);
	if (c.stack != c.first) {
		ancient_reader_budget_release(budget, c.capacity * sizeof(*c.stack));
		free(c.stack);
	}
	ancient_reader_word_map_done(&c.united, budget);
	if (code == ANCIENT_OK)
		*ret_order = order;
	return code;
}

/* ---- The public functions ----------------------------------------------------------- */

static enum ancient_code compare(const struct ancient_file *file, struct ancient_value left,
				 struct lookup_item right, int *ret_order,
				 struct ancient_error *err)
{
	struct reader_budget budget;
	enum ancient_code code;
	int order = 0;

	ancient_reader_budget_init(&budget, file);
	code = ancient_reader_lookup_compare(&budget, lookup_word(left.word), right, &order, err);
	ancient_reader_budget_done(&budget);
	if (file != NULL)
		code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_order = order;
	return code;
}

enum ancient_code ancient_value_compare(const struct ancient_file *file, struct ancient_value left,
					struct ancient_value right, int *ret_order,
					struct ancient_error *err)
{
	return compare(file, left, lookup_word(right.word), ret_order, err);
}

enum ancient_code ancient_key_compare(const struct ancient_file *file, struct ancient_value left,
				      const struct ancient_key *right, int *ret_order,
				      struct ancient_error *err)
{
	return compare(file, left, lookup_key(right), ret_order, err);
}
