/* core/commit: writes the extents that were gathered in memory, and room for the next commits
 * behind them.  Called by extent_writer.c and publish.c. */
#ifndef CORE_EXTENT_FLUSH_H
#define CORE_EXTENT_FLUSH_H

#include "commit/extent_writer.h"

/* Writes `image`, which then is empty.  Errors: DISK_FULL SYSTEM. */
enum ancient_code ancient_core_extent_flush(struct core_extent_writer *writer,
					    struct ancient_error *err);

/* The same when all extents are complete: with room behind, if it is due. */
enum ancient_code ancient_core_extent_flush_last(struct core_extent_writer *writer,
						 struct ancient_error *err);

#endif
