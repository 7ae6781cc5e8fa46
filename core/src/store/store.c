/* core/store: attached files: attach, detach, refresh. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/wait.h"
#include "file/commit_walk.h"
#include "file/commit_record.h"
#include "file/lock.h"
#include "file/superblock.h"
#include "file/turn.h"
#include "memory/address_limits.h"
#include "memory/custom_windows.h"
#include "memory/file_mapping.h"
#include "memory/quarantine.h"
#include "memory/trial.h"
#include "store/base_address.h"
#include "store/continuity.h"
#include "store/customs.h"
#include "store/empty.h"
#include "store/file_name.h"
#include "store/recent_nodes.h"
#include "store/registry.h"
#include "store/relocate.h"
#include "store/room_ahead.h"
#include "store/window_use.h"

struct core_pages ancient_core_store_pages(const struct ancient_store *store)
{
	struct core_pages pages = {
		.file = store->map.base, .used = store->map.used, .name = store->name};

	return pages;
}

static enum ancient_code open_lock_fd(struct ancient_store *store, struct ancient_error *err)
{
	return ancient_core_lock_open(store->fd, store->name, store->path, O_RDWR, &store->lock_fd,
				      err);
}

/* The description of `fd` is still the parent's too, which a flush that fails would be reported to
 * instead of this process. */
enum ancient_code ancient_core_store_own_files(struct ancient_store *store,
					       struct ancient_error *err)
{
	enum ancient_code code;
	int fd;

	if (store->lock_fd >= 0)
		return ANCIENT_OK;
	code = ancient_core_lock_open(store->fd, store->name, store->path, O_RDWR, &fd, err);
	if (code != ANCIENT_OK)
		return code;
	dup3(fd, store->fd, O_CLOEXEC);
	close(fd);
	return open_lock_fd(store, err);
}

/* Maps what is added.  A file of an overlayfs that was copied up meanwhile is opened again: the
 * reader's descriptor would map the original for ever.  Its number stays: other threads may be
 * reading through it without the mutex. */
static enum ancient_code extend(struct ancient_store *store, uint64_t used, bool foreign,
				struct ancient_error *err)
{
	enum ancient_code code = ancient_core_mapping_extend(&store->map, store->fd, store->name,
							     used, foreign, err);
	int again;

	if (code != ANCIENT_E_TORN_AWAY || store->writable)
		return code;
	code = ancient_core_lock_open(store->fd, store->name, store->path, O_RDONLY, &again, err);
	if (code != ANCIENT_OK)
		return code;
	dup3(again, store->fd, O_CLOEXEC);
	close(again);
	return ancient_core_mapping_extend(&store->map, store->fd, store->name, used, true, err);
}

enum ancient_code ancient_core_store_advance(struct ancient_store *store,
					     const struct ancient_superblock *superblock,
					     bool foreign, struct ancient_error *err)
{
	enum ancient_code code = extend(store, superblock->used, foreign, err);

	if (code == ANCIENT_OK)
		code = ancient_core_customs_link(store, superblock, err);
	if (code == ANCIENT_OK) {
		store->superblock = *superblock;
		store->empty = false;
	}
	return code;
}

/* The same for a relocated store.  Nobody reads what is added before its superblock is the newest
 * seen, so it is relocated without the mutex; a handler of a signal may run meanwhile. */
static enum ancient_code advance_relocated(struct ancient_store *store,
					   const struct ancient_superblock *superblock,
					   struct ancient_error *err)
{
	enum ancient_code code = extend(store, superblock->used, true, err);

	if (code != ANCIENT_OK)
		return code;
	if (store->half_relocated)
		return ancient_core_fail(
			err, ANCIENT_E_RELOCATED,
			"%s: the process was forked while the file was relocated: attach "
			"it again in the child",
			store->name);
	store->relocating = true;
	pthread_mutex_unlock(&store->mutex);
	code = ancient_core_relocate_added(store, superblock->generation, err);
	pthread_mutex_lock(&store->mutex);
	store->relocating = store->half_relocated = false;
	if (code == ANCIENT_OK)
		code = ancient_core_customs_link(store, superblock, err);
	if (code == ANCIENT_OK) {
		store->superblock = *superblock;
		store->empty = false;
	}
	return code;
}

