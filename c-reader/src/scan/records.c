/* c-reader: columns that are fields of the same records, row by row (ancient_schema.h, Columns).
 *
 * Most columns are integers and floats that stand in the records themselves.  A record is tested
 * once for all of them, and they are taken while it is at hand, so that memory is gone through in
 * the order in which it was written: a pass for each column, as in scan_gather, waits for it
 * twice.  What is not just so is called doubtful, and left to scan_row. */
#include <string.h>

#include "scan/column.h"

/* Rows whose records are asked for ahead; half as far, what their floats lead to. */
#define AHEAD 16u

struct member {
	uint64_t field; /* bytes from the first one */
	bool is_float;
	void *out; /* of row 0 of the batch */
};

struct members {
	uint64_t size; /* of a record */
	uint64_t last; /* field */
	unsigned count, floats;
	struct member member[SCAN_MEMBERS];
};

/* ---- Which columns ---------------------------------------------------------------------- */

static bool is_member(const struct ancient_schema *schema, const struct ancient_column *column)
{
	enum ancient_type_kind kind = schema->types[column->type].kind;

	return column->step_count == 1 && column->steps[0].kind == COLUMN_FIELD &&
	       (kind == ANCIENT_TYPE_INT || kind == ANCIENT_TYPE_FLOAT) &&
	       !scan_all_floats(schema, &schema->types[column->steps[0].type]);
}

size_t scan_members_of(const struct scan_batch *batch, const struct ancient_column *columns,
		       size_t count)
{
	size_t alike = 0;

	if (batch->flat)
		return 0;
	while (alike < count && alike < SCAN_MEMBERS && is_member(batch->schema, &columns[alike]) &&
	       columns[alike].of_key == columns[0].of_key &&
	       columns[alike].steps[0].type == columns[0].steps[0].type)
		alike++;
	return alike;
}

/* ---- Rows ------------------------------------------------------------------------------- */

/* Asks for what a word points to; any address will do. */
static inline void ask(const struct ancient_file *file, uint64_t word, uint64_t field)
{
	uintptr_t block = (uintptr_t)file->map + (word - file->super.base);

	__builtin_prefetch((const void *)(block - ANCIENT_WORD));
	__builtin_prefetch((const void *)(block + field));
}

/* Asks for the floats of a record.  Tests only that it reads inside the file: it decides
 * nothing. */
static inline void ask_floats(const struct ancient_file *file, const struct members *m,
			      uint64_t word)
{
	uint64_t place = reader_place(file, word), offset;

	if (place >= file->words || m->size > file->words - place)
		return;
	offset = reader_place_offset(place);
	for (unsigned i = 0; i < m->count; i++)
		if (m->member[i].is_float)
			ask(file, reader_word(file, offset + m->member[i].field), 0);
}

/* Whether the record and what is in it is as most are. */
static inline bool put_row(const struct ancient_file *file, const struct members *m, uint64_t word,
			   size_t row)
{
	uint64_t record, place;
	bool good = true;

	if (!reader_gate_exact(file, word, 0, m->size, &record))
		return false;
	for (unsigned i = 0; i < m->count; i++) {
		uint64_t value = reader_word(file, record + m->member[i].field);
		if (!m->member[i].is_float) {
			((int64_t *)m->member[i].out)[row] = (int64_t)value >> 1;
			good &= !reader_is_pointer(value);
		} else if (reader_gate_exact(file, value, ANCIENT_TAG_DOUBLE, 1, &place)) {
			((uint64_t *)m->member[i].out)[row] = reader_word(file, place);
		} else {
			good = false;
		}
	}
	return good;
}

/* What is written is no part of what is read: so the gate's numbers stay in registers. */
static bool put_rows(const struct ancient_file *restrict file, const struct members *restrict m,
		     const uint64_t *restrict words, size_t count, bool *restrict doubtful)
{
	bool any_doubtful = false;

	for (size_t i = 0; i < AHEAD && i < count; i++)
		ask(file, words[i], m->last);
	for (size_t i = 0; i < count; i++) {
		if (i + AHEAD < count)
			ask(file, words[i + AHEAD], m->last);
		if (m->floats > 0 && i + AHEAD / 2 < count)
			ask_floats(file, m, words[i + AHEAD / 2]);
		if (!put_row(file, m, words[i], i))
			doubtful[i] = any_doubtful = true;
	}
	return any_doubtful;
}

void scan_members(struct scan_batch *batch, const struct ancient_column *columns, size_t count)
{
	const uint64_t *words = scan_words(batch, &columns[0]);
	struct members m = {.count = (unsigned)count};

	m.size = batch->schema->types[columns[0].steps[0].type].block_fields;
	for (size_t i = 0; i < count; i++) {
		bool is_float = columns[i].kind == ANCIENT_COLUMN_FLOAT;
		uint64_t field = (uint64_t)columns[i].steps[0].index * ANCIENT_WORD;
		m.member[i] =
			(struct member){field, is_float, (char *)columns[i].data + batch->row * 8};
		m.floats += is_float;
		m.last = field > m.last ? field : m.last;
		if (columns[i].present != NULL)
			memset(columns[i].present + batch->row, 1, batch->count);
	}
	if (put_rows(batch->file, &m, words, batch->count, batch->doubtful))
		batch->any_doubtful = true;
}
