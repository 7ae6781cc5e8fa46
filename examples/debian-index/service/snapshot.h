/* c-reader/demo: the file that requests are answered from, always the newest.
 *
 * A request takes a reference and answers from that snapshot to its end; meanwhile another
 * request may find a newer generation, or a new file of the same name, and put it in the
 * place for those to come. */
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
	int64_t looked;  /* when for something newer; monotonic milliseconds */
	uint64_t opened; /* snapshots since the start */
	char warning[sizeof((struct ancient_error *)0)->message]; /* why the newest is not it */
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
