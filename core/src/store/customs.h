/* core: custom slots of an attached file (FORMAT 6). */
#ifndef CORE_CUSTOMS_H
#define CORE_CUSTOMS_H

#include "base/buffer.h"
#include "store/store_internal.h"

/* Makes the window usable: memory of our own in place of the reservation. */
enum ancient_code core_customs_open(struct ancient_store *store, struct ancient_error *err);

/* Fills in the operations of slots that `superblock` has and this process has not.  What the
 * superblock uses is mapped.  Errors: BAD_CUSTOM. */
enum ancient_code core_customs_link(struct ancient_store *store,
				    const struct ancient_superblock *superblock,
				    struct ancient_error *err);

/* The slot of an identifier: a well-known one, one of the file's, or one of the records in
 * `added`, where it is put if it is new.
 * Errors: NO_ROOM, MEMORY, BAD_CUSTOM. */
enum ancient_code core_customs_slot(const struct ancient_store *store, struct core_buffer *added,
				    const char *identifier, uint64_t *ret_slot,
				    struct ancient_error *err);

#endif
