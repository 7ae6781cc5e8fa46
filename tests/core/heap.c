/* tests/core: ancient_heap_copy, the copies in anonymous memory that Ancient.mark makes. */
#include "check.h"

static struct arena arena;

static struct ancient_heap *copy(uint64_t root, struct ancient_copied *ret)
{
	struct ancient_heap *heap = NULL;

	OK(ancient_heap_copy(&source, root, ANCIENT_ORDER_DEPTH_FIRST, &heap, ret, &err));
	return heap;
}

static void a_copy_is_whole_and_deleted_leaves_empty_blocks(void)
{
	uint64_t s = bytes_value(&arena, "text", 4), v = pair(&arena, s, s), start, end;
	struct ancient_copied copied;
	struct ancient_heap *heap = copy(v, &copied);

	ancient_heap_range(heap, &start, &end);
	EQUAL(copied.blocks, 2);
	EQUAL(copied.bytes, 40);
	CHECK(copied.root > start && copied.root < end);
	EQUAL(header(copied.root), ANCIENT_HEADER(2, 0));
	EQUAL(fields(copied.root)[0], fields(copied.root)[1]);
	CHECK(strcmp((char *)fields(fields(copied.root)[0]), "text") == 0);
	ancient_heap_delete(heap);
	EQUAL(header(copied.root), ANCIENT_FILLER);
}

static void an_immediate_has_an_empty_range(void)
{
	struct ancient_copied copied;
	struct ancient_heap *heap = copy(INT(5), &copied);
	uint64_t start, end;

	ancient_heap_range(heap, &start, &end);
	EQUAL(start, end);
	EQUAL(copied.root, INT(5));
	ancient_heap_delete(heap);
}

/* The value of a last, empty block lies inside the range. */
static void an_empty_block_lies_inside(void)
{
	struct ancient_copied copied;
	struct ancient_heap *heap = copy(block(&arena, 0, 0), &copied);
	uint64_t start, end;

	ancient_heap_range(heap, &start, &end);
	EQUAL(copied.root, start + 8);
	EQUAL(end, start + 16);
	EQUAL(fields(copied.root)[0], ANCIENT_FILLER);
	ancient_heap_delete(heap);
}

static void customs_keep_their_operations_and_bigarrays_their_payload(void)
{
	static const uint8_t data[100] = {1, 2, 3};
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 6), r;
	struct ancient_copied copied;
	struct ancient_heap *heap;

	fields(v)[0] = OPERATIONS(3);
	fields(v)[1] = (uint64_t)(uintptr_t)data;
	fields(v)[2] = 1;
	fields(v)[3] = ANCIENT_BIGARRAY_CHAR | 0x200;
	fields(v)[4] = 0;
	fields(v)[5] = sizeof data;
	heap = copy(v, &copied);
	r = copied.root;
	EQUAL(fields(r)[0], OPERATIONS(3));
	EQUAL(fields(r)[3], ANCIENT_BIGARRAY_CHAR);
	CHECK(fields(r)[1] != (uint64_t)(uintptr_t)data);
	CHECK(memcmp((void *)(uintptr_t)fields(r)[1], data, sizeof data) == 0);
	ancient_heap_delete(heap);
}

static void many_copies_come_and_go(void)
{
	uint64_t v = pair(&arena, INT(1), INT(2));

	const int count = small_run() ? 700 : 70000; /* more than a process has mappings */

	for (int i = 0; i < count; i++) {
		struct ancient_copied copied;

		ancient_heap_delete(copy(v, &copied));
		CHECK(header(copied.root) == ANCIENT_FILLER);
	}
}

int main(void)
{
	arena = new_arena(1000);
	a_copy_is_whole_and_deleted_leaves_empty_blocks();
	an_immediate_has_an_empty_range();
	an_empty_block_lies_inside();
	customs_keep_their_operations_and_bigarrays_their_payload();
	many_copies_come_and_go();
	free(arena.words);
	return 0;
}
