/* c-reader/dump: the blocks that a dump reaches, and those it reaches more than once (marks.h). */
#include <stdlib.h>

#include "dump/marks.h"
#include "dump/reach.h"

#define PAUSE_EVERY 65536u /* words */

/* ---- Bits -------------------------------------------------------------------------- */

unsigned char *ancient_reader_bits_piece(struct reader_bits *bits, uint64_t number)
{
	if (number != bits->last) {
		const struct reader_word_entry *entry =
			ancient_reader_word_map_find(&bits->pieces, number);
		bits->last = number;
		bits->piece = entry == NULL ? NULL : (unsigned char *)(uintptr_t)entry->value[0];
	}
	return bits->piece;
}

unsigned char *ancient_reader_bits_make(struct reader_bits *bits, uint64_t number,
					struct reader_budget *budget)
{
	struct reader_word_entry *entry;
	unsigned char *piece = ancient_reader_bits_piece(bits, number);

	if (piece != NULL)
		return piece;
	if (!ancient_reader_budget_hold(budget, READER_BITS_PIECE))
		return NULL;
	entry = ancient_reader_word_map_at(&bits->pieces, number, budget);
	if (entry == NULL)
		return NULL;
	piece = calloc(READER_BITS_PIECE, 1);
	if (piece == NULL)
		budget->code = ANCIENT_E_MEMORY;
	entry->value[0] = (uintptr_t)piece;
	bits->piece = piece;
	return piece;
}

void ancient_reader_bits_done(struct reader_bits *bits)
{
	for (size_t i = 0; i < bits->pieces.capacity; i++)
		free((void *)(uintptr_t)bits->pieces.entries[i].value[0]);
	ancient_reader_word_map_done(&bits->pieces, NULL);
	*bits = (struct reader_bits){0};
}

/* ---- The scan -------------------------------------------------------------------- */

struct scan {
	const struct ancient_file *file;
	struct reader_marks *marks;
	struct ancient_error *err;
	struct reader_reach reach;
	uint64_t words; /* looked at */
	uint64_t limit;
	reader_pause *pause;
	void *context;
};

static enum ancient_code mark(struct scan *s, struct reader_bits *bits, uint64_t offset)
{
	return reader_bits_set(bits, offset, s->reach.budget)
		       ? ANCIENT_OK
		       : ancient_reader_reach_exceeded(&s->reach, offset);
}

static enum ancient_code visit(void *context, uint64_t word, uint32_t state, uint32_t index)
{
	struct scan *s = context;
	struct reader_block block;
	enum ancient_code code = ANCIENT_OK;

	(void)state;
	(void)index;
	/* Each word takes a byte of text at least. */
	if (s->limit != 0 && s->words > s->limit) {
		s->marks->complete = false;
		s->reach.depth = 0;
		return ANCIENT_OK;
	}
	if (++s->words % PAUSE_EVERY == 0)
		code = s->pause(s->context);
	if (code != ANCIENT_OK || !reader_is_pointer(word))
		return code;
	code = reader_gate(s->file, word, &block, s->err);
	if (code != ANCIENT_OK || !reader_has_values(block.tag) || block.wosize == 0)
		return code;
	if (reader_bits_get(&s->marks->seen, block.offset))
		return mark(s, &s->marks->shared, block.offset);
	code = mark(s, &s->marks->seen, block.offset);
	return code == ANCIENT_OK ? ancient_reader_reach_push(&s->reach, &block, 0) : code;
}

enum ancient_code ancient_reader_marks_scan(struct reader_budget *budget, uint64_t word,
					    uint64_t limit, reader_pause *pause, void *context,
					    struct reader_marks *marks, struct ancient_error *err)
{
	struct scan s = {
		.file = budget->file,
		.marks = marks,
		.err = err,
		.reach = {.budget = budget, .what = "dump", .err = err},
		.limit = limit,
		.pause = pause,
		.context = context,
	};
	enum ancient_code code;

	*marks = (struct reader_marks){.complete = true};
	code = reader_reach_walk(&s.reach, visit, &s, word, 0);
	if (code != ANCIENT_OK)
		marks->complete = false;
	ancient_reader_reach_done(&s.reach);
	return code;
}

void ancient_reader_marks_done(struct reader_marks *marks)
{
	ancient_reader_bits_done(&marks->seen);
	ancient_reader_bits_done(&marks->shared);
}
