/* core/memory: tombstones: read-only pages that replace what was let go.  Called by
 * memory/quarantine.c, with its lock held. */
#ifndef CORE_TOMBSTONE_H
#define CORE_TOMBSTONE_H

#include <stdbool.h>
#include <stdint.h>

/* Replaces whole pages by read-only ones full of the filler word 0x3FB.  A pointer into them is a
 * pointer to an empty block for the collector, and leads to an integer for everybody else.  Returns
 * false if that cannot be done: then the pages, or some of them, stay as they are, which is also
 * safe. */
bool ancient_core_tombstone_lay(uint64_t start, uint64_t end);

/* Prepares for `bytes` of tombstones altogether.  Returns true if what is mapped at a time has
 * become larger: then all of them should be laid anew, so that they take fewer mappings. */
bool ancient_core_tombstone_grow(uint64_t bytes);

/* Locks the pages in memory that tombstones are mapped from, so that a page of a tombstone which
 * was read stays in this process's page tables.  Tombstones laid earlier must be laid anew.
 * `bytes`: of all tombstones.  Returns false if they cannot be locked (RLIMIT_MEMLOCK). */
bool ancient_core_tombstone_pin(uint64_t bytes);

/* In a child of fork: it inherits no locked memory. */
void ancient_core_tombstone_unpin(void);

#endif
