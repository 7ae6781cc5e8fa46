/* core/mark: the end of the use of addresses that held copies.  Called by mark/arena.c and
 * mark/memory_copy.c. */
#ifndef CORE_LET_GO_H
#define CORE_LET_GO_H

#include <ancient/store.h>

/* Tells the user of the heap that whole pages hold no values any more, and frees their memory. */
void ancient_core_let_go(uint8_t *start, uint64_t bytes, const struct ancient_heap_ranges *ranges);

#endif
