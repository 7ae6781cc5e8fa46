/* core/copy: the walk of a copy in which equal blocks are written once (ancient/dedup.h).
 *
 * A block is copied before what is below it, as in any copy.  When that is complete, the block has
 * the words that it will keep.  If nothing remains behind it, everything below it was found among
 * earlier blocks, or there is nothing; then an equal block may have been there before, and where it
 * was, the block is taken back, and whatever led to it leads to the other one.  So a copy is never
 * longer than what it keeps, and blocks follow each other in the order of any other copy.
 *
 * A block that leads to itself is never taken back: something below it remains, or leads to it.
 */
#include "copy/copy_dedup.h"

#include <stdlib.h>

#include "base/block.h"
#include "base/fail.h"
#include "copy/block_type.h"
#include "copy/copy_plain.h"
#include "copy/copy_prefetch.h"
#include "copy/copy_visit.h"
#include "copy/spare_room.h"

#define COVERED 64u /* blocks below one field of a long block that may have been prefetched */
#define MEMORY ((uint64_t)256 << 20)
#define CELL_FIELDS 2u  /* of a list: element, next cell */
#define ROOT UINT64_MAX /* in place of a field's index */
/* So many blocks wait at their last field; what is below further ones goes on without them, so that
 * a list of any length needs memory for so many. */
#define COMPLETE_MOST ((size_t)1 << 20)

struct core_dedup *ancient_core_dedup_new(const struct ancient_dedup *options)
{
	struct core_dedup *dedup = calloc(1, sizeof *dedup);

	if (!dedup)
		return NULL;
	dedup->options = *options;
	if (ancient_core_equal_blocks_init(&dedup->blocks,
					   options->memory ? options->memory : MEMORY))
		return dedup;
	free(dedup);
	return NULL;
}

void ancient_core_dedup_free(struct core_dedup *dedup)
{
	if (!dedup)
		return;
	ancient_core_equal_blocks_done(&dedup->blocks);
	free(dedup->stack);
	free(dedup);
}

static bool push(struct core_dedup *dedup, const struct core_dedup_frame *frame)
{
	if (dedup->depth == dedup->capacity) {
		size_t capacity = dedup->capacity ? dedup->capacity * 2 : 256;
		struct core_dedup_frame *stack = realloc(dedup->stack, capacity * sizeof *stack);

		if (!stack)
			return false;
		dedup->stack = stack;
		dedup->capacity = capacity;
	}
	dedup->stack[dedup->depth++] = *frame;
	return true;
}

/* ---- One block ---------------------------------------------------------------------- */

/* From now on the source block at `source`, whose copy had the number `old`, has the copy `number`.
 * False: the block with that copy is another one, a forced lazy's value. */
static bool renumber(struct core_copier *copier, uint64_t source, uint64_t old, uint64_t number)
{
	uint64_t *header = (uint64_t *)(uintptr_t)source - 1;
	struct core_visited_page *page;

	if (core_header_marks_is(&copier->marks, *header)) {
		if (core_header_marks_number(*header) != old)
			return false;
		*header = number << ANCIENT_HEADER_WOSIZE_SHIFT | copier->marks.bits;
		return true;
	}
	page = core_visited_at(&copier->visited, source);
	return page && core_visited_get(&copier->visited, page, source) == old &&
	       core_visited_set(&copier->visited, page, source, number);
}

/* The block that stands for the complete one with this number: an equal one, or itself. */
static inline uint64_t settle(struct core_copier *copier, uint64_t source, uint64_t number)
{
	struct core_copy_target *target = copier->target;
	struct core_equal_blocks *blocks = &copier->dedup->blocks;
	uint64_t hash = core_equal_blocks_hash(target->words, number), other;

	if (number + core_wosize(target->words[number - 1]) == target->used) {
		other = core_equal_blocks_find(blocks, target->words, number, hash);
		if (other && renumber(copier, source, number, other)) {
			target->shrink(target, number - 1);
			copier->blocks--;
			return other;
		}
	}
	ancient_core_equal_blocks_add(blocks, number, hash);
	return number;
}

