/* c-reader/dump: the walk through all blocks that a value leads to, depth first, in the order of
 * the fields: for marks.c, live.c and the tool's profile, which say at each word whether the block
 * behind it is to be walked, too. */
#ifndef ANCIENT_READER_REACH_H
#define ANCIENT_READER_REACH_H

#include "base/budget.h"
#include "value/gate.h"

struct reader_reach_frame {
	uint64_t next;  /* offset of the next field */
	uint64_t left;  /* fields from there on */
	uint32_t state; /* the caller's, of this block */
	uint32_t index; /* of the next field; UINT32_MAX: that, or a higher one */
};

/* Start from {budget, what, err}; free with ancient_reader_reach_done. */
struct reader_reach {
	struct reader_budget *budget;
	const char *what; /* the work, for messages */
	struct ancient_error *err;
	struct reader_reach_frame *stack;
	size_t depth, capacity;
};

/* Looks at a word, field `index` of a block pushed with `state`, or the word that the walk begins
 * with.  Pushes its block where that is to be walked; a caller that does so once for each block has
 * a walk that ends.  Not ANCIENT_OK: the walk ends with this. */
typedef enum ancient_code reader_reach_visit(void *context, uint64_t word, uint32_t state,
					     uint32_t index);

/* A block of values with at least one field.  Errors: MEMORY TOO_LARGE. */
enum ancient_code ancient_reader_reach_push(struct reader_reach *reach,
					    const struct reader_block *block, uint32_t state);
/* The error of a budget that has nothing left. */
enum ancient_code ancient_reader_reach_exceeded(const struct reader_reach *reach, uint64_t offset);
/* Frees the stack and gives its memory back to the budget. */
void ancient_reader_reach_done(struct reader_reach *reach);

/* A step of the budget for each field.  Memory: 24 bytes for each block on the way down but for
 * those in which it is the last field. */
static inline enum ancient_code reader_reach_walk(struct reader_reach *reach,
						  reader_reach_visit *visit, void *context,
						  uint64_t word, uint32_t state)
{
	const struct ancient_file *file = reach->budget->file;
	enum ancient_code code = visit(context, word, state, 0);

	while (reach->depth > 0 && code == ANCIENT_OK) {
		struct reader_reach_frame *top = &reach->stack[reach->depth - 1];
		const struct reader_reach_frame now = *top;

		if (!reader_budget_take(reach->budget, 1))
			return ancient_reader_reach_exceeded(reach, now.next);
		top->next += ANCIENT_WORD;
		top->index += top->index < UINT32_MAX;
		/* Popped before its last field is followed, so that a list needs no stack. */
		if (--top->left == 0)
			reach->depth--;
		code = visit(context, reader_word(file, now.next), now.state, now.index);
	}
	return code;
}

#endif
