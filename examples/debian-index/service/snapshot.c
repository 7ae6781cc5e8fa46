/* examples/debian-index: the snapshot that requests are answered from (snapshot.h). */
#include "snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void write_identity(const struct ancient_info *info, char *ret, size_t room)
{
	size_t length = 0;

	for (unsigned i = 0; i < sizeof info->uuid; i++)
		length += (size_t)snprintf(ret + length, room - length,
					   i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
					   info->uuid[i]);
	snprintf(ret + length, room - length, "-%" PRIu64, info->generation);
}

enum ancient_code snapshot_make(struct ancient_file *file, uint64_t number,
				struct snapshot **ret_snapshot, struct ancient_error *err)
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
	snapshot->number = number;
	snapshot->file = file;
	ancient_file_info(file, &snapshot->info);
	write_identity(&snapshot->info, snapshot->identity, sizeof snapshot->identity);
	tables_init(file, &snapshot->tables);
	*ret_snapshot = snapshot;
	return ANCIENT_OK;
}

void snapshot_destroy(struct snapshot *snapshot)
{
	tables_done(&snapshot->tables);
	ancient_file_close(snapshot->file);
	free(snapshot);
}

void snapshots_init(struct snapshots *snapshots, struct snapshot *first)
{
	pthread_mutex_init(&snapshots->lock, NULL);
	snapshots->current = first;
	snapshots->warning[0] = 0;
}

void snapshots_done(struct snapshots *snapshots)
{
	snapshots_give(snapshots, snapshots->current);
	pthread_mutex_destroy(&snapshots->lock);
}

struct snapshot *snapshots_take(struct snapshots *snapshots)
{
	struct snapshot *snapshot;

	pthread_mutex_lock(&snapshots->lock);
	snapshot = snapshots->current;
	snapshot->references++;
	pthread_mutex_unlock(&snapshots->lock);
	return snapshot;
}

void snapshots_give(struct snapshots *snapshots, struct snapshot *snapshot)
{
	bool last;

	pthread_mutex_lock(&snapshots->lock);
	last = --snapshot->references == 0;
	pthread_mutex_unlock(&snapshots->lock);
	/* Outside of the lock: to unmap a large file takes milliseconds. */
	if (last)
		snapshot_destroy(snapshot);
}

void snapshots_replace(struct snapshots *snapshots, struct snapshot *newer)
{
	struct snapshot *older;

	pthread_mutex_lock(&snapshots->lock);
	older = snapshots->current;
	snapshots->current = newer;
	pthread_mutex_unlock(&snapshots->lock);
	snapshots_give(snapshots, older);
}

void snapshots_warn(struct snapshots *snapshots, const char *message)
{
	bool known;

	pthread_mutex_lock(&snapshots->lock);
	known = strcmp(snapshots->warning, message) == 0;
	if (!known)
		snprintf(snapshots->warning, sizeof snapshots->warning, "%s", message);
	pthread_mutex_unlock(&snapshots->lock);
	/* Once, not each time that the same is met. */
	if (!known && *message != 0)
		fprintf(stderr, "ancient-demo-service: %s; serving what was there before\n",
			message);
}

void snapshots_warning(struct snapshots *snapshots, char *ret_warning, size_t warning_size)
{
	pthread_mutex_lock(&snapshots->lock);
	snprintf(ret_warning, warning_size, "%s", snapshots->warning);
	pthread_mutex_unlock(&snapshots->lock);
}
