/* core/mark: arenas: memory that many small copies share.
 *
 * Pieces are cut one behind the other.  What is given back is never cut again, because pointers to
 * it may still exist: its words become fillers (memory/filler.h), which a collector takes for empty
 * blocks.  When the last piece of an arena is gone, all its addresses are let go together.
 *
 * An arena begins with its header: for each page the number of pieces that touch it.  A page that
 * may still be cut from counts one more, and so does the first page, for the header.  Pieces are
 * given back by any thread at any time, so the counts are atomic.
 */
#include "mark/arena.h"

#include "mark/let_go.h"
#include "memory/copy_space.h"
#include "memory/file_mapping.h"
#include "memory/filler.h"

#define LEAST_PAGE ((uint64_t)4 << 10)

struct core_arena {
	uint32_t live; /* pieces, and one while a cursor is there */
	uint32_t page; /* bytes of a page */
	uint16_t touching[CORE_ARENA_BYTES / LEAST_PAGE];
};

static struct core_arena *arena_of(const uint8_t *at)
{
	return (struct core_arena *)((uintptr_t)at & ~(uintptr_t)(CORE_ARENA_BYTES - 1));
}

static uint64_t page_of(const struct core_arena *arena, const uint8_t *at)
{
	return (uint64_t)(at - (const uint8_t *)arena) / arena->page;
}

/* ---- A new arena ---------------------------------------------------------------- */

/* Address space for one arena; NULL: there is none. */
static uint8_t *take_space(void)
{
	struct core_copy_space space;
	uint64_t before;

	if (!ancient_core_copy_space_take(2 * CORE_ARENA_BYTES, &space))
		return NULL;
	before = -(uintptr_t)space.start & (CORE_ARENA_BYTES - 1);
	if (space.bytes < before + CORE_ARENA_BYTES) {
		ancient_core_copy_space_put(space, 0, 0);
		return NULL;
	}
	ancient_core_copy_space_put(space, before + CORE_ARENA_BYTES, 0);
	if (before)
		ancient_core_copy_space_recycle(space.start, before);
	return space.start + before;
}

static void initialise(struct core_arena *arena)
{
	arena->live = 1;
	arena->page = (uint32_t)ancient_core_mapping_page();
	for (uint64_t i = 0; i < CORE_ARENA_BYTES / arena->page; i++)
		arena->touching[i] = 1;
	arena->touching[0]++;
}

/* ---- Counts --------------------------------------------------------------------- */

static void add_to_page(struct core_arena *arena, uint64_t page)
{
	__atomic_add_fetch(&arena->touching[page], 1, __ATOMIC_RELAXED);
}

/* Whether it was the last that touched the page. */
static bool leave_page(struct core_arena *arena, uint64_t page)
{
	return __atomic_sub_fetch(&arena->touching[page], 1, __ATOMIC_ACQ_REL) == 0;
}

static void restore_pages(struct core_arena *arena, uint64_t first, uint64_t end)
{
	if (first < end)
		ancient_core_filler_restore((uint8_t *)arena + first * arena->page,
					    (end - first) * arena->page);
}

static void leave(struct core_arena *arena, const struct ancient_heap_ranges *ranges)
{
	if (__atomic_sub_fetch(&arena->live, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	ancient_core_let_go((uint8_t *)arena, CORE_ARENA_BYTES, ranges);
	ancient_core_filler_unmapped(CORE_ARENA_BYTES);
}

/* ---- Cutting -------------------------------------------------------------------- */

/* Nothing is cut from the pages [first, end) any more. */
static void pass_pages(struct core_arena *arena, uint64_t first, uint64_t end)
{
	for (uint64_t page = first; page < end; page++)
		if (leave_page(arena, page))
			restore_pages(arena, page, page + 1);
}

bool ancient_core_arena_open(struct core_arena_cursor *ret_cursor,
			     const struct ancient_heap_ranges *ranges)
{
	uint8_t *start = take_space();

	if (!start)
		return false;
	if (!ancient_core_filler_map(start, CORE_ARENA_BYTES)) {
		ancient_core_copy_space_recycle(start, CORE_ARENA_BYTES);
		return false;
	}
	if (!ranges->add((uintptr_t)start, (uintptr_t)start + CORE_ARENA_BYTES)) {
		ancient_core_copy_space_recycle(start, CORE_ARENA_BYTES);
		ancient_core_filler_unmapped(CORE_ARENA_BYTES);
		return false;
	}
	ret_cursor->arena = (struct core_arena *)(void *)start;
	initialise(ret_cursor->arena);
	ret_cursor->next = start + ((sizeof(struct core_arena) + 7) & ~7ull);
	ret_cursor->end = start + CORE_ARENA_BYTES;
	return true;
}

void ancient_core_arena_close(struct core_arena_cursor *cursor,
			      const struct ancient_heap_ranges *ranges)
{
	struct core_arena *arena = cursor->arena;

	cursor->arena = NULL;
	pass_pages(arena, page_of(arena, cursor->next), CORE_ARENA_BYTES / arena->page);
	leave(arena, ranges);
}

void ancient_core_arena_take(struct core_arena_cursor *cursor, uint8_t *end)
{
	struct core_arena *arena = cursor->arena;
	uint64_t first = page_of(arena, cursor->next), last = page_of(arena, end - 1);

	__atomic_add_fetch(&arena->live, 1, __ATOMIC_RELAXED);
	for (uint64_t page = first; page <= last; page++)
		add_to_page(arena, page);
	cursor->next = end;
	pass_pages(arena, first, page_of(arena, end));
}

/* ---- Giving back ---------------------------------------------------------------- */

/* Words are written before the page is left: afterwards it is another's. */
static bool leave_partly(struct core_arena *arena, uint64_t page, uint8_t *start, uint8_t *end)
{
	uint8_t *from = (uint8_t *)arena + page * arena->page, *to = from + arena->page;

	from = from > start ? from : start;
	to = to < end ? to : end;
	ancient_core_filler_write(from, (uint64_t)(to - from));
	return leave_page(arena, page);
}

void ancient_core_arena_give(uint8_t *start, uint64_t bytes,
			     const struct ancient_heap_ranges *ranges)
{
	struct core_arena *arena = arena_of(start);
	uint8_t *end = start + bytes;
	uint64_t first = page_of(arena, start), last = page_of(arena, end - 1);
	uint64_t dead_first, dead_end = last;

	/* The pages between belong to this piece alone. */
	dead_first = leave_partly(arena, first, start, end) ? first : first + 1;
	if (last > first && leave_partly(arena, last, start, end))
		dead_end = last + 1;
	else if (last == first)
		dead_end = first + 1;
	for (uint64_t page = first + 1; page < last; page++)
		leave_page(arena, page);
	restore_pages(arena, dead_first, dead_end);
	leave(arena, ranges);
}
