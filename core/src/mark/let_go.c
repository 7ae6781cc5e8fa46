/* core/mark: the end of the use of addresses that held copies. */
#include "mark/let_go.h"

#include "memory/copy_space.h"
#include "memory/tombstone.h"

/* First the user: a collector that asks a table ignores the addresses from then on. */
void core_let_go(uint8_t *start, uint64_t bytes, const struct ancient_heap_ranges *ranges)
{
	ranges->drop((uintptr_t)start);
	if (ranges->forgets)
		core_copy_space_recycle(start, bytes);
	else
		core_tombstone_lay(start, bytes);
}
