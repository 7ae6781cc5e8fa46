/* core: the copy engine.
 *
 * A block is copied when it is first met, source words and all; its fields are then looked
 * at in the copy, and each pointer there is replaced by the address of the copy of what it
 * leads to.  So the copy itself says what is still to be done: depth-first keeps a stack of
 * [next, end) ranges of it, and drops a range before descending into its last field, which
 * makes lists need no stack; breadth-first needs no stack at all, as the copy is the queue.
 */
#include "copy.h"

#include <stdlib.h>
#include <string.h>

#include "fail.h"
#include "shape.h"

#define CHILDREN 8u  /* of a block, that are looked ahead at */
#define FAR 6u       /* in long blocks, fields between the look ahead and the visit */
#define LEVELS 4u    /* below such a field that are looked at, before the copy comes to it */
#define STEPS 6u     /* blocks looked at, at most, for each one with fields that is copied */
#define NO_COLOUR 1u /* what the colour bits of no header are */

bool core_copier_init(struct core_copier *copier, struct core_sink *sink)
{
	memset(copier, 0, sizeof *copier);
	copier->sink = sink;
	core_marks_allow(&copier->marks, ANCIENT_MARKS_NONE);
	return core_visited_init(&copier->visited);
}

void core_copier_settle(struct core_copier *copier)
{
	core_marks_restore(&copier->marks);
}

void core_copier_done(struct core_copier *copier)
{
	core_copier_settle(copier);
	core_visited_done(&copier->visited);
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

/* ---- What the copy will come to ---------------------------------------------------- */

static inline void look_at(struct core_copier *copier, uint64_t word, unsigned levels)
{
	word += copier->source->shift;
	core_ahead_add(&copier->ahead, word, copier->colours ? levels : 0);
}

/* Looks at the children of the block that was asked for longest ago, if that was long ago.
 * Only a header is read that is known to be there. */
static inline bool look_further(struct core_copier *copier)
{
	unsigned levels;
	uint64_t word = core_ahead_next(&copier->ahead, &levels), header, count;

	if (word == 0)
		return false;
	if (word - copier->known_start >= copier->known_bytes &&
	    !core_source_range(copier->source, word))
		return true;
	header = core_source_word(word, -1);
	count = core_wosize(header);
	if (core_tag(header) > ANCIENT_TAG_LAST_PLAIN || count > CHILDREN)
		return true;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t field = core_source_word(word, (int64_t)i);

		if ((field & 7) == 0)
			look_at(copier, field, levels - 1);
	}
	return true;
}

/* The children of a block that was copied just now. */
static inline void look_at_children(struct core_copier *copier, struct core_frame child)
{
	const uint64_t *field = copier->sink->words + child.next;
	uint64_t count = child.end - child.next;
	/* Unless a long block has much in store. */
	unsigned levels = copier->ahead.head == copier->ahead.tail ? 2 : 0;

	if (count > CHILDREN)
		count = CHILDREN;
	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 7) == 0)
			look_at(copier, field[i], levels);
	copier->ahead.now = (copier->ahead.now + 1) & 0xFFFF;
	for (unsigned i = 0; i < STEPS && look_further(copier); i++)
		;
}

/* A field of a long block that the copy is still far from; with the side table, its entry, which
 * is looked for in it when the copy is half as far. */
static inline void look_far(struct core_copier *copier, struct core_frame frame)
{
	const uint64_t *field = copier->sink->words + frame.next;
	uint64_t shift = copier->source->shift;

	if (frame.end - frame.next <= FAR)
		return;
	if ((field[FAR] & 7) == 0) {
		look_at(copier, field[FAR], LEVELS);
		if (copier->colours == 0)
			core_visited_prefetch(&copier->visited, field[FAR] + shift);
	}
	if (copier->colours == 0 && frame.end - frame.next > 2 * FAR)
		core_visited_prefetch_slot(&copier->visited, field[2 * FAR] + shift);
}

/* ---- One field --------------------------------------------------------------------- */

/* The header that the block at `word` has, or had. */
static uint64_t header_of(const struct core_copier *copier, uint64_t word)
{
	uint64_t header = core_source_word(word, -1), number = core_marks_number(header);

	if (!core_marks_is(&copier->marks, header) || number > copier->sink->used)
		return header;
	return copier->sink->words[number - 1];
}

/* Whether the even `word` leads to a block.  The range that it lies in is the known one then,
 * if there is one. */
static bool locate(struct core_copier *copier, uint64_t word)
{
	const struct ancient_source_range *range;

	if (!core_source_is_block(copier->source, word, &range))
		return false;
	if (range && range->end <= CORE_MARK_LIMIT) {
		copier->known_start = range->start;
		copier->known_bytes = range->end - range->start;
	}
	return true;
}

