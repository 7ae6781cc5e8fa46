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

#define PREFETCH_FIELDS 8u
#define AHEAD 12u /* in long blocks, fields between a prefetch and the visit */

bool core_copier_init(struct core_copier *copier, struct core_sink *sink)
{
	memset(copier, 0, sizeof *copier);
	copier->sink = sink;
	return core_visited_init(&copier->visited);
}

void core_copier_done(struct core_copier *copier)
{
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

/* The next fields will be visited soon: their headers are on the way when they are. */
static inline void prefetch(const uint64_t *field, uint64_t count, uint64_t shift)
{
	if (count > PREFETCH_FIELDS)
		count = PREFETCH_FIELDS;
	for (uint64_t i = 0; i < count; i++)
		if ((field[i] & 1) == 0)
			__builtin_prefetch((const void *)(uintptr_t)(field[i] + shift - 8));
}

/* In a long block, far ahead where the side table has the field, then its entry and header. */
static inline void look_ahead(const struct core_copier *copier, const uint64_t *field)
{
	uint64_t far = field[2 * AHEAD], near = field[AHEAD], shift = copier->source->shift;

	if ((far & 1) == 0)
		core_visited_prefetch_slot(&copier->visited, far + shift);
	if ((near & 1) == 0) {
		__builtin_prefetch((const void *)(uintptr_t)(near + shift - 8));
		core_visited_prefetch(&copier->visited, near + shift);
	}
}

/* Room for a block of `wosize` fields; its header and a copy of its words are written.
 * *ret_first is the index of its first field. */
static inline enum ancient_code place(struct core_copier *copier, uint64_t word, uint64_t wosize,
				      unsigned tag, uint64_t *ret_first, struct ancient_error *err)
{
	struct core_sink *sink = copier->sink;
	uint64_t *to;

	if (__builtin_expect(sink->capacity - sink->used <= wosize, 0)) {
		enum ancient_code code = sink->grow(sink, wosize + 1, err);

		if (code != ANCIENT_OK)
			return code;
	}
	to = sink->words + sink->used;
	*to++ = ANCIENT_HEADER(wosize, tag);
	if (wosize <= PREFETCH_FIELDS)
		for (uint64_t i = 0; i < wosize; i++)
			to[i] = core_source_word(word, (int64_t)i);
	else
		memcpy(to, (const void *)(uintptr_t)word, wosize * 8);
	*ret_first = sink->used + 1;
	sink->used += wosize + 1;
	copier->blocks++;
	return ANCIENT_OK;
}

static enum ancient_code place_empty(struct core_copier *copier, unsigned tag, uint64_t *ret_first,
				     struct ancient_error *err)
{
	if (tag > ANCIENT_TAG_LAST_PLAIN)
		tag = 0;
	if (!copier->empty[tag]) {
		enum ancient_code code = place(copier, 0, 0, tag, &copier->empty[tag], err);

		if (code != ANCIENT_OK)
			return code;
	}
	*ret_first = copier->empty[tag];
	return ANCIENT_OK;
}

static enum ancient_code find_custom(struct core_copier *copier, uint64_t operations,
				     const struct core_custom_cache **ret,
				     struct ancient_error *err)
{
	struct core_custom_cache *cache = &copier->customs[operations / 64 % CORE_CUSTOM_CACHE];
	struct ancient_source_custom custom;
	enum ancient_code code;
	uint64_t word;

	if (cache->operations != operations) {
		custom = copier->source->custom(copier->source->context, operations);
		code = copier->sink->custom(copier->sink,
					    custom.operations ? custom.operations : operations,
					    custom.identifier, &word, err);
		if (code != ANCIENT_OK)
			return code;
		cache->operations = operations;
		cache->word = word;
		cache->well_known = core_shape_well_known(custom.identifier);
	}
	*ret = cache;
	return ANCIENT_OK;
}

/* FORMAT 7.5: nothing of the source's own memory management is copied. */
static enum ancient_code finish_bigarray(struct core_copier *copier, uint64_t word, uint64_t first,
					 struct ancient_error *err)
{
	struct core_sink *sink = copier->sink;
	uint64_t *field = sink->words + first;
	struct core_patch *patch;
	uint64_t bytes = 0;
	void *to;

	core_shape_payload(word, &bytes);
	field[1] = 0;
	field[3] &= ANCIENT_BIGARRAY_FLAGS_KNOWN;
	field[4] = 0;
	if (bytes == 0)
		return ANCIENT_OK;
	if (sink->payload_most && (sink->payloads.used > sink->payload_most ||
				   bytes > sink->payload_most - sink->payloads.used))
		return core_fail(err, ANCIENT_E_NO_ROOM,
				 "%s: its bigarrays overlap, so that a copy would be larger",
				 sink->name);
	patch = core_buffer_append(&sink->patches, sizeof *patch);
	if (!patch || !core_buffer_align(&sink->payloads, ANCIENT_EXTENT_ALIGN))
		return core_fail_memory(err, sink->name);
	patch->word = first + 1;
	patch->payload = sink->payloads.used;
	to = core_buffer_take(&sink->payloads, bytes);
	if (!to)
		return core_fail_memory(err, sink->name);
	memcpy(to, (const void *)(uintptr_t)(core_source_word(word, 1) + copier->source->shift),
	       bytes);
	return ANCIENT_OK;
}

static enum ancient_code finish_custom(struct core_copier *copier, uint64_t word, uint64_t first,
				       struct ancient_error *err)
{
	const struct core_custom_cache *cache;
	enum ancient_code code = find_custom(copier, core_source_word(word, 0), &cache, err);
	uint64_t *field = copier->sink->words + first;

	if (code != ANCIENT_OK)
		return code;
	field[0] = cache->word;
	if (cache->well_known == ANCIENT_CUSTOM_INT32)
		field[1] = (uint64_t)(int64_t)(int32_t)field[1]; /* its upper half is garbage */
	if (cache->well_known == ANCIENT_CUSTOM_BIGARRAY)
		return finish_bigarray(copier, word, first, err);
	return ANCIENT_OK;
}

/* The last word of a string: bytes between its end and the last one are zero. */
static void finish_string(uint64_t *last)
{
	unsigned padding = (unsigned)(*last >> 56);

	*last &= 0xFFull << 56 | ((1ull << (56 - 8 * padding)) - 1);
}

/* Blocks of tags above 243, judged before. */
static enum ancient_code place_special(struct core_copier *copier, uint64_t word, uint64_t wosize,
				       unsigned tag, uint64_t *ret_first, struct ancient_error *err)
{
	enum ancient_code code = place(copier, word, wosize, tag, ret_first, err);

	if (code != ANCIENT_OK)
		return code;
	if (tag == ANCIENT_TAG_STRING)
		finish_string(copier->sink->words + *ret_first + wosize - 1);
	if (tag == ANCIENT_TAG_CUSTOM)
		return finish_custom(copier, word, *ret_first, err);
	return ANCIENT_OK;
}

/* What the field that holds the even `word` shall hold, and *ret_frame, the fields of a block
 * copied just now that are to be visited (empty where there are none).  Refusals have no
 * message yet: core_path_explain makes it. */
static inline enum ancient_code visit(struct core_copier *copier, uint64_t word, uint64_t *ret_word,
				      struct core_frame *ret_frame, struct ancient_error *err)
{
	struct core_visited_page *page;
	uint64_t header, wosize, first;
	enum ancient_code code;
	unsigned tag;

	ret_frame->next = ret_frame->end = 0;
	word += copier->source->shift;
	if (word - copier->kept_start < copier->kept_bytes) {
		*ret_word = word;
		return ANCIENT_OK;
	}
	if (!core_source_is_block(copier->source, word))
		return ANCIENT_E_UNSHAREABLE;
	header = core_source_word(word, -1);
	tag = core_tag(header);
	if (__builtin_expect(tag == ANCIENT_TAG_FORWARD, 0)) {
		uint64_t target = core_source_forward(copier->source, word);

		if (target & 1 || target - copier->kept_start < copier->kept_bytes) {
			*ret_word = target;
			return ANCIENT_OK;
		}
		word = target;
		header = core_source_word(word, -1);
		tag = core_tag(header);
	}
	wosize = core_wosize(header);
	if (tag > ANCIENT_TAG_LAST_PLAIN && core_shape_judge(copier->source, word) != CORE_FINE)
		return ANCIENT_E_UNSHAREABLE;
	if (__builtin_expect(wosize == 0, 0)) {
		code = place_empty(copier, tag, &first, err);
		if (code == ANCIENT_OK)
			*ret_word = copier->sink->address + first * 8;
		return code;
	}
	page = core_visited_at(&copier->visited, word);
	if (!page)
		return core_fail_memory(err, copier->sink->name);
	first = core_visited_get(page, word);
	if (first) {
		*ret_word = copier->sink->address + first * 8;
		return ANCIENT_OK;
	}
	if (tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD) {
		code = place(copier, word, wosize, tag, &first, err);
		ret_frame->next = first;
		ret_frame->end = first + wosize;
	} else {
		code = place_special(copier, word, wosize, tag, &first, err);
	}
	if (code != ANCIENT_OK)
		return code;
	if (!core_visited_set(page, word, first))
		return core_fail_memory(err, copier->sink->name);
	*ret_word = copier->sink->address + first * 8;
	return ANCIENT_OK;
}

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
			if (frame.end - frame.next > 2 * AHEAD)
				look_ahead(copier, copier->sink->words + frame.next);
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
			prefetch(copier->sink->words + child.next, child.end - child.next,
				 copier->source->shift);
			if (frame.next < frame.end && !push(copier, frame.next, frame.end))
				return core_fail_memory(err, copier->sink->name);
			frame = child;
		}
		if (copier->depth == 0)
			return ANCIENT_OK;
		frame = copier->stack[--copier->depth];
	}
}

/* The copy from `at` on is the queue. */
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

enum ancient_code core_copy(struct core_copier *copier, const struct ancient_source *source,
			    uint64_t root, enum ancient_order order,
			    struct ancient_copied *ret_copied, struct ancient_error *err)
{
	uint64_t start = copier->sink->used, blocks = copier->blocks, copy = root;
	enum ancient_code code = ANCIENT_OK;
	struct core_frame frame = {0, 0};

	copier->source = source;
	if ((root & 1) == 0)
		code = visit(copier, root, &copy, &frame, err);
	if (code == ANCIENT_OK && order == ANCIENT_ORDER_BREADTH_FIRST)
		code = go_wide(copier, start, err);
	else if (code == ANCIENT_OK)
		code = go_deep(copier, frame, err);
	if (code == ANCIENT_E_UNSHAREABLE)
		return core_path_explain(copier, root, err);
	if (code != ANCIENT_OK)
		return code;
	ret_copied->root = copy;
	ret_copied->bytes = (copier->sink->used - start) * 8;
	ret_copied->blocks = copier->blocks - blocks;
	return ANCIENT_OK;
}
