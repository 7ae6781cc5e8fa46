/* core/commit: what is known to be on the disk (FORMAT 11.4).
 *
 * Known are bytes below durable_used, and those that this process has written through its own
 * description since that was opened and since a flush through it failed: such a failure is reported
 * once to each description, and the next flush succeeds though it writes nothing of what was lost.
 * One writer whose durable commits succeed has nothing to read or to write again.
 */
#include "commit/durability.h"

#include <errno.h>

#include "base/fail.h"
#include "commit/write_again.h"
#include "file/file_io.h"
#include "file/folder_flush.h"

/* Whether this process has written all bytes that were not durable before. */
static bool has_written(const struct ancient_store *store)
{
	const struct ancient_superblock *sb = &store->superblock;
	uint64_t durable = ancient_superblock_holds(sb) ? sb->durable_used : ANCIENT_FIRST_EXTENT;

	return durable == sb->used ||
	       (store->written_end == sb->used && store->written_start <= durable);
}

/* Both superblocks, with the bytes that they have; the other one, where it is as the one in force
 * leaves it (FORMAT 3.2). */
static enum ancient_code write_superblocks(const struct ancient_store *store,
					   struct ancient_error *err)
{
	const struct core_superblock_observed *observed = &store->observed;
	enum ancient_code code =
		ancient_core_superblock_write(store->fd, store->name, &store->superblock, err);

	if (code == ANCIENT_OK && observed->other_counts && !observed->damaged)
		code = ancient_core_superblock_write(store->fd, store->name, &observed->other, err);
	return code;
}

/* Once for each attach: a compaction or publication that was killed between its rename and its
 * flush of the folder leaves a name that a power cut may take back, and what is committed with it.
 */
static enum ancient_code flush_name(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	if (store->has_path && !store->path_flushed)
		code = ancient_core_folder_flush_of(store->path, store->name, err);
	store->path_flushed = store->has_path && code == ANCIENT_OK;
	return code;
}

enum ancient_code ancient_core_durability_prepare(struct ancient_store *store,
						  struct ancient_error *err)
{
	enum ancient_code code = flush_name(store, err);

	if (code == ANCIENT_OK && !has_written(store))
		code = ancient_core_write_again(store->fd, store->name, &store->superblock, NULL,
						err);
	if (code == ANCIENT_OK && store->flushed != store->superblock.generation)
		code = write_superblocks(store, err);
	return code;
}

enum ancient_code ancient_core_durability_flush(struct ancient_store *store,
						struct ancient_error *err)
{
	if (ancient_core_file_flush(store->fd, true))
		return ANCIENT_OK;
	store->written_end = store->flushed = 0;
	return ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
					"%s: cannot be flushed", store->name);
}

void ancient_core_durability_written(struct ancient_store *store, uint64_t before, uint64_t used)
{
	if (store->written_end != before)
		store->written_start = before;
	store->written_end = used;
}
