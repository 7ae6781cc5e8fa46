/* core/copy: the copy engine.
 *
 * When a source block is first met, all its words are copied to the target.  Later the fields are
 * visited there, and each source pointer is replaced by the address of the copy of the block it
 * leads to.  So the target itself says what remains to be done.  Depth-first order keeps a stack of
 * [next, end) ranges of the target; a range is dropped before its last field is followed, so lists
 * need no stack.  Breadth-first order needs no stack: the target is the queue.  Elements-first
 * order is depth-first below blocks that were copied side by side before.
 */
#include "copy/copy.h"

#include <stdlib.h>
#include <string.h>

#include "base/block.h"
#include "base/fail.h"
#include "copy/copy_dedup.h"
#include "copy/copy_plain.h"
#include "copy/copy_prefetch.h"
#include "copy/copy_visit.h"
#include "copy/header_marks.h"
#include "copy/refusal.h"
#include "copy/spare_room.h"

#define STACK_KEPT 4096u /* entries of a stack that ancient_core_copier_reset keeps */
#define COVERED 64u      /* blocks below one field of a long block that may have been prefetched */
#define NO_COLOUR 1u     /* a value that the colour bits of no header have */
#define CELL_FIELDS 2u   /* of a list's cell: element, next cell */

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

/* ---- All fields --------------------------------------------------------------------- */

/* Depth-first, preorder: a block, then all blocks below its first field, and so on.  `covered`: so
 * many blocks may have been prefetched. */