static inline bool is_known(const struct core_copier *copier, uint64_t word)
{
	return word - copier->known_start < copier->known_bytes && (word & 7) == 0;
}

static inline bool is_kept(const struct core_copier *copier, uint64_t word)
{
	return word - copier->kept_start < copier->kept_bytes;
}

/* core_source_forward, while headers are marked. */
static uint64_t forward(struct core_copier *copier, uint64_t word)
{
	uint64_t target = core_source_word(word, 0);

	if (copier->source->keep_lazies)
		return word;
	if (target & 1)
		return target;
	target += copier->source->shift;
	if (!locate(copier, target) ||
	    core_shape_keeps_forward(core_tag(header_of(copier, target))))
		return word;
	return target;
}

/* A block that was not met before: its copy's number is *ret_first. */
static inline enum ancient_code place(struct core_copier *copier, uint64_t word, uint64_t header,
				      uint64_t *ret_first, struct core_frame *ret_frame,
				      struct ancient_error *err)
{
	uint64_t wosize = core_wosize(header);
	unsigned tag = core_tag(header);
	enum ancient_code code;

	if (__builtin_expect(tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_FORWARD, 0))
		return core_place_special(copier, word, wosize, tag, ret_first, err);
	code = core_place(copier, word, wosize, tag, ret_first, err);
	if (code == ANCIENT_OK) {
		ret_frame->next = *ret_first;
		ret_frame->end = *ret_first + wosize;
	}
	return code;
}

/* A block that can have no mark, or that there is no log for: the side table knows it. */
static enum ancient_code find(struct core_copier *copier, uint64_t word, uint64_t header,
			      uint64_t *ret_first, struct core_frame *ret_frame,
			      struct ancient_error *err)
{
	struct core_visited_page *page = core_visited_at(&copier->visited, word);
	enum ancient_code code;

	if (!page)
		return core_fail_memory(err, copier->sink->name);
	*ret_first = core_visited_get(page, word);
	if (*ret_first)
		return ANCIENT_OK;
	code = place(copier, word, header, ret_first, ret_frame, err);
	if (code == ANCIENT_OK && !core_visited_set(page, word, *ret_first))
		return core_fail_memory(err, copier->sink->name);
	return code;
}

/* A block that has no mark, and can have one. */
static inline enum ancient_code mark(struct core_copier *copier, uint64_t word, uint64_t header,
				     uint64_t *ret_first, struct core_frame *ret_frame,
				     struct ancient_error *err)
{
	enum ancient_code code;

	if (__builtin_expect(!core_marks_ready(&copier->marks), 0))
		return find(copier, word, header, ret_first, ret_frame, err);
	code = place(copier, word, header, ret_first, ret_frame, err);
	if (code == ANCIENT_OK)
		core_marks_set(&copier->marks, word, header, *ret_first);
	return code;
}

/* What the field that holds the even `word` shall hold, and *ret_frame, the fields of a block
 * copied just now that are to be visited (empty where there are none).  Refusals have no
 * message yet: core_path_explain makes it. */
static inline enum ancient_code visit(struct core_copier *copier, uint64_t word, uint64_t *ret_word,
				      struct core_frame *ret_frame, struct ancient_error *err)
{
	uint64_t header, first;
	enum ancient_code code;

	ret_frame->next = ret_frame->end = 0;
	word += copier->source->shift;
	if (is_kept(copier, word)) {
		*ret_word = word;
		return ANCIENT_OK;
	}
	if (__builtin_expect(!is_known(copier, word), 0) && !locate(copier, word))
		return ANCIENT_E_UNSHAREABLE;
	header = core_source_word(word, -1);
	if (__builtin_expect(core_tag(header) == ANCIENT_TAG_FORWARD, 0)) {
		word = forward(copier, word);
		if (word & 1 || is_kept(copier, word)) {
			*ret_word = word;
			return ANCIENT_OK;
		}
		if (!is_known(copier, word))
			locate(copier, word);
		header = core_source_word(word, -1);
	}
	if (core_marks_is(&copier->marks, header)) {
		first = core_marks_number(header);
		if (__builtin_expect(first > copier->sink->used, 0))
			return ANCIENT_E_UNSHAREABLE; /* no mark of ours, nor a good block */
		*ret_word = copier->sink->address + first * 8;
		return ANCIENT_OK;
	}
	if (core_tag(header) > ANCIENT_TAG_LAST_PLAIN &&
	    core_shape_judge(copier->source, word) != CORE_FINE)
		return ANCIENT_E_UNSHAREABLE;
	if (__builtin_expect(core_wosize(header) == 0, 0))
		code = core_place_empty(copier, core_tag(header), &first, err);
	else if ((header & copier->colours) != copier->unmarked && is_known(copier, word))
		code = mark(copier, word, header, &first, ret_frame, err);
	else
		code = find(copier, word, header, &first, ret_frame, err);
	if (code == ANCIENT_OK)
		*ret_word = copier->sink->address + first * 8;
	return code;
}

