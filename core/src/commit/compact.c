/* core/commit: compaction (FORMAT 8.4): replaces a file by a new one with its live data alone.
 *
 * The lock of the old file is held throughout, so no commit can fall between the copy and the
 * rename.  The copy is one commit into a new file (compact_copy.c).
 *
 * If the process is killed before the old file is marked as superseded, only a temporary file
 * remains, which the next compaction or publication removes.  Between the mark and the rename, the
 * old file is superseded but has its name, and the next commit makes it current again.  After the
 * rename compaction is done; a power failure leaves one of the two files, each complete.  The new
 * file stays locked until the folder is flushed: no commit to it is acknowledged before its name is
 * on the disk.
 */
#include <errno.h>
#include <sys/mman.h>

#include <ancient/store.h>

#include "base/fail.h"
#include "base/progress.h"
#include "commit/compact_copy.h"
#include "commit/compaction.h"
#include "commit/durability.h"
#include "file/disk_space.h"
#include "file/lock.h"
#include "file/replace_file.h"
#include "file/superblock.h"
#include "index/custom_records.h"
#include "store/registry.h"
#include "store/store_follow.h"
#include "verify/verify.h"

#define FIELD(name) offsetof(struct ancient_entry_record, name)
#define ATTEMPTS 100

/* ---- The old file --------------------------------------------------------------- */

/* Opens and locks the file.  *ret_again: another file took its name before it was locked. */
static enum ancient_code lock_once(struct core_compaction *c, bool *ret_again)
{
	int fd = -1;
	enum ancient_code code = ancient_core_replace_file_open(&c->file, &fd, c->err);

	*ret_again = false;
	if (code == ANCIENT_OK)
		code = ancient_core_compaction_open_store(c, fd, c->file.leaf, &c->old);
	if (code == ANCIENT_OK)
		code = ancient_core_lock_take(&c->old_lock, c->old->lock_fd, c->old->device,
					      c->old->inode, c->file.path, c->err);
	c->old_locked = code == ANCIENT_OK;
	if (code != ANCIENT_OK || ancient_core_replace_file_holds_name(&c->file))
		return code;
	ancient_core_lock_drop(&c->old_lock);
	c->old_locked = false;
	ancient_core_compaction_drop_store(&c->old);
	*ret_again = true;
	return ANCIENT_OK;
}

static enum ancient_code lock_old(struct core_compaction *c)
{
	bool again = true;
	enum ancient_code code = ANCIENT_OK;

	for (int tries = 0; again && tries < ATTEMPTS && code == ANCIENT_OK; tries++)
		code = lock_once(c, &again);
	if (code == ANCIENT_OK && again)
		code = ancient_core_fail(c->err, ANCIENT_E_SUPERSEDED,
					 "%s: the file is replaced again and again: try later",
					 c->file.path);
	return code;
}

/* Refuses a file with other hard links: they would keep leading to the old file, and its readers
 * and writers would part. */
static enum ancient_code check_links(const struct core_compaction *c)
{
	if (c->file.original_status.st_nlink <= 1)
		return ANCIENT_OK;
	return ancient_core_fail(
		c->err, ANCIENT_E_IRREPLACEABLE,
		"%s: the file has %llu names (hard links), a compacted one would have "
		"this name alone: remove the others first",
		c->file.path, (unsigned long long)c->file.original_status.st_nlink);
}

static enum ancient_code map_old(struct core_compaction *c)
{
	uint64_t used = c->old->superblock.used;
	void *file = mmap(NULL, used, PROT_READ, MAP_SHARED, c->old->fd, 0);

	if (file == MAP_FAILED)
		return ancient_core_fail_system(c->err, ANCIENT_E_ADDRESS_SPACE, errno,
						"%s: cannot be mapped", c->file.path);
	c->pages.file = file;
	c->pages.used = used;
	c->pages.name = c->file.path;
	return ANCIENT_OK;
}

static enum ancient_code verify_old(struct core_compaction *c)
{
	const struct ancient_superblock *sb = &c->old->superblock;
	struct core_superblock_observed observed = {.hidden = 0};
	enum ancient_code code = ancient_core_superblock_load(
		c->old->fd, c->file.path, &c->old->superblock, &observed, c->err);

	c->old->observed = observed;
	if (code == ANCIENT_OK)
		code = ancient_core_store_check_hidden(c->old, c->err);
	if (code == ANCIENT_OK && c->old->superblock.state == ANCIENT_STATE_FILLING)
		code = ancient_core_fail(c->err, ANCIENT_E_EMPTY,
					 "%s: the file is empty: nothing has been published in it",
					 c->file.path);
	if (code == ANCIENT_OK)
		code = map_old(c);
	if (code != ANCIENT_OK)
		return code;
	c->progress.total = ancient_core_verify_work(sb) +
			    (sb->value_bytes < sb->used ? sb->value_bytes : sb->used);
	code = ancient_core_verify_pages(&c->pages, sb, &observed, &c->progress, c->err);
	if (code == ANCIENT_OK)
		code = ancient_core_custom_records(&c->pages, sb, &c->customs, &c->custom_count,
						   c->err);
	return code;
}

/* ---- The exchange --------------------------------------------------------------- */

/* Writes the old file's next superblock, which differs only in its state. */
static enum ancient_code mark(struct core_compaction *c, uint32_t state)
{
	struct ancient_superblock next = c->old->superblock;
	enum ancient_code code;

