/* core/store: a store's own open file descriptions. */
#ifndef CORE_STORE_FILES_H
#define CORE_STORE_FILES_H

#include "store/store_internal.h"

/* Checks the kind of file and descriptor at `fd`, opens the file again for the store, and enters
 * the store into the registry, hidden, also after an error.
 * Errors: SYSTEM DENIED DIRECTORY NOT_A_FILE APPEND_MODE. */
enum ancient_code ancient_core_store_enter(struct ancient_store *store, int fd,
					   struct ancient_error *err);

/* Opens descriptions of its own where lock_fd is closed, as in a child that inherited the store.
 * Called with the mutex held, before a commit.
 * Errors: DENIED SYSTEM. */
enum ancient_code ancient_core_store_own_files(struct ancient_store *store,
					       struct ancient_error *err);

#endif