/* Whether the custom block at `source`, which was copied just now, is a number. */
static bool is_number(const struct core_copier *copier, uint64_t source)
{
	uint64_t operations = core_block_word(source, 0);
	const struct core_custom_cache *cache =
		&copier->customs[operations / 64 % CORE_CUSTOM_CACHE];

	return cache->operations == operations && cache->well_known < ANCIENT_CUSTOM_WELL_KNOWN &&
	       cache->well_known != ANCIENT_CUSTOM_BIGARRAY;
}

/* Whether a block without fields, which was copied just now, may be shared. */
static inline bool leaf_is_shared(const struct core_copier *copier, uint32_t type, uint64_t header,
				  uint64_t source)
{
	const struct ancient_dedup *options = &copier->dedup->options;

	switch (core_tag(header)) {
	case ANCIENT_TAG_DOUBLE:
		return true;
	case ANCIENT_TAG_STRING:
		return core_block_type_shares_strings(options, type);
	case ANCIENT_TAG_CUSTOM:
		return is_number(copier, source);
	case ANCIENT_TAG_DOUBLE_ARRAY:
		return core_block_type_shares_floats(options, type, core_wosize(header));
	default:
		return false;
	}
}

/* Copies the block at `source`, which is of this type and which the field at `index` leads to, if
 * it was not met before.  *ret_frame: its fields; otherwise it is empty. */
static inline __attribute__((always_inline)) enum ancient_code
copy_block(struct core_copier *copier, struct core_copy_place *at, uint64_t source, uint32_t type,
	   uint64_t index, uint64_t *ret_word, struct core_dedup_frame *ret_frame, bool marks,
	   struct ancient_error *err)
{
	struct core_frame child;
	uint64_t number = at->used + 1, first = core_copy_plain(copier, at, source, &child, marks);
	enum ancient_code code;
	bool shared;

	ret_frame->next = ret_frame->end = 0;
	if (first) {
		*ret_word = at->address + first * 8;
	} else {
		code = ancient_core_copy_visit(copier, source, ret_word, &child, err);
		if (code != ANCIENT_OK)
			return code;
		*at = core_copy_place_of(copier->target);
	}
	if (at->used < number)
		return ANCIENT_OK;
	if (child.next == child.end) {
		if (!leaf_is_shared(copier, type, at->words[number - 1], source))
			return ANCIENT_OK;
		*ret_word = at->address + settle(copier, source, number) * 8;
		*at = core_copy_place_of(copier->target);
		return ANCIENT_OK;
	}
	*ret_frame = (struct core_dedup_frame){
		.next = child.next, .end = child.end, .field = index, .source = source};
	shared = core_block_type_fields(&copier->dedup->options, type, at->words + number,
					&ret_frame->types, &ret_frame->step);
	ret_frame->number = shared ? number : 0;
	return ANCIENT_OK;
}

/* ---- Depth-first -------------------------------------------------------------------- */

/* ancient_core_spare_room_cut, which looks at the copier's own stack. */
static bool cut_spare_room(struct core_copier *copier, struct core_dedup_frame *frame)
{
	const struct core_dedup *dedup = copier->dedup;
	struct core_frame fields = {frame->next, frame->end}, record;

	if (dedup->depth == 0)
		return true;
	record.next = dedup->stack[dedup->depth - 1].next;
	record.end = dedup->stack[dedup->depth - 1].end;
	if (!copier->stack)
		copier->stack = malloc(sizeof *copier->stack);
	if (!copier->stack)
		return false;
	copier->capacity = copier->capacity ? copier->capacity : 1;
	copier->depth = 1;
	copier->stack[0] = record;
	ancient_core_spare_room_cut(copier, &fields);
	frame->next = fields.next;
	copier->met_dummy = 0;
	return true;
}

/* Keeps the frame, if there is something left to do with it. */
static inline bool keep(struct core_dedup *dedup, const struct core_dedup_frame *frame)
{
	if (frame->next == frame->end) {
		if (!frame->number || dedup->complete == COMPLETE_MOST)
			return true;
		dedup->complete++;
	}
	return push(dedup, frame);
}

