/* core/store: the addresses of a file in this process: its own, those that it had before, or
 * others, where it is relocated; and letting them go.
 */
#include "store/store_addresses.h"

#include <string.h>

#include "file/commit_walk.h"
#include "file/superblock.h"
#include "memory/address_limits.h"
#include "memory/custom_windows.h"
#include "memory/file_mapping.h"
#include "memory/quarantine.h"
#include "memory/trial.h"
#include "store/base_address.h"
#include "store/customs.h"
#include "store/store_follow.h"
#include "store/window_use.h"

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

void ancient_core_store_let_go(struct ancient_store *store)
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
	code = store->relocated ? ancient_core_store_advance_relocated(store, &superblock, err)
				: ancient_core_store_advance(store, &superblock, true, err);
	pthread_mutex_unlock(&store->mutex);
	return code;
}

void ancient_core_store_unmap(struct ancient_store *store)
{
	if (store->map.claimed)
		ancient_core_store_let_go(store);
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

enum ancient_code ancient_core_store_map(struct ancient_store *store, struct ancient_error *err)
{
	return reserve_and(store, map_reserved, err);
}
