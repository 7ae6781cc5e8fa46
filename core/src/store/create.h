/* core/store: formats an empty file.  Called by attach, and by compaction for the file that
 * replaces another. */
#ifndef CORE_CREATE_H
#define CORE_CREATE_H

#include "store/store_internal.h"

/* Formats the file at store->fd (FORMAT 8.1), unless another process has done so meanwhile.
 * Afterwards store->superblock is the file's, and store->map is reserved if this process has
 * formatted it.
 * Errors: BAD_BASE ADDRESS_SPACE DISK_FULL SYSTEM, and those of core_superblock_load. */
enum ancient_code core_create(struct ancient_store *store, struct ancient_error *err);

/* The superblock of the empty file that will replace `old`: with a new UUID, a generation one
 * higher, and a base (0: chosen as ancient_compact says).  `name` is for messages.
 * Errors: BAD_BASE SYSTEM. */
enum ancient_code core_create_successor(const struct ancient_superblock *old, uint64_t base,
					const char *name, struct ancient_superblock *ret,
					struct ancient_error *err);

#endif
