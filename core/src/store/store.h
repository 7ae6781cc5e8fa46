/* core/store: an attached store, for the other files of the writer: making one, following the
 * superblock of its file, its pages.  The public functions are declared in ancient/store.h. */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "index/pages.h"
#include "store/store_internal.h"

/* Allocates a store that has no file yet.  `name` is for messages; NULL: from /proc/self/fd or
 * options->path.
 * Returns NULL if memory is out. */
struct ancient_store *ancient_core_store_new(int fd, const char *name,
					     const struct ancient_store_options *options);

/* Closes and frees a store.  Leaves a tombstone if it had claimed one, and otherwise unmaps its
 * addresses: for a store whose values nobody has seen. */
void ancient_core_store_free(struct ancient_store *store);

/* The mapped bytes, for lookups. */
struct core_pages ancient_core_store_pages(const struct ancient_store *store);

#endif
