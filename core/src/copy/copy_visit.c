/* core/copy: one field of the copy: the block that it leads to, found among those met before, or
 * copied.  Called by copy.c for whatever copy_plain.h leaves. */
#include "copy/copy_visit.h"

#include "base/block.h"
#include "base/fail.h"
#include "copy/copy_block.h"
#include "copy/source_block.h"

/* Whether the even `word` leads to a block.  If it lies in a range, the range is known from then
 * on. */
static bool locate(struct core_copier *copier, uint64_t word)
{
	const struct ancient_source_range *range;

	if (!ancient_core_source_is_block(copier->source, word, &range))
		return false;
	if (range)
		core_known_ranges_add(&copier->known, word, range);
	return true;
}

/* The header of the block at `word`; if it is marked, the one of its copy, which is equal. */
static uint64_t header_of(const struct core_copier *copier, uint64_t word)
{
	uint64_t header = core_block_word(word, -1), number = core_header_marks_number(header);

	if (!core_header_marks_is(&copier->marks, header) || number > copier->target->used)
		return header;
	return copier->target->words[number - 1];
}

/* The same as ancient_core_source_forward, while headers may be marked. */
static uint64_t forward(struct core_copier *copier, uint64_t word)
{
	uint64_t target = core_block_word(word, 0);

	if (copier->source->keep_lazies)
		return word;
	if (target & 1)
		return target;
	target += copier->source->shift;
	if (!locate(copier, target) ||
	    ancient_core_source_keeps_forward(core_tag(header_of(copier, target))))
		return word;
	return target;
}

/* Copies a block that was not met before.  *ret_first is its copy's number: the index of the first
 * field. */
static inline enum ancient_code copy_new(struct core_copier *copier, uint64_t word, uint64_t header,
					 uint64_t *ret_first, struct core_frame *ret_frame,
					 struct ancient_error *err)
{
	uint64_t wosize = core_wosize(header);
	unsigned tag = core_tag(header);
	enum ancient_code code;

	if (__builtin_expect(tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_FORWARD, 0))
		return ancient_core_copy_block_special(copier, word, wosize, tag, ret_first, err);
	code = ancient_core_copy_block(copier, word, wosize, tag, ret_first, err);
	if (code == ANCIENT_OK) {
		ret_frame->next = *ret_first;
		ret_frame->end = *ret_first + wosize;
	}
	return code;
}

/* A block that cannot be marked, or for which the log has no room: it is looked up in the side
 * table, and copied if it is new. */
static enum ancient_code find(struct core_copier *copier, uint64_t word, uint64_t header,
			      uint64_t *ret_first, struct core_frame *ret_frame,
			      struct ancient_error *err)
{
	struct core_visited_page *page = core_visited_at(&copier->visited, word);
	enum ancient_code code;

	if (!page)
		return ancient_core_fail_memory(err, copier->target->name);
	*ret_first = core_visited_get(&copier->visited, page, word);
	if (*ret_first)
		return ANCIENT_OK;
	code = copy_new(copier, word, header, ret_first, ret_frame, err);
	if (code == ANCIENT_OK && !core_visited_set(&copier->visited, page, word, *ret_first))
		return ancient_core_fail_memory(err, copier->target->name);
	return code;
}

/* A block that has no mark and can have one: it is new, so it is copied and marked. */
static inline enum ancient_code mark(struct core_copier *copier, uint64_t word, uint64_t header,
				     uint64_t *ret_first, struct core_frame *ret_frame,
				     struct ancient_error *err)
{
	enum ancient_code code;

	if (__builtin_expect(!core_header_marks_ready(&copier->marks), 0))
		return find(copier, word, header, ret_first, ret_frame, err);
	code = copy_new(copier, word, header, ret_first, ret_frame, err);
	if (code == ANCIENT_OK)
		core_header_marks_set(&copier->marks, word, header, *ret_first);
	return code;
}

enum ancient_code ancient_core_copy_visit(struct core_copier *copier, uint64_t word,
					  uint64_t *ret_word, struct core_frame *ret_frame,
					  struct ancient_error *err)
{
	enum core_refusal refusal = CORE_FINE;
	uint64_t header, first;
	enum ancient_code code;

	ret_frame->next = ret_frame->end = 0;
	copier->met_dummy = 0;
	if (core_is_referenced(copier, word)) {
		*ret_word = word;
		return ANCIENT_OK;
	}
	if (__builtin_expect(!core_known_ranges_hold(&copier->known, word), 0) &&
	    !locate(copier, word))
		return ANCIENT_E_UNSHAREABLE;
	header = core_block_word(word, -1);
	if (__builtin_expect(core_tag(header) == ANCIENT_TAG_FORWARD, 0)) {
		word = forward(copier, word);
		if (word & 1 || core_is_referenced(copier, word)) {
			*ret_word = word;
			return ANCIENT_OK;
		}
		if (!core_known_ranges_hold(&copier->known, word))
			locate(copier, word);
		header = core_block_word(word, -1);
	}
	if (core_header_marks_is(&copier->marks, header)) {
		first = core_header_marks_number(header);
		if (__builtin_expect(first > copier->target->used, 0))
			return ANCIENT_E_UNSHAREABLE; /* neither our mark nor a good header */
		*ret_word = copier->target->address + first * 8;
		return ANCIENT_OK;
	}
	if (core_tag(header) > ANCIENT_TAG_LAST_PLAIN)
		refusal = ancient_core_source_judge(copier->source, word);
	if (refusal > CORE_DUMMY)
		return ANCIENT_E_UNSHAREABLE;
	if (refusal == CORE_DUMMY) {
		copier->met_dummy = word;
		code = ancient_core_copy_block_dummy(copier, &first, err);
	} else if (__builtin_expect(core_wosize(header) == 0, 0))
		code = ancient_core_copy_block_empty(copier, core_tag(header), &first, err);
	else if ((header & copier->colours) != copier->unmarked &&
		 core_known_ranges_hold(&copier->known, word))
		code = mark(copier, word, header, &first, ret_frame, err);
	else
		code = find(copier, word, header, &first, ret_frame, err);
	if (code == ANCIENT_OK)
		*ret_word = copier->target->address + first * 8;
	return code;
}
