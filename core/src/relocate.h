/* core: pointers of a file that is mapped elsewhere than at its base. */
#ifndef CORE_RELOCATE_H
#define CORE_RELOCATE_H

#include "extent.h"
#include "mapping.h"

/* Adds the mapping's delta to every pointer of the extents from walk->next to the mapped
 * end (which must be writable memory).  `walk` stands behind them afterwards, ready for
 * later extents.
 * Errors: BAD_EXTENT, BAD_BLOCK. */
enum ancient_code core_relocate(const struct core_mapping *map, const char *name,
				struct core_extent_walk *walk, struct ancient_error *err);

#endif
