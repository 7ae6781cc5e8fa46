/* core/store: follows the file: the newest superblock, what it adds mapped and relocated, and what
 * must not be gone behind.
 */
#include "store/store_follow.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/commit_walk.h"
#include "file/lock.h"
#include "file/superblock.h"
#include "file/turn.h"
#include "memory/file_mapping.h"
#include "store/continuity.h"
#include "store/customs.h"
#include "store/empty.h"
#include "store/relocate.h"

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

/* What `superblock` adds is mapped, and can be read from now on. */
static enum ancient_code take_over(struct ancient_store *store,
				   const struct ancient_superblock *superblock,
				   struct ancient_error *err)
{
	enum ancient_code code = ancient_core_customs_link(store, superblock, err);

	if (code == ANCIENT_OK) {
		store->superblock = *superblock;
		store->empty = false;
	}
	return code;
}

enum ancient_code ancient_core_store_advance(struct ancient_store *store,
					     const struct ancient_superblock *superblock,
					     bool foreign, struct ancient_error *err)
{
	enum ancient_code code = extend(store, superblock->used, foreign, err);

	return code == ANCIENT_OK ? take_over(store, superblock, err) : code;
}

/* The same for a relocated store.  Nobody reads what is added before its superblock is the newest
 * seen, so it is relocated without the mutex; a handler of a signal may run meanwhile. */
enum ancient_code ancient_core_store_advance_relocated(struct ancient_store *store,
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
	return code == ANCIENT_OK ? take_over(store, superblock, err) : code;
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
		code = ancient_core_store_advance_relocated(store, superblock, err);
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
