/* c-reader: walking the elements of a value for columns (ancient_schema.h, Columns). */
#include <math.h>
#include <string.h>

#include "column.h"

enum ancient_code ancient_scan_init(const struct ancient_file *file,
				    const struct ancient_schema *schema, struct ancient_typed typed,
				    bool all, struct ancient_scan *ret_scan,
				    struct ancient_error *err)
{
	enum ancient_code code =
		ancient_iterator_init(file, schema, typed, &ret_scan->iterator, err);

	if (code == ANCIENT_OK) {
		ret_scan->all = all;
		ret_scan->done = false;
	}
	return code;
}

/* ---- One value --------------------------------------------------------------------- */

static enum ancient_code take_step(const struct ancient_iterator *it,
				   const struct ancient_column_step *step,
				   struct ancient_typed *here, bool *present,
				   struct ancient_error *err)
{
	uint32_t constructor;
	enum ancient_code code;
	bool ok;

	switch (step->kind) {
	case COLUMN_FIELD:
		return ancient_typed_field(it->file, it->schema, *here, step->index, here, err);
	case COLUMN_OPTION:
		return ancient_typed_option(it->file, it->schema, *here, present, here, err);
	case COLUMN_RESULT:
		code = ancient_typed_result(it->file, it->schema, *here, &ok, here, err);
		*present = ok == (step->index == 0);
		return code;
	case COLUMN_ARGUMENT:
		code = ancient_typed_constructor(it->file, it->schema, *here, &constructor, err);
		if (code != ANCIENT_OK)
			return code;
		*present = constructor == step->index;
		if (!*present)
			return ANCIENT_OK;
		return ancient_typed_argument(it->file, it->schema, *here, step->argument, here,
					      err);
	default:
		return ancient_typed_contents(it->file, it->schema, *here, here, err);
	}
}

static enum ancient_code put_value(const struct ancient_iterator *it,
				   const struct ancient_column *column, size_t row,
				   struct ancient_typed here, struct ancient_error *err)
{
	struct ancient_bytes *bytes = column->data;
	uint32_t constructor = 0;
	size_t length = 0;
	int64_t integer = 0;
	enum ancient_code code;

	here.type = column->type;
	switch (column->kind) {
	case ANCIENT_COLUMN_FLOAT:
		return ancient_typed_float(it->file, it->schema, here, (double *)column->data + row,
					   err);
	case ANCIENT_COLUMN_STRING:
		code = ancient_typed_string(it->file, it->schema, here, &bytes[row].bytes, &length,
					    err);
		if (code != ANCIENT_OK)
			return code;
		bytes[row].length = length;
		bytes[row].file_offset =
			(uint64_t)((const unsigned char *)bytes[row].bytes - it->file->map);
		return code;
	case ANCIENT_COLUMN_CONSTRUCTOR:
		code = ancient_typed_constructor(it->file, it->schema, here, &constructor, err);
		((int64_t *)column->data)[row] = constructor;
		return code;
	default:
		code = ancient_typed_int(it->file, it->schema, here, &integer, err);
	}
	if (column->kind == ANCIENT_COLUMN_BOOL)
		((uint8_t *)column->data)[row] = (uint8_t)integer;
	else
		((int64_t *)column->data)[row] = integer;
	return code;
}

static void put_absent(const struct ancient_column *column, size_t row)
{
	if (column->kind == ANCIENT_COLUMN_FLOAT)
		((double *)column->data)[row] = NAN;
	else
		memset((char *)column->data + row * column->item_bytes, 0, column->item_bytes);
}

static enum ancient_code put(const struct ancient_iterator *it, const struct ancient_column *column,
			     size_t row, struct ancient_typed here, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;
	bool present = true;

	for (uint32_t i = 0; i < column->step_count && present && code == ANCIENT_OK; i++) {
		here.type = column->steps[i].type;
		code = take_step(it, &column->steps[i], &here, &present, err);
	}
	if (code != ANCIENT_OK)
		return code;
	if (column->present != NULL)
		column->present[row] = present;
	if (present)
		return put_value(it, column, row, here, err);
	put_absent(column, row);
	return ANCIENT_OK;
}

/* ---- Rows -------------------------------------------------------------------------- */

static bool is_table(const struct ancient_iterator *it)
{
	return it->kind == ANCIENT_TYPE_HASHTBL || it->kind == ANCIENT_TYPE_HASHTABLE;
}

static enum ancient_code check_columns(const struct ancient_iterator *it,
				       const struct ancient_column *columns, size_t count,
				       struct ancient_error *err)
{
	bool pairs = is_table(it) || it->kind == ANCIENT_TYPE_MAP;

	for (size_t i = 0; i < count; i++) {
		const struct ancient_column *column = &columns[i];
		if (column->data == NULL)
			return reader_refuse(it->file->name, err, ANCIENT_E_ARGUMENT,
					     "expected memory for column %zu, found NULL", i);
		if (column->schema != it->schema || (column->of_key && !pairs) ||
		    column->from != (pairs && !column->of_key ? it->value_type : it->key_type))
			return reader_refuse(it->file->name, err, ANCIENT_E_ARGUMENT,
					     "expected column %zu to be made for elements of %.80s",
					     i, it->schema->types[it->type].name);
	}
	return ANCIENT_OK;
}

static enum ancient_code next_row(struct ancient_scan *scan, struct ancient_typed *key,
				  struct ancient_typed *value, struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;
	bool hidden;
	enum ancient_code code;

	do {
		hidden = false;
		code = ancient_iterator_next(it, key, value, err);
		if (code == ANCIENT_OK && !scan->all)
			code = ancient_iterator_hidden(it, &hidden, err);
	} while (code == ANCIENT_OK && hidden);
	return code;
}

enum ancient_code ancient_scan_next(struct ancient_scan *scan, const struct ancient_column *columns,
				    size_t count, size_t capacity, size_t *ret_rows,
				    struct ancient_error *err)
{
	struct ancient_iterator *it = &scan->iterator;
	struct ancient_typed key, value = {0};
	enum ancient_code code = check_columns(it, columns, count, err);
	bool pairs = is_table(it) || it->kind == ANCIENT_TYPE_MAP;
	size_t row = 0;

	while (code == ANCIENT_OK && row < capacity && !scan->done) {
		code = next_row(scan, &key, &value, err);
		if (code == ANCIENT_E_NO_INDEX) {
			scan->done = true;
			code = ANCIENT_OK;
			break;
		}
		for (size_t i = 0; i < count && code == ANCIENT_OK; i++)
			code = put(it, &columns[i], row, pairs && !columns[i].of_key ? value : key,
				   err);
		row++;
	}
	if (code == ANCIENT_OK)
		*ret_rows = row;
	else
		scan->done = true;
	return code;
}
