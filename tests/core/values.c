/* tests/core: every kind of value is stored as FORMAT 7 says. */
#include "check.h"

static int fd;
static struct ancient_store *store;
static struct arena arena;

static void immediate_roots_need_no_block(void)
{
	EQUAL(share(store, 0, INT(-5)).blocks, 0);
	EQUAL(get(store, 0), INT(-5));
}

static void blocks_keep_tags_and_fields_and_get_the_colour(void)
{
	uint64_t v = block(&arena, 17, 3), r;

	fields(v)[0] = INT(1);
	fields(v)[1] = pair(&arena, INT(2), INT(3));
	fields(v)[2] = INT(4);
	EQUAL(share(store, 1, v).blocks, 2);
	r = get(store, 1);
	EQUAL(header(r), ANCIENT_HEADER(3, 17));
	EQUAL(fields(r)[0], INT(1));
	EQUAL(fields(r)[1], r + 4 * 8);
	EQUAL(header(fields(r)[1]), ANCIENT_HEADER(2, 0));
	EQUAL(fields(fields(r)[1])[1], INT(3));
	EQUAL(header(v), 3 << 10 | 17); /* the source is untouched */
}

static void strings_of_every_padding_are_normalised(void)
{
	for (size_t n = 0; n < 20; n++) {
		uint64_t v = bytes_value(&arena, "abcdefghijklmnopqrstuvwxyz", n), r;
		uint64_t wosize = n / 8 + 1;
		uint8_t *s = (uint8_t *)fields(v);

		for (size_t i = n; i < wosize * 8 - 1; i++)
			s[i] = 0xEE; /* garbage in the padding */
		share(store, 2, v);
		r = get(store, 2);
		EQUAL(header(r), ANCIENT_HEADER(wosize, ANCIENT_TAG_STRING));
		CHECK(memcmp(fields(r), "abcdefghijklmnopqrstuvwxyz", n) == 0);
		s = (uint8_t *)fields(r);
		for (size_t i = n; i < wosize * 8 - 1; i++)
			EQUAL(s[i], 0);
		EQUAL(s[wosize * 8 - 1], wosize * 8 - 1 - n);
	}
}

static void floats_and_float_arrays_are_bits(void)
{
	uint64_t f = block(&arena, ANCIENT_TAG_DOUBLE, 1), a = block(&arena, 254, 3), r;

	fields(f)[0] = 0x4000000000000000; /* even, and no pointer */
	for (int i = 0; i < 3; i++)
		fields(a)[i] = 0x7FF0000000000000 + (uint64_t)i * 2;
	share(store, 3, pair(&arena, f, a));
	r = get(store, 3);
	EQUAL(fields(fields(r)[0])[0], 0x4000000000000000);
	EQUAL(fields(fields(r)[1])[2], 0x7FF0000000000004);
}

static void boxed_integers_get_their_slot_and_int32_its_sign(void)
{
	uint64_t base, end, r;

	ancient_store_range(store, &base, &end);
	for (unsigned i = 0; i < 3; i++) {
		uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 2);

		fields(v)[0] = OPERATIONS(i);
		fields(v)[1] = 0x12345678FFFFFFFE;
		share(store, 4, v);
		r = get(store, 4);
		EQUAL(fields(r)[0], base - ANCIENT_CUSTOM_WINDOW + i * ANCIENT_CUSTOM_SLOT);
		EQUAL(fields(r)[1], i == ANCIENT_CUSTOM_INT32 ? (uint64_t)-2 : 0x12345678FFFFFFFE);
	}
}

static uint64_t bigarray(unsigned kind, uint64_t flags, const void *data, uint64_t d0, uint64_t d1)
{
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 7);

	fields(v)[0] = OPERATIONS(3);
	fields(v)[1] = (uint64_t)(uintptr_t)data;
	fields(v)[2] = 2;
	fields(v)[3] = kind | flags;
	fields(v)[4] = 0xDEAD0; /* a proxy */
	fields(v)[5] = d0;
	fields(v)[6] = d1;
	return v;
}

