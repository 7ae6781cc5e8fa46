/* c-reader/scan: fills in one row of one column with the public accessors of typed values, which
 * take every shape and make the errors; for scan.c and the rows that the faster ways deferred. */
#include "scan/row.h"

#include <math.h>
#include <string.h>

#include "scan/inside.h"
#include "value/gate.h"

static enum ancient_code take_step(const struct scan_batch *batch,
				   const struct ancient_column_step *step,
				   struct ancient_typed *here, bool *present,
				   struct ancient_error *err)
{
	uint32_t constructor;
	enum ancient_code code;
	bool ok;

	switch (step->kind) {
	case COLUMN_FIELD:
		return ancient_typed_field(batch->file, batch->schema, *here, step->index, here,
					   err);
	case COLUMN_OPTION:
		return ancient_typed_option(batch->file, batch->schema, *here, present, here, err);
	case COLUMN_RESULT:
		code = ancient_typed_result(batch->file, batch->schema, *here, &ok, here, err);
		if (code == ANCIENT_OK)
			*present = ok == (step->index == 0);
		return code;
	case COLUMN_ARGUMENT:
		code = ancient_typed_constructor(batch->file, batch->schema, *here, &constructor,
						 err);
		if (code != ANCIENT_OK)
			return code;
		*present = constructor == step->index;
		if (!*present)
			return ANCIENT_OK;
		return ancient_typed_argument(batch->file, batch->schema, *here, step->argument,
					      here, err);
	case COLUMN_ITEM:
		return ancient_reader_scan_item(batch, step->index, here, present, err);
	default:
		return ancient_typed_contents(batch->file, batch->schema, *here, here, err);
	}
}

static enum ancient_code put_value(const struct scan_batch *batch,
				   const struct ancient_column *column, size_t row,
				   struct ancient_typed here, struct ancient_error *err)
{
	struct ancient_bytes *bytes = column->data;
	uint32_t constructor = 0;
	size_t length = 0;
	int64_t integer = 0;
	enum ancient_code code;

	here.type = column->type;
	if (scan_is_length(column))
		return ancient_reader_scan_length(batch, here, (int64_t *)column->data + row, err);
	switch (column->kind) {
	case ANCIENT_COLUMN_FLOAT:
		return ancient_typed_float(batch->file, batch->schema, here,
					   (double *)column->data + row, err);
	case ANCIENT_COLUMN_STRING:
		code = ancient_typed_string(batch->file, batch->schema, here, &bytes[row].bytes,
					    &length, err);
		if (code != ANCIENT_OK)
			return code;
		bytes[row].length = length;
		bytes[row].file_offset =
			(uint64_t)((const unsigned char *)bytes[row].bytes - batch->file->map);
		return code;
	case ANCIENT_COLUMN_CONSTRUCTOR:
		code = ancient_typed_constructor(batch->file, batch->schema, here, &constructor,
						 err);
		((int64_t *)column->data)[row] = constructor;
		return code;
	default:
		code = ancient_typed_int(batch->file, batch->schema, here, &integer, err);
	}
	if (column->kind == ANCIENT_COLUMN_BOOL)
		((uint8_t *)column->data)[row] = (uint8_t)integer;
	else
		((int64_t *)column->data)[row] = integer;
	return code;
}

void ancient_reader_scan_put_absent(const struct ancient_column *column, size_t row)
{
	if (column->kind == ANCIENT_COLUMN_FLOAT)
		((double *)column->data)[row] = NAN;
	else if (column->kind == ANCIENT_COLUMN_CONSTRUCTOR)
		((int64_t *)column->data)[row] = -1;
	else
		memset((char *)column->data + row * column->item_bytes, 0, column->item_bytes);
}

enum ancient_code ancient_reader_scan_row(const struct scan_batch *batch,
					  const struct ancient_column *column, size_t index,
					  struct ancient_error *err)
{
	struct ancient_typed here = {{scan_words(batch, column)[index]}, column->from, batch->flat};
	const uint32_t steps = column->step_count - scan_is_length(column);
	size_t row = batch->row + index;
	enum ancient_code code = ANCIENT_OK;
	bool present = true;

	for (uint32_t i = 0; i < steps && present && code == ANCIENT_OK; i++) {
		here.type = column->steps[i].type;
		code = take_step(batch, &column->steps[i], &here, &present, err);
	}
	if (code != ANCIENT_OK)
		return code;
	if (column->present != NULL)
		column->present[row] = present;
	if (present)
		return put_value(batch, column, row, here, err);
	ancient_reader_scan_put_absent(column, row);
	return ANCIENT_OK;
}
