/* examples/debian-index: keeps the newest snapshot of the file open; see snapshot.h. */
#include "snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INTERVAL 100 /* milliseconds between two checks for a newer generation or file */

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Takes the reference to the file over, on failure too. */
static enum ancient_code make(struct ancient_file *file, struct snapshot **ret_snapshot,
			      struct ancient_error *err)
{
	struct snapshot *snapshot = malloc(sizeof *snapshot);

	if (snapshot == NULL) {
		ancient_file_close(file);
		*err = (struct ancient_error){.code = ANCIENT_E_MEMORY};
		snprintf(err->message, sizeof err->message, "%s",
			 ancient_code_text(ANCIENT_E_MEMORY));
		return ANCIENT_E_MEMORY;
	}
	snapshot->references = 1;
	snapshot->file = file;
	tables_init(file, &snapshot->tables);
	*ret_snapshot = snapshot;
	return ANCIENT_OK;
}

/* Gives one reference back; the last one closes the file.  Under the lock. */
static void drop(struct snapshot *snapshot)
{
	if (--snapshot->references > 0)
		return;
	tables_done(&snapshot->tables);
	ancient_file_close(snapshot->file);
	free(snapshot);
}

enum ancient_code snapshots_open(struct snapshots *snapshots, const char *path,
				 struct ancient_error *err)
{
	/* The guard: somebody may truncate the file while it is served. */
	const struct ancient_options options = {.guard = true};
	struct ancient_file *file;
	enum ancient_code code;

	*snapshots = (struct snapshots){.looked = milliseconds(), .opened = 1};
	code = ancient_file_open(path, &options, &file, err);
	if (code == ANCIENT_OK)
		code = make(file, &snapshots->current, err);
	if (code == ANCIENT_OK)
		pthread_mutex_init(&snapshots->lock, NULL);
	return code;
}

void snapshots_close(struct snapshots *snapshots)
{
	pthread_mutex_destroy(&snapshots->lock);
	drop(snapshots->current);
}

/* Prints a message once, not with every request that meets it. */
static void warn(struct snapshots *snapshots, const char *message)
{
	if (strcmp(snapshots->warning, message) == 0)
		return;
	snprintf(snapshots->warning, sizeof snapshots->warning, "%s", message);
	if (*message != 0)
		fprintf(stderr, "ancient-demo-service: %s; serving what was there before\n",
			message);
}

/* Puts a newer generation, or a new file of the same name, in the place of the current snapshot.
 * Under the lock. */
static void look(struct snapshots *snapshots)
{
	struct ancient_error err;
	struct ancient_file *newer;
	struct snapshot *snapshot = NULL;
	bool current = false;

	/* Where the check fails a new file may still have the name: reopen finds it. */
	if (ancient_file_check(snapshots->current->file, &current, &err) == ANCIENT_OK && current) {
		warn(snapshots, "");
		return;
	}
	if (ancient_file_reopen(snapshots->current->file, &newer, &err) != ANCIENT_OK) {
		warn(snapshots, err.message);
		return;
	}
	if (newer == snapshots->current->file) { /* one more reference to what is served */
		ancient_file_close(newer);
	} else if (make(newer, &snapshot, &err) != ANCIENT_OK) {
		warn(snapshots, err.message);
		return;
	} else {
		drop(snapshots->current);
		snapshots->current = snapshot;
		snapshots->opened++;
	}
	warn(snapshots, "");
}

struct snapshot *snapshots_take(struct snapshots *snapshots)
{
	struct snapshot *snapshot;
	int64_t now = milliseconds();

	pthread_mutex_lock(&snapshots->lock);
	if (now - snapshots->looked >= INTERVAL) {
		snapshots->looked = now;
		look(snapshots);
	}
	snapshot = snapshots->current;
	snapshot->references++;
	pthread_mutex_unlock(&snapshots->lock);
	return snapshot;
}

void snapshots_give(struct snapshots *snapshots, struct snapshot *snapshot)
{
	pthread_mutex_lock(&snapshots->lock);
	drop(snapshot);
	pthread_mutex_unlock(&snapshots->lock);
}

void snapshots_report(struct snapshots *snapshots, uint64_t *ret_opened, char *ret_warning,
		      size_t warning_size)
{
	pthread_mutex_lock(&snapshots->lock);
	*ret_opened = snapshots->opened;
	snprintf(ret_warning, warning_size, "%s", snapshots->warning);
	pthread_mutex_unlock(&snapshots->lock);
}
