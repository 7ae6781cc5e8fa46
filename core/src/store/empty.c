/* core/store: files in which nothing was published, while they are attached (FORMAT 8.1).
 *
 * Until a first generation is seen, all that a store has is addresses, reserved at a base that the
 * first commit of any process fixes in the file.  Where another process was first, these are given
 * up for those of the file: no value was ever there.
 */
#include "store/empty.h"

#include <errno.h>
#include <string.h>

#include "base/fail.h"
#include "store/create.h"
#include "store/store_addresses.h"
#include "store/store_follow.h"

/* Gives up the addresses that were reserved. */
static void drop_addresses(struct ancient_store *store)
{
	ancient_core_store_unmap(store);
	store->linked = 0;
	store->relocated = false;
}

/* Takes addresses at the base of `now`, which is in the file: that is fixed, whatever comes. */
static enum ancient_code adopt(struct ancient_store *store, const struct ancient_superblock *now,
			       struct ancient_error *err)
{
	struct ancient_superblock before = store->superblock;
	struct ancient_superblock *ours = &store->superblock;
	enum ancient_code code;

	if (store->map.base &&
	    (memcmp(now->uuid, before.uuid, sizeof before.uuid) != 0 || now->base != before.base))
		drop_addresses(store);
	*ours = *now;
	code = ancient_core_store_reserve(store, err);
	*ours = before;
	if (code != ANCIENT_OK)
		return code;
	memcpy(ours->uuid, now->uuid, sizeof ours->uuid);
	ours->base = now->base;
	ours->reserve = now->reserve;
	return ANCIENT_OK;
}

/* Takes what was read of the file: `now`, if the code is OK. */
static enum ancient_code follow(struct ancient_store *store, enum ancient_code code,
				const struct ancient_superblock *now,
				const struct core_superblock_observed *observed,
				struct ancient_error *err)
{
	if (code == ANCIENT_E_EMPTY)
		return ancient_core_file_status(store->fd, &store->observed.status)
			       ? ANCIENT_OK
			       : ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
							  "%s: no status", store->name);
	if (code != ANCIENT_OK)
		return code;
	if (now->state == ANCIENT_STATE_FILLING && observed->hidden)
		return ancient_core_store_fail_unrecovered(store, observed->hidden, err);
	if (now->state != ANCIENT_STATE_FILLING || store->writable)
		code = adopt(store, now, err);
	if (code == ANCIENT_OK && now->state != ANCIENT_STATE_FILLING)
		code = ancient_core_store_follow(store, now, err);
	if (code == ANCIENT_OK)
		store->observed = *observed;
	return code;
}

/* Chooses what the file will be. */
static enum ancient_code prepare(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code = ancient_core_create_prepare(store, err);

	return code == ANCIENT_OK ? ancient_core_store_reserve(store, err) : code;
}

enum ancient_code ancient_core_empty_attach(struct ancient_store *store, enum ancient_code code,
					    struct ancient_error *err)
{
	struct ancient_superblock now = store->superblock;
	struct core_superblock_observed observed = store->observed;

	ancient_core_superblock_init(&store->superblock);
	store->empty = true;
	if (code == ANCIENT_E_EMPTY && store->writable)
		return prepare(store, err);
	return follow(store, code, &now, &observed, err);
}

enum ancient_code ancient_core_empty_refresh(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock now;
	struct core_superblock_observed observed;
	struct ancient_error empty; /* EMPTY is no error here */
	enum ancient_code code =
		ancient_core_superblock_load(store->fd, store->name, &now, &observed, &empty);

	if (code != ANCIENT_OK && code != ANCIENT_E_EMPTY && err)
		*err = empty;
	return follow(store, code, &now, &observed, err);
}

enum ancient_code ancient_core_empty_begin(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	/* A store for reading that has become one for writing. */
	if (!store->map.base)
		code = prepare(store, err);
	if (code == ANCIENT_E_BAD_BASE && store->options.base) {
		store->options.base = 0;
		code = prepare(store, err);
	}
	return code == ANCIENT_OK ? ancient_core_create(store, err) : code;
}
