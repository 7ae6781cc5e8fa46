/* core/commit: the data extent of a commit, which holds the payloads of its bigarrays. */
#ifndef CORE_BIGARRAY_DATA_H
#define CORE_BIGARRAY_DATA_H

#include "commit/extent_writer.h"

/* Appends the data extent, if there are payloads.  Source bigarrays are not read afterwards.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY. */
enum ancient_code ancient_core_bigarray_data_append(struct core_extent_writer *writer,
						    uint64_t generation, struct ancient_error *err);

#endif