/* ---- All of them ------------------------------------------------------------------- */

/* Preorder: a block, then all that its first field leads to, and so on. */
static enum ancient_code go_deep(struct core_copier *copier, struct core_frame frame,
				 struct ancient_error *err)
{
	struct core_frame child;
	enum ancient_code code;
	uint64_t word;

	copier->depth = 0;
	for (;;) {
		while (frame.next < frame.end) {
			word = copier->sink->words[frame.next];
			look_far(copier, frame);
			if (word & 1) {
				frame.next++;
				continue;
			}
			code = visit(copier, word, &word, &child, err);
			if (code != ANCIENT_OK)
				return code;
			copier->sink->words[frame.next++] = word;
			if (child.next == child.end)
				continue;
			look_at_children(copier, child);
			if (frame.next < frame.end && !push(copier, frame.next, frame.end))
				return core_fail_memory(err, copier->sink->name);
			frame = child;
		}
		if (copier->depth == 0)
			return ANCIENT_OK;
		frame = copier->stack[--copier->depth];
	}
}

/* The copy from `at` on is the queue.  Far behind `at`, words are taken for fields without
 * knowing whether they are: a wrong address is asked for in vain. */
static enum ancient_code go_wide(struct core_copier *copier, uint64_t at, struct ancient_error *err)
{
	struct core_sink *sink = copier->sink;
	struct core_frame child;

	while (at < sink->used) {
		uint64_t header = sink->words[at++], end = at + core_wosize(header);
		unsigned tag = core_tag(header);

		if (tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_FORWARD)
			at = end;
		for (; at < end; at++) {
			uint64_t word = sink->words[at];
			enum ancient_code code;

			if (sink->used - at > FAR && (sink->words[at + FAR] & 7) == 0)
				look_at(copier, sink->words[at + FAR], 0);
			if (word & 1)
				continue;
			code = visit(copier, word, &word, &child, err);
			if (code != ANCIENT_OK)
				return code;
			sink->words[at] = word;
		}
	}
	return ANCIENT_OK;
}

/* What the source lets the copy do.  Blocks that went into the table under another rule would
 * not be found again if they could be marked now, so marks end where the rules change. */
static void begin(struct core_copier *copier, const struct ancient_source *source)
{
	enum ancient_source_marks allowed = source->marks;

	if (copier->source && allowed != copier->allowed)
		allowed = ANCIENT_MARKS_NONE;
	if (allowed != ANCIENT_MARKS_NONE)
		core_marks_allow(&copier->marks, allowed);
	copier->source = source;
	copier->allowed = allowed;
	copier->colours = allowed == ANCIENT_MARKS_NONE ? 0 : ANCIENT_HEADER_COLOUR_MASK;
	copier->unmarked = allowed == ANCIENT_MARKS_RANGES ? NO_COLOUR : copier->colours;
	copier->known_start = 8;
	copier->known_bytes = source->classify || source->range_count ? 0 : CORE_MARK_LIMIT - 8;
	copier->ahead.head = copier->ahead.tail = 0;
}

enum ancient_code core_copy(struct core_copier *copier, const struct ancient_source *source,
			    uint64_t root, enum ancient_order order,
			    struct ancient_copied *ret_copied, struct ancient_error *err)
{
	uint64_t start = copier->sink->used, blocks = copier->blocks, copy = root;
	enum ancient_code code = ANCIENT_OK;
	struct core_frame frame = {0, 0};

	begin(copier, source);
	if ((root & 1) == 0)
		code = visit(copier, root, &copy, &frame, err);
	if (code == ANCIENT_OK && order == ANCIENT_ORDER_BREADTH_FIRST)
		code = go_wide(copier, start, err);
	else if (code == ANCIENT_OK)
		code = go_deep(copier, frame, err);
	if (code != ANCIENT_OK)
		core_copier_settle(copier);
	if (code == ANCIENT_E_UNSHAREABLE)
		return core_path_explain(copier, root, err);
	if (code != ANCIENT_OK)
		return code;
	ret_copied->root = copy;
	ret_copied->bytes = (copier->sink->used - start) * 8;
	ret_copied->blocks = copier->blocks - blocks;
	return ANCIENT_OK;
}