/* Everything below the frame's block is copied. */
static void finish(struct core_copier *copier, const struct core_dedup_frame *frame,
		   uint64_t *ret_root)
{
	struct core_copy_target *target = copier->target;
	uint64_t number = settle(copier, frame->source, frame->number);

	if (frame->field == ROOT)
		*ret_root = target->address + number * 8;
	else if (number != frame->number)
		core_copy_target_set(target, frame->field, target->address + number * 8);
}

static inline __attribute__((always_inline)) enum ancient_code
copy_depth_first_by(struct core_copier *copier, struct core_dedup_frame frame, uint64_t *ret_root,
		    bool marks, struct ancient_error *err)
{
	struct core_copy_target *target = copier->target;
	struct core_dedup *dedup = copier->dedup;
	struct core_copy_place at = core_copy_place_of(target);
	uint64_t shift = copier->source->shift, *field, word;
	struct core_dedup_frame child;
	unsigned covered = 0;
	enum ancient_code code;
	uint32_t type;

	dedup->depth = dedup->complete = 0;
	copier->met_dummy = 0;
	for (;;) {
		while (frame.next < frame.end) {
			field = at.words + frame.next;
			if (frame.end - frame.next > CORE_PREFETCH_SHORT) {
				if (frame.end - frame.next > CORE_PREFETCH_DISTANCE)
					core_prefetch_fields(copier, field + CORE_PREFETCH_DISTANCE,
							     1, marks, &dedup->blocks);
				covered = COVERED;
			}
			frame.next++;
			type = *frame.types;
			frame.types += frame.step;
			word = *field;
			if (word & 1)
				continue;
			code = copy_block(copier, &at, word + shift, type, frame.next - 1, &word,
					  &child, marks, err);
			if (code != ANCIENT_OK)
				return code;
			core_copy_target_set(target, frame.next - 1, word);
			if (__builtin_expect(copier->met_dummy != 0, 0) &&
			    !cut_spare_room(copier, &frame))
				return ancient_core_fail_memory(err, target->name);
			if (child.next == child.end)
				continue;
			if (covered > 0)
				covered--;
			else
				core_prefetch_copied(copier, at.words + child.next,
						     child.end - child.next, marks, &dedup->blocks);
			if (child.end - child.next > CORE_PREFETCH_SHORT)
				core_prefetch_fields(copier, at.words + child.next,
						     child.end - child.next < CORE_PREFETCH_DISTANCE
							     ? child.end - child.next
							     : CORE_PREFETCH_DISTANCE,
						     marks, &dedup->blocks);
			if (!keep(dedup, &frame))
				return ancient_core_fail_memory(err, target->name);
			frame = child;
		}
		if (frame.number) {
			finish(copier, &frame, ret_root);
			at = core_copy_place_of(target);
		}
		if (dedup->depth == 0)
			return ANCIENT_OK;
		frame = dedup->stack[--dedup->depth];
		dedup->complete -= frame.next == frame.end;
	}
}

static enum ancient_code copy_depth_first(struct core_copier *copier, struct core_dedup_frame frame,
					  uint64_t *ret_root, struct ancient_error *err)
{
	if (copier->colours)
		return copy_depth_first_by(copier, frame, ret_root, true, err);
	return copy_depth_first_by(copier, frame, ret_root, false, err);
}

/* ---- Elements first ------------------------------------------------------------------ */

/* Copies the block that the field at `index` leads to, and nothing below it. */
static enum ancient_code copy_one(struct core_copier *copier, uint64_t index, uint32_t type,
				  struct core_dedup_frame *ret_frame, struct ancient_error *err)
{
	struct core_copy_place at = core_copy_place_of(copier->target);
	uint64_t word = at.words[index];
	enum ancient_code code;

	*ret_frame = (struct core_dedup_frame){0};
	if (word & 1)
		return ANCIENT_OK;
	word += copier->source->shift;
	if (copier->colours)
		code = copy_block(copier, &at, word, type, index, &word, ret_frame, true, err);
	else
		code = copy_block(copier, &at, word, type, index, &word, ret_frame, false, err);
	if (code == ANCIENT_OK)
		core_copy_target_set(copier->target, index, word);
	return code;
}