static inline __attribute__((always_inline)) enum ancient_code
copy_depth_first_by(struct core_copier *copier, struct core_frame frame, unsigned covered,
		    bool marks, struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	struct core_copy_place at = core_copy_place_of(target);
	uint64_t shift = copier->source->shift, *field, word, first;
	struct core_frame child;
	enum ancient_code code;
	copier->depth = 0;
	for (;;) {
		while (frame.next < frame.end) {
			field = at.words + frame.next;
			if (frame.end - frame.next > CORE_PREFETCH_SHORT) {
				if (frame.end - frame.next > CORE_PREFETCH_DISTANCE)
					core_prefetch_fields(copier, field + CORE_PREFETCH_DISTANCE,
							     1, marks, NULL);
				covered = COVERED;
			}
			frame.next++;
			word = *field;
			if (word & 1)
				continue;
			word += shift;
			first = core_copy_plain(copier, &at, word, &child, marks);
			if (first) {
				core_copy_target_set(target, frame.next - 1,
						     at.address + first * 8);
			} else {
				code = ancient_core_copy_visit(copier, word, &word, &child, err);
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
						     child.end - child.next, marks, NULL);
			if (child.end - child.next > CORE_PREFETCH_SHORT)
				core_prefetch_fields(copier, at.words + child.next,
						     child.end - child.next < CORE_PREFETCH_DISTANCE
							     ? child.end - child.next
							     : CORE_PREFETCH_DISTANCE,
						     marks, NULL);
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
					  unsigned covered, struct ancient_error *err)
{
	if (copier->colours)
		return copy_depth_first_by(copier, frame, covered, true, err);
	return copy_depth_first_by(copier, frame, covered, false, err);
}

/* For a word of the target that may not be a field; then it is useless and harmless. */
static void prefetch_header(const struct core_copier *copier, uint64_t word)
{
	if ((word & 7) == 0)
		__builtin_prefetch((const void *)(uintptr_t)(word + copier->source->shift - 8));
}

/* Breadth-first: the target from `at` on is the queue. */
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
			uint64_t word = target->words[at];
			enum ancient_code code;

			if (target->used - at > CORE_PREFETCH_DISTANCE)
				prefetch_header(copier, target->words[at + CORE_PREFETCH_DISTANCE]);
			if (word & 1)
				continue;
			code = ancient_core_copy_visit(copier, word + copier->source->shift, &word,
						       &child, err);
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

/* ---- Elements first ------------------------------------------------------------------ */

/* Copies the block that the field at `index` of the target leads to, and nothing below it. */
static enum ancient_code copy_one(struct core_copier *copier, uint64_t index,
				  struct core_frame *ret_frame, struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	uint64_t word = target->words[index];
	enum ancient_code code;

	*ret_frame = (struct core_frame){0, 0};
	if (word & 1)
		return ANCIENT_OK;
	code = ancient_core_copy_visit(copier, word + copier->source->shift, &word, ret_frame, err);
	if (code == ANCIENT_OK)
		core_copy_target_set(target, index, word);
	return code;
}

/* Whether these are the fields of a block that has the form of a list's cell. */
static bool is_cell(const struct core_copy_target *target, struct core_frame frame)
{
	return frame.next < frame.end &&
	       target->words[frame.next - 1] == ANCIENT_HEADER(CELL_FIELDS, 0);
}

/* Copies the list that begins with `cell`, without its elements: one cell behind the other.
 * *ret_other: a block that is no cell where the next one should be; otherwise empty. */
static enum ancient_code copy_cells(struct core_copier *copier, struct core_frame cell,
				    uint64_t *ret_end, struct core_frame *ret_other,
				    struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	for (; code == ANCIENT_OK && is_cell(copier->target, cell); cell = *ret_other) {
		*ret_end = cell.end;
		code = copy_one(copier, cell.next + 1, ret_other, err);
	}
	return code;
}

/* Copies the blocks that every `step`th field in [at, end) of the target leads to. */
static enum ancient_code copy_each(struct core_copier *copier, uint64_t at, uint64_t end,
				   uint64_t step, struct ancient_error *err)
{
	uint64_t distance = CORE_PREFETCH_DISTANCE * step;
	enum ancient_code code = ANCIENT_OK;
	struct core_frame element;

	for (; at < end && code == ANCIENT_OK; at += step) {
		if (end - at > distance)
			prefetch_header(copier, copier->target->words[at + distance]);
		code = copy_one(copier, at, &element, err);
	}
	return code;
}

/* Prefetches what the block at `at` of the target leads to; gives the index of the next block. */
static uint64_t prefetch_below(struct core_copier *copier, uint64_t at)
{
	const uint64_t *field = copier->target->words + at + 1;
	uint64_t wosize = core_wosize(field[-1]),
		 count = wosize < CORE_PREFETCH_DISTANCE ? wosize : CORE_PREFETCH_DISTANCE;

	if (core_tag(field[-1]) <= ANCIENT_TAG_LAST_PLAIN) {
		if (copier->colours)
			core_prefetch_fields(copier, field, count, true, NULL);
		else
			core_prefetch_fields(copier, field, count, false, NULL);
	}
	return at + 1 + wosize;
}

/* Copies what is below each of the blocks in [at, end) of the target, depth-first. */
static enum ancient_code copy_below_each(struct core_copier *copier, uint64_t at, uint64_t end,
					 struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;
	uint64_t ahead = at;

	for (unsigned i = 0; i < CORE_PREFETCH_DISTANCE && ahead < end; i++)
		ahead = prefetch_below(copier, ahead);
	while (at < end && code == ANCIENT_OK) {
		uint64_t header = copier->target->words[at];
		struct core_frame frame = {at + 1, at + 1 + core_wosize(header)};

		if (ahead < end)
			ahead = prefetch_below(copier, ahead);
		if (core_tag(header) <= ANCIENT_TAG_LAST_PLAIN ||
		    core_tag(header) == ANCIENT_TAG_FORWARD)
			code = copy_depth_first(copier, frame, COVERED, err);
		at = frame.end;
	}
	return code;
}

/* The elements of a long array, or of a list, side by side; then what is below each, depth-first.
 * A list is known by the form of its first cell: of a pair, which has the same form, the order
 * means little.  Everything else is copied depth-first: `root` are its fields. */
static enum ancient_code copy_elements_first(struct core_copier *copier, struct core_frame root,
					     struct ancient_error *err)
{
	bool list = is_cell(copier->target, root);
	struct core_frame other = {0, 0};
	uint64_t end = root.end, elements;
	enum ancient_code code = ANCIENT_OK;

	if (!list && root.end - root.next <= CORE_PREFETCH_SHORT)
		return copy_depth_first(copier, root, 0, err);
	if (list)
		code = copy_cells(copier, root, &end, &other, err);
	elements = copier->target->used;
	if (code == ANCIENT_OK)
		code = copy_each(copier, root.next, end, list ? CELL_FIELDS + 1 : 1, err);
	if (code == ANCIENT_OK)
		code = copy_below_each(copier, elements, copier->target->used, err);
	return code == ANCIENT_OK ? copy_depth_first(copier, other, 0, err) : code;
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
	core_known_ranges_init(&copier->known, source, copier->referenced_start,
			       copier->referenced_bytes);
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
		code = ancient_core_copy_visit(copier, root + source->shift, &copy, &frame, err);
	if (code == ANCIENT_OK && copier->dedup)
		code = ancient_core_copy_dedup(copier, root + source->shift, start, frame, order,
					       &copy, err);
	else if (code == ANCIENT_OK && order == ANCIENT_ORDER_BREADTH_FIRST)
		code = copy_breadth_first(copier, start, err);
	else if (code == ANCIENT_OK && order == ANCIENT_ORDER_ELEMENTS_FIRST)
		code = copy_elements_first(copier, frame, err);
	else if (code == ANCIENT_OK)
		code = copy_depth_first(copier, frame, 0, err);
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
