/* tests/core: ancient_heap_copy, the copies in anonymous memory that Ancient.mark makes: what is in
 * them.  arenas.c tests the memory of small ones. */
#include "check.h"
#include "heap_ranges.h"

static struct arena arena;

static struct ancient_copied copy_by(uint64_t root, enum ancient_order order)
{
	struct ancient_copied copied = {0};

	OK(ancient_heap_copy(&source, root, order, &heap_ranges, &copied, &err));
	return copied;
}

static struct ancient_copied copy(uint64_t root)
{
	return copy_by(root, ANCIENT_ORDER_DEPTH_FIRST);
}

static void a_copy_is_whole_and_deleted_leaves_empty_blocks(void)
{
	uint64_t s = bytes_value(&arena, "text", 4), v = pair(&arena, s, s), inner;
	struct ancient_copied copied = copy(v);

	EQUAL(copied.blocks, 2);
	EQUAL(copied.bytes, 40);
	CHECK(heap_range_holds(copied.root) && !heap_range_holds(v));
	EQUAL(header(copied.root), ANCIENT_HEADER(2, 0));
	inner = fields(copied.root)[0];
	EQUAL(inner, fields(copied.root)[1]);
	CHECK(strcmp((char *)fields(inner), "text") == 0);
	ancient_heap_delete(copied.root, &heap_ranges);
	EQUAL(header(copied.root), ANCIENT_FILLER);
	EQUAL(header(inner), ANCIENT_FILLER);
	for (unsigned i = 0; i < 2; i++)
		EQUAL(fields(copied.root)[i], ANCIENT_FILLER);
}

static void an_immediate_takes_no_memory(void)
{
	size_t ranges = heap_range_count;
	struct ancient_copied copied = copy(INT(5));

	EQUAL(copied.root, INT(5));
	EQUAL(copied.bytes, 0);
	EQUAL(heap_range_count, ranges);
}

/* The value of a last, empty block lies inside the range, and before the next copy. */
static void an_empty_block_is_a_value_of_its_own(void)
{
	uint64_t empty = block(&arena, 0, 0);
	struct ancient_copied first = copy(empty), second = copy(empty);

	EQUAL(first.bytes, 8);
	EQUAL(header(first.root), ANCIENT_HEADER(0, 0));
	CHECK(first.root != second.root);
	ancient_heap_delete(first.root, &heap_ranges);
	EQUAL(header(first.root), ANCIENT_FILLER);
	EQUAL(header(second.root), ANCIENT_HEADER(0, 0));
	ancient_heap_delete(second.root, &heap_ranges);
}

static uint64_t bigarray(const uint8_t *data, uint64_t bytes)
{
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 6);

	fields(v)[0] = OPERATIONS(3);
	fields(v)[1] = (uint64_t)(uintptr_t)data;
	fields(v)[2] = 1;
	fields(v)[3] = ANCIENT_BIGARRAY_CHAR | 0x200;
	fields(v)[4] = 0;
	fields(v)[5] = bytes;
	return v;
}

static void customs_keep_their_operations_and_bigarrays_their_payload(void)
{
	static uint8_t data[300000] = {1, 2, 3};
	/* In an arena; not in its rest and not in a new one. */
	static const uint64_t sizes[] = {100,   1,     64,    63000,      65400,
					 65472, 65500, 65536, sizeof data};

	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		uint64_t v = bigarray(data, sizes[i]);
		struct ancient_copied copied = copy(pair(&arena, INT(1), v));
		uint64_t r = fields(copied.root)[1];

		data[sizes[i] - 1] = 9;
		EQUAL(fields(r)[0], OPERATIONS(3));
		EQUAL(fields(r)[3], ANCIENT_BIGARRAY_CHAR);
		CHECK(fields(r)[1] != (uint64_t)(uintptr_t)data && fields(r)[1] % 64 == 0);
		CHECK(heap_range_holds(fields(r)[1]) &&
		      heap_range_holds(fields(r)[1] + sizes[i] - 1));
		CHECK(memcmp((void *)(uintptr_t)fields(r)[1], data, sizes[i] - 1) == 0);
		ancient_heap_delete(copied.root, &heap_ranges);
		data[sizes[i] - 1] = 0;
	}
}

