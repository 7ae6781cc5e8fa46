/* core/copy: the copy engine.
 *
 * When a source block is first met, all its words are copied to the target.  Later the fields are
 * visited there, and each source pointer is replaced by the address of the copy of the block it
 * leads to.  So the target itself says what remains to be done.  Depth-first order keeps a stack of
 * [next, end) ranges of the target; a range is dropped before its last field is followed, so lists
 * need no stack.  Breadth-first order needs no stack: the target is the queue.
 */
#include "copy/copy.h"

#include <stdlib.h>
#include <string.h>

#include "base/block.h"
#include "base/fail.h"
#include "copy/copy_block.h"
#include "copy/copy_plain.h"
#include "copy/copy_prefetch.h"
#include "copy/header_marks.h"
#include "copy/refusal.h"
#include "copy/source_block.h"
#include "copy/spare_room.h"
#include "copy/visited.h"

#define STACK_KEPT 4096u /* entries of a stack that ancient_core_copier_reset keeps */
#define COVERED 64u      /* blocks below one field of a long block that may have been prefetched */
#define NO_COLOUR 1u     /* a value that the colour bits of no header have */

bool ancient_core_copier_init(struct core_copier *copier, struct core_copy_target *target)
{
	memset(copier, 0, offsetof(struct core_copier, known));
	copier->target = target;
	ancient_core_header_marks_allow(&copier->marks, ANCIENT_MARKS_NONE);
	return ancient_core_visited_init(&copier->visited);
}

void ancient_core_copier_restore_headers(struct core_copier *copier)
{
	ancient_core_header_marks_restore(&copier->marks);
}

bool ancient_core_copier_reset(struct core_copier *copier)
{
	struct core_header_marks marks;
	struct core_visited visited = copier->visited;
	struct core_frame *stack = copier->stack;
	size_t capacity = copier->capacity;

	ancient_core_copier_restore_headers(copier);
	marks = copier->marks;
	if (capacity > STACK_KEPT) {
		free(stack);
		stack = NULL;
		capacity = 0;
	}
	memset(copier, 0, offsetof(struct core_copier, known));
	copier->marks = marks;
	copier->visited = visited;
	copier->stack = stack;
	copier->capacity = capacity;
	return ancient_core_visited_reset(&copier->visited);
}

void ancient_core_copier_done(struct core_copier *copier)
{
	ancient_core_header_marks_done(&copier->marks);
	ancient_core_visited_done(&copier->visited);
	free(copier->stack);
	copier->stack = NULL;
}

static bool push(struct core_copier *copier, uint64_t next, uint64_t end)
{
	if (copier->depth == copier->capacity) {
		size_t capacity = copier->capacity ? copier->capacity * 2 : 256;
		struct core_frame *stack = realloc(copier->stack, capacity * sizeof *stack);

		if (!stack)
			return false;
		copier->stack = stack;
		copier->capacity = capacity;
	}
	copier->stack[copier->depth].next = next;
	copier->stack[copier->depth++].end = end;
	return true;
}

/* ---- One field --------------------------------------------------------------------- */

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

/* ret_word is what a field must hold that leads to the even source pointer `word` (with
 * source->shift added).  *ret_frame is the fields of the block if it was copied now and has fields
 * to visit; otherwise it is empty.  An UNSHAREABLE error has no message yet:
 * ancient_core_refusal_explain makes it. */
static inline enum ancient_code visit(struct core_copier *copier, uint64_t word, uint64_t *ret_word,
				      struct core_frame *ret_frame, struct ancient_error *err)
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

/* ---- All fields --------------------------------------------------------------------- */

/* Depth-first, preorder: a block, then all blocks below its first field, and so on. */
static inline __attribute__((always_inline)) enum ancient_code
copy_depth_first_by(struct core_copier *copier, struct core_frame frame, bool marks,
		    struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	struct core_copy_place at = core_copy_place_of(target);
	uint64_t shift = copier->source->shift, *field, word, first;
	struct core_frame child;
	enum ancient_code code;
	unsigned covered = 0;

	copier->depth = 0;
	for (;;) {
		while (frame.next < frame.end) {
			field = at.words + frame.next;
			if (frame.end - frame.next > CORE_PREFETCH_SHORT) {
				if (frame.end - frame.next > CORE_PREFETCH_DISTANCE)
					core_prefetch_fields(copier, field + CORE_PREFETCH_DISTANCE,
							     1, marks);
				covered = COVERED;
			}
			frame.next++;
			word = *field;
			if (word & 1)
				continue;
			word += shift;
			first = core_is_referenced(copier, word)
					? 0
					: core_copy_plain(copier, &at, word, &child, marks);
			if (first) {
				core_copy_target_set(target, frame.next - 1,
						     at.address + first * 8);
			} else {
				code = visit(copier, word, &word, &child, err);
				if (code != ANCIENT_OK)
					return code;
				core_copy_target_set(target, frame.next - 1, word);
				if (__builtin_expect(copier->met_dummy != 0, 0))
					ancient_core_spare_room_cut(copier, &frame);
				at = core_copy_place_of(target);
			}
			if (child.next == child.end)
				continue;
			if (covered > 0)
				covered--;
			else
				core_prefetch_copied(copier, at.words + child.next,
						     child.end - child.next, marks);
			if (child.end - child.next > CORE_PREFETCH_SHORT)
				core_prefetch_fields(copier, at.words + child.next,
						     child.end - child.next < CORE_PREFETCH_DISTANCE
							     ? child.end - child.next
							     : CORE_PREFETCH_DISTANCE,
						     marks);
			if (frame.next < frame.end && !push(copier, frame.next, frame.end))
				return ancient_core_fail_memory(err, target->name);
			frame = child;
		}
		if (copier->depth == 0)
			return ANCIENT_OK;
		frame = copier->stack[--copier->depth];
	}
}

