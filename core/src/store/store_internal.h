/* core: struct ancient_store, for the files that work on it. */
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
	int fd;                                   /* a description of our own */
	int lock_fd;                              /* another, for the lock; -1: none yet (lock.c) */
	struct ancient_superblock superblock;     /* newest seen */
	struct core_superblock_observed observed; /* of it */
	struct core_mapping map;
	struct core_recent_nodes recent; /* of the thread that commits */
	uint32_t linked;                 /* custom slots filled in */
	struct core_extent_walk relocation;
};

#endif
