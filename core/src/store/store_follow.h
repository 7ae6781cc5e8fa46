/* core/store: follows the superblock of a store's file. */
#ifndef CORE_STORE_FOLLOW_H
#define CORE_STORE_FOLLOW_H

#include "store/store_internal.h"

/* Reads the superblock and maps what a newer generation has added.  Called with the mutex held,
 * which it lets go of while it waits for a relocation or makes one.  status: of the file, where
 * the caller has its lock and has asked; NULL: not known.
 * Errors: TORN_AWAY INTERRUPTED DEADLOCK, those of ancient_core_superblock_load and of
 * ancient_core_store_advance.
 */
enum ancient_code ancient_core_store_refresh_locked(struct ancient_store *store,
						    const struct core_file_status *status,
						    struct ancient_error *err);

/* Maps what `superblock` adds, fills in new custom slots, and makes it the newest superblock seen.
 * The store is not relocated.  Called with the mutex held.  foreign: not a commit that this thread
 * has just made: it is looked whether what is mapped is what was read.
 * Errors: ADDRESS_SPACE SYSTEM TORN_AWAY BAD_EXTENT BAD_CUSTOM. */
enum ancient_code ancient_core_store_advance(struct ancient_store *store,
					     const struct ancient_superblock *superblock,
					     bool foreign, struct ancient_error *err);

/* The same for a relocated store, by the only thread that has it or has the turn.  Called with the
 * mutex held, which it lets go of while it relocates.  Errors: also INTERRUPTED RELOCATED. */
enum ancient_code ancient_core_store_advance_relocated(struct ancient_store *store,
						       const struct ancient_superblock *superblock,
						       struct ancient_error *err);

/* Either of these, by what another has committed; of a relocated store in turn with other threads,
 * and without the mutex meanwhile.  Called with the mutex held.  Errors: also DEADLOCK. */
enum ancient_code ancient_core_store_follow(struct ancient_store *store,
					    const struct ancient_superblock *newer,
					    struct ancient_error *err);

/* UNRECOVERED where no commit may be made, since one lies behind the superblock in force that
 * cannot be seen.  Where an older writer made that superblock, another slot that does not count may
 * be as it left it, or be lost: whoever has the lock, so that no commit is under way, can tell.
 * Called with it, after a refresh.  Errors: UNRECOVERED SYSTEM. */
enum ancient_code ancient_core_store_check_hidden(struct ancient_store *store,
						  struct ancient_error *err);

/* The error UNRECOVERED: generation `hidden` lies behind a damaged superblock. */
enum ancient_code ancient_core_store_fail_unrecovered(const struct ancient_store *store,
						      uint64_t hidden, struct ancient_error *err);

#endif
