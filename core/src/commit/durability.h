/* core/commit: what is known to be on the disk (FORMAT 11.4), and what a durable commit writes
 * again because it is not.  Called by publish.c and by compaction. */
#ifndef CORE_DURABILITY_H
#define CORE_DURABILITY_H

#include <stdbool.h>

#include "store/store_internal.h"

/* FORMAT 8.2, step 4, with the file's lock held and the superblock in force in store->superblock:
 * writes again the bytes and superblocks that are not known to be on the disk, and flushes the
 * folder where the file's name may not be there.  A flush then makes the generation in force
 * durable. Errors: UNDURABLE SYSTEM DISK_FULL MEMORY. */
enum ancient_code ancient_core_durability_prepare(struct ancient_store *store,
						  struct ancient_error *err);

/* Flushes the store's file.  After an error nothing is known of what this process has written.
 * Errors: DISK_FULL SYSTEM. */
enum ancient_code ancient_core_durability_flush(struct ancient_store *store,
						struct ancient_error *err);

/* The superblock of a commit, which begins at `before` and ends at `used`, was written. */
void ancient_core_durability_written(struct ancient_store *store, uint64_t before, uint64_t used);

#endif
