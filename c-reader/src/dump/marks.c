/* c-reader/dump: the blocks that a dump reaches, and those it reaches more than once (marks.h). */
#include <stdlib.h>

#include "dump/marks.h"

#define PAUSE_EVERY 65536u /* blocks */

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

struct frame {
	uint64_t next; /* offset of the next field */
	uint64_t left; /* fields from there on */
};

struct scan {
	const struct ancient_file *file;
	struct reader_budget *budget;
	struct reader_marks *marks;
	struct ancient_error *err;
	struct frame *stack;
	size_t depth, capacity;
};

static enum ancient_code push(struct scan *s, const struct reader_block *block)
{
	if (s->depth == s->capacity) {
		size_t capacity = s->capacity == 0 ? 256 : 2 * s->capacity;
		struct frame *stack = NULL;
		if (!ancient_reader_budget_hold(s->budget,
						(capacity - s->capacity) * sizeof(*stack)))
			return ancient_reader_budget_fail(s->budget, block->offset, "dump", s->err);
		stack = realloc(s->stack, capacity * sizeof(*stack));
		if (stack == NULL)
			return ancient_reader_refuse(s->file->name, s->err, ANCIENT_E_MEMORY,
						     "dump");
		s->stack = stack;
		s->capacity = capacity;
	}
	s->stack[s->depth++] = (struct frame){block->offset, block->wosize};
	return ANCIENT_OK;
}

static enum ancient_code reach(struct scan *s, uint64_t word)
{
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word))
		return ANCIENT_OK;
	code = reader_gate(s->file, word, &block, s->err);
	if (code != ANCIENT_OK || !reader_has_values(block.tag) || block.wosize == 0)
		return code;
	if (reader_bits_get(&s->marks->seen, block.offset)) {
		if (!reader_bits_set(&s->marks->shared, block.offset, s->budget))
			return ancient_reader_budget_fail(s->budget, block.offset, "dump", s->err);
		return ANCIENT_OK;
	}
	if (!reader_bits_set(&s->marks->seen, block.offset, s->budget))
		return ancient_reader_budget_fail(s->budget, block.offset, "dump", s->err);
	return push(s, &block);
}

static enum ancient_code run(struct scan *s, uint64_t word, uint64_t limit, reader_pause *pause,
			     void *context)
{
	enum ancient_code code = reach(s, word);
	uint64_t fields = 0;

	while (s->depth > 0 && code == ANCIENT_OK) {
		struct frame *top = &s->stack[s->depth - 1];
		uint64_t at = top->next;
		/* Each field takes a byte of text at least. */
		if (limit != 0 && fields > limit)
			return ANCIENT_OK;
		if (!reader_budget_take(s->budget, 1))
			return ancient_reader_budget_fail(s->budget, at, "dump", s->err);
		if (++fields % PAUSE_EVERY == 0)
			code = pause(context);
		if (code != ANCIENT_OK)
			return code;
		top->next += ANCIENT_WORD;
		/* Popped before its last field is followed, so that a list needs no stack. */
		if (--top->left == 0)
			s->depth--;
		code = reach(s, reader_word(s->file, at));
	}
	s->marks->complete = code == ANCIENT_OK;
	return code;
}

enum ancient_code ancient_reader_marks_scan(struct reader_budget *budget, uint64_t word,
					    uint64_t limit, reader_pause *pause, void *context,
					    struct reader_marks *marks, struct ancient_error *err)
{
	struct scan s = {.file = budget->file, .budget = budget, .marks = marks, .err = err};
	enum ancient_code code;

	*marks = (struct reader_marks){.complete = false};
	code = run(&s, word, limit, pause, context);
	ancient_reader_budget_release(budget, s.capacity * sizeof(*s.stack));
	free(s.stack);
	return code;
}

void ancient_reader_marks_done(struct reader_marks *marks)
{
	ancient_reader_bits_done(&marks->seen);
	ancient_reader_bits_done(&marks->shared);
}