/* The same, where other threads may have the store, too. */
static enum ancient_code advance_in_turn(struct ancient_store *store,
					 const struct ancient_superblock *superblock,
					 struct ancient_error *err)
{
	struct core_turn turn;
	enum ancient_code code = ANCIENT_OK;

	pthread_mutex_unlock(&store->mutex);
	code = ancient_core_turn_take(&turn, CORE_TURN_RELOCATE, store->device, store->inode,
				      store->name, err);
	pthread_mutex_lock(&store->mutex);
	if (code != ANCIENT_OK)
		return code;
	/* Another thread may have been first. */
	if (store->superblock.generation < superblock->generation)
		code = advance_relocated(store, superblock, err);
	ancient_core_turn_end(&turn);
	return code;
}

enum ancient_code ancient_core_store_follow(struct ancient_store *store,
					    const struct ancient_superblock *newer,
					    struct ancient_error *err)
{
	return store->relocated ? advance_in_turn(store, newer, err)
				: ancient_core_store_advance(store, newer, true, err);
}

enum ancient_code ancient_core_store_refresh_locked(struct ancient_store *store,
						    const struct core_file_status *status,
						    struct ancient_error *err)
{
	struct ancient_superblock now = store->superblock;
	struct core_superblock_observed observed = store->observed;
	enum ancient_code code;

	if (store->empty)
		return ancient_core_empty_refresh(store, err);
	code = ancient_core_superblock_reload(store->fd, store->name, &now, &observed, status, err);
	if (code == ANCIENT_E_TRUNCATED ||
	    (code == ANCIENT_OK && now.generation == store->superblock.generation &&
	     !ancient_core_continuity_shows(store)))
		code = ancient_core_superblock_load(store->fd, store->name, &now, &observed, err);
	/* That is a file for its first commit, and this one has had it. */
	if (code == ANCIENT_E_EMPTY)
		return ancient_core_fail(
			err, ANCIENT_E_TORN_AWAY,
			"%s: the file was cut to nothing while it was attached: expected "
			"generation %llu",
			store->name, (unsigned long long)store->superblock.generation);
	if (code != ANCIENT_OK)
		return code;
	if (memcmp(now.uuid, store->superblock.uuid, sizeof now.uuid) != 0 ||
	    now.base != store->superblock.base)
		return ancient_core_fail(
			err, ANCIENT_E_TORN_AWAY,
			"%s: another file was written over this one while it was attached",
			store->name);
	code = ancient_core_continuity_check(store, &now, &observed, err);
	if (code != ANCIENT_OK)
		return code;
	if (now.generation > store->superblock.generation)
		code = ancient_core_store_follow(store, &now, err);
	if (code == ANCIENT_OK)
		store->observed = observed;
	return code;
}

/* Where the process is confined, so that it can have no description of its own, it can read. */
static enum ancient_code open_to_write(struct ancient_store *store, int fd,
				       struct ancient_error *err)
{
	store->fd = ancient_core_lock_try_open(fd, store->path, O_RDWR);
	if (store->fd >= 0)
		return open_lock_fd(store, err);
	if (!ancient_core_lock_is_confined(errno))
		return ancient_core_lock_fail(err, ANCIENT_E_SYSTEM, errno, store->name, fd);
	store->confined = errno;
	store->writable = false;
	return ANCIENT_OK;
}

/* A reader can share the description of `fd`: it does not use the file offset, and takes no lock.
 */
static enum ancient_code open_to_read(struct ancient_store *store, int fd,
				      struct ancient_error *err)
{
	store->fd = ancient_core_lock_try_open(fd, store->path, O_RDONLY);
	if (store->fd < 0 && ancient_core_lock_is_confined(errno))
		store->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return store->fd >= 0
		       ? ANCIENT_OK
		       : ancient_core_lock_fail(err, ANCIENT_E_SYSTEM, errno, store->name, fd);
}

/* What kind of file and descriptor this is. */
static enum ancient_code examine(struct ancient_store *store, int fd, struct ancient_error *err)
{
	struct stat status;
	int flags = fcntl(fd, F_GETFL);
	enum ancient_code code;

