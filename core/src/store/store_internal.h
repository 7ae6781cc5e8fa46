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

struct ancient_store {
	/* Protected by the registry's mutex. */
	struct ancient_store *next;
	unsigned count;
	bool joined; /* attached more than once: other code may know its values */
	dev_t device;
	ino_t inode;

	/* Constant once attached. */
	char *name;
	bool had_name; /* the file had a link when it was attached */
	bool relocated;
	struct ancient_store_options options;

	/* Protected by `mutex`, which is never held for long. */
	pthread_mutex_t mutex;
	pthread_cond_t idle;
	bool committing; /* by a thread that may use fd and map.base without the mutex */
	bool writable;
	int fd;      /* an open file description of the store's own */
	int lock_fd; /* another one, for the lock alone; -1: not open (file/lock.c) */
	struct ancient_superblock superblock;     /* newest seen */
	struct core_superblock_observed observed; /* what was read beside it */
	struct core_mapping map;
	struct core_recent_nodes recent; /* used only by the thread that commits */
	/* Of the file, what this process has written through `fd` since its last flush that failed,
	 * if its end is still the file's (FORMAT 11.4).  Of the thread that commits. */
	uint64_t written_start, written_end;
	pid_t written_by;
	uint32_t linked; /* number of custom slots filled in */
	struct core_extent_walk relocation;
};

#endif
