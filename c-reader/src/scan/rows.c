/* c-reader/scan: the steps of a column's path, and the values at its end, for a batch of rows; for
 * batch.c and for arrow/.
 *
 * Each step is taken for all rows before the next one: the type is looked up once, and the memory
 * of all rows is prefetched before the first is read.  Blocks are tested as everywhere, address and
 * header. */
#include "scan/rows.h"

#include <string.h>

#include "typed/shape.h"

/* Prefetches the headers, and field `last`. */
static void prefetch(const struct scan_rows *rows, uint64_t last)
{
	const struct ancient_file *file = rows->file;

	for (size_t i = 0; i < rows->count; i++) {
		uint64_t place = reader_place(file, rows->word[i]);
		if (place >= file->words)
			continue;
		uint64_t offset = reader_place_offset(place);
		__builtin_prefetch(file->map + offset - ANCIENT_WORD);
		if (last > 0)
			__builtin_prefetch(file->map + offset + last * ANCIENT_WORD);
	}
}

/* ---- Steps ------------------------------------------------------------------------------ */

/* Moves to field `index` of blocks of this tag and size; where `option`, the integer 0 is None. */
static void to_field(struct scan_rows *rows, unsigned tag, uint64_t size, uint64_t index,
		     bool option)
{
	prefetch(rows, index);
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t offset;
		if (rows->state[i] != SCAN_PRESENT)
			continue;
		if (reader_gate_exact(rows->file, rows->word[i], tag, size, &offset))
			rows->word[i] = reader_word(rows->file, offset + index * ANCIENT_WORD);
		else
			rows->state[i] = option && rows->word[i] == 1 ? SCAN_ABSENT : SCAN_DEFERRED;
	}
}

/* The same for records whose fields are all floats: the blocks may be flat. */
static void to_float(struct scan_rows *rows, uint64_t size, uint64_t index)
{
	prefetch(rows, index);
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t offset;
		unsigned tag = ANCIENT_TAG_DOUBLE_ARRAY;
		if (rows->state[i] != SCAN_PRESENT)
			continue;
		rows->state[i] = SCAN_FLAT;
		/* reader_gate_exact does not test that a flat block has a word; this one has
		 * `size`. */
		if (!reader_gate_exact(rows->file, rows->word[i], tag, size, &offset))
			rows->state[i] =
				reader_gate_exact(rows->file, rows->word[i], 0, size, &offset)
					? SCAN_PRESENT
					: SCAN_DEFERRED;
		if (rows->state[i] != SCAN_DEFERRED)
			rows->word[i] = reader_word(rows->file, offset + index * ANCIENT_WORD);
	}
}

/* Passes over lazies that are their values already, as most are in a file. */
static void to_forced(struct scan_rows *rows)
{
	prefetch(rows, 0);
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t place = reader_place(rows->file, rows->word[i]);
		if (rows->state[i] != SCAN_PRESENT || !reader_is_pointer(rows->word[i]))
			continue;
		if (place >= rows->file->words ||
		    reader_header_tag(
			    reader_word(rows->file, reader_place_offset(place) - ANCIENT_WORD)) ==
			    ANCIENT_TAG_FORWARD)
			rows->state[i] = SCAN_DEFERRED;
	}
}

bool ancient_reader_scan_all_floats(const struct ancient_schema *schema,
				    const struct ancient_type *type)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (!ancient_reader_typed_is_float(schema, type->fields[i].type))
			return false;
	return type->kind == ANCIENT_TYPE_RECORD;
}

static void defer(struct scan_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->state[i] != SCAN_ABSENT)
			rows->state[i] = SCAN_DEFERRED;
}

static void take_argument(struct scan_rows *rows, const struct ancient_column_step *step)
{
	const struct ancient_type *type = &rows->schema->types[step->type];
	const struct ancient_constructor *constructor = &type->constructors[step->index];

	if (type->kind == ANCIENT_TYPE_VARIANT)
		to_field(rows, (unsigned)constructor->number, constructor->field_count,
			 step->argument, false);
	else
		defer(rows);
}

void ancient_reader_scan_rows_step(struct scan_rows *rows, const struct ancient_column_step *step)
{
	const struct ancient_type *type = &rows->schema->types[step->type];

	switch (step->kind) {
	case COLUMN_FIELD:
		if (ancient_reader_scan_all_floats(rows->schema, type))
			to_float(rows, type->field_count, step->index);
		else
			to_field(rows, 0, type->field_count, step->index, false);
		break;
	case COLUMN_OPTION:
		to_field(rows, 0, 1, 0, true);
		break;
	case COLUMN_REF:
		to_field(rows, 0, 1, 0, false);
		break;
	case COLUMN_RESULT:
		to_field(rows, step->index, 1, 0, false);
		break;
	case COLUMN_ARGUMENT:
		take_argument(rows, step);
		break;
	case COLUMN_ITEM:
	case COLUMN_LENGTH:
		defer(rows);
		break;
	default:
		to_forced(rows);
	}
}

