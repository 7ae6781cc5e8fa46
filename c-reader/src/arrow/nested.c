/* c-reader/arrow: lists, maps and bigarrays as the values of nodes (append.h).
 *
 * Elements of many short lists go together to the child, up to SCAN_ROWS at a time, so that the
 * columns below a list are filled as fast as those of the rows. */
#include "arrow/nested.h"

#include <string.h>

#include "arrow/append.h"
#include "base/error.h"
#include "scan/walk.h"
#include "typed/elements.h"

/* So many buckets of a table are one step: they are passed over quickly. */
#define BUCKETS 32u
/* What a row or element that is written earns: what makes output costs its output. */
#define EARNED 16u

/* ---- Elements ----------------------------------------------------------------------- */

/* Appends the pending elements to the child. */
static enum ancient_code flush(struct arrow_build *build, struct arrow_node *node)
{
	struct arrow_node *child = node->child[0];
	const size_t count = node->pending[0].count;
	enum ancient_code code;

	if (count == 0)
		return ANCIENT_OK;
	node->pending[0].count = 0;
	ancient_reader_budget_earn(&build->budget, EARNED * count);
	for (unsigned i = 0; i < (child->kind == ARROW_ENTRIES ? 2 : 1); i++) {
		node->pending[i].file = build->plan.file;
		node->pending[i].schema = build->plan.schema;
		node->pending[i].count = count;
	}
	if (child->kind == ARROW_ENTRIES) {
		code = ancient_reader_arrow_append(build, child->child[0], &node->pending[0]);
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_append(build, child->child[1],
							   &node->pending[1]);
		child->now.length += count;
	} else {
		code = ancient_reader_arrow_append(build, child, &node->pending[0]);
	}
	node->pending[0].count = 0;
	return code;
}

/* Adds elements to those that are pending, of which there are fewer than SCAN_ROWS. */
static enum ancient_code push(struct arrow_build *build, struct arrow_node *node,
			      const uint64_t *keys, const uint64_t *values, bool flat, size_t count)
{
	const bool pairs = node->child[0]->kind == ARROW_ENTRIES;
	struct scan_rows *first = &node->pending[0];
	const size_t at = first->count;

	memcpy(&first->word[at], pairs ? keys : values, count * sizeof(keys[0]));
	memset(&first->state[at], flat ? SCAN_FLAT : SCAN_PRESENT, count);
	if (pairs) {
		memcpy(&node->pending[1].word[at], values, count * sizeof(values[0]));
		memset(&node->pending[1].state[at], SCAN_PRESENT, count);
	}
	first->count += count;
	node->now.elements += count;
	return first->count == SCAN_ROWS ? flush(build, node) : ANCIENT_OK;
}

/* ---- One list ------------------------------------------------------------------------ */

/* The cells of a list. */
static enum ancient_code take_list(struct arrow_build *build, struct arrow_node *node,
				   uint64_t word)
{
	const struct ancient_file *file = build->plan.file;
	const struct ancient_type *type = &build->plan.schema->types[node->type];
	const uint64_t most = reader_most(file, 3);
	struct reader_chain chain = READER_CHAIN_START;
	enum ancient_code code = ANCIENT_OK;

	while (word != 1 && code == ANCIENT_OK) {
		struct reader_block cell;
		uint64_t head;
		if (reader_is_pointer(word) && reader_chain_closed(&chain, word, most))
			return ancient_reader_typed_bad_shape(file, type, word, &build->err,
							      "a list that ends");
		code = typed_cell(file, type, word, 2, "0 or a block of tag 0 and size 2", &cell,
				  &build->err);
		if (code != ANCIENT_OK)
			return code;
		head = reader_field(file, &cell, 0);
		word = reader_field(file, &cell, 1);
		code = push(build, node, NULL, &head, false, 1);
	}
	return code;
}

/* Everything else that has elements. */
static enum ancient_code take_elements(struct arrow_build *build, struct arrow_node *node,
				       struct ancient_typed typed)
{
	struct arrow_level *level = &build->levels[node->level];
	struct ancient_scan *scan = &level->scan;
	bool end = false;
	enum ancient_code code = ancient_scan_init(build->plan.file, build->plan.schema, typed,
						   false, scan, &build->err);