static void bigarrays_bring_their_payload_aligned(void)
{
	static const uint8_t data[6] = {1, 2, 3, 4, 5, 6};
	uint64_t a = bigarray(ANCIENT_BIGARRAY_INT8_UNSIGNED, 0x300, data, 2, 3);
	uint64_t b = bigarray(ANCIENT_BIGARRAY_INT16_SIGNED, 0x400, data, 3, 1), r;
	uint64_t none = bigarray(ANCIENT_BIGARRAY_FLOAT64, 0x200, NULL, 0, 4), base, end;

	share(store, 5, pair(&arena, a, pair(&arena, b, pair(&arena, none, a))));
	r = get(store, 5);
	ancient_store_range(store, &base, &end);
	a = fields(r)[0];
	b = fields(fields(r)[1])[0];
	none = fields(fields(fields(r)[1])[1])[0];
	EQUAL(fields(fields(fields(r)[1])[1])[1], a);
	EQUAL(fields(a)[3], ANCIENT_BIGARRAY_INT8_UNSIGNED | ANCIENT_BIGARRAY_LAYOUT_FORTRAN);
	EQUAL(fields(a)[4], 0);
	EQUAL((fields(a)[1] - base) % 64, 0);
	EQUAL((fields(b)[1] - base) % 64, 0);
	CHECK(fields(b)[1] > fields(a)[1]);
	CHECK(memcmp((void *)(uintptr_t)fields(a)[1], data, 6) == 0);
	CHECK(memcmp((void *)(uintptr_t)fields(b)[1], data, 6) == 0);
	EQUAL(fields(none)[1], 0);
	EQUAL(fields(none)[6], 4);
}

static void registered_customs_get_a_slot_of_their_own(void)
{
	uint64_t v = block(&arena, ANCIENT_TAG_CUSTOM, 3), base, end;

	fields(v)[0] = OPERATIONS(5);
	fields(v)[1] = 42;
	fields(v)[2] = 44;
	ancient_store_range(store, &base, &end);
	for (int i = 0; i < 2; i++) { /* the second time it is known already */
		uint64_t r;

		share(store, 6, v);
		r = get(store, 6);
		EQUAL(fields(r)[0], base - ANCIENT_CUSTOM_WINDOW + 5 * ANCIENT_CUSTOM_SLOT);
		EQUAL(fields(r)[2], 44);
	}
}

static void empty_blocks_are_one_for_each_tag(void)
{
	uint64_t a = block(&arena, 0, 0), b = block(&arena, 0, 0), c = block(&arena, 7, 0), r;

	EQUAL(share(store, 7, pair(&arena, a, pair(&arena, b, c))).blocks, 4);
	r = get(store, 7);
	EQUAL(fields(r)[0], fields(fields(r)[1])[0]);
	EQUAL(header(fields(r)[0]), ANCIENT_HEADER(0, 0));
	EQUAL(header(fields(fields(r)[1])[1]), ANCIENT_HEADER(0, 7));
	share(store, 7, c);
	EQUAL(header(get(store, 7)), ANCIENT_HEADER(0, 7));
}

static void sharing_and_cycles_are_kept(void)
{
	uint64_t s = bytes_value(&arena, "shared", 6), v = pair(&arena, s, s), r;

	EQUAL(share(store, 8, v).blocks, 2);
	r = get(store, 8);
	EQUAL(fields(r)[0], fields(r)[1]);
	fields(v)[1] = v;
	EQUAL(share(store, 8, v).blocks, 2);
	r = get(store, 8);
	EQUAL(fields(r)[1], r);
}

