/* c-reader/scan: elements by number and lengths of what is in a row (inside.h).
 *
 * Rows may share one long list, so what is walked is taken from the budget of the call, a step for
 * each element.  An element of an array costs one step. */
#include "scan/inside.h"

#include "scan/walk.h"
#include "typed/shape.h"

enum ancient_code ancient_reader_scan_inside(const struct scan_batch *batch,
					     struct ancient_scan *scan, uint64_t most,
					     struct scan_batch *ret_inside, bool *ret_end,
					     struct ancient_error *err)
{
	struct ancient_error inner; /* the end is none of the caller's */
	enum ancient_code code;

	code = ancient_reader_scan_walk(scan, batch->budget,
					most < SCAN_ROWS ? (size_t)most : SCAN_ROWS, ret_inside,
					ret_end, &inner);
	if (code != ANCIENT_OK && err != NULL)
		*err = inner;
	if (code == ANCIENT_OK && !reader_budget_take(batch->budget, ret_inside->count + 1))
		code = ancient_reader_budget_fail(batch->budget, ANCIENT_NO_OFFSET, "column", err);
	return code;
}

/* Walks a container, `most` elements or to its end; the batch has the last of them. */
static enum ancient_code walk_inside(const struct scan_batch *batch, struct ancient_typed container,
				     uint64_t most, struct scan_batch *inside, uint64_t *ret_count,
				     struct ancient_error *err)
{
	struct ancient_scan scan;
	enum ancient_code code =
		ancient_scan_init(batch->file, batch->schema, container, false, &scan, err);
	uint64_t count = 0;
	bool end = false;

	inside->count = 0;
	while (code == ANCIENT_OK && count < most && !end) {
		code = ancient_reader_scan_inside(batch, &scan, most - count, inside, &end, err);
		count += inside->count;
	}
	if (code == ANCIENT_OK)
		*ret_count = count;
	return code;
}

/* A list or array in place of what holds one. */
static enum ancient_code open_holder(const struct scan_batch *batch, struct ancient_typed *here,
				     struct ancient_error *err)
{
	if (!typed_is_holder(batch->schema->types[here->type].kind))
		return ANCIENT_OK;
	return ancient_typed_contents(batch->file, batch->schema, *here, here, err);
}

static bool is_counted(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_ARRAY || kind == ANCIENT_TYPE_FLOATARRAY ||
	       kind == ANCIENT_TYPE_BIGARRAY;
}

enum ancient_code ancient_reader_scan_item(const struct scan_batch *batch, uint64_t index,
					   struct ancient_typed *here, bool *ret_present,
					   struct ancient_error *err)
{
	enum ancient_code code = open_holder(batch, here, err);
	struct scan_batch inside;
	uint64_t count = 0;

	if (code != ANCIENT_OK)
		return code;
	if (is_counted(batch->schema->types[here->type].kind)) {
		code = ancient_typed_length(batch->file, batch->schema, *here, &count, err);
		*ret_present = code == ANCIENT_OK && index < count;
		return *ret_present ? ancient_typed_item(batch->file, batch->schema, *here, index,
							 here, err)
				    : code;
	}
	code = walk_inside(batch, *here, index + 1, &inside, &count, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_present = count == index + 1;
	if (*ret_present)
		here->value.word = inside.values[inside.count - 1];
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_scan_length(const struct scan_batch *batch,
					     struct ancient_typed container, int64_t *ret_length,
					     struct ancient_error *err)
{
	enum ancient_type_kind kind = batch->schema->types[container.type].kind;
	struct scan_batch inside;
	uint64_t count = 0;
	const char *bytes;
	size_t length = 0;
	enum ancient_code code;

	if (kind == ANCIENT_TYPE_STRING || kind == ANCIENT_TYPE_BYTES) {
		code = ancient_typed_string(batch->file, batch->schema, container, &bytes, &length,
					    err);
		count = length;
	} else if (is_counted(kind)) {
		code = ancient_typed_length(batch->file, batch->schema, container, &count, err);
	} else {
		code = walk_inside(batch, container, UINT64_MAX, &inside, &count, err);
	}
	if (code == ANCIENT_OK)
		*ret_length = (int64_t)count;
	return code;
}
