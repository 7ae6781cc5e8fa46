/* core/store: attached files: attach, detach, refresh. */
#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/wait.h"
#include "file/lock.h"
#include "file/superblock.h"
#include "file/turn.h"
#include "memory/file_mapping.h"
#include "store/empty.h"
#include "store/file_name.h"
#include "store/recent_nodes.h"
#include "store/registry.h"
#include "store/room_ahead.h"
#include "store/store_addresses.h"
#include "store/store_files.h"
#include "store/store_follow.h"

struct core_pages ancient_core_store_pages(const struct ancient_store *store)
{
	struct core_pages pages = {
		.file = store->map.base, .used = store->map.used, .name = store->name};

	return pages;
}

struct ancient_store *ancient_core_store_new(int fd, const char *name,
					     const struct ancient_store_options *options)
{
	struct ancient_store *store = calloc(1, sizeof *store);

	if (!store)
		return NULL;
	if (!name && options)
		name = options->replaces; /* the file will have it */
	store->name = ancient_core_file_name_text(fd, name, options ? options->path : NULL);
	if (!store->name) {
		free(store);
		return NULL;
	}
	store->fd = store->lock_fd = -1;
	store->count = 1;
	if (options)
		store->options = *options;
	store->path_flushed = store->options.replaces; /* whoever renames it flushes the folder */
	pthread_mutex_init(&store->mutex, NULL);
	return store;
}

void ancient_core_store_free(struct ancient_store *store)
{
	ancient_core_store_unmap(store);
	if (store->lock_fd >= 0)
		close(store->lock_fd);
	if (store->fd >= 0)
		close(store->fd);
	ancient_core_recent_nodes_done(&store->recent);
	pthread_mutex_destroy(&store->mutex);
	free(store->path);
	free(store->name);
	free(store);
}

/* Reads the superblock.  *ret_empty: the code, if nothing was published in the file. */
static enum ancient_code load(struct ancient_store *store, enum ancient_code *ret_empty,
			      struct ancient_error *err)
{
	enum ancient_code code = ancient_core_superblock_load(
		store->fd, store->name, &store->superblock, &store->observed, err);

	store->empty = code == ANCIENT_E_EMPTY ||
		       (code == ANCIENT_OK && store->superblock.state == ANCIENT_STATE_FILLING);
	*ret_empty = code;
	return store->empty ? ANCIENT_OK : code;
}

/* A second attach of the same file: counts the store `there`, and makes it writable if the
 * descriptor of `fresh` is writable and its own was not.  With the registry locked. */
static void join(struct ancient_store *there, struct ancient_store *fresh)
{
	there->count++;
	there->joined = true;
	pthread_mutex_lock(&there->mutex);
	if (!there->writable && fresh->writable && !there->relocated &&
	    dup3(fresh->fd, there->fd, O_CLOEXEC) >= 0) {
		if (there->empty) { /* no addresses were reserved */
			there->options.base = fresh->options.base;
			there->options.reserve = fresh->options.reserve;
		}
		there->lock_fd = fresh->lock_fd;
		there->writable = true;
		fresh->lock_fd = -1;
	}
	if (!there->writable && fresh->confined)
		there->confined = fresh->confined;
	pthread_mutex_unlock(&there->mutex);
}

static bool is_mapped_as_asked(const struct ancient_store *there, const struct ancient_store *fresh)
{
	return fresh->options.any_protection || fresh->options.protect == there->options.protect;
}

/* The store of the file, counted once more, or NULL.  While the addresses of the one before are
 * given up it waits, so that it can have them again. */
static enum ancient_code find_there(struct ancient_store *fresh, struct ancient_store **ret_there,
				    struct ancient_error *err)
{
	const uint32_t *removals = ancient_core_registry_removals();
	struct ancient_store *there;
	uint32_t seen;
	bool leaving, fits;

	do {
		ancient_core_registry_lock();
		there = ancient_core_registry_find(fresh->device, fresh->inode,
						   fresh->empty ? NULL : fresh->superblock.uuid);
		leaving = there && there->leaving;
		fits = there && !leaving && is_mapped_as_asked(there, fresh);
		if (fits)
			join(there, fresh);
		seen = *removals;
		ancient_core_registry_unlock();
	} while (leaving && ancient_core_wait(removals, seen));
	if (leaving)
		return ancient_core_fail(
			err, ANCIENT_E_INTERRUPTED,
			"%s: interrupted by a signal while another thread detaches it",
			fresh->name);
	if (there && !fits)
		return ancient_core_fail(
			err, ANCIENT_E_ARGUMENT,
			"%s: this process has the file attached %s protection of its "
			"values, and maps a file once: attach it the same way, or detach "
			"it first",
			fresh->name, fresh->options.protect ? "without" : "with");
	*ret_there = there;
	return ANCIENT_OK;
}

/* Attaches in turn with other threads that attach the same file.  *ret_store is `fresh`, or the
 * store that was attached already. */
static enum ancient_code attach_in_turn(struct ancient_store *fresh,
					struct ancient_store **ret_store, struct ancient_error *err)
{
	struct ancient_store *there = NULL;
	enum ancient_code empty, code = load(fresh, &empty, err);

