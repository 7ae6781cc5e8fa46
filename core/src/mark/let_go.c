/* core/mark: the end of the use of addresses that held copies. */
#include "mark/let_go.h"

#include "memory/quarantine.h"

/* First the user: a collector that asks a table ignores the addresses from then on. */
void ancient_core_let_go(uint8_t *start, uint64_t bytes, const struct ancient_heap_ranges *ranges)
{
	ranges->drop((uintptr_t)start);
	ancient_core_quarantine_give(start, bytes);
}