static void forced_lazies_follow_the_collector(void)
{
	uint64_t to_int = block(&arena, ANCIENT_TAG_FORWARD, 1);
	uint64_t to_string = block(&arena, ANCIENT_TAG_FORWARD, 1);
	uint64_t to_float = block(&arena, ANCIENT_TAG_FORWARD, 1);
	uint64_t to_forward = block(&arena, ANCIENT_TAG_FORWARD, 1), r;

	fields(to_int)[0] = INT(9);
	fields(to_string)[0] = bytes_value(&arena, "s", 1);
	fields(to_float)[0] = block(&arena, ANCIENT_TAG_DOUBLE, 1);
	fields(to_forward)[0] = to_string;
	share(store, 9,
	      pair(&arena, to_int, pair(&arena, to_string, pair(&arena, to_float, to_forward))));
	r = get(store, 9);
	EQUAL(fields(r)[0], INT(9));
	r = fields(r)[1];
	EQUAL(header(fields(r)[0]), ANCIENT_HEADER(1, ANCIENT_TAG_STRING));
	r = fields(r)[1];
	EQUAL(header(fields(r)[0]), ANCIENT_HEADER(1, ANCIENT_TAG_FORWARD));
	EQUAL(header(fields(fields(r)[0])[0]), ANCIENT_HEADER(1, ANCIENT_TAG_DOUBLE));
	EQUAL(header(fields(r)[1]), ANCIENT_HEADER(1, ANCIENT_TAG_FORWARD));
	EQUAL(header(fields(fields(r)[1])[0]), ANCIENT_HEADER(1, ANCIENT_TAG_STRING));
	share(store, 9, to_int);
	EQUAL(get(store, 9), INT(9));
}

/* ((1,2),(3,4)) in either order. */
static void the_order_of_blocks_is_the_one_asked_for(void)
{
	uint64_t a = pair(&arena, pair(&arena, INT(1), INT(2)), INT(0));
	uint64_t v = pair(&arena, a, pair(&arena, INT(3), INT(4))), r;

	share_named(store, 10, NULL, v, ANCIENT_ORDER_DEPTH_FIRST);
	r = get(store, 10);
	EQUAL(fields(r)[0], r + 24);
	EQUAL(fields(fields(r)[0])[0], r + 48);
	EQUAL(fields(r)[1], r + 72);
	share_named(store, 10, NULL, v, ANCIENT_ORDER_BREADTH_FIRST);
	r = get(store, 10);
	EQUAL(fields(r)[0], r + 24);
	EQUAL(fields(r)[1], r + 48);
	EQUAL(fields(fields(r)[0])[0], r + 72);
}

/* Elements (i, (i, 0)) with the inner pair below, 24 bytes a block; the third is the first once
 * more, the fourth an integer. */
static uint64_t element_of(uint64_t root, uint64_t i)
{
	if (i == 2)
		return fields(root)[0];
	return i == 3 ? INT(3) : pair(&arena, INT(i), pair(&arena, INT(i), INT(0)));
}

/* Of `count` elements that lie from `first` on, what is below each behind all of them. */
static void are_elements_first(const uint64_t *elements, uint64_t step, uint64_t first,
			       uint64_t count)
{
	uint64_t blocks = count - 2, at = 0;

	for (uint64_t i = 0; i < count; i++) {
		uint64_t element = elements[i * step];

		if (i == 2)
			EQUAL(element, first);
		if (i == 3)
			EQUAL(element, INT(3));
		if (i == 2 || i == 3)
			continue;
		EQUAL(element, first + at * 24);
		EQUAL(fields(element)[0], INT(i));
		EQUAL(fields(element)[1], first + (blocks + at) * 24);
		EQUAL(fields(fields(element)[1])[0], INT(i));
		at++;
	}
}

