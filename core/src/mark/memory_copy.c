/* core/mark: copies of values in anonymous memory, outside the heap and in no file: ancient_heap_*,
 * which Ancient.mark and delete call.
 *
 * A copy is a piece of memory: a word that says how long it is, the blocks, the payloads of
 * bigarrays.  How large it gets is not known before it is made.  It begins in an arena
 * (mark/arena.h) and moves once to a space of its own if it does not fit; there it grows in place.
 */
#include <string.h>
#include <sys/mman.h>

#include <ancient/store.h>

#include "base/block.h"
#include "base/fail.h"
#include "copy/copy.h"
#include "copy/copy_target.h"
#include "mark/arena.h"
#include "mark/let_go.h"
#include "mark/mark_slot.h"
#include "memory/copy_space.h"
#include "memory/file_mapping.h"
#include "store/registry.h"

#define STEP_LEAST ((uint64_t)64 << 10)
#define STEP_MOST ((uint64_t)64 << 20)
#define SPACE_MORE ((uint64_t)64 << 30) /* address space to ask for where a space was too small */

/* The first word of a piece looks like the header of a block without pointers, as long as the rest
 * of the piece.  Its tag tells where the piece lies. */
#define IN_ARENA ANCIENT_TAG_ABSTRACT
#define IN_SPACE ANCIENT_TAG_DOUBLE_ARRAY

struct memory_copy {
	struct core_copy_target target; /* first: callbacks cast a target back to its copy */
	const struct ancient_heap_ranges *ranges;
	struct core_mark_slot *slot;
	struct core_copy_space space; /* of `bytes` 0: the copy lies in the slot's arena */
	uint64_t usable;              /* bytes of the space that are writable */
};

/* ---- Growing -------------------------------------------------------------------- */

/* Bytes of a piece with `words` words behind its first, and one word more, so that the value of a
 * last, empty block lies inside. */
static uint64_t piece_bytes(uint64_t words)
{
	return (words + 2) * 8;
}

/* The piece begins at `start` from now on, with room for `bytes`.  What was copied so far moves
 * there, and pointers between those blocks with it.  Others lead to the source, and not to where
 * the blocks have been: nothing was ever there. */
static void move(struct core_copy_target *target, uint8_t *start, uint64_t bytes)
{
	uint64_t *to = (uint64_t *)(void *)start + 1, old = target->address;
	uint64_t length = target->used * 8, at = 0;

	if (length)
		memcpy(to, target->words, length);
	target->words = to;
	target->address = (uintptr_t)to;
	target->capacity = bytes / 8 - 2;
	while (at < target->used) {
		uint64_t header = to[at++], end = at + core_wosize(header);
		unsigned tag = core_tag(header);

		if (tag > ANCIENT_TAG_LAST_PLAIN && tag != ANCIENT_TAG_FORWARD)
			at = end;
		for (; at < end; at++)
			if ((to[at] & 1) == 0 && to[at] - old < length)
				to[at] += target->address - old;
	}
}

/* The rest of the slot's arena, or as much as one piece may have. */
static void use_arena(struct memory_copy *copy)
{
	const struct core_arena_cursor *cursor = &copy->slot->cursor;
	uint64_t rest = (uint64_t)(cursor->end - cursor->next);

	if (rest > piece_bytes(0))
		move(&copy->target, cursor->next,
		     rest < CORE_ARENA_PIECE_MOST ? rest : CORE_ARENA_PIECE_MOST);
}

/* Where the rest of the arena is too small, a new one takes its place. */
static bool renew_arena(struct memory_copy *copy)
{
	struct core_arena_cursor old = copy->slot->cursor, new;

	if (!ancient_core_arena_open(&new, copy->ranges))
		return false;
	copy->slot->cursor = new;
	use_arena(copy);
	if (old.arena)
		ancient_core_arena_close(&old, copy->ranges);
	return true;
}

static bool make_usable(struct memory_copy *copy, uint64_t bytes)
{
	if (mprotect(copy->space.start + copy->usable, bytes - copy->usable,
		     PROT_READ | PROT_WRITE) != 0)
		return false;
	copy->usable = bytes;
	return true;
}

/* Moves the copy to a space of at least `least` bytes (0: as large as seems right) of which `need`
 * can be used. */
static bool use_space(struct memory_copy *copy, uint64_t least, uint64_t need)
{
	struct core_copy_space old = copy->space;
	uint64_t touched = copy->usable;

	if (!ancient_core_copy_space_take(least, &copy->space))
		return false;
	copy->usable = 0;
	if (need > copy->space.bytes || !make_usable(copy, need)) {
		ancient_core_copy_space_put(copy->space, 0, 0);
		copy->space = old;
		copy->usable = touched;
		return false;
	}
	move(&copy->target, copy->space.start, need);
	if (old.bytes)
		ancient_core_copy_space_put(old, 0, touched);
	return true;
}

static bool grow_in_space(struct memory_copy *copy, uint64_t need)
{
	uint64_t step = copy->usable / 2, want;

	step = step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
	want = copy->usable + ancient_core_mapping_round(step);
	if (want < need || want > copy->space.bytes)
		want = need;
	if (want > copy->space.bytes)
		return !copy->space.fresh &&
		       use_space(copy, want < SPACE_MORE ? SPACE_MORE : want, want);
	if (!make_usable(copy, want))
		return false;
	copy->target.capacity = want / 8 - 2;
	return true;
}

static enum ancient_code grow(struct core_copy_target *target, uint64_t more,
			      struct ancient_error *err)
{
	struct memory_copy *copy = (struct memory_copy *)(void *)target;
	uint64_t bytes, need;

