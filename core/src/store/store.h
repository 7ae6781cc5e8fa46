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

/* Checks the kind of file and descriptor at `fd`, opens the file again for the store, and enters
 * the store into the registry, hidden, also after an error.
 * Errors: SYSTEM DENIED DIRECTORY NOT_A_FILE APPEND_MODE. */
enum ancient_code ancient_core_store_enter(struct ancient_store *store, int fd,
					   struct ancient_error *err);

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

/* Reserves addresses for the file of store->superblock, unless that was done: at its base or, if
 * that is taken, elsewhere.  Errors: ADDRESS_SPACE. */
enum ancient_code ancient_core_store_reserve(struct ancient_store *store,
					     struct ancient_error *err);

/* ancient_core_store_advance by what another has committed; of a relocated store in turn with other
 * threads, and without the mutex meanwhile.  Called with the mutex held. Errors: also INTERRUPTED
 * DEADLOCK RELOCATED. */
enum ancient_code ancient_core_store_follow(struct ancient_store *store,
					    const struct ancient_superblock *newer,
					    struct ancient_error *err);

/* Gives addresses up at which nobody has seen a value. */
void ancient_core_store_unmap(struct ancient_store *store);

/* The error UNRECOVERED: generation `hidden` lies behind a damaged superblock. */
enum ancient_code ancient_core_store_fail_unrecovered(const struct ancient_store *store,
						      uint64_t hidden, struct ancient_error *err);

/* Opens descriptions of its own where lock_fd is closed, as in a child that inherited the store.
 * Called with the mutex held, before a commit.
 * Errors: DENIED SYSTEM. */
enum ancient_code ancient_core_store_own_files(struct ancient_store *store,
					       struct ancient_error *err);

/* UNRECOVERED where no commit may be made, since one lies behind the superblock in force that
 * cannot be seen.  Where an older writer made that superblock, another slot that does not count may
 * be as it left it, or be lost: whoever has the lock, so that no commit is under way, can tell.
 * Called with it, after a refresh.  Errors: UNRECOVERED SYSTEM. */
enum ancient_code ancient_core_store_check_hidden(struct ancient_store *store,
						  struct ancient_error *err);

/* The mapped bytes, for lookups. */
struct core_pages ancient_core_store_pages(const struct ancient_store *store);

#endif
