/* c-reader/arrow: rows to nodes (append.h): the steps on the way to a value, which rows have one,
 * and what is a struct in Arrow.  Recursion is over nodes, so it is as deep as the plan. */
#include "arrow/append.h"

#include <string.h>

#include "arrow/leaf.h"
#include "arrow/nested.h"
#include "arrow/text.h"
#include "base/error.h"
#include "scan/row.h"

enum ancient_code ancient_reader_arrow_no_room(struct arrow_build *build)
{
	return ancient_reader_refuse(build->plan.file->name, &build->err, ANCIENT_E_MEMORY,
				     "a batch");
}

/* ---- Steps ------------------------------------------------------------------------ */

/* Takes the step for the rows that ancient_reader_scan_rows_step deferred. */
static enum ancient_code take_deferred(struct arrow_build *build, struct scan_rows *rows,
				       const struct ancient_column_step *step)
{
	for (size_t i = 0; i < rows->count; i++) {
		struct ancient_typed here;
		bool present = true;
		enum ancient_code code;
		if (rows->state[i] != SCAN_DEFERRED)
			continue;
		here = ancient_typed_of((struct ancient_value){rows->word[i]}, step->type);
		code = ancient_reader_scan_row_step(rows->file, rows->schema, step, &here, &present,
						    &build->err);
		if (code != ANCIENT_OK)
			return code;
		rows->word[i] = here.value.word;
		rows->state[i] = !present ? SCAN_ABSENT : here.flat != 0 ? SCAN_FLAT : SCAN_PRESENT;
	}
	return ANCIENT_OK;
}

static enum ancient_code take_steps(struct arrow_build *build, const struct arrow_node *node,
				    struct scan_rows *rows)
{
	enum ancient_code code = ANCIENT_OK;

	for (uint32_t i = 0; i < node->step_count && code == ANCIENT_OK; i++) {
		ancient_reader_scan_rows_step(rows, &node->steps[i]);
		code = take_deferred(build, rows, &node->steps[i]);
	}
	return code;
}

/* ---- Which rows have a value -------------------------------------------------------- */

static enum ancient_code append_validity(struct arrow_build *build, struct arrow_node *node,
					 const struct scan_rows *rows)
{
	const uint64_t length = node->now.length;
	uint64_t absent = 0;

	if (!node->nullable || node->kind == ARROW_NULL)
		return ANCIENT_OK;
	for (size_t i = 0; i < rows->count; i++)
		absent += rows->state[i] == SCAN_ABSENT;
	if (absent == 0 && node->validity.bytes == NULL)
		return ANCIENT_OK;
	if (node->validity.bytes == NULL) {
		if (!arrow_reserve(&node->validity, arrow_bit_bytes(length + rows->count)))
			return ancient_reader_arrow_no_room(build);
		ancient_reader_arrow_ones(node->validity.bytes, 0, length);
	}
	if (!arrow_reserve(&node->validity, arrow_bit_bytes(length + rows->count)))
		return ancient_reader_arrow_no_room(build);
	ancient_reader_arrow_bits(node->validity.bytes, length, rows->state, rows->count);
	node->now.nulls += absent;
	return ANCIENT_OK;
}

/* ---- Variants ---------------------------------------------------------------------- */

static enum ancient_code append_variant(struct arrow_build *build, struct arrow_node *node,
					struct scan_rows *rows)
{
	struct scan_rows *member = node->pending;
	enum ancient_code code =
		ancient_reader_arrow_constructors_of(build, node, rows, node->constructors);

	if (code != ANCIENT_OK)
		return code;
	code = ancient_reader_arrow_append_tags(build, node->child[0], node->constructors,
						rows->count);
	node->child[0]->now.length += rows->count;
	member->file = rows->file;
	member->schema = rows->schema;
	member->count = rows->count;
	for (uint32_t c = 1; c < node->child_count && code == ANCIENT_OK; c++) {
		memcpy(member->word, rows->word, rows->count * sizeof(rows->word[0]));
		for (size_t i = 0; i < rows->count; i++)
			member->state[i] = node->constructors[i] == node->child[c]->constructor
						   ? rows->state[i]
						   : (uint8_t)SCAN_ABSENT;
		code = ancient_reader_arrow_append(build, node->child[c], member);
	}
	return code;
}

/* ---- All of them ------------------------------------------------------------------- */

static enum ancient_code append_value(struct arrow_build *build, struct arrow_node *node,
				      struct scan_rows *rows)
{
	enum ancient_code code = ANCIENT_OK;

	switch (node->kind) {
	case ARROW_STRUCT:
		for (uint32_t i = 0; i < node->child_count && code == ANCIENT_OK; i++)
			code = ancient_reader_arrow_append(build, node->child[i], rows);
		return code;
	case ARROW_VARIANT:
		return append_variant(build, node, rows);
	case ARROW_LIST:
		return ancient_reader_arrow_append_list(build, node, rows);
	case ARROW_NUMBERS:
		return ancient_reader_arrow_append_numbers(build, node, rows);
	case ARROW_TEXT:
		return ancient_reader_arrow_append_text(build, node, rows);
	case ARROW_JSON:
		return ancient_reader_arrow_append_json(build, node, rows);
	case ARROW_DICTIONARY:
	case ARROW_NAMES:
		code = ancient_reader_arrow_constructors_of(build, node, rows, build->integers);
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_append_tags(build, node, build->integers,
								rows->count);
		return code;
	default:
		return ancient_reader_arrow_append_leaf(build, node, rows);
	}
}

enum ancient_code ancient_reader_arrow_append(struct arrow_build *build, struct arrow_node *node,
					      const struct scan_rows *from)
{
	struct scan_rows *rows = &build->levels[node->level].rows;
	enum ancient_code code;

	rows->file = from->file;
	rows->schema = from->schema;
	rows->count = from->count;
	memcpy(rows->word, from->word, from->count * sizeof(from->word[0]));
	memcpy(rows->state, from->state, from->count);
	code = take_steps(build, node, rows);
	if (code == ANCIENT_OK)
		code = append_validity(build, node, rows);
	/* A slot costs at least a byte, so that what has no bytes ends too. */
	if (code == ANCIENT_OK && !arrow_charge(build, rows->count))
		code = ANCIENT_E_TOO_LARGE;
	if (code == ANCIENT_OK)
		code = append_value(build, node, rows);
	if (code == ANCIENT_OK)
		node->now.length += rows->count;
	else if (build->failed == NULL)
		build->failed = node;
	return code;
}
