/* c-reader: one column of a batch of rows, step by step (ancient_schema.h, Columns).
 *
 * Each step is taken for all rows before the next one, so that the type is looked at once for
 * all of them, and their memory is asked for before it is waited for.  Blocks are tested as
 * everywhere, address and header; what is not the one thing expected is called doubtful, and left
 * to scan_row, which knows what else is allowed. */
#include <math.h>
#include <string.h>

#include "scan/column.h"

enum { ABSENT, PRESENT, FLAT /* the word is a double */, DOUBTFUL };

struct lane {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	size_t count;
	uint64_t word[SCAN_ROWS];
	uint8_t state[SCAN_ROWS];
};

/* Asks for the headers, and for the fields up to `last`. */
static void ask(const struct lane *lane, uint64_t last)
{
	const struct ancient_file *file = lane->file;

	for (size_t i = 0; i < lane->count; i++) {
		uint64_t place = reader_place(file, lane->word[i]);
		if (place >= file->words)
			continue;
		uint64_t offset = reader_place_offset(place);
		__builtin_prefetch(file->map + offset - ANCIENT_WORD);
		if (last > 0)
			__builtin_prefetch(file->map + offset + last * ANCIENT_WORD);
	}
}

/* ---- Steps ------------------------------------------------------------------------------ */

/* To field `index` of blocks of this tag and size; what is 0 is absent where `option`. */
static void to_field(struct lane *lane, unsigned tag, uint64_t size, uint64_t index, bool option)
{
	ask(lane, index);
	for (size_t i = 0; i < lane->count; i++) {
		uint64_t offset;
		if (lane->state[i] != PRESENT)
			continue;
		if (reader_gate_exact(lane->file, lane->word[i], tag, size, &offset))
			lane->word[i] = reader_word(lane->file, offset + index * ANCIENT_WORD);
		else
			lane->state[i] = option && lane->word[i] == 1 ? ABSENT : DOUBTFUL;
	}
}

/* The same for records whose fields are all floats: the blocks may be flat. */
static void to_float(struct lane *lane, uint64_t size, uint64_t index)
{
	ask(lane, index);
	for (size_t i = 0; i < lane->count; i++) {
		uint64_t offset;
		unsigned tag = ANCIENT_TAG_DOUBLE_ARRAY;
		if (lane->state[i] != PRESENT)
			continue;
		lane->state[i] = FLAT;
		/* The gate asks of a flat block that it has a word: this one has `size`. */
		if (!reader_gate_exact(lane->file, lane->word[i], tag, size, &offset))
			lane->state[i] =
				reader_gate_exact(lane->file, lane->word[i], 0, size, &offset)
					? PRESENT
					: DOUBTFUL;
		if (lane->state[i] != DOUBTFUL)
			lane->word[i] = reader_word(lane->file, offset + index * ANCIENT_WORD);
	}
}

/* A lazy that is its value already, as most are in a file. */
static void to_forced(struct lane *lane)
{
	ask(lane, 0);
	for (size_t i = 0; i < lane->count; i++) {
		uint64_t place = reader_place(lane->file, lane->word[i]);
		if (lane->state[i] != PRESENT || !reader_is_pointer(lane->word[i]))
			continue;
		if (place >= lane->file->words ||
		    reader_header_tag(
			    reader_word(lane->file, reader_place_offset(place) - ANCIENT_WORD)) ==
			    ANCIENT_TAG_FORWARD)
			lane->state[i] = DOUBTFUL;
	}
}

bool scan_all_floats(const struct ancient_schema *schema, const struct ancient_type *type)
{
	for (uint32_t i = 0; i < type->field_count; i++)
		if (!typed_is_float(schema, type->fields[i].type))
			return false;
	return type->kind == ANCIENT_TYPE_RECORD;
}

static void take_argument(struct lane *lane, const struct ancient_column_step *step)
{
	const struct ancient_type *type = &lane->schema->types[step->type];
	const struct ancient_constructor *constructor = &type->constructors[step->index];

	if (type->kind == ANCIENT_TYPE_VARIANT)
		to_field(lane, (unsigned)constructor->number, constructor->field_count,
			 step->argument, false);
	else
		for (size_t i = 0; i < lane->count; i++)
			lane->state[i] = DOUBTFUL;
}

static void take_step(struct lane *lane, const struct ancient_column_step *step)
{
	const struct ancient_type *type = &lane->schema->types[step->type];

	switch (step->kind) {
	case COLUMN_FIELD:
		if (scan_all_floats(lane->schema, type))
			to_float(lane, type->field_count, step->index);
		else
			to_field(lane, 0, type->field_count, step->index, false);
		break;
	case COLUMN_OPTION:
		to_field(lane, 0, 1, 0, true);
		break;
	case COLUMN_REF:
		to_field(lane, 0, 1, 0, false);
		break;
	case COLUMN_RESULT:
		to_field(lane, step->index, 1, 0, false);
		break;
	case COLUMN_ARGUMENT:
		take_argument(lane, step);
		break;
	default:
		to_forced(lane);
	}
}

/* ---- Values ----------------------------------------------------------------------------- */

/* Immediates from `low` to `high`. */
static void put_immediates(struct lane *lane, int64_t low, int64_t high, int64_t *out)
{
	for (size_t i = 0; i < lane->count; i++) {
		int64_t integer = (int64_t)lane->word[i] >> 1;
		out[i] = integer;
		if (lane->state[i] == PRESENT &&
		    (reader_is_pointer(lane->word[i]) || integer < low || integer > high))
			lane->state[i] = DOUBTFUL;
	}
}