	if (flags < 0 || fstat(fd, &status) != 0)
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: descriptor %d",
						store->name, fd);
	if (S_ISDIR(status.st_mode))
		return ancient_core_fail(err, ANCIENT_E_DIRECTORY,
					 "%s: is a directory, expected an ancient file",
					 store->name);
	if (!S_ISREG(status.st_mode))
		return ancient_core_fail(err, ANCIENT_E_NOT_A_FILE, "%s: is not a regular file",
					 store->name);
	if ((flags & O_ACCMODE) == O_WRONLY)
		return ancient_core_fail(
			err, ANCIENT_E_DENIED,
			"%s: the descriptor was opened for writing only: open it for "
			"reading and writing",
			store->name);
	store->writable = (flags & O_ACCMODE) == O_RDWR && !store->options.read_only;
	if (store->writable && flags & O_APPEND)
		return ancient_core_fail(
			err, ANCIENT_E_APPEND_MODE,
			"%s: the descriptor was opened with O_APPEND: open it without",
			store->name);
	store->device = status.st_dev;
	store->inode = status.st_ino;
	code = ancient_core_file_name_record(store, fd, err);
	if (code != ANCIENT_OK)
		return code;
	if (store->writable)
		code = open_to_write(store, fd, err);
	if (code == ANCIENT_OK && !store->writable)
		code = open_to_read(store, fd, err);
	return code;
}

/* Under the registry's mutex, so that a child has no description for the lock that it does not know
 * of. */
enum ancient_code ancient_core_store_enter(struct ancient_store *store, int fd,
					   struct ancient_error *err)
{
	enum ancient_code code;

	ancient_core_registry_lock();
	code = examine(store, fd, err);
	store->hidden = true;
	ancient_core_registry_add(store);
	ancient_core_registry_unlock();
	return code;
}

/* The history of the file up to its superblock's `used`. */
static bool history_of(const struct ancient_store *store, uint64_t *ret)
{
	const struct ancient_superblock *sb = &store->superblock;

	if (ancient_superblock_holds(sb)) {
		*ret = sb->history;
		return true;
	}
	return ancient_core_history_of_file(store->fd, store->name, sb, ret, NULL) == ANCIENT_OK;
}

/* Lets the addresses go.  A file that continues this one may have them again: a copy that has grown
 * otherwise, or one that was put back, has other values there, which a collector would meet by
 * pointers that this process may still have. */
static void let_go(struct ancient_store *store)
{
	struct core_detached_file file = {.used = store->superblock.used};
	uint64_t window =
		ancient_core_window_in_use(store) ? store->linked * ANCIENT_CUSTOM_SLOT : 0;

	memcpy(file.uuid, store->superblock.uuid, sizeof file.uuid);
	file.known = history_of(store, &file.history);
	ancient_core_mapping_let_go(&store->map, &file, window);
}

/* Whether the file at hand continues one that was let go. */
static bool continues(const struct ancient_store *store, const struct core_detached_file *before)
{
	const struct ancient_superblock *sb = &store->superblock;
	uint64_t history, continued = before->history;

	return before->known && before->used <= sb->used && history_of(store, &history) &&
	       ancient_core_history_continue(store->fd, store->name, before->used, sb, &continued,
					     NULL) == ANCIENT_OK &&
	       continued == history;
}

/* Reserves the file's own addresses: free ones, or those that it had before. */
static enum ancient_code reserve_own(struct ancient_store *store, struct ancient_error *err)
{
	const struct ancient_superblock *sb = &store->superblock;
	struct core_mapping_wish wish = {.name = store->name,
					 .base = sb->base,
					 .most = sb->reserve,
					 .least = sb->used,
					 .squeeze = true};
	struct core_detached_file before;
	enum ancient_code code;

	if (ancient_core_quarantine_find_file(sb->uuid, sb->base, &before) &&
	    continues(store, &before))
		ancient_core_quarantine_claim_file(sb->uuid, sb->base, &wish.claimed);
	if (wish.least < wish.claimed)
		wish.least = wish.claimed;
	wish.reserve = ancient_core_limits_reserve(sb->reserve, wish.least, store->writable);
	code = ancient_core_mapping_reserve(&store->map, &wish, err);
	if (code != ANCIENT_OK)
		ancient_core_quarantine_give_file(&before, (void *)(uintptr_t)sb->base,
						  wish.claimed);
	return code;
}

