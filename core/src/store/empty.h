/* core/store: files in which nothing was published, while they are attached.  Called by attach,
 * refresh, detach and the first commit. */
#ifndef CORE_EMPTY_H
#define CORE_EMPTY_H

#include "store/store_internal.h"

/* Attaches a file that was just found EMPTY (`code`), or being filled: for writing, addresses are
 * reserved; for reading nothing is.  Errors: UNRECOVERED, those of ancient_core_create_prepare and
 * ancient_core_store_reserve. */
enum ancient_code ancient_core_empty_attach(struct ancient_store *store, enum ancient_code code,
					    struct ancient_error *err);

/* Looks whether something was published meanwhile, or another process has fixed the base, and takes
 * that.  Called with the mutex held.
 * Errors: those of ancient_core_superblock_load but EMPTY, UNRECOVERED, those of
 * ancient_core_store_reserve and ancient_core_store_follow. */
enum ancient_code ancient_core_empty_refresh(struct ancient_store *store,
					     struct ancient_error *err);

/* Fixes UUID and base in the file, for the first commit.  Called with the file's lock, after a
 * refresh.  Errors: those of ancient_core_create_prepare and ancient_core_create. */
enum ancient_code ancient_core_empty_begin(struct ancient_store *store, struct ancient_error *err);

#endif
