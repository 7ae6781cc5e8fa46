/* core/store: struct ancient_store, for the files that work on it. */
#ifndef CORE_STORE_INTERNAL_H
#define CORE_STORE_INTERNAL_H

#include <pthread.h>
#include <stdbool.h>
#include <sys/types.h>

#include <ancient/format.h>
#include <ancient/store.h>

#include "file/extent.h"
#include "file/superblock.h"
#include "memory/file_mapping.h"
#include "store/recent_nodes.h"
#include "store/room_ahead.h"

struct ancient_store {
	/* Protected by the registry's mutex. */
	struct ancient_store *next;
	unsigned count;
	bool joined;  /* attached more than once: other code may know its values */
	bool hidden;  /* attach does not find it */
	bool leaving; /* its last handle was detached, its addresses are not given up yet */

	/* Constant once attached. */
	dev_t device;
	ino_t inode;
	char *name;
	char *path; /* of the file when it was attached (store/file_name.c); NULL: not known */
	struct ancient_store_options options;

	/* Protected by `mutex`, which is never held for long: not while anything is waited for, and
	 * not while values are relocated.  Whoever has the file's lock may use fd and map.base
	 * without it. */
	pthread_mutex_t mutex;
	bool empty; /* no generation of the file was seen: nothing was published (store/empty.c) */
	bool relocated; /* constant once not empty */
	bool had_name;  /* the file had a link when it was attached, or later */
	/* Of the thread that commits: the file has the name `path`, and that is on the disk, or
	 * will be put there by whoever attached the file. */
	bool has_path, path_flushed;
	bool writable;
	int confined; /* errno: why a store that was to be written cannot be (file/lock.c); or 0 */
	int fd; /* for an open file description of the store's own; the number does not change */
	int lock_fd; /* another one, for the lock alone; -1: not open (file/lock.c) */
	struct ancient_superblock superblock;     /* newest seen */
	struct core_superblock_observed observed; /* what was read beside it */
	struct core_mapping map;
	int advice;                      /* that the caller gave, MADV_... */
	struct core_recent_nodes recent; /* used only by the thread that commits */
	struct core_room_ahead room;     /* likewise */
	/* FORMAT 11.4, of the thread that commits; 0 in a child of fork(2).  The bytes of the file
	 * that this process has written through `fd` since a flush failed, if their end is still
	 * the file's; and the generation, if it is still in force, that a durable commit of this
	 * process has made without an error: both superblocks are on the disk. */
	uint64_t written_start, written_end;
	uint64_t flushed;
	uint32_t linked;     /* number of custom slots filled in */
	bool relocating;     /* by the thread that has the turn */
	bool half_relocated; /* a fork left it so in this process, the child */
	/* Of the thread that has the turn to relocate. */
	struct core_extent_walk relocation;
	uint64_t relocated_words; /* of the extent that is next in it */
};

#endif
