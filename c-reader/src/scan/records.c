/* c-reader/scan: fills in several columns that are fields of the same records, for scan.c.
 *
 * Most columns are integers and floats in the records themselves.  Each record is tested once for
 * all of them, and all are taken from it, so that memory is read in the order it was written in; a
 * pass for each column, as in ancient_reader_scan_column, would read it from memory once for each.
 * A row that does not have the commonest shape is deferred to ancient_reader_scan_row. */
#include "scan/records.h"

#include <string.h>

#include "scan/rows.h"
#include "typed/shape.h"

#define COLUMNS_MAX 16u
/* How many rows ahead records are prefetched; the floats they point to, half as many. */
#define AHEAD 16u

struct record_field {
	uint64_t offset; /* bytes from the record's first field */
	bool is_float;
	void *out; /* of row 0 of the batch */
};

struct record_fields {
	uint64_t size; /* of a record */
	uint64_t last; /* the highest offset */
	unsigned count, floats;
	struct record_field field[COLUMNS_MAX];
};

/* ---- Which columns ---------------------------------------------------------------------- */

static bool is_record_field(const struct ancient_schema *schema,
			    const struct ancient_column *column)
{
	enum ancient_type_kind kind = schema->types[column->type].kind;

	return !column->many && column->step_count == 1 && column->steps[0].kind == COLUMN_FIELD &&
	       (kind == ANCIENT_TYPE_INT || kind == ANCIENT_TYPE_FLOAT) &&
	       !ancient_reader_scan_all_floats(schema, &schema->types[column->steps[0].type]);
}

size_t ancient_reader_scan_records_of(const struct scan_batch *batch,
				      const struct ancient_column *columns, size_t count)
{
	size_t alike = 0;

	if (batch->flat)
		return 0;
	while (alike < count && alike < COLUMNS_MAX &&
	       is_record_field(batch->schema, &columns[alike]) &&
	       columns[alike].of_key == columns[0].of_key &&
	       columns[alike].steps[0].type == columns[0].steps[0].type)
		alike++;
	return alike;
}

/* ---- Rows ------------------------------------------------------------------------------- */

/* Prefetches the block that a word points to: its header and one field.  Any address is allowed. */
static inline void prefetch(const struct ancient_file *file, uint64_t word, uint64_t field)
{
	uintptr_t block = (uintptr_t)file->map + (word - file->super.base);

	__builtin_prefetch((const void *)(block - ANCIENT_WORD));
	__builtin_prefetch((const void *)(block + field));
}

/* Prefetches the floats of a record.  Tests only that it reads inside the file. */
static inline void prefetch_floats(const struct ancient_file *file, const struct record_fields *m,
				   uint64_t word)
{
	uint64_t place = reader_place(file, word), offset;

	if (place >= file->words || m->size > file->words - place)
		return;
	offset = reader_place_offset(place);
	for (unsigned i = 0; i < m->count; i++)
		if (m->field[i].is_float)
			prefetch(file, reader_word(file, offset + m->field[i].offset), 0);
}

/* Copies the fields of one record; false where the row has to be deferred. */
static inline bool put_row(const struct ancient_file *file, const struct record_fields *m,
			   uint64_t word, size_t row)
{
	uint64_t record, place;
	bool good = true;

	if (!reader_gate_exact(file, word, 0, m->size, &record))
		return false;
	for (unsigned i = 0; i < m->count; i++) {
		uint64_t value = reader_word(file, record + m->field[i].offset);
		if (!m->field[i].is_float) {
			((int64_t *)m->field[i].out)[row] = (int64_t)value >> 1;
			good &= !reader_is_pointer(value);
		} else if (reader_gate_exact(file, value, ANCIENT_TAG_DOUBLE, 1, &place)) {
			((uint64_t *)m->field[i].out)[row] = reader_word(file, place);
		} else {
			good = false;
		}
	}
	return good;
}

/* restrict: the columns do not overlap the file, so the gate's numbers stay in registers. */
static bool put_rows(const struct ancient_file *restrict file,
		     const struct record_fields *restrict m, const uint64_t *restrict words,
		     size_t count, bool *restrict deferred)
{
	bool any_deferred = false;

	for (size_t i = 0; i < AHEAD && i < count; i++)
		prefetch(file, words[i], m->last);
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			prefetch(file, words[i + AHEAD], m->last);
		if (m->floats > 0 && i + AHEAD / 2 < count)
			prefetch_floats(file, m, words[i + AHEAD / 2]);
		if (!put_row(file, m, words[i], i))
			deferred[i] = any_deferred = true;
	}
	return any_deferred;
}

void ancient_reader_scan_records(struct scan_batch *batch, const struct ancient_column *columns,
				 size_t count)
{
	const uint64_t *words = scan_words(batch, &columns[0]);
	struct record_fields m = {.count = (unsigned)count};

	m.size = batch->schema->types[columns[0].steps[0].type].block_fields;
	for (size_t i = 0; i < count; i++) {
		bool is_float = columns[i].kind == ANCIENT_COLUMN_FLOAT;
		uint64_t field = (uint64_t)columns[i].steps[0].index * ANCIENT_WORD;
		m.field[i] = (struct record_field){field, is_float,
						   (char *)columns[i].data + batch->row * 8};
		m.floats += is_float;
		m.last = field > m.last ? field : m.last;
		if (columns[i].present != NULL)
			memset(columns[i].present + batch->row, 1, batch->count);
	}
	if (put_rows(batch->file, &m, words, batch->count, batch->deferred))
		batch->any_deferred = true;
}