	next.generation++;
	next.state = state;
	if (ancient_superblock_holds(&c->old->superblock)) {
		next.fields_generation = next.generation;
		next.published = next.removed = 0;
	}
	ancient_core_superblock_seal(&next);
	code = ancient_core_superblock_write(c->old->fd, c->file.path, &next, c->err);
	if (code == ANCIENT_OK)
		c->old->superblock = next;
	else if (!ancient_core_superblock_is_written(c->old->fd, &next))
		ancient_core_superblock_put_back(c->old->fd, c->file.path, &c->old->observed,
						 next.generation);
	return code;
}

/* Checks that both names still lead to our files: another program may have replaced or removed
 * them. */
static enum ancient_code check_names(const struct core_compaction *c)
{
	if (ancient_core_replace_file_holds_name(&c->file) &&
	    ancient_core_replace_file_temporary_stands(&c->file))
		return ANCIENT_OK;
	return ancient_core_fail(
		c->err, ANCIENT_E_SUPERSEDED,
		"%s: the file was replaced by another or removed while it was compacted",
		c->file.path);
}

/* The mark overwrites the superblock before the one in force, which may be the last that is on the
 * disk, so the old file is made durable first.  An aborted commit behind its end is cut off: if the
 * mark is torn, it would look like one that the damaged slot hides. */
static enum ancient_code exchange(struct core_compaction *c)
{
	enum ancient_code code =
		ancient_core_lock_take(&c->fresh_lock, c->fresh->lock_fd, c->fresh->device,
				       c->fresh->inode, c->file.path, c->err);

	c->fresh_locked = code == ANCIENT_OK;
	if (code == ANCIENT_OK)
		code = ancient_core_disk_space_cut(c->old->fd, c->file.path,
						   c->old->superblock.used, c->err);
	if (code == ANCIENT_OK)
		code = ancient_core_durability_prepare(c->old, c->err);
	if (code == ANCIENT_OK)
		code = ancient_core_compaction_flush(c, c->old);
	if (code == ANCIENT_OK)
		code = check_names(c);
	if (code == ANCIENT_OK)
		code = ancient_core_progress_tell(&c->progress, c->err);
	if (code == ANCIENT_OK)
		code = mark(c, ANCIENT_STATE_SUPERSEDED);
	if (code != ANCIENT_OK)
		return code;
	code = ancient_core_replace_file_rename(&c->file, c->err);
	if (code != ANCIENT_OK) {
		c->err = NULL; /* failure is no harm: the next commit makes the file current too */
		mark(c, ANCIENT_STATE_CURRENT);
		return code;
	}
	return ancient_core_replace_file_sync(&c->file, c->err);
}

static enum ancient_code run(struct core_compaction *c, const char *path)
{
	enum ancient_code code = ancient_core_replace_file_find(&c->file, path, false, c->err);

	c->progress.name = path;
	if (code == ANCIENT_OK)
		code = lock_old(c);
	if (code == ANCIENT_OK)
		code = check_links(c);
	if (code == ANCIENT_OK)
		code = verify_old(c);
	if (code == ANCIENT_OK)
		code = ancient_core_compact_copy(c);
	return code == ANCIENT_OK ? exchange(c) : code;
}

/* Called between steps: asks the caller's function.  A handler or that function may have forked:
 * the file is its parent's, so the child stops. */
static bool call_progress(void *context, uint64_t done, uint64_t total)
{
	struct core_compaction *c = context;
	const struct ancient_compact_options *options = c->options;
	bool stop = options->progress && options->progress(options->context, done, total);

	return stop || ancient_core_turn_is_lost(&c->old_lock.turn);
}

static void finish(struct core_compaction *c)
{
	if (!c->old_locked || !ancient_core_turn_is_lost(&c->old_lock.turn))
		ancient_core_replace_file_remove(&c->file);
	if (c->pages.file)
		munmap((void *)(uintptr_t)c->pages.file, c->pages.used);
	if (c->fresh_locked)
		ancient_core_lock_drop(&c->fresh_lock);
	if (c->old_locked)
		ancient_core_lock_drop(&c->old_lock);
	ancient_core_compaction_drop_store(&c->fresh);
	ancient_core_compaction_drop_store(&c->old);
	ancient_core_replace_file_close(&c->file);
}

static struct ancient_compacted summary(const struct ancient_superblock *old,
					const struct ancient_superblock *fresh)
{
	return (struct ancient_compacted){
		.bytes_before = old->used,
		.bytes_after = fresh->used,
		.blocks_before = old->block_count,
		.blocks_after = fresh->block_count,
		.keys = fresh->key_count,
		.generation = fresh->generation,
	};
}

enum ancient_code ancient_compact(const char *path, const struct ancient_compact_options *options,
				  struct ancient_compacted *ret_compacted,
				  struct ancient_error *err)
{
	static const struct ancient_compact_options none;
	struct core_compaction c = {.options = options ? options : &none, .err = err};
	enum ancient_code code;

	c.progress.call = call_progress;
	c.progress.context = &c;
	c.file.folder = c.file.guard = -1;
	ancient_core_registry_prepare();
	code = run(&c, path);
	if (code == ANCIENT_OK && ret_compacted)
		*ret_compacted = summary(&c.old->superblock, &c.fresh->superblock);
	finish(&c);
	return code;
}
