/* core/store: the registry of attached files, one store for each file and process. */
#ifndef CORE_REGISTRY_H
#define CORE_REGISTRY_H

#include <sys/types.h>

#include "store/store_internal.h"

/* Installs the fork handlers, once.  Call it before any mutex of the library is taken, so that a
 * fork finds the mutexes in order. */
void core_registry_prepare(void);
void core_registry_lock(void);
void core_registry_unlock(void);

/* The rest with the lock held. */

/* The store of this file, or NULL. */
struct ancient_store *core_registry_find(dev_t device, ino_t inode, const uint8_t uuid[16]);
void core_registry_add(struct ancient_store *store);

/* Adds a store for the fork handlers' sake only: core_registry_find does not return it. */
void core_registry_add_hidden(struct ancient_store *store);
void core_registry_remove(struct ancient_store *store);

#endif
