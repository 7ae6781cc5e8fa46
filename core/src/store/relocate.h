/* core/store: relocates pointers of a file that is mapped elsewhere than at its base.  Called by
 * store.c when it maps new extents. */
#ifndef CORE_RELOCATE_H
#define CORE_RELOCATE_H

#include "store/store_internal.h"

/* Relocates the extents that were mapped since the last call.  The mapping must be writable.  Moves
 * store->relocation behind them.
 * Errors: BAD_EXTENT, BAD_BLOCK. */
enum ancient_code core_relocate_added(struct ancient_store *store, uint64_t newest,
				      struct ancient_error *err);

/* Sets the protection of a relocated store's values, if its options ask for protection; they are
 * writable only while they are relocated.  Nothing happens to other stores.
 * Errors: SYSTEM. */
enum ancient_code core_relocated_protect(const struct ancient_store *store, int protection,
					 struct ancient_error *err);

#endif
