/* core/store: room that a writer has made behind the end of its file. */
#include "store/room_ahead.h"

#include <fcntl.h>

#include "file/disk_space.h"
#include "file/lock_wait.h"
#include "store/store_internal.h"

#define COMMITS_BEFORE 4u /* a program that shares a few times has a file without room */

uint64_t ancient_core_room_ahead_of(const struct ancient_store *store, uint64_t size)
{
	const struct core_room_ahead *room = &store->room;

	return room->generation == store->superblock.generation && room->end == size ? size : 0;
}

bool ancient_core_room_ahead_is_due(const struct ancient_store *store)
{
	return store->room.generation == store->superblock.generation &&
	       store->room.commits >= COMMITS_BEFORE;
}

void ancient_core_room_ahead_note(struct ancient_store *store, uint64_t generation, uint64_t end)
{
	struct core_room_ahead *room = &store->room;

	room->commits = room->generation + 1 == generation ? room->commits + 1 : 1;
	room->generation = generation;
	room->end = end;
}

void ancient_core_room_ahead_forget(struct ancient_store *store)
{
	store->room = (struct core_room_ahead){0};
}

void ancient_core_room_ahead_drop(struct ancient_store *store)
{
	struct ancient_superblock now = store->superblock;
	struct core_superblock_observed observed = store->observed;

	if (store->room.end == 0 || store->lock_fd < 0 ||
	    ancient_core_lock_apply(store->lock_fd, F_OFD_SETLK, F_WRLCK) != 0)
		return;
	if (ancient_core_superblock_reload(store->fd, store->name, &now, &observed, NULL, NULL) ==
		    ANCIENT_OK &&
	    now.generation == store->room.generation)
		ancient_core_disk_space_cut(store->fd, store->name, now.used, NULL);
	store->room.end = 0;
	ancient_core_lock_apply(store->lock_fd, F_OFD_SETLK, F_UNLCK);
}
