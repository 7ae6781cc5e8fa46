/* core: struct ancient_store, for the files that work on it. */
#ifndef CORE_ATTACHED_H
#define CORE_ATTACHED_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include <ancient/format.h>
#include <ancient/store.h>

#include "index/directory.h"
#include "file/extent.h"
#include "file/superblock.h"
#include "memory/file_mapping.h"
#include "store/recent_nodes.h"

struct ancient_store {
	/* Under the registry's mutex. */
	struct ancient_store *next;
	unsigned count;
	bool joined; /* attached more than once: its values may be known elsewhere */
	dev_t device;
	ino_t inode;

	/* Constant once attached. */
	char *name;
	bool had_name; /* the file had a link when it was attached */
	bool relocated;
	struct ancient_store_options options;

	/* Under `mutex`, which is held for short. */
	pthread_mutex_t mutex;
	pthread_cond_t idle;
	bool committing; /* one commit at a time; its owner may use fd and map.base freely */
	bool writable;
	int fd;                               /* a description of our own */
	int lock_fd;                          /* another, for the lock; -1: none yet (lock.c) */
	struct ancient_superblock superblock; /* newest seen */
	struct core_superblock_sight sight;   /* of it */
	struct core_mapping map;
	struct core_recent recent; /* of the thread that commits */
	uint32_t linked;           /* custom slots filled in */
	struct core_extent_walk relocation;
};

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
enum ancient_code core_store_follow(struct ancient_store *store, struct ancient_error *err);

/* Maps and links what `superblock` adds, and makes it the newest seen.  Mutex held. */
enum ancient_code core_store_advance(struct ancient_store *store,
				     const struct ancient_superblock *superblock,
				     struct ancient_error *err);

/* Sees to lock_fd: a process has none for a store that it inherited.  Mutex held. */
enum ancient_code core_store_lock_fd(struct ancient_store *store, struct ancient_error *err);

struct core_pages core_store_pages(const struct ancient_store *store);

/* The text, ended by a 0 byte, of the name record that the word at `field` leads to.
 * Errors: BAD_DIRECTORY. */
enum ancient_code core_name_at(const struct core_pages *pages, uint64_t record, uint64_t field,
			       const char **ret_name, struct ancient_error *err);

/* The registry of attached files.  It must be prepared before any of the library's mutexes is
 * taken, so that a fork finds them in order. */
void core_registry_prepare(void);
void core_registry_lock(void);
void core_registry_unlock(void);
/* With the lock held: */
struct ancient_store *core_registry_find(dev_t device, ino_t inode, const uint8_t uuid[16]);
void core_registry_add(struct ancient_store *store);
/* For forks only: find does not find it. */
void core_registry_add_hidden(struct ancient_store *store);
void core_registry_remove(struct ancient_store *store);

#endif
