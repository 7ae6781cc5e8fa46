/* core/store: what the writer's other files use of an attached store: making one, following the
 * file's superblock, and its pages.  The public functions are in ancient/store.h. */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "index/pages.h"
#include "store/store_internal.h"

/* A store of nothing yet, with a name for messages; NULL: out of memory. */
struct ancient_store *core_store_new(int fd, const char *name,
				     const struct ancient_store_options *options);

/* Closes what it has open and gives its addresses back. */
void core_store_free(struct ancient_store *store);

/* What kind of file is open at `fd`; opens it again for the store.
 * Errors: SYSTEM DENIED DIRECTORY NOT_A_FILE APPEND_MODE. */
enum ancient_code core_store_examine(struct ancient_store *store, int fd,
				     struct ancient_error *err);

/* Takes what the superblock on disk says, if it is newer.  Call with the mutex held. */
enum ancient_code core_store_refresh_locked(struct ancient_store *store, struct ancient_error *err);

/* Maps and links what `superblock` adds, and makes it the newest seen.  Mutex held. */
enum ancient_code core_store_advance(struct ancient_store *store,
				     const struct ancient_superblock *superblock,
				     struct ancient_error *err);

/* Sees to lock_fd: a process has none for a store that it inherited.  Mutex held. */
enum ancient_code core_store_lock_fd(struct ancient_store *store, struct ancient_error *err);

struct core_pages core_store_pages(const struct ancient_store *store);

#endif
