/* core/mark: what one copy in memory needs for itself and leaves to the next: a copier with its
 * buffers, and an arena.  Called by mark/memory_copy.c. */
#ifndef CORE_MARK_SLOT_H
#define CORE_MARK_SLOT_H

#include "copy/copier.h"
#include "mark/arena.h"

struct core_mark_slot {
	struct core_mark_slot *next;
	struct core_arena_cursor cursor;
	struct core_copier copier; /* as ancient_core_copier_reset leaves it */
};

/* A slot that no other thread has; NULL: memory is out. */
struct core_mark_slot *ancient_core_mark_slot_take(void);
void ancient_core_mark_slot_put(struct core_mark_slot *slot);

#endif