	if (more > UINT64_MAX / 32 - target->used)
		return ancient_core_fail_memory(err, target->name);
	bytes = piece_bytes(target->used + more);
	need = ancient_core_mapping_round(bytes);
	if (copy->space.bytes)
		return grow_in_space(copy, need) ? ANCIENT_OK
						 : ancient_core_fail_memory(err, target->name);
	if (bytes <= CORE_ARENA_PIECE_MOST && renew_arena(copy))
		return ANCIENT_OK;
	return use_space(copy, 0, need) || use_space(copy, need, need)
		       ? ANCIENT_OK
		       : ancient_core_fail_memory(err, target->name);
}

/* ---- Copying -------------------------------------------------------------------- */

/* A custom block in memory keeps its operations. */
static enum ancient_code keep_custom(struct core_copy_target *target, uint64_t operations,
				     const char *identifier, uint64_t *ret_word,
				     struct ancient_error *err)
{
	(void)target;
	(void)identifier;
	(void)err;
	*ret_word = operations;
	return ANCIENT_OK;
}

/* Index of the first word behind the blocks and a filler at an address that is a multiple of 64. */
static uint64_t payload_index(const struct core_copy_target *target)
{
	uint64_t end = target->address + (target->used + 1) * 8;

	return ((end + 63) / 64 * 64 - target->address) / 8;
}

/* Copies payloads behind the blocks.  Growing may move the copy, by which up to 7 words more are
 * needed. */
static enum ancient_code place_payloads(struct core_copy_target *target, struct ancient_error *err)
{
	const struct core_patch *patch = (const void *)target->patches.data;
	size_t count = target->patches.used / sizeof *patch;
	uint64_t payload_words = (target->payload_bytes + 7) / 8, words;

	if (target->payload_bytes == 0)
		return ANCIENT_OK;
	if (target->capacity - target->used < payload_words + 9) {
		enum ancient_code code = target->grow(target, payload_words + 9, err);

		if (code != ANCIENT_OK)
			return code;
	}
	words = payload_index(target);
	for (size_t i = 0; i < count; i++)
		memcpy((uint8_t *)(target->words + words) + patch[i].payload, patch[i].from,
		       patch[i].bytes);
	ancient_core_copy_target_patch(target, target->address + words * 8);
	target->words[target->used] = ANCIENT_FILLER;
	target->used = words + payload_words;
	return ANCIENT_OK;
}

/* Ends the copy, and keeps its memory unless `words` is 0. */
static enum ancient_code keep(struct memory_copy *copy, uint64_t words, struct ancient_error *err)
{
	uint64_t *first = words ? copy->target.words - 1 : NULL, bytes = 0;

	if (words)
		*first = ANCIENT_HEADER(words, copy->space.bytes ? IN_SPACE : IN_ARENA);
	if (copy->space.bytes == 0) {
		if (words)
			ancient_core_arena_take(&copy->slot->cursor,
						(uint8_t *)(first + words + 1));
		return ANCIENT_OK;
	}
	if (words) {
		first[words + 1] = ANCIENT_FILLER;
		bytes = ancient_core_mapping_round(piece_bytes(words));
		if (!copy->ranges->add((uintptr_t)first, (uintptr_t)first + bytes))
			bytes = 0;
	}
	ancient_core_copy_space_put(copy->space, bytes, copy->usable);
	return words && bytes == 0 ? ancient_core_fail_memory(err, copy->target.name) : ANCIENT_OK;
}

enum ancient_code ancient_heap_copy(const struct ancient_source *source, uint64_t root,
				    enum ancient_order order,
				    const struct ancient_heap_ranges *ranges,
				    struct ancient_copied *ret_copied, struct ancient_error *err)
{
	struct memory_copy copy = {
		.target = {.name = "copy", .grow = grow, .custom = keep_custom},
		.ranges = ranges,
		.slot = ancient_core_mark_slot_take(),
	};
	struct ancient_copied copied;
	enum ancient_code code, kept;

	if (!copy.slot)
		return ancient_core_fail_memory(err, copy.target.name);
	ancient_core_registry_prepare();
	copy.slot->copier.target = &copy.target;
	if (copy.slot->cursor.arena)
		use_arena(&copy);
	code = ancient_core_copy(&copy.slot->copier, source, root, order, &copied, err);
	ancient_core_copier_restore_headers(&copy.slot->copier);
	if (code == ANCIENT_OK)
		code = place_payloads(&copy.target, err);
	kept = keep(&copy, code == ANCIENT_OK ? copy.target.used : 0, err);
	if (code == ANCIENT_OK)
		code = kept;
	if (code == ANCIENT_OK && copied.root % 2 == 0)
		copied.root = copy.target.address + 8;
	ancient_core_copy_target_done(&copy.target);
	ancient_core_mark_slot_put(copy.slot);
	if (code == ANCIENT_OK && ret_copied)
		*ret_copied = copied;
	return code;
}

void ancient_heap_delete(uint64_t root, const struct ancient_heap_ranges *ranges)
{
	uint8_t *start = (uint8_t *)(uintptr_t)root - 16; /* the root is the first block */
	uint64_t header = core_block_word(root - 8, -1), words = core_wosize(header);

	if (core_tag(header) == IN_ARENA)
		ancient_core_arena_give(start, (words + 1) * 8, ranges);
	else
		ancient_core_let_go(start, ancient_core_mapping_round(piece_bytes(words)), ranges);
}
