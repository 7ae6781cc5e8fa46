/* c-reader/dump: the blocks that a dump reaches more than once, and their numbers (marks.h). */
#include <stdlib.h>
#include <sys/random.h>

#include <xxhash.h>

#include "dump/marks.h"

#define PAUSE_EVERY 65536u /* blocks */

/* ---- The scan -------------------------------------------------------------------- */

struct frame {
	uint64_t next; /* offset of the next field */
	uint64_t left; /* fields from there on */
};

struct scan {
	const struct ancient_file *file;
	struct reader_marks *marks;
	struct ancient_error *err;
	struct frame *stack;
	size_t depth, capacity;
};

static enum ancient_code push(struct scan *s, const struct reader_block *block)
{
	if (s->depth == s->capacity) {
		size_t capacity = s->capacity == 0 ? 256 : 2 * s->capacity;
		struct frame *stack = realloc(s->stack, capacity * sizeof(*stack));
		if (stack == NULL)
			return reader_refuse(s->file->name, s->err, ANCIENT_E_MEMORY, "dump");
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
	if (reader_mark_get(s->marks->seen, block.offset)) {
		reader_mark_put(s->marks->shared, block.offset, true);
		return ANCIENT_OK;
	}
	reader_mark_put(s->marks->seen, block.offset, true);
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

enum ancient_code reader_marks_scan(const struct ancient_file *file, uint64_t word, uint64_t limit,
				    reader_pause *pause, void *context, struct reader_marks *marks,
				    struct ancient_error *err)
{
	struct scan s = {.file = file, .marks = marks, .err = err};
	size_t bytes = (file->super.used - ANCIENT_FIRST_EXTENT) / ANCIENT_WORD / 8 + 1;
	enum ancient_code code;

	*marks = (struct reader_marks){.seen = calloc(bytes, 1), .shared = calloc(bytes, 1)};
	if (marks->seen == NULL || marks->shared == NULL)
		code = reader_refuse(file->name, err, ANCIENT_E_MEMORY, "dump");
	else
		code = run(&s, word, limit, pause, context);
	free(s.stack);
	return code;
}

void reader_marks_done(struct reader_marks *marks)
{
	free(marks->seen);
	free(marks->shared);
	*marks = (struct reader_marks){0};
}

/* ---- Ids ------------------------------------------------------------------------- */

static struct reader_id *find(const struct reader_ids *ids, uint64_t offset)
{
	/* capacity is a power of two, and the table is never full.  The seed is secret, because the
	 * file chooses the offsets: if all fell in one slot, a dump would take the square of their
	 * number. */
	size_t at = (size_t)XXH3_64bits_withSeed(&offset, sizeof(offset), ids->seed) &
		    (ids->capacity - 1);

	while (ids->slot[at].offset != 0 && ids->slot[at].offset != offset)
		at = (at + 1) & (ids->capacity - 1);
	return &ids->slot[at];
}

static bool grow(struct reader_ids *ids)
{
	struct reader_ids larger = {.capacity = ids->capacity == 0 ? 256 : 2 * ids->capacity,
				    .seed = ids->seed};

	larger.slot = calloc(larger.capacity, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return false;
	/* Where the kernel has no random numbers yet, an address of this process is one that
	 * the file does not know either. */
	if (ids->capacity == 0 &&
	    getrandom(&larger.seed, sizeof(larger.seed), GRND_NONBLOCK) != sizeof(larger.seed))
		larger.seed = (uintptr_t)larger.slot;
	for (size_t i = 0; i < ids->capacity; i++)
		if (ids->slot[i].offset != 0)
			*find(&larger, ids->slot[i].offset) = ids->slot[i];
	larger.count = ids->count;
	free(ids->slot);
	*ids = larger;
	return true;
}

bool reader_ids_get(struct reader_ids *ids, uint64_t offset, uint64_t *ret_id, bool *ret_new)
{
	struct reader_id *slot;

	if (2 * ids->count >= ids->capacity && !grow(ids))
		return false;
	slot = find(ids, offset);
	*ret_new = slot->offset == 0;
	if (*ret_new)
		*slot = (struct reader_id){offset, ++ids->count};
	*ret_id = slot->id;
	return true;
}

void reader_ids_done(struct reader_ids *ids)
{
	free(ids->slot);
	*ids = (struct reader_ids){0};
}
