/* core/store: the base address of a new file, and of one whose own is taken. */
#ifndef CORE_BASE_ADDRESS_H
#define CORE_BASE_ADDRESS_H

#include "store/store_internal.h"

/* Chooses base and reserve of the new file store->superblock, as store->options say, and reserves
 * the addresses in store->map. Errors: BAD_BASE ADDRESS_SPACE. */
enum ancient_code ancient_core_base_address_choose(struct ancient_store *store,
						   struct ancient_error *err);

/* Base and reserve, in `ret`, of the file that replaces `old`: `base`, or where that is 0 the next
 * derived one that is free in this process; its UUID, which is random, is changed to fit.  `name`
 * is for messages.  Errors: BAD_BASE. */
enum ancient_code ancient_core_base_address_follow(const char *name,
						   const struct ancient_superblock *old,
						   uint64_t base, struct ancient_superblock *ret,
						   struct ancient_error *err);

/* Reserves, in store->map, addresses for a file that cannot have its own: the highest below `below`
 * that are free in the same area, so that they come back for others.  Errors: ADDRESS_SPACE. */
enum ancient_code ancient_core_base_address_elsewhere(struct ancient_store *store, uint64_t below,
						      struct ancient_error *err);

#endif