/* ---- Values ----------------------------------------------------------------------------- */

/* Immediates from `low` to `high`. */
static void put_immediates(struct scan_rows *rows, int64_t low, int64_t high, int64_t *out)
{
	for (size_t i = 0; i < rows->count; i++) {
		int64_t integer = (int64_t)rows->word[i] >> 1;
		out[i] = integer;
		if (rows->state[i] == SCAN_PRESENT &&
		    (reader_is_pointer(rows->word[i]) || integer < low || integer > high))
			rows->state[i] = SCAN_DEFERRED;
	}
}

static void put_bools(struct scan_rows *rows, uint8_t *out)
{
	for (size_t i = 0; i < rows->count; i++) {
		out[i] = rows->word[i] == 3;
		if (rows->state[i] == SCAN_PRESENT && rows->word[i] != 1 && rows->word[i] != 3)
			rows->state[i] = SCAN_DEFERRED;
	}
}

/* int32, int64, nativeint (FORMAT 7.4). */
static void put_boxed(struct scan_rows *rows, uint32_t slot, int64_t *out)
{
	const struct ancient_file *file = rows->file;
	const uint64_t custom =
		file->super.base - ANCIENT_CUSTOM_WINDOW + slot * (uint64_t)ANCIENT_CUSTOM_SLOT;
	const bool known = slot < file->super.custom_slots;

	prefetch(rows, 1);
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t offset, word;
		if (rows->state[i] != SCAN_PRESENT)
			continue;
		rows->state[i] = SCAN_DEFERRED;
		if (!known ||
		    !reader_gate_exact(file, rows->word[i], ANCIENT_TAG_CUSTOM, 2, &offset) ||
		    reader_word(file, offset) != custom)
			continue;
		word = reader_word(file, offset + ANCIENT_WORD);
		out[i] = (int64_t)word;
		if (slot != ANCIENT_CUSTOM_INT32 || (int64_t)word == (int32_t)word)
			rows->state[i] = SCAN_PRESENT;
	}
}

static void put_floats(struct scan_rows *rows, double *out)
{
	prefetch(rows, 0);
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t bits = rows->word[i], offset;
		if (rows->state[i] == SCAN_PRESENT) {
			if (reader_gate_exact(rows->file, bits, ANCIENT_TAG_DOUBLE, 1, &offset))
				bits = reader_word(rows->file, offset);
			else
				rows->state[i] = SCAN_DEFERRED;
		}
		memcpy(&out[i], &bits, sizeof(bits));
	}
}

static void put_strings(struct scan_rows *rows, struct ancient_bytes *out)
{
	prefetch(rows, 0);
	for (size_t i = 0; i < rows->count; i++) {
		uint64_t offset, length;
		if (rows->state[i] != SCAN_PRESENT)
			continue;
		if (reader_gate_string(rows->file, rows->word[i], &offset, &length))
			out[i] = (struct ancient_bytes){(const char *)rows->file->map + offset,
							length, offset};
		else
			rows->state[i] = SCAN_DEFERRED;
	}
}

/* Constant constructors of a variant; blocks are deferred. */
static void put_constructors(struct scan_rows *rows, uint32_t number, int64_t *out)
{
	for (size_t i = 0; i < rows->count; i++) {
		uint32_t constructor;
		if (rows->state[i] != SCAN_PRESENT)
			continue;
		constructor =
			reader_is_pointer(rows->word[i])
				? SCHEMA_NONE
				: ancient_reader_typed_constructor_numbered(
					  rows->schema, number, true, (int64_t)rows->word[i] >> 1);
		out[i] = constructor;
		if (constructor == SCHEMA_NONE)
			rows->state[i] = SCAN_DEFERRED;
	}
}

void ancient_reader_scan_rows_put(struct scan_rows *rows, uint32_t type, void *out)
{
	switch (rows->schema->types[type].kind) {
	case ANCIENT_TYPE_UNIT:
		put_immediates(rows, 0, 0, out);
		break;
	case ANCIENT_TYPE_CHAR:
		put_immediates(rows, 0, 255, out);
		break;
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_Z:
		put_immediates(rows, INT64_MIN, INT64_MAX, out);
		break;
	case ANCIENT_TYPE_INT32:
		put_boxed(rows, ANCIENT_CUSTOM_INT32, out);
		break;
	case ANCIENT_TYPE_INT64:
		put_boxed(rows, ANCIENT_CUSTOM_INT64, out);
		break;
	case ANCIENT_TYPE_NATIVEINT:
		put_boxed(rows, ANCIENT_CUSTOM_NATIVEINT, out);
		break;
	case ANCIENT_TYPE_BOOL:
		put_bools(rows, out);
		break;
	case ANCIENT_TYPE_FLOAT:
		put_floats(rows, out);
		break;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		put_strings(rows, out);
		break;
	default:
		put_constructors(rows, type, out);
	}
}
