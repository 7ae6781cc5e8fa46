/* examples/debian-index: the snapshot that requests are answered from, and who still uses which.
 *
 * A request takes a reference to the current snapshot and answers from it to its end.  Meanwhile
 * reload.c may put a newer one in its place; the old one is closed with its last reference. */
#ifndef DEMO_SNAPSHOT_H
#define DEMO_SNAPSHOT_H

#include <pthread.h>
#include <stdint.h>

#include "tables.h"

/* One generation of one file, and the tables in it.  Constant once it is made. */
struct snapshot {
	unsigned references; /* under the lock of the snapshots */
	uint64_t number;     /* 1, 2, ...: counts what this process has served */
	struct ancient_file *file;
	struct ancient_info info;
	/* UUID and generation, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx-GENERATION": of what was
	 * published, the same in every process that serves it.  A publication makes a new file
	 * with a new UUID, whose generations begin anew; one into the same file, a generation. */
	char identity[64];
	struct tables tables;
};

/* Takes the reference to the file over, on failure too; MEMORY. */
enum ancient_code snapshot_make(struct ancient_file *file, uint64_t number,
				struct snapshot **ret_snapshot, struct ancient_error *err);
/* Closes one that nobody uses. */
void snapshot_destroy(struct snapshot *snapshot);

struct snapshots {
	pthread_mutex_t lock;
	struct snapshot *current;
	char warning[sizeof((struct ancient_error *)0)->message];
};

/* Takes the first snapshot over. */
void snapshots_init(struct snapshots *snapshots, struct snapshot *first);
/* After the last give. */
void snapshots_done(struct snapshots *snapshots);

/* A reference to the current snapshot, which the caller gives back. */
struct snapshot *snapshots_take(struct snapshots *snapshots);
void snapshots_give(struct snapshots *snapshots, struct snapshot *snapshot);

/* Takes `newer` over as the current one. */
void snapshots_replace(struct snapshots *snapshots, struct snapshot *newer);

/* Why something newer cannot be served, for who asks; "": nothing is wrong. */
void snapshots_warn(struct snapshots *snapshots, const char *message);
void snapshots_warning(struct snapshots *snapshots, char *ret_warning, size_t warning_size);

#endif