	if (code != ANCIENT_OK)
		return code;
	if (!reader_budget_take(&build->budget, 1 + scan->iterator.count / BUCKETS))
		return ancient_reader_budget_fail(&build->budget, ANCIENT_NO_OFFSET, "a column",
						  &build->err);
	level->batch.file = build->plan.file;
	level->batch.budget = &build->budget;
	level->batch.schema = build->plan.schema;
	while (!end && code == ANCIENT_OK) {
		code = ancient_reader_scan_walk(scan, &build->budget,
						SCAN_ROWS - node->pending[0].count, &level->batch,
						&end, &build->err);
		if (code == ANCIENT_OK && level->batch.count > 0)
			code = push(build, node, level->batch.keys, level->batch.values,
				    level->batch.flat, level->batch.count);
	}
	return code;
}

static enum ancient_code put_offset(struct arrow_build *build, struct arrow_node *node,
				    uint64_t slot)
{
	int32_t *offsets;

	if (node->now.elements > INT32_MAX) {
		build->full = true;
		return ANCIENT_E_TOO_LARGE;
	}
	if (!arrow_reserve(&node->offsets, (slot + 2) * sizeof(*offsets)))
		return ancient_reader_arrow_no_room(build);
	offsets = (int32_t *)(void *)node->offsets.bytes;
	offsets[0] = 0;
	offsets[slot + 1] = (int32_t)node->now.elements;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_arrow_append_list(struct arrow_build *build,
						   struct arrow_node *node,
						   const struct scan_rows *rows)
{
	const bool list = build->plan.schema->types[node->type].kind == ANCIENT_TYPE_LIST;
	enum ancient_code code = ANCIENT_OK;

	node->pending[0].count = 0;
	if (!arrow_charge(build, 4 * (uint64_t)rows->count))
		return ANCIENT_E_TOO_LARGE;
	for (size_t i = 0; i < rows->count && code == ANCIENT_OK; i++) {
		if (arrow_is_there(rows, i) && list)
			code = take_list(build, node, rows->word[i]);
		else if (arrow_is_there(rows, i))
			code = take_elements(build, node, arrow_typed(rows, i, node->type));
		if (code == ANCIENT_OK)
			code = put_offset(build, node, node->now.length + i);
	}
	return code != ANCIENT_OK ? code : flush(build, node);
}

/* ---- Bigarrays ----------------------------------------------------------------------- */

static enum ancient_code take_numbers(struct arrow_build *build, struct arrow_node *node,
				      struct ancient_typed typed)
{
	struct arrow_node *child = node->child[0], *raw = child;
	struct ancient_bigarray array;
	uint64_t bytes;
	enum ancient_code code = ancient_typed_bigarray(build->plan.file, build->plan.schema, typed,
							&array, &build->err);

	if (code != ANCIENT_OK)
		return code;
	if (child->kind == ARROW_PAIR)
		raw = child->child[0];
	/* The type says kind and width, and was compared with the array; all of it is in the file.
	 */
	bytes = array.count * array.item_bytes;
	if (array.count > INT32_MAX || !arrow_charge(build, bytes)) {
		build->full = true;
		return ANCIENT_E_TOO_LARGE;
	}
	if (!arrow_reserve(&raw->data, raw->now.data_length + bytes))
		return ancient_reader_arrow_no_room(build);
	if (bytes > 0)
		memcpy(raw->data.bytes + raw->now.data_length, array.data, bytes);
	raw->now.data_length += bytes;
	raw->now.length += raw == child ? array.count : 2 * array.count;
	if (raw != child)
		child->now.length += array.count;
	node->now.elements += array.count;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_arrow_append_numbers(struct arrow_build *build,
						      struct arrow_node *node,
						      const struct scan_rows *rows)
{
	enum ancient_code code = ANCIENT_OK;

	if (!arrow_charge(build, 4 * (uint64_t)rows->count))
		return ANCIENT_E_TOO_LARGE;
	for (size_t i = 0; i < rows->count && code == ANCIENT_OK; i++) {
		if (arrow_is_there(rows, i))
			code = take_numbers(build, node, arrow_typed(rows, i, node->type));
		if (code == ANCIENT_OK)
			code = put_offset(build, node, node->now.length + i);
	}
	return code;
}
