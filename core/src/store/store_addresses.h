/* core/store: the addresses of a store's file in this process. */
#ifndef CORE_STORE_ADDRESSES_H
#define CORE_STORE_ADDRESSES_H

#include "store/store_internal.h"

/* Reserves addresses for the file of store->superblock, unless that was done: at its base or, if
 * that is taken, elsewhere.  Errors: ADDRESS_SPACE. */
enum ancient_code ancient_core_store_reserve(struct ancient_store *store,
					     struct ancient_error *err);

/* Reserves them and maps the file there, relocated if need be.  Only this thread has the store.
 * Errors: those of ancient_core_store_reserve and ancient_core_store_advance, INTERRUPTED. */
enum ancient_code ancient_core_store_map(struct ancient_store *store, struct ancient_error *err);

/* Gives addresses up at which nobody has seen a value. */
void ancient_core_store_unmap(struct ancient_store *store);

/* Lets the addresses go: they become a tombstone.  A file that continues this one may have them
 * again: a copy that has grown otherwise, or one that was put back, has other values there, which a
 * collector would meet by pointers that this process may still have. */
void ancient_core_store_let_go(struct ancient_store *store);

#endif