/* Of an array, or of a list whose cells lie side by side: the blocks that every `step`th field in
 * [at, end) leads to, then what is below each.  Where they are equal they stay: that they lie side
 * by side is what was asked for. */
static enum ancient_code copy_elements(struct core_copier *copier, uint64_t at, uint64_t end,
				       uint64_t step, uint32_t type, struct ancient_error *err)
{
	const struct core_copy_target *target = copier->target;
	uint64_t elements = target->used, word;
	struct core_dedup_frame frame;
	enum ancient_code code = ANCIENT_OK;

	for (; at < end && code == ANCIENT_OK; at += step) {
		word = end - at > CORE_PREFETCH_DISTANCE * step
			       ? target->words[at + CORE_PREFETCH_DISTANCE * step]
			       : 1;
		if ((word & 7) == 0)
			__builtin_prefetch(
				(const void *)(uintptr_t)(word + copier->source->shift - 8));
		code = copy_one(copier, at, type, &frame, err);
	}
	for (at = elements, end = target->used; at < end && code == ANCIENT_OK; at = frame.end) {
		uint64_t header = target->words[at];

		frame = (struct core_dedup_frame){.next = at + 1,
						  .end = at + 1 + core_wosize(header)};
		core_block_type_fields(&copier->dedup->options, type, target->words + at + 1,
				       &frame.types, &frame.step);
		if (core_tag(header) <= ANCIENT_TAG_LAST_PLAIN ||
		    core_tag(header) == ANCIENT_TAG_FORWARD)
			code = copy_depth_first(copier, frame, &word, err);
	}
	return code;
}

/* Whether these are the fields of the cell of a list, as far as one can see. */
static bool is_cell(const struct core_copier *copier, const struct core_dedup_frame *frame)
{
	return frame->next < frame->end &&
	       copier->target->words[frame->next - 1] == ANCIENT_HEADER(CELL_FIELDS, 0) &&
	       (frame->step == 0 || frame->types[1] == CORE_ROOT_TYPE);
}

static enum ancient_code copy_elements_first(struct core_copier *copier,
					     struct core_dedup_frame root, uint64_t *ret_root,
					     struct ancient_error *err)
{
	struct core_dedup_frame cell = root;
	uint64_t end = root.end;
	enum ancient_code code = ANCIENT_OK;

	if (!is_cell(copier, &root)) {
		if (root.step || root.end - root.next <= CORE_PREFETCH_SHORT)
			return copy_depth_first(copier, root, ret_root, err);
		return copy_elements(copier, root.next, end, 1, *root.types, err);
	}
	for (; is_cell(copier, &cell) && code == ANCIENT_OK;) {
		end = cell.end;
		code = copy_one(copier, cell.next + 1, cell.types[cell.step], &cell, err);
	}
	if (code == ANCIENT_OK)
		code = copy_elements(copier, root.next, end, CELL_FIELDS + 1, *root.types, err);
	cell.number = 0;
	return code == ANCIENT_OK ? copy_depth_first(copier, cell, ret_root, err) : code;
}

enum ancient_code ancient_core_copy_dedup(struct core_copier *copier, uint64_t source,
					  uint64_t start, struct core_frame root,
					  enum ancient_order order, uint64_t *ret_root,
					  struct ancient_error *err)
{
	const struct ancient_dedup *options = &copier->dedup->options;
	struct core_copy_target *target = copier->target;
	struct core_dedup_frame frame = {
		.next = root.next, .end = root.end, .field = ROOT, .source = source};
	uint32_t type = options->types ? CORE_ROOT_TYPE : ANCIENT_DEDUP_ANY;

	if (target->used == start)
		return ANCIENT_OK;
	if (root.next == root.end) {
		if (leaf_is_shared(copier, type, target->words[start], source))
			*ret_root = target->address + settle(copier, source, start + 1) * 8;
		return ANCIENT_OK;
	}
	if (core_block_type_fields(options, type, target->words + start + 1, &frame.types,
				   &frame.step))
		frame.number = start + 1;
	if (order == ANCIENT_ORDER_ELEMENTS_FIRST)
		return copy_elements_first(copier, frame, ret_root, err);
	return copy_depth_first(copier, frame, ret_root, err);
}
