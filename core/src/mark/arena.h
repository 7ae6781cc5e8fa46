/* core/mark: arenas: memory that many small copies share, and the pieces of it.  Called by
 * mark/memory_copy.c. */
#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/store.h>

#define CORE_ARENA_BYTES                                                                           \
	((uint64_t)1 << 20) /* of one arena, and what its address is a multiple of */
#define CORE_ARENA_PIECE_MOST ((uint64_t)64 << 10) /* bytes of one piece */

/* The arena from which one copy at a time cuts its piece; all zeros: none yet. */
struct core_arena_cursor {
	struct core_arena *arena;
	uint8_t *next; /* unused from here on */
	uint8_t *end;
};

/* A new arena.  Returns false if memory is out. */
bool ancient_core_arena_open(struct core_arena_cursor *ret_cursor,
			     const struct ancient_heap_ranges *ranges);

/* Nothing more is cut from the arena.  What was written behind its last piece is gone. */
void ancient_core_arena_close(struct core_arena_cursor *cursor,
			      const struct ancient_heap_ranges *ranges);

/* Cuts the piece [cursor->next, end) off, `end` a multiple of 8. */
void ancient_core_arena_take(struct core_arena_cursor *cursor, uint8_t *end);

/* Gives a piece back.  Every word of it reads as the filler from then on; pages without a living
 * piece give up their memory, and an arena without one lets its addresses go. */
void ancient_core_arena_give(uint8_t *start, uint64_t bytes,
			     const struct ancient_heap_ranges *ranges);

#endif
