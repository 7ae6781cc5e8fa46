/* core: makes an empty file an ancient one. */
#ifndef CORE_CREATE_H
#define CORE_CREATE_H

#include "store/store_internal.h"

/* Formats the file at store->fd unless somebody else just has (FORMAT 8.1), and reserves its
 * addresses: store->map stands afterwards if this process made it, and
 * store->superblock is what the file says.
 * Errors: BAD_BASE ADDRESS_SPACE DISK_FULL SYSTEM, and those of core_superblock_load. */
enum ancient_code core_create(struct ancient_store *store, struct ancient_error *err);

/* The superblock of the empty file that will take the place of `old`: its UUID, its base (0: as
 * ancient_compact says) and a generation one higher.
 * Errors: BAD_BASE SYSTEM. */
enum ancient_code core_create_successor(const struct ancient_superblock *old, uint64_t base,
					const char *name, struct ancient_superblock *ret,
					struct ancient_error *err);

#endif