static enum ancient_code copy_depth_first(struct core_copier *copier, struct core_frame frame,
					  struct ancient_error *err)
{
	if (copier->colours)
		return copy_depth_first_by(copier, frame, true, err);
	return copy_depth_first_by(copier, frame, false, err);
}

/* Breadth-first: the target from `at` on is the queue.  The word prefetched CORE_PREFETCH_DISTANCE
 * ahead may not be a field; then the prefetch is useless and harmless. */
static enum ancient_code copy_breadth_first(struct core_copier *copier, uint64_t at,
					    struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	struct core_frame child;

	while (at < target->used) {
		uint64_t header = target->words[at++], end = at + core_wosize(header), dummy = 0;
		unsigned tag = core_tag(header);

		if (tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_FORWARD)
			at = end;
		for (; at < end; at++) {
			uint64_t word = target->words[at], later = at + CORE_PREFETCH_DISTANCE;
			enum ancient_code code;

			if (target->used - at > CORE_PREFETCH_DISTANCE &&
			    (target->words[later] & 7) == 0)
				__builtin_prefetch((const void *)(uintptr_t)(target->words[later] +
									     copier->source->shift -
									     8));
			if (word & 1)
				continue;
			code = visit(copier, word + copier->source->shift, &word, &child, err);
			if (code != ANCIENT_OK)
				return code;
			core_copy_target_set(target, at, word);
			dummy = copier->met_dummy;
		}
		if (__builtin_expect(dummy != 0, 0))
			ancient_core_spare_room_cut_below(copier, end - core_wosize(header), dummy);
	}
	return ANCIENT_OK;
}

/* Applies the options of the source.  If this source allows other marks than the one before, no
 * more marks are made: blocks that are in the side table would otherwise be marked now, and copied
 * again. */
static void begin(struct core_copier *copier, const struct ancient_source *source)
{
	enum ancient_source_marks allowed = source->marks;

	if (copier->source && allowed != copier->allowed)
		allowed = ANCIENT_MARKS_NONE;
	if (allowed != ANCIENT_MARKS_NONE)
		ancient_core_header_marks_allow(&copier->marks, allowed);
	copier->source = source;
	copier->allowed = allowed;
	copier->colours = allowed == ANCIENT_MARKS_NONE ? 0 : ANCIENT_HEADER_COLOUR_MASK;
	copier->unmarked = allowed == ANCIENT_MARKS_RANGES ? NO_COLOUR : copier->colours;
	core_known_ranges_init(&copier->known, source);
	copier->prefetch.head = copier->prefetch.tail = copier->prefetch.previous_head = 0;
}

enum ancient_code ancient_core_copy(struct core_copier *copier, const struct ancient_source *source,
				    uint64_t root, enum ancient_order order,
				    struct ancient_copied *ret_copied, struct ancient_error *err)
{
	uint64_t start = copier->target->used, blocks = copier->blocks, copy = root;
	enum ancient_code code = ANCIENT_OK;
	struct core_frame frame = {0, 0};

	begin(copier, source);
	if ((root & 1) == 0)
		code = visit(copier, root + source->shift, &copy, &frame, err);
	if (code == ANCIENT_OK && order == ANCIENT_ORDER_BREADTH_FIRST)
		code = copy_breadth_first(copier, start, err);
	else if (code == ANCIENT_OK)
		code = copy_depth_first(copier, frame, err);
	if (code != ANCIENT_OK)
		ancient_core_copier_restore_headers(copier);
	if (code == ANCIENT_E_UNSHAREABLE)
		return ancient_core_refusal_explain(copier, root, err);
	if (code != ANCIENT_OK)
		return code;
	ret_copied->root = copy;
	ret_copied->bytes = (copier->target->used - start) * 8;
	ret_copied->blocks = copier->blocks - blocks;
	return ANCIENT_OK;
}
