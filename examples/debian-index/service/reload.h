/* examples/debian-index: a thread that looks for something newer than the current snapshot, and
 * puts it in its place once it is ready to be served.
 *
 * Requests never wait for it: the new file is opened, read into memory and tried here, while they
 * go on with the old one. */
#ifndef DEMO_RELOAD_H
#define DEMO_RELOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "snapshot.h"

struct reload_settings {
	unsigned interval; /* milliseconds from one look at the disk to the next */
	bool prefetch;     /* read a new file into memory before it is served */
	bool verify;       /* look at every byte of it: it is whole, or is not served */
};

struct reload {
	struct reload_settings settings;
	struct snapshots *snapshots;
	uint64_t opened;              /* snapshots that have been served */
	struct ancient_file *refused; /* the newest, where it cannot be served; else NULL */
	atomic_bool stopping;
	pthread_t thread;
	pthread_mutex_t mutex; /* for the condition */
	pthread_cond_t wake;
};

/* Opens the first snapshot, which is ready when this returns, and initialises `snapshots` with it.
 * On failure nothing is left to be undone. */
enum ancient_code reload_init(struct reload *reload, const char *path,
			      const struct reload_settings *settings, struct snapshots *snapshots,
			      struct ancient_error *err);

/* Begins to look for newer ones.  Threads take over which signals are blocked: block first what
 * main waits for.  false: there is no thread, and nothing newer will be served. */
bool reload_start(struct reload *reload);
/* Ends the thread, in the midst of a file if need be.  The snapshots stay. */
void reload_stop(struct reload *reload);

#endif
