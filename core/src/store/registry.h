/* core/store: the registry of attached files, one store for each file and process.  Its mutex is
 * never held for long. */
#ifndef CORE_REGISTRY_H
#define CORE_REGISTRY_H

#include <sys/types.h>

#include "store/store_internal.h"

/* Installs the fork handlers, once.  Call it before any mutex of the library is taken, so that a
 * fork finds the mutexes in order. */
void ancient_core_registry_prepare(void);
void ancient_core_registry_lock(void);
void ancient_core_registry_unlock(void);

/* The rest with the lock held. */

/* The store of this file that is not hidden, or NULL.  uuid: NULL if nothing was published in the
 * file.  A store that has not seen what was published since is found as well. */
struct ancient_store *ancient_core_registry_find(dev_t device, ino_t inode, const uint8_t *uuid);

/* Adds a store, which the fork handlers see though it be hidden. */
void ancient_core_registry_add(struct ancient_store *store);

void ancient_core_registry_remove(struct ancient_store *store);

/* A number that changes when a store is removed, for ancient_core_wait. */
const uint32_t *ancient_core_registry_removals(void);

#endif