	if (code == ANCIENT_OK)
		code = find_there(fresh, &there, err);
	/* Another thread may have filled the file since it was read. */
	if (code == ANCIENT_OK && !there && fresh->empty)
		code = load(fresh, &empty, err);
	if (code == ANCIENT_OK && !there && !fresh->empty)
		code = find_there(fresh, &there, err);
	if (code == ANCIENT_OK && !there)
		code = fresh->empty ? ancient_core_empty_attach(fresh, empty, err)
				    : ancient_core_store_map(fresh, err);
	fresh->options.replaces = fresh->options.path = NULL; /* were the caller's */
	if (code != ANCIENT_OK)
		return code;
	ancient_core_registry_lock();
	if (!there)
		fresh->hidden = false;
	ancient_core_registry_unlock();
	*ret_store = there ? there : fresh;
	return ANCIENT_OK;
}

/* Frees a store whose values nobody has seen. */
static void drop(struct ancient_store *store)
{
	ancient_core_registry_lock();
	ancient_core_registry_remove(store);
	ancient_core_registry_unlock();
	ancient_core_store_free(store);
}

/* Frees `fresh` if it is not what is returned: in turn, so that who attaches the file next finds
 * its addresses free. */
static enum ancient_code attach(struct ancient_store *fresh, int fd,
				struct ancient_store **ret_store, struct ancient_error *err)
{
	struct ancient_store *store = NULL;
	struct core_turn turn;
	enum ancient_code code = ancient_core_store_enter(fresh, fd, err);

	if (code == ANCIENT_OK)
		code = ancient_core_turn_take(&turn, CORE_TURN_ATTACH, fresh->device, fresh->inode,
					      fresh->name, err);
	if (code != ANCIENT_OK) {
		drop(fresh);
		return code;
	}
	code = attach_in_turn(fresh, &store, err);
	if (store != fresh)
		drop(fresh);
	ancient_core_turn_end(&turn);
	if (code == ANCIENT_OK)
		*ret_store = store;
	return code;
}

enum ancient_code ancient_store_attach(int fd, const char *name,
				       const struct ancient_store_options *options,
				       struct ancient_store **ret_store, struct ancient_error *err)
{
	struct ancient_store *fresh = ancient_core_store_new(fd, name, options);

	if (!fresh)
		return ancient_core_fail_memory(err, name ? name : "attach");
	return attach(fresh, fd, ret_store, err);
}

static void leave(struct ancient_store *store, bool unseen)
{
	bool last;

	ancient_core_registry_lock();
	last = --store->count == 0;
	store->leaving = last;
	unseen = unseen && !store->joined;
	ancient_core_registry_unlock();
	if (!last)
		return;
	ancient_core_room_ahead_drop(store);
	if ((unseen || store->empty) && !store->map.claimed)
		ancient_core_mapping_release(&store->map);
	else
		ancient_core_store_let_go(store);
	drop(store);
}

void ancient_store_detach(struct ancient_store *store)
{
	leave(store, false);
}

void ancient_store_discard(struct ancient_store *store)
{
	leave(store, true);
}

/* Locks a store that the caller reads only: the mutex is all that changes. */
static struct ancient_store *lock(const struct ancient_store *store)
{
	struct ancient_store *locked = (struct ancient_store *)(uintptr_t)store;

	pthread_mutex_lock(&locked->mutex);
	return locked;
}

void ancient_store_range(const struct ancient_store *store, uint64_t *ret_start, uint64_t *ret_end)
{
	struct ancient_store *locked = lock(store);

	*ret_start = (uint64_t)(uintptr_t)locked->map.base;
	*ret_end = *ret_start + locked->map.used;
	pthread_mutex_unlock(&locked->mutex);
}

bool ancient_store_is_relocated(const struct ancient_store *store)
{
	return store->relocated;
}

const char *ancient_store_name(const struct ancient_store *store)
{
	return store->name;
}

uint64_t ancient_store_generation(const struct ancient_store *store)
{
	struct ancient_store *locked = lock(store);
	uint64_t generation = locked->superblock.generation;

	pthread_mutex_unlock(&locked->mutex);
	return generation;
}

enum ancient_code ancient_store_writable(const struct ancient_store *store,
					 struct ancient_error *err)
{
	struct ancient_store *locked = lock(store);
	bool writable = locked->writable, relocated = locked->relocated;
	uint64_t base = locked->map.file_base;
	int confined = locked->confined, fd = locked->fd;

	pthread_mutex_unlock(&locked->mutex);
	if (!writable && confined)
		return ancient_core_lock_fail(err, ANCIENT_E_READ_ONLY, confined, locked->name, fd);
	if (!writable)
		return ancient_core_fail(err, ANCIENT_E_READ_ONLY,
					 "%s: the file was attached for reading only", store->name);
	if (relocated)
		return ancient_core_fail(
			err, ANCIENT_E_RELOCATED,
			"%s: the file's base address 0x%llx is taken in this process, so "
			"it can be read but not written",
			store->name, (unsigned long long)base);
	return ANCIENT_OK;
}

enum ancient_code ancient_store_refresh(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code;

	pthread_mutex_lock(&store->mutex);
	code = ancient_core_store_refresh_locked(store, NULL, err);
	pthread_mutex_unlock(&store->mutex);
	return code;
}