/* Reserves addresses for a file that has a base: its own, or if they are taken, others.  `below`:
 * those at or above were tried. */
static enum ancient_code reserve(struct ancient_store *store, uint64_t below,
				 struct ancient_error *err)
{
	const struct ancient_superblock *sb = &store->superblock;
	enum ancient_code code = ANCIENT_E_BAD_BASE;

	if (!store->relocated &&
	    (store->writable || !ancient_core_window_is_one_too_many(
					sb->base, sb->used, ancient_core_trial_page_table())))
		code = reserve_own(store, err);
	if (code != ANCIENT_E_BAD_BASE)
		return code;
	store->relocated = true;
	return ancient_core_base_address_elsewhere(store, below, err);
}

/* Gets the addresses that were reserved ready. */
static enum ancient_code set_up(struct ancient_store *store, struct ancient_error *err)
{
	struct core_extent_walk walk = {.next = ANCIENT_FIRST_EXTENT, .last = true};

	store->map.file_base = store->superblock.base;
	/* Relocation writes to the mapping. */
	store->map.protect = store->options.protect && !store->relocated;
	store->map.advice = store->advice;
	store->relocation = walk;
	store->linked = 0;
	return ancient_core_customs_open(store, err);
}

static enum ancient_code map_reserved(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock superblock = store->superblock;
	enum ancient_code code = set_up(store, err);

	if (code != ANCIENT_OK)
		return code;
	pthread_mutex_lock(&store->mutex);
	code = store->relocated ? advance_relocated(store, &superblock, err)
				: ancient_core_store_advance(store, &superblock, true, err);
	pthread_mutex_unlock(&store->mutex);
	return code;
}

void ancient_core_store_unmap(struct ancient_store *store)
{
	if (store->map.claimed)
		let_go(store);
	else
		ancient_core_mapping_release(&store->map);
}

/* Reserves addresses, unless that was done, and uses them.  Where the custom window of other files,
 * which stays, has other operations, the next addresses are tried. */
static enum ancient_code reserve_and(struct ancient_store *store,
				     enum ancient_code (*use)(struct ancient_store *store,
							      struct ancient_error *err),
				     struct ancient_error *err)
{
	uint64_t below = UINT64_MAX;

	for (;;) {
		enum ancient_code code = ANCIENT_OK;

		if (!store->map.base)
			code = reserve(store, below, err);
		if (code == ANCIENT_OK)
			code = use(store, err);
		if (code != ANCIENT_E_BAD_BASE || !store->map.base)
			return code;
		if (store->relocated)
			below = (uint64_t)(uintptr_t)store->map.base;
		ancient_core_store_unmap(store);
		store->relocated = true;
	}
}

enum ancient_code ancient_core_store_reserve(struct ancient_store *store, struct ancient_error *err)
{
	return reserve_and(store, set_up, err);
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

enum ancient_code ancient_core_store_fail_unrecovered(const struct ancient_store *store,
						      uint64_t hidden, struct ancient_error *err)
{
	const struct core_fault fault = {ANCIENT_E_UNRECOVERED, 0,
					 hidden % ANCIENT_SUPERBLOCKS * ANCIENT_SUPERBLOCK_SLOT,
					 hidden, hidden - 1};

	return ancient_core_fail_fault(
		err, fault,
		"%s: superblock %u is damaged, and generation %llu, which it described, lies "
		"complete behind generation %llu: run `ancientctl recover %s`",
		store->name, (unsigned)(hidden % ANCIENT_SUPERBLOCKS), (unsigned long long)hidden,
		(unsigned long long)(hidden - 1), store->name);
}

enum ancient_code ancient_core_store_check_hidden(struct ancient_store *store,
						  struct ancient_error *err)
{
	struct core_superblock_observed *observed = &store->observed;

	if (!observed->other_counts && !observed->damaged &&
	    !ancient_core_commit_follows(store->fd, &store->superblock, &observed->hidden))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read",
						store->name);
	return observed->hidden > store->superblock.generation
		       ? ancient_core_store_fail_unrecovered(store, observed->hidden, err)
		       : ANCIENT_OK;
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

/* ---- Attach and detach ------------------------------------------------------------ */

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
				    : reserve_and(fresh, map_reserved, err);
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
		let_go(store);
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