/* A list of `length` cells, [(length-1, "x", the cell before); ...]: pointers backwards, forwards
 * and to what several share. */
static uint64_t chain(struct arena *in, uint64_t length)
{
	uint64_t list = INT(0), shared = bytes_value(in, "shared", 6);

	for (uint64_t i = 0; i < length; i++) {
		uint64_t cell = block(in, (unsigned)(i % 3), 4);

		fields(cell)[0] = INT(i);
		fields(cell)[1] = i % 2 ? shared : bytes_value(in, (const char *)&i, sizeof i);
		fields(cell)[2] = list;
		fields(cell)[3] = cell;
		list = cell;
	}
	return list;
}

static void is_chain(uint64_t list, uint64_t length)
{
	uint64_t shared = 0;

	for (uint64_t i = length; i-- > 0; list = fields(list)[2]) {
		CHECK(heap_range_holds(list));
		EQUAL(header(list), ANCIENT_HEADER(4, i % 3));
		EQUAL(fields(list)[0], INT(i));
		EQUAL(fields(list)[3], list);
		CHECK(heap_range_holds(fields(list)[1]));
		if (i % 2 == 0) {
			CHECK(memcmp(fields(fields(list)[1]), &i, sizeof i) == 0);
			continue;
		}
		CHECK(strcmp((char *)fields(fields(list)[1]), "shared") == 0);
		CHECK(!shared || shared == fields(list)[1]);
		shared = fields(list)[1];
	}
	EQUAL(list, INT(0));
}

/* What has grown too large for the rest of an arena, and for any arena, is as it would have been.
 */
static void a_copy_that_moves_is_whole(void)
{
	static const uint64_t most = 20000;

	for (uint64_t length = 1; length < most; length += length / 5 + 1)
		for (unsigned order = 0; order < 2; order++) {
			struct arena in = new_arena(length * 8 + 8);
			uint64_t list = chain(&in, length);
			struct ancient_copied a = copy_by(list, (enum ancient_order)order), b;

			EQUAL(a.blocks, length + (length + 1) / 2 + (length > 1));
			b = copy_by(a.root, (enum ancient_order)order);
			free(in.words);
			is_chain(a.root, length);
			ancient_heap_delete(a.root, &heap_ranges);
			is_chain(b.root, length);
			ancient_heap_delete(b.root, &heap_ranges);
		}
}

static void a_refused_copy_leaves_nothing(void)
{
	struct arena in = new_arena(80000);
	uint64_t list = chain(&in, 9000), bad = block(&in, ANCIENT_TAG_CLOSURE, 1);
	size_t ranges = heap_range_count;

	fields(fields(fields(list)[2])[2])[1] = bad;
	for (unsigned order = 0; order < 2; order++) {
		struct ancient_copied copied = {.root = 77};

		GIVES(ancient_heap_copy(&source, list, (enum ancient_order)order, &heap_ranges,
					&copied, &err),
		      ANCIENT_E_UNSHAREABLE);
		EQUAL(copied.root, 77);
		CHECK(strcmp(last_error.message, "functional value at root.(2).(2).(1)") == 0);
	}
	CHECK(heap_range_count <= ranges + 1);
	free(in.words);
}

static void many_copies_come_and_go(void)
{
	uint64_t v = pair(&arena, INT(1), INT(2));

	const int count = small_run() ? 700 : 70000; /* more than a process has mappings */

	for (int i = 0; i < count; i++) {
		struct ancient_copied copied = copy(v);

		ancient_heap_delete(copied.root, &heap_ranges);
		CHECK(header(copied.root) == ANCIENT_FILLER);
	}
	CHECK(heap_range_count <= 1);
}

int main(void)
{
	arena = new_arena(1000);
	an_immediate_takes_no_memory();
	a_copy_is_whole_and_deleted_leaves_empty_blocks();
	an_empty_block_is_a_value_of_its_own();
	customs_keep_their_operations_and_bigarrays_their_payload();
	a_copy_that_moves_is_whole();
	a_refused_copy_leaves_nothing();
	many_copies_come_and_go();
	free(arena.words);
	return 0;
}
