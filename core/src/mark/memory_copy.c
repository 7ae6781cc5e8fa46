/* core/mark: copies of values in anonymous memory, outside the heap and in no file: ancient_heap.
 *
 * A copy grows in place in reserved address space, so its pointers are final when they are written.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <ancient/store.h>

#include "base/fail.h"
#include "copy/copier.h"
#include "copy/copy.h"
#include "copy/copy_target.h"
#include "memory/copy_space.h"
#include "memory/file_mapping.h"
#include "memory/tombstone.h"
#include "store/registry.h"

#define STEP_LEAST ((uint64_t)64 << 10)
#define STEP_MOST ((uint64_t)64 << 20)
#define RETRY_LEAST ((uint64_t)64 << 30) /* address space that a second attempt asks for */

struct ancient_heap {
	struct core_copy_target target; /* first: callbacks cast a target back to its heap */
	uint8_t *start;
	uint64_t reserved; /* bytes of address space; once copied, those in use */
	uint64_t usable;   /* how many of them are writable */
};

static enum ancient_code grow(struct core_copy_target *target, uint64_t more,
			      struct ancient_error *err)
{
	struct ancient_heap *heap = (struct ancient_heap *)(void *)target;
	uint64_t step = heap->usable / 2, need, want;

	/* One more word, for the filler. */
	if (more >= heap->reserved / 8 || target->used + more + 1 > heap->reserved / 8)
		return core_fail_memory(err, target->name);
	need = core_mapping_round((target->used + more + 1) * 8);
	step = step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
	want = heap->usable + core_mapping_round(step);
	if (want < need || want > heap->reserved)
		want = need;
	if (mprotect(heap->start + heap->usable, want - heap->usable, PROT_READ | PROT_WRITE) != 0)
		return core_fail_memory(err, target->name);
	heap->usable = want;
	target->capacity = want / 8 - 1;
	return ANCIENT_OK;
}

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

/* Copies payloads behind the blocks. */
static enum ancient_code place_payloads(struct ancient_heap *heap, struct ancient_error *err)
{
	struct core_copy_target *target = &heap->target;
	const struct core_patch *patch = (const void *)target->patches.data;
	size_t count = target->patches.used / sizeof *patch;
	uint64_t words = (target->used + 8) & ~7ull; /* filler, then a multiple of 64 bytes */
	uint64_t more = words - target->used + target->payload_bytes / 8 + 1;

	if (target->payload_bytes == 0)
		return ANCIENT_OK;
	if (target->capacity - target->used < more) {
		enum ancient_code code = grow(target, more, err);

		if (code != ANCIENT_OK)
			return code;
	}
	for (size_t i = 0; i < count; i++)
		memcpy((uint8_t *)(target->words + words) + patch[i].payload, patch[i].from,
		       patch[i].bytes);
	core_copy_target_patch(target, target->address + words * 8);
	return ANCIENT_OK;
}

/* Bytes that the copy occupies, whole pages. */
static uint64_t occupied_bytes(const struct ancient_heap *heap)
{
	uint64_t payload = heap->target.payload_bytes;
	uint64_t words = payload ? ((heap->target.used + 8) & ~7ull) : heap->target.used + 1;

	return heap->target.used ? core_mapping_round(words * 8 + payload) : 0;
}

static enum ancient_code copy_into(struct ancient_heap *heap, const struct ancient_source *source,
				   uint64_t root, enum ancient_order order,
				   struct ancient_copied *ret_copied, struct ancient_error *err)
{
	struct core_copier copier;
	enum ancient_code code;

	if (!core_copier_init(&copier, &heap->target))
		return core_fail_memory(err, heap->target.name);
	code = core_copy(&copier, source, root, order, ret_copied, err);
	core_copier_done(&copier);
	if (code == ANCIENT_OK)
		code = place_payloads(heap, err);
	if (code == ANCIENT_OK && heap->target.used)
		heap->target.words[heap->target.used] = ANCIENT_FILLER;
	return code;
}

/* One attempt, in at least `least` bytes of address space.  If it fails for lack of space and a
 * larger piece can be had, *ret_more is the least size to try next; otherwise 0. */
static enum ancient_code try_copy(struct ancient_heap *heap, uint64_t least,
				  const struct ancient_source *source, uint64_t root,
				  enum ancient_order order, struct ancient_copied *ret_copied,
				  uint64_t *ret_more, struct ancient_error *err)
{
	struct core_copy_space space;
	enum ancient_code code;
	uint64_t used;

	memset(heap, 0, sizeof *heap);
	heap->target.name = "copy";
	heap->target.grow = grow;
	heap->target.custom = keep_custom;
	if (!core_copy_space_take(least, &space))
		return core_fail_memory(err, heap->target.name);
	heap->start = space.start;
	heap->reserved = space.bytes;
	heap->target.words = (uint64_t *)(void *)space.start;
	heap->target.address = (uint64_t)(uintptr_t)space.start;
	code = copy_into(heap, source, root, order, ret_copied, err);
	used = code == ANCIENT_OK ? occupied_bytes(heap) : 0;
	core_copy_space_put(space, used, heap->usable);
	core_copy_target_done(&heap->target);
	heap->reserved = used;
	*ret_more = code == ANCIENT_E_MEMORY && !space.fresh ? space.bytes + 1 : 0;
	return code;
}

enum ancient_code ancient_heap_copy(const struct ancient_source *source, uint64_t root,
				    enum ancient_order order, struct ancient_heap **ret_heap,
				    struct ancient_copied *ret_copied, struct ancient_error *err)
{
	struct ancient_heap *heap = malloc(sizeof *heap);
	struct ancient_copied copied;
	enum ancient_code code;
	uint64_t more = 0;

	if (!heap)
		return core_fail_memory(err, "copy");
	core_registry_prepare();
	code = try_copy(heap, 0, source, root, order, &copied, &more, err);
	if (more)
		code = try_copy(heap, more < RETRY_LEAST ? RETRY_LEAST : more, source, root, order,
				&copied, &more, err);
	if (code != ANCIENT_OK) {
		free(heap);
		return code;
	}
	*ret_heap = heap;
	if (ret_copied)
		*ret_copied = copied;
	return ANCIENT_OK;
}

void ancient_heap_range(const struct ancient_heap *heap, uint64_t *ret_start, uint64_t *ret_end)
{
	uint64_t bytes = heap->target.used ? (heap->target.used + 1) * 8 : 0;

	*ret_start = (uint64_t)(uintptr_t)heap->start;
	*ret_end = *ret_start + bytes;
}

void ancient_heap_delete(struct ancient_heap *heap)
{
	if (heap->reserved)
		core_tombstone_lay(heap->start, heap->reserved);
	free(heap);
}

void ancient_heap_recycle(struct ancient_heap *heap)
{
	if (heap->reserved)
		core_copy_space_recycle(heap->start, heap->reserved);
	free(heap);
}