static void elements_lie_side_by_side_if_asked_for(void)
{
	enum { LENGTH = 50 };
	uint64_t array = block(&arena, 0, LENGTH), list[LENGTH], r;

	for (uint64_t i = 0; i < LENGTH; i++)
		fields(array)[i] = element_of(array, i);
	share_named(store, 10, NULL, array, ANCIENT_ORDER_ELEMENTS_FIRST);
	r = get(store, 10);
	are_elements_first(fields(r), 1, r + (LENGTH + 1) * 8, LENGTH);
	for (uint64_t i = 0; i < LENGTH; i++)
		list[i] = pair(&arena, fields(array)[i], INT(0));
	for (uint64_t i = 1; i < LENGTH; i++)
		fields(list[i - 1])[1] = list[i];
	share_named(store, 10, NULL, list[0], ANCIENT_ORDER_ELEMENTS_FIRST);
	r = get(store, 10);
	for (uint64_t i = 1; i < LENGTH; i++)
		EQUAL(fields(r + (i - 1) * 24)[1], r + i * 24);
	EQUAL(fields(r + (LENGTH - 1) * 24)[1], INT(0));
	are_elements_first(fields(r), 3, r + LENGTH * 24, LENGTH);
	/* A list that goes round, and one that ends in something else, which is copied too. */
	fields(list[LENGTH - 1])[1] = list[0];
	share_named(store, 10, NULL, list[0], ANCIENT_ORDER_ELEMENTS_FIRST);
	r = get(store, 10);
	EQUAL(fields(r + (LENGTH - 1) * 24)[1], r);
	fields(list[LENGTH - 1])[1] = block(&arena, 0, 3);
	fields(fields(list[LENGTH - 1])[1])[0] = pair(&arena, INT(7), INT(8));
	fields(fields(list[LENGTH - 1])[1])[1] = INT(1);
	fields(fields(list[LENGTH - 1])[1])[2] = list[0];
	share_named(store, 10, NULL, list[0], ANCIENT_ORDER_ELEMENTS_FIRST);
	r = get(store, 10);
	EQUAL(fields(fields(fields(r + (LENGTH - 1) * 24)[1])[0])[1], INT(8));
	EQUAL(fields(fields(r + (LENGTH - 1) * 24)[1])[2], r);
	OK(ancient_store_verify(store, &err));
}

static void values_of_the_file_are_referred_to(void)
{
	uint64_t old = get(store, 8), r;
	struct ancient_copied copied = share(store, 11, pair(&arena, old, INT(0)));

	EQUAL(copied.blocks, 1);
	r = get(store, 11);
	EQUAL(fields(r)[0], old);
	EQUAL(share(store, 12, old).blocks, 0);
	EQUAL(get(store, 12), old);
}

/* The words of a file that is not mapped at its base. */
static void values_are_found_where_they_have_been_moved(void)
{
	static uint8_t payload[100] = {[99] = 7};
	uint64_t lazy = block(&arena, ANCIENT_TAG_FORWARD, 1), f = block(&arena, 253, 1), r;
	uint64_t array = block(&arena, ANCIENT_TAG_CUSTOM, 6), v = block(&arena, 0, 30);
	struct ancient_source moved = source;
	struct ancient_commit *commit = NULL;
	struct arena other = new_arena(arena.capacity);

	fields(f)[0] = 42;
	fields(lazy)[0] = f;
	fields(array)[0] = OPERATIONS(3);
	fields(array)[2] = 1;
	fields(array)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
	fields(array)[5] = sizeof payload;
	for (int i = 0; i < 30; i++)
		fields(v)[i] = pair(&arena, lazy, array);
	memcpy(other.words, arena.words, arena.used * 8);
	moved.shift = (uint64_t)(uintptr_t)other.words - (uint64_t)(uintptr_t)arena.words;
	fields(array + moved.shift)[1] = (uint64_t)(uintptr_t)payload - moved.shift;
	memset(arena.words, 0xFF, arena.used * 8);
	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 9, NULL, &moved, v, ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
	OK(ancient_commit_finish(commit, false, &err));
	r = fields(get(store, 9))[29];
	EQUAL(fields(fields(fields(r)[0])[0])[0], 42);
	EQUAL(((uint8_t *)(uintptr_t)fields(fields(r)[1])[1])[99], 7);
	free(other.words);
}

int main(void)
{
	char path[64];

	fd = new_file(path);
	unlink(path); /* a file without a name may be written too */
	store = attach(fd);
	arena = new_arena(1000);
	immediate_roots_need_no_block();
	blocks_keep_tags_and_fields_and_get_the_colour();
	strings_of_every_padding_are_normalised();
	floats_and_float_arrays_are_bits();
	boxed_integers_get_their_slot_and_int32_its_sign();
	bigarrays_bring_their_payload_aligned();
	registered_customs_get_a_slot_of_their_own();
	empty_blocks_are_one_for_each_tag();
	sharing_and_cycles_are_kept();
	forced_lazies_follow_the_collector();
	the_order_of_blocks_is_the_one_asked_for();
	elements_lie_side_by_side_if_asked_for();
	values_of_the_file_are_referred_to();
	values_are_found_where_they_have_been_moved();
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	free(arena.words);
	close(fd);
	return 0;
}
