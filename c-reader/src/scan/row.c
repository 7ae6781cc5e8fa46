/* c-reader/scan: fills in one row of one column with the public accessors of typed values, which
 * take every shape and make the errors; for the rows that the faster ways deferred. */
#include "scan/row.h"

#include <math.h>
#include <string.h>

#include "scan/inside.h"
#include "value/gate.h"

enum ancient_code ancient_reader_scan_row_step(const struct ancient_file *file,
					       const struct ancient_schema *schema,
					       const struct ancient_column_step *step,
					       struct ancient_typed *here, bool *present,
					       struct ancient_error *err)
{
	uint32_t constructor;
	enum ancient_code code;
	bool ok;

	switch (step->kind) {
	case COLUMN_FIELD:
		return ancient_typed_field(file, schema, *here, step->index, here, err);
	case COLUMN_OPTION:
		return ancient_typed_option(file, schema, *here, present, here, err);
	case COLUMN_RESULT:
		code = ancient_typed_result(file, schema, *here, &ok, here, err);
		if (code == ANCIENT_OK)
			*present = ok == (step->index == 0);
		return code;
	case COLUMN_ARGUMENT:
		code = ancient_typed_constructor(file, schema, *here, &constructor, err);
		if (code != ANCIENT_OK)
			return code;
		*present = constructor == step->index;
		if (!*present)
			return ANCIENT_OK;
		return ancient_typed_argument(file, schema, *here, step->argument, here, err);
	default:
		return ancient_typed_contents(file, schema, *here, here, err);
	}
}

enum ancient_code ancient_reader_scan_row_put(const struct ancient_file *file,
					      const struct ancient_schema *schema,
					      enum ancient_column_kind kind,
					      struct ancient_typed here, void *out,
					      struct ancient_error *err)
{
	struct ancient_bytes *bytes = out;
	uint32_t constructor = 0;
	size_t length = 0;
	int64_t integer = 0;
	enum ancient_code code;

	switch (kind) {
	case ANCIENT_COLUMN_FLOAT:
		return ancient_typed_float(file, schema, here, out, err);
	case ANCIENT_COLUMN_STRING:
		code = ancient_typed_string(file, schema, here, &bytes->bytes, &length, err);
		if (code != ANCIENT_OK)
			return code;
		bytes->length = length;
		bytes->file_offset = (uint64_t)((const unsigned char *)bytes->bytes - file->map);
		return code;
	case ANCIENT_COLUMN_CONSTRUCTOR:
		code = ancient_typed_constructor(file, schema, here, &constructor, err);
		*(int64_t *)out = constructor;
		return code;
	default:
		code = ancient_typed_int(file, schema, here, &integer, err);
	}
	if (kind == ANCIENT_COLUMN_BOOL)
		*(uint8_t *)out = (uint8_t)integer;
	else
		*(int64_t *)out = integer;
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

enum ancient_code ancient_reader_scan_steps(const struct scan_batch *batch,
					    const struct ancient_column *column, size_t index,
					    uint32_t steps, struct ancient_typed *ret_here,
					    bool *ret_present, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	*ret_here = (struct ancient_typed){
		{scan_words(batch, column)[index]}, column->from, batch->flat};
	*ret_present = true;
	for (uint32_t i = 0; i < steps && *ret_present && code == ANCIENT_OK; i++) {
		ret_here->type = column->steps[i].type;
		if (column->steps[i].kind == COLUMN_ITEM)
			code = ancient_reader_scan_item(batch, column->steps[i].index, ret_here,
							ret_present, err);
		else
			code = ancient_reader_scan_row_step(batch->file, batch->schema,
							    &column->steps[i], ret_here,
							    ret_present, err);
	}
	return code;
}

enum ancient_code ancient_reader_scan_row(const struct scan_batch *batch,
					  const struct ancient_column *column, size_t index,
					  struct ancient_error *err)
{
	const uint32_t steps = column->step_count - scan_is_length(column);
	const size_t row = batch->row + index;
	struct ancient_typed here;
	bool present;
	enum ancient_code code =
		ancient_reader_scan_steps(batch, column, index, steps, &here, &present, err);

	if (code != ANCIENT_OK)
		return code;
	if (column->present != NULL)
		column->present[row] = present;
	here.type = column->type;
	if (present && scan_is_length(column))
		return ancient_reader_scan_length(batch, here, (int64_t *)column->data + row, err);
	if (present)
		return ancient_reader_scan_row_put(batch->file, batch->schema, column->kind, here,
						   (char *)column->data + row * column->item_bytes,
						   err);
	ancient_reader_scan_put_absent(column, row);
	return ANCIENT_OK;
}