static void put_bools(struct lane *lane, uint8_t *out)
{
	for (size_t i = 0; i < lane->count; i++) {
		out[i] = lane->word[i] == 3;
		if (lane->state[i] == PRESENT && lane->word[i] != 1 && lane->word[i] != 3)
			lane->state[i] = DOUBTFUL;
	}
}

/* int32, int64, nativeint (FORMAT 7.4). */
static void put_boxed(struct lane *lane, uint32_t slot, int64_t *out)
{
	const struct ancient_file *file = lane->file;
	const uint64_t custom =
		file->super.base - ANCIENT_CUSTOM_WINDOW + slot * (uint64_t)ANCIENT_CUSTOM_SLOT;
	const bool known = slot < file->super.custom_slots;

	ask(lane, 1);
	for (size_t i = 0; i < lane->count; i++) {
		uint64_t offset, word;
		if (lane->state[i] != PRESENT)
			continue;
		lane->state[i] = DOUBTFUL;
		if (!known ||
		    !reader_gate_exact(file, lane->word[i], ANCIENT_TAG_CUSTOM, 2, &offset) ||
		    reader_word(file, offset) != custom)
			continue;
		word = reader_word(file, offset + ANCIENT_WORD);
		out[i] = (int64_t)word;
		if (slot != ANCIENT_CUSTOM_INT32 || (int64_t)word == (int32_t)word)
			lane->state[i] = PRESENT;
	}
}

static void put_floats(struct lane *lane, double *out)
{
	ask(lane, 0);
	for (size_t i = 0; i < lane->count; i++) {
		uint64_t bits = lane->word[i], offset;
		if (lane->state[i] == PRESENT) {
			if (reader_gate_exact(lane->file, bits, ANCIENT_TAG_DOUBLE, 1, &offset))
				bits = reader_word(lane->file, offset);
			else
				lane->state[i] = DOUBTFUL;
		}
		memcpy(&out[i], &bits, sizeof(bits));
	}
}

static void put_strings(struct lane *lane, struct ancient_bytes *out)
{
	ask(lane, 0);
	for (size_t i = 0; i < lane->count; i++) {
		uint64_t offset, length;
		if (lane->state[i] != PRESENT)
			continue;
		if (reader_gate_string(lane->file, lane->word[i], &offset, &length))
			out[i] = (struct ancient_bytes){(const char *)lane->file->map + offset,
							length, offset};
		else
			lane->state[i] = DOUBTFUL;
	}
}

/* Constant constructors of a variant; blocks are left. */
static void put_constructors(struct lane *lane, uint32_t number, int64_t *out)
{
	for (size_t i = 0; i < lane->count; i++) {
		uint32_t constructor;
		if (lane->state[i] != PRESENT)
			continue;
		constructor = reader_is_pointer(lane->word[i])
				      ? SCHEMA_NONE
				      : typed_constructor_numbered(lane->schema, number, true,
								   (int64_t)lane->word[i] >> 1);
		out[i] = constructor;
		if (constructor == SCHEMA_NONE)
			lane->state[i] = DOUBTFUL;
	}
}

static void put_values(struct lane *lane, const struct ancient_column *column, size_t row)
{
	int64_t *integers = (int64_t *)column->data + row;

	switch (lane->schema->types[column->type].kind) {
	case ANCIENT_TYPE_UNIT:
		put_immediates(lane, 0, 0, integers);
		break;
	case ANCIENT_TYPE_CHAR:
		put_immediates(lane, 0, 255, integers);
		break;
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_Z:
		put_immediates(lane, INT64_MIN, INT64_MAX, integers);
		break;
	case ANCIENT_TYPE_INT32:
		put_boxed(lane, ANCIENT_CUSTOM_INT32, integers);
		break;
	case ANCIENT_TYPE_INT64:
		put_boxed(lane, ANCIENT_CUSTOM_INT64, integers);
		break;
	case ANCIENT_TYPE_NATIVEINT:
		put_boxed(lane, ANCIENT_CUSTOM_NATIVEINT, integers);
		break;
	case ANCIENT_TYPE_BOOL:
		put_bools(lane, (uint8_t *)column->data + row);
		break;
	case ANCIENT_TYPE_FLOAT:
		put_floats(lane, (double *)column->data + row);
		break;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		put_strings(lane, (struct ancient_bytes *)column->data + row);
		break;
	default:
		put_constructors(lane, column->type, integers);
	}
}

void scan_gather(struct scan_batch *batch, const struct ancient_column *column)
{
	struct lane lane;

	lane.file = batch->file;
	lane.schema = batch->schema;
	lane.count = batch->count;
	memcpy(lane.word, scan_words(batch, column), lane.count * sizeof(lane.word[0]));
	memset(lane.state, batch->flat ? FLAT : PRESENT, lane.count);
	for (uint32_t i = 0; i < column->step_count; i++)
		take_step(&lane, &column->steps[i]);
	put_values(&lane, column, batch->row);
	for (size_t i = 0; i < lane.count; i++) {
		if (lane.state[i] == DOUBTFUL)
			batch->doubtful[i] = batch->any_doubtful = true;
		else if (lane.state[i] == ABSENT)
			scan_put_absent(column, batch->row + i);
		if (column->present != NULL)
			column->present[batch->row + i] = lane.state[i] != ABSENT;
	}
}
