/* examples/debian-index: keeps the newest snapshot of the file open for all requests.
 *
 * A request takes a reference and answers from that snapshot to its end.  Another request may
 * meanwhile find a newer generation, or a new file of the same name, and make it the current
 * snapshot; the old one is closed with its last reference. */
#ifndef ANCIENT_DEMO_SNAPSHOT_H
#define ANCIENT_DEMO_SNAPSHOT_H

#include <pthread.h>
#include <stdint.h>

#include "tables.h"

/* One generation of one file, and the tables in it. */
struct snapshot {
	unsigned references; /* under the lock of the snapshots */
	struct ancient_file *file;
	struct tables tables;
};

struct snapshots {
	pthread_mutex_t lock;
	struct snapshot *current;
	int64_t looked;  /* when a newer one was last looked for; monotonic milliseconds */
	uint64_t opened; /* snapshots opened since the start */
	char warning[sizeof((struct ancient_error *)0)->message]; /* why the newest cannot be served
								   */
};

enum ancient_code snapshots_open(struct snapshots *snapshots, const char *path,
				 struct ancient_error *err);
void snapshots_close(struct snapshots *snapshots);

/* A reference to the newest snapshot; the caller gives it back.  Looks at the disk at most ten
 * times a second.  Where what is there cannot be opened, the one before stays. */
struct snapshot *snapshots_take(struct snapshots *snapshots);
void snapshots_give(struct snapshots *snapshots, struct snapshot *snapshot);

/* ret_warning   empty, or why something newer could not be opened */
void snapshots_report(struct snapshots *snapshots, uint64_t *ret_opened, char *ret_warning,
		      size_t warning_size);

#endif
