/* c-reader/demo: the file that requests are answered from, always the newest. */
#include "snapshot.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define INTERVAL 100 /* milliseconds between two looks at the disk */

static int64_t milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

enum ancient_code snapshots_open(struct snapshots *snapshots, const char *path,
				 struct ancient_error *err)
{
	/* The guard: somebody may truncate the file while it is served. */
	const struct ancient_options options = {.guard = true};
	enum ancient_code code;

	*snapshots = (struct snapshots){.looked = milliseconds(), .opened = 1};
	code = ancient_file_open(path, &options, &snapshots->current, err);
	if (code == ANCIENT_OK)
		pthread_mutex_init(&snapshots->lock, NULL);
	return code;
}

void snapshots_close(struct snapshots *snapshots)
{
	pthread_mutex_destroy(&snapshots->lock);
	ancient_file_close(snapshots->current);
}

/* Said once, not with every request. */
static void warn(struct snapshots *snapshots, const char *message)
{
	if (strcmp(snapshots->warning, message) == 0)
		return;
	snprintf(snapshots->warning, sizeof snapshots->warning, "%s", message);
	if (*message != 0)
		fprintf(stderr, "ancient-demo-service: %s; serving what was there before\n",
			message);
}

/* Under the lock. */
static void look(struct snapshots *snapshots)
{
	struct ancient_error err;
	struct ancient_file *newer;
	bool current = false;

	/* A check that fails says nothing about a new file of the name: reopen tells. */
	if (ancient_file_check(snapshots->current, &current, &err) == ANCIENT_OK && current) {
		warn(snapshots, "");
		return;
	}
	if (ancient_file_reopen(snapshots->current, &newer, &err) != ANCIENT_OK) {
		warn(snapshots, err.message);
		return;
	}
	warn(snapshots, "");
	snapshots->opened += newer != snapshots->current;
	ancient_file_close(snapshots->current);
	snapshots->current = newer;
}

struct ancient_file *snapshots_take(struct snapshots *snapshots)
{
	struct ancient_file *file;
	int64_t now = milliseconds();

	pthread_mutex_lock(&snapshots->lock);
	if (now - snapshots->looked >= INTERVAL) {
		snapshots->looked = now;
		look(snapshots);
	}
	file = ancient_file_ref(snapshots->current);
	pthread_mutex_unlock(&snapshots->lock);
	return file;
}

void snapshots_report(struct snapshots *snapshots, uint64_t *ret_opened, char *ret_warning,
		      size_t warning_size)
{
	pthread_mutex_lock(&snapshots->lock);
	*ret_opened = snapshots->opened;
	snprintf(ret_warning, warning_size, "%s", snapshots->warning);
	pthread_mutex_unlock(&snapshots->lock);
}
