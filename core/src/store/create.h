/* core/store: formats an empty file.  Called by attach and the first commit, and by compaction for
 * the file that replaces another. */
#ifndef CORE_CREATE_H
#define CORE_CREATE_H

#include "store/store_internal.h"

/* Chooses what an EMPTY file will be, UUID and base, in store->superblock, and reserves its
 * addresses in store->map.  The file stays as it is.
 * Errors: BAD_BASE ADDRESS_SPACE SYSTEM. */
enum ancient_code ancient_core_create_prepare(struct ancient_store *store,
					      struct ancient_error *err);

/* Writes that to the file, flushed, if it is still EMPTY, and ends what another process has begun.
 * Called with the file's lock.  Afterwards store->superblock is the file's.
 * Errors: DISK_FULL SYSTEM, and those of ancient_core_superblock_load. */
enum ancient_code ancient_core_create(struct ancient_store *store, struct ancient_error *err);

/* The superblock of the empty file that will replace `old`: with a new UUID, a generation one
 * higher, and a base (0: chosen as ancient_compact says).  `name` is for messages.
 * Errors: BAD_BASE SYSTEM. */
enum ancient_code ancient_core_create_successor(const struct ancient_superblock *old, uint64_t base,
						const char *name, struct ancient_superblock *ret,
						struct ancient_error *err);

#endif
