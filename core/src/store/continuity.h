/* core/store: whether the file is still the one that this process has seen, as it was or grown.
 * Called where a store looks for a newer generation. */
#ifndef CORE_CONTINUITY_H
#define CORE_CONTINUITY_H

#include "store/store_internal.h"

/* Whether the slot of the newest superblock seen still has it, as the mapping shows.  A reload
 * looks at the other slot alone, which does not tell where the file was put back by one generation,
 * or where a failed flush has lost the superblock. */
bool ancient_core_continuity_shows(const struct ancient_store *store);

/* Whether the file with the superblock `now`, beside which `observed` was read, has grown out of
 * what this process has seen.  Errors: WENT_BACK. */
enum ancient_code ancient_core_continuity_check(const struct ancient_store *store,
						const struct ancient_superblock *now,
						const struct core_superblock_observed *observed,
						struct ancient_error *err);

#endif
