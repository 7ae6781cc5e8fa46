/* core: copies of graphs in anonymous memory, for values that are kept out of the heap but in
 * no file.
 *
 * A copy grows where it is, in a region of reserved address space: its pointers are final
 * when they are written.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <ancient/store.h>

#include "store/store_internal.h"
#include "copy/copy.h"
#include "base/fail.h"
#include "memory/file_mapping.h"
#include "memory/address_space.h"
#include "memory/tombstone.h"

#define STEP_LEAST ((uint64_t)64 << 10)
#define STEP_MOST ((uint64_t)64 << 20)
#define MUCH ((uint64_t)64 << 30) /* what a second attempt asks for */

struct ancient_heap {
	struct core_sink sink; /* first, so that a sink is its heap */
	uint8_t *start;
	uint64_t reserved; /* bytes of address space from start; once copied, the heap's own */
	uint64_t usable;   /* of them, bytes that can be written */
};

static enum ancient_code grow(struct core_sink *sink, uint64_t more, struct ancient_error *err)
{
	struct ancient_heap *heap = (struct ancient_heap *)(void *)sink;
	uint64_t step = heap->usable / 2, need, want;

	/* One word more, for the filler. */
	if (more >= heap->reserved / 8 || sink->used + more + 1 > heap->reserved / 8)
		return core_fail_memory(err, sink->name);
	need = core_mapping_round((sink->used + more + 1) * 8);
	step = step < STEP_LEAST ? STEP_LEAST : step > STEP_MOST ? STEP_MOST : step;
	want = heap->usable + core_mapping_round(step);
	if (want < need || want > heap->reserved)
		want = need;
	if (mprotect(heap->start + heap->usable, want - heap->usable, PROT_READ | PROT_WRITE) != 0)
		return core_fail_memory(err, sink->name);
	heap->usable = want;
	sink->capacity = want / 8 - 1;
	return ANCIENT_OK;
}

/* In memory a custom block keeps its operations. */
static enum ancient_code keep_custom(struct core_sink *sink, uint64_t operations,
				     const char *identifier, uint64_t *ret_word,
				     struct ancient_error *err)
{
	(void)sink;
	(void)identifier;
	(void)err;
	*ret_word = operations;
	return ANCIENT_OK;
}

/* Payloads go behind the blocks. */
static enum ancient_code place_payloads(struct ancient_heap *heap, struct ancient_error *err)
{
	struct core_sink *sink = &heap->sink;
	const struct core_patch *patch = (const void *)sink->patches.data;
	size_t count = sink->patches.used / sizeof *patch;
	uint64_t words = (sink->used + 8) & ~7ull; /* the filler, then a multiple of 64 bytes */
	uint64_t more = words - sink->used + sink->payload_bytes / 8 + 1;

	if (sink->payload_bytes == 0)
		return ANCIENT_OK;
	if (sink->capacity - sink->used < more) {
		enum ancient_code code = grow(sink, more, err);

		if (code != ANCIENT_OK)
			return code;
	}
	for (size_t i = 0; i < count; i++)
		memcpy((uint8_t *)(sink->words + words) + patch[i].payload, patch[i].from,
		       patch[i].bytes);
	core_sink_patch(sink, sink->address + words * 8);
	return ANCIENT_OK;
}

/* Bytes that the copy takes, whole pages. */
static uint64_t extent_of(const struct ancient_heap *heap)
{
	uint64_t payload = heap->sink.payload_bytes;
	uint64_t words = payload ? ((heap->sink.used + 8) & ~7ull) : heap->sink.used + 1;

	return heap->sink.used ? core_mapping_round(words * 8 + payload) : 0;
}

static enum ancient_code copy_into(struct ancient_heap *heap, const struct ancient_source *source,
				   uint64_t root, enum ancient_order order,
				   struct ancient_copied *ret_copied, struct ancient_error *err)
{
	struct core_copier copier;
	enum ancient_code code;

	if (!core_copier_init(&copier, &heap->sink))
		return core_fail_memory(err, heap->sink.name);
	code = core_copy(&copier, source, root, order, ret_copied, err);
	core_copier_done(&copier);
	if (code == ANCIENT_OK)
		code = place_payloads(heap, err);
	if (code == ANCIENT_OK && heap->sink.used)
		heap->sink.words[heap->sink.used] = ANCIENT_FILLER;
	return code;
}

/* One attempt, in a region of at least `least` bytes; *ret_more where one of so many bytes may
 * do better, otherwise 0. */
static enum ancient_code try_copy(struct ancient_heap *heap, uint64_t least,
				  const struct ancient_source *source, uint64_t root,
				  enum ancient_order order, struct ancient_copied *ret_copied,
				  uint64_t *ret_more, struct ancient_error *err)
{
	struct core_region region;
	enum ancient_code code;
	uint64_t used;

	memset(heap, 0, sizeof *heap);
	heap->sink.name = "copy";
	heap->sink.grow = grow;
	heap->sink.custom = keep_custom;
	if (!core_region_take(least, &region))
		return core_fail_memory(err, heap->sink.name);
	heap->start = region.start;
	heap->reserved = region.bytes;
	heap->sink.words = (uint64_t *)(void *)region.start;
	heap->sink.address = (uint64_t)(uintptr_t)region.start;
	code = copy_into(heap, source, root, order, ret_copied, err);
	used = code == ANCIENT_OK ? extent_of(heap) : 0;
	core_region_put(region, used, heap->usable);
	core_sink_done(&heap->sink);
	heap->reserved = used;
	*ret_more = code == ANCIENT_E_MEMORY && !region.fresh ? region.bytes + 1 : 0;
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
		code = try_copy(heap, more < MUCH ? MUCH : more, source, root, order, &copied,
				&more, err);
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
	uint64_t bytes = heap->sink.used ? (heap->sink.used + 1) * 8 : 0;

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
		core_region_recycle(heap->start, heap->reserved);
	free(heap);
}
