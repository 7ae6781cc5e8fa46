/* tests/core: unit test of the side table of a copy (visited.c): numbers past 2^32, which no test
 * reaches by copying, and many pages. */
#include <errno.h>

#include "../../core/src/copy/visited.h"
#include "check.h"
#include "intercept.h"

static struct core_visited visited;

static void set(uint64_t word, uint64_t number)
{
	struct core_visited_page *page = core_visited_at(&visited, word);

	CHECK(page);
	EQUAL(core_visited_get(&visited, page, word), 0);
	CHECK(core_visited_set(&visited, page, word, number));
}

static void is(uint64_t word, uint64_t number)
{
	EQUAL(core_visited_get(&visited, core_visited_at(&visited, word), word), number);
}

static void numbers_have_48_bits(void)
{
	static const uint64_t numbers[] = {
		1, UINT32_MAX, 1ull << 32, (1ull << 32) + 1, 5ull << 40, (1ull << 48) - 1, 7};
	size_t count = sizeof numbers / sizeof numbers[0];

	CHECK(ancient_core_visited_init(&visited));
	for (size_t i = 0; i < count; i++)
		set(0x7F0000001008 + 16 * i, numbers[i]);
	for (size_t i = 0; i < count; i++)
		is(0x7F0000001008 + 16 * i, numbers[i]);
	is(0x7F0000001008 + 16 * count, 0);
	ancient_core_visited_done(&visited);
}

/* Heaps of many pages, neighbours and far ones, with numbers on both sides of 2^32. */
static void pages_do_not_mix(void)
{
	static const uint64_t heaps[] = {0x7F0000000000, 0x7F4000000000, 0x555500000000, 0x10000};

	CHECK(ancient_core_visited_init(&visited));
	for (uint64_t i = 0; i < 20000; i++)
		for (uint64_t h = 0; h < 4; h++)
			set(heaps[h] + i * 4096 + (i * 16 + h * 8) % 4096,
			    (h << 31) + i * 4 + h + 1);
	for (uint64_t i = 0; i < 20000; i++)
		for (uint64_t h = 0; h < 4; h++)
			is(heaps[h] + i * 4096 + (i * 16 + h * 8) % 4096,
			   (h << 31) + i * 4 + h + 1);
	for (uint64_t i = 0; i < 20000; i++)
		is(heaps[0] + (20000 + i) * 4096, 0);
	ancient_core_visited_done(&visited);
}

/* Half of a number would be the number of another block. */
static void a_number_that_has_no_room_is_none(void)
{
	uint64_t word = 0x7F0000001008;
	struct core_visited_page *page;

	CHECK(ancient_core_visited_init(&visited));
	page = core_visited_at(&visited, word);
	intercept_start();
	intercept.fail = CALL_CALLOC;
	intercept.fail_at = 0;
	intercept.error = ENOMEM;
	CHECK(!core_visited_set(&visited, page, word, (5ull << 32) + 3));
	intercept.armed = false;
	CHECK(intercept.failed);
	is(word, 0);
	set(word, (5ull << 32) + 3);
	is(word, (5ull << 32) + 3);
	ancient_core_visited_done(&visited);
}

int main(void)
{
	numbers_have_48_bits();
	a_number_that_has_no_room_is_none();
	pages_do_not_mix();
	return 0;
}
