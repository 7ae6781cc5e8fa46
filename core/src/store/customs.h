/* core/store: the custom window of an attached file (FORMAT 6).  Called by attach and refresh, and
 * by commits for new slots. */
#ifndef CORE_CUSTOMS_H
#define CORE_CUSTOMS_H

#include "base/buffer.h"
#include "store/store_internal.h"

/* Makes the custom window readable and writable.  Errors: ADDRESS_SPACE. */
enum ancient_code ancient_core_customs_open(struct ancient_store *store, struct ancient_error *err);

/* Fills in the operations of slots that `superblock` has and this process has not filled yet.  The
 * extents that the superblock refers to are mapped.
 * Errors: BAD_CUSTOM, BAD_BASE if the window has other operations, of a file before. */
enum ancient_code ancient_core_customs_link(struct ancient_store *store,
					    const struct ancient_superblock *superblock,
					    struct ancient_error *err);

/* The slot of an identifier: a well-known one, one of the file's, or one of the records in `added`,
 * to which a new identifier is appended.
 * Errors: NO_ROOM, MEMORY, BAD_CUSTOM. */
enum ancient_code ancient_core_customs_slot(const struct ancient_store *store,
					    struct core_buffer *added, const char *identifier,
					    uint64_t *ret_slot, struct ancient_error *err);

#endif
