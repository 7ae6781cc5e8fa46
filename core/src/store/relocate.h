/* core/store: relocates pointers of a file that is mapped elsewhere than at its base.  Called by
 * store_follow.c when it maps new extents. */
#ifndef CORE_RELOCATE_H
#define CORE_RELOCATE_H

#include "store/store_internal.h"

/* Relocates the extents that were mapped since the last call, up to those of the generation
 * `newest`, and moves store->relocation behind them.  After an error, the next call goes on at the
 * same block.  Called without the mutex, in turn; handlers of signals may run.  If the store is
 * protected, its values are writable meanwhile.  No thread is left when it returns.
 * Errors: BAD_EXTENT BAD_BLOCK SYSTEM, INTERRUPTED if a handler says so. */
enum ancient_code ancient_core_relocate_added(struct ancient_store *store, uint64_t newest,
					      struct ancient_error *err);

#endif
