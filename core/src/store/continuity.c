/* core/store: whether the file is still the one that this process has seen (FORMAT 11.4).
 *
 * A file goes back where a copy is written over it in place, or where a generation that was visible
 * and not durable is lost after a flush that failed.  Another process may then have committed
 * again, other values under the same numbers, at addresses that this process uses.
 */
#include "store/continuity.h"

#include <string.h>

#include "base/fail.h"
#include "file/commit_record.h"

bool ancient_core_continuity_shows(const struct ancient_store *store)
{
	uint64_t slot = store->superblock.generation % ANCIENT_SUPERBLOCKS;

	return store->map.used < ANCIENT_FIRST_EXTENT ||
	       memcmp(store->map.base + slot * ANCIENT_SUPERBLOCK_SLOT, &store->superblock,
		      sizeof store->superblock) == 0;
}

/* The commit record that this process has seen is where it was. */
static bool has_record(const struct ancient_store *store)
{
	const struct ancient_superblock *seen = &store->superblock;
	struct core_commit_record record;

	if (!ancient_superblock_holds(seen) || seen->record == 0)
		return true;
	return ancient_core_commit_record_peek(store->fd, seen->record, &record) &&
	       record.image.history == seen->history &&
	       memcmp(record.image.uuid, seen->uuid, sizeof seen->uuid) == 0;
}

static enum ancient_code fail(const struct ancient_store *store, const char *expected,
			      uint64_t found, struct ancient_error *err)
{
	return ancient_core_fail(
		err, ANCIENT_E_WENT_BACK,
		"%s: expected generation %llu%s, found %llu: the file was written over, "
		"or put back, while it was attached",
		store->name, (unsigned long long)store->superblock.generation, expected,
		(unsigned long long)found);
}

enum ancient_code ancient_core_continuity_check(const struct ancient_store *store,
						const struct ancient_superblock *now,
						const struct core_superblock_observed *observed,
						struct ancient_error *err)
{
	const struct ancient_superblock *seen = &store->superblock;

	if (now->generation < seen->generation) {
		/* What this process has seen, and a damaged superblock hides from others, it goes
		 * on with. */
		if (observed->damaged && observed->hidden == seen->generation)
			return ANCIENT_OK;
		return fail(store, " or a later one", now->generation, err);
	}
	if (now->generation == seen->generation
		    ? memcmp(now, seen, sizeof *now) == 0
		    : now->custom_slots >= seen->custom_slots && has_record(store))
		return ANCIENT_OK;
	return fail(store, " as it was, and perhaps later ones behind it", now->generation, err);
}
