/* core: compaction (FORMAT 8.4): a file's live data copied into a new file that takes its name.
 *
 * Under the lock of the old file, so that no commit falls between the copy and the rename.  The
 * copy is one commit into a file that nobody else knows of, by the same engine that shares
 * values; its source is a mapping of the old file as it is on the disk, which this process may
 * have attached elsewhere, and written to, so that mapping lies anywhere (source.shift).
 *
 * Killed at any step: before the old file is marked, nothing has happened but for a temporary
 * file that the next compaction takes away; between the mark and the rename the old file is
 * superseded but has its name, and the next commit makes it current again; after the rename
 * all is done, and power that fails brings back one of the two, each complete.  The new file is
 * locked as well until the folder is on the disk: no commit is promised before its name is.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <ancient/store.h>

#include "file/file_attributes.h"
#include "commit/commit.h"
#include "store/create.h"
#include "store/customs.h"
#include "base/fail.h"
#include "file/file_io.h"
#include "file/lock.h"
#include "file/replace_file.h"
#include "base/progress.h"
#include "file/disk_space.h"
#include "index/schema_index.h"
#include "copy/source_block.h"
#include "file/superblock.h"
#include "verify/verify.h"

#define FIELD(name) offsetof(struct ancient_entry_record, name)
#define ATTEMPTS 100
/* Address space for the copy beyond the size of the original: the steps it grows in. */
#define ROOM_TO_GROW ((uint64_t)64 << 20)

struct compaction {
	const struct ancient_compact_options *options;
	struct core_place place;
	struct ancient_store *old, *fresh;
	struct core_pages pages; /* of the old file */
	struct core_progress progress;
	struct ancient_commit *commit;
	struct ancient_source source;
	const struct ancient_custom_record *customs; /* of the old file */
	uint64_t custom_count;
	char identifier[ANCIENT_CUSTOM_ID_MAX + 1]; /* asked for last */
	uint64_t copied;                            /* words of the copy that progress knows of */
	enum ancient_code (*grow)(struct core_sink *sink, uint64_t more, struct ancient_error *err);
	struct ancient_error *err;
};

/* ---- The old file --------------------------------------------------------------- */

static void drop(struct ancient_store **store)
{
	if (!*store)
		return;
	core_registry_lock();
	core_registry_remove(*store);
	core_registry_unlock();
	core_store_free(*store);
	*store = NULL;
}

/* A store for the file open at `fd`, which is closed, that no attach can find. */
static enum ancient_code open_store(struct compaction *c, int fd, struct ancient_store **ret)
{
	struct ancient_store *store = core_store_new(fd, c->place.path, NULL);
	enum ancient_code code =
		store ? core_store_examine(store, fd, c->err) : core_fail_memory(c->err, "compact");

	close(fd);
	if (store) {
		core_registry_lock();
		core_registry_add_hidden(store);
		core_registry_unlock();
	}
	*ret = store;
	return code;
}

/* Opens and locks the file of that name; *ret_again where another took the name meanwhile. */
static enum ancient_code lock_once(struct compaction *c, bool *ret_again)
{
	int fd = -1;
	enum ancient_code code = core_place_open(&c->place, &fd, c->err);

	*ret_again = false;
	if (code == ANCIENT_OK)
		code = open_store(c, fd, &c->old);
	if (code == ANCIENT_OK)
		code = core_lock_take(c->old->lock_fd, c->place.path, c->err);
	if (code != ANCIENT_OK || core_place_holds(&c->place))
		return code;
	core_lock_drop(c->old->lock_fd);
	drop(&c->old);
	*ret_again = true;
	return ANCIENT_OK;
}

static enum ancient_code lock_old(struct compaction *c)
{
	bool again = true;
	enum ancient_code code = ANCIENT_OK;

	for (int tries = 0; again && tries < ATTEMPTS && code == ANCIENT_OK; tries++)
		code = lock_once(c, &again);
	if (code == ANCIENT_OK && again)
		code = core_fail(c->err, ANCIENT_E_SUPERSEDED,
				 "%s: the file is replaced again and again: try later",
				 c->place.path);
	return code;
}

/* Another name would keep the old file alive, and writers by that name would lose nothing but
 * readers by this one. */
static enum ancient_code check_links(const struct compaction *c)
{
	if (c->place.original.st_nlink <= 1)
		return ANCIENT_OK;
	return core_fail(c->err, ANCIENT_E_IRREPLACEABLE,
			 "%s: the file has %llu names (hard links), a compacted one would have "
			 "this name alone: remove the others first",
			 c->place.path, (unsigned long long)c->place.original.st_nlink);
}

static enum ancient_code map_old(struct compaction *c)
{
	uint64_t used = c->old->superblock.used;
	void *file = mmap(NULL, used, PROT_READ, MAP_SHARED, c->old->fd, 0);

	if (file == MAP_FAILED)
		return core_fail_system(c->err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped", c->place.path);
	c->pages.file = file;
	c->pages.used = used;
	c->pages.name = c->place.path;
	return ANCIENT_OK;
}

static enum ancient_code verify_old(struct compaction *c)
{
	const struct ancient_superblock *sb = &c->old->superblock;
	enum ancient_code code =
		core_superblock_load(c->old->fd, c->place.path, &c->old->superblock, NULL, c->err);

	if (code == ANCIENT_OK)
		code = map_old(c);
	if (code != ANCIENT_OK)
		return code;
	c->progress.total =
		core_verify_work(sb) + (sb->value_bytes < sb->used ? sb->value_bytes : sb->used);
	code = core_verify_pages(&c->pages, sb, &c->progress, c->err);
	if (code == ANCIENT_OK)
		code = core_customs_records(&c->pages, sb, &c->customs, &c->custom_count, c->err);
	return code;
}

/* ---- The new file --------------------------------------------------------------- */

/* Somewhere in memory, for the copy to be written to; what it is for says where pointers lead. */
static enum ancient_code reserve(struct compaction *c, const struct ancient_superblock *superblock)
{
	struct core_mapping *map = &c->fresh->map;
	uint64_t bytes = c->pages.used + ROOM_TO_GROW;
	enum ancient_code code;

	if (bytes > superblock->reserve)
		bytes = superblock->reserve;
	code = core_mapping_reserve(map, c->place.path, 0, bytes, ANCIENT_FIRST_EXTENT, 0, false,
				    c->err);
	map->file_base = superblock->base;
	return code;
}

static enum ancient_code format(struct compaction *c)
{
	struct ancient_store *fresh = c->fresh;
	enum ancient_code code = core_create_successor(&c->old->superblock, c->options->base,
						       c->place.path, &fresh->superblock, c->err);

	fresh->options.ocaml_version = fresh->superblock.ocaml_version;
	if (code == ANCIENT_OK)
		code = reserve(c, &fresh->superblock);
	if (code == ANCIENT_OK)
		code = core_room_make(fresh->fd, fresh->name, 0, ANCIENT_FIRST_EXTENT, c->err);
	if (code == ANCIENT_OK)
		code = core_superblock_write(fresh->fd, fresh->name, &fresh->superblock, c->err);
	return code;
}

static enum ancient_code create(struct compaction *c)
{
	int fd = -1;
	enum ancient_code code = core_place_create(&c->place, &fd, c->err);

	if (code != ANCIENT_OK)
		return code;
	code = core_attributes_own(fd, &c->place.original, c->place.path, c->err);
	if (code != ANCIENT_OK) {
		close(fd);
		return code;
	}
	code = open_store(c, fd, &c->fresh);
	return code == ANCIENT_OK ? format(c) : code;
}

/* ---- The copy ------------------------------------------------------------------- */

/* Customs of the file were allowed when they were shared, whatever this process knows. */
static struct ancient_source_custom custom_of(void *context, uint64_t operations)
{
	struct compaction *c = context;
	uint64_t window = c->old->superblock.base - ANCIENT_CUSTOM_WINDOW;
	uint64_t slot = (operations - window) / ANCIENT_CUSTOM_SLOT;
	struct ancient_source_custom custom = {.registered = true};

	if (slot < ANCIENT_CUSTOM_WELL_KNOWN) {
		custom.identifier = core_shape_identifier((unsigned)slot);
	} else if (slot - ANCIENT_CUSTOM_WELL_KNOWN < c->custom_count) {
		memcpy(c->identifier, c->customs[slot - ANCIENT_CUSTOM_WELL_KNOWN].identifier,
		       sizeof c->identifier - 1);
		custom.identifier = c->identifier;
	}
	return custom;
}

static enum ancient_code tell(struct compaction *c, struct ancient_error *err)
{
	uint64_t used = c->commit->tail.sink.used, more = used - c->copied;

	c->copied = used;
	return core_progress_add(&c->progress, more * 8, err);
}

/* In place of the tail's own: says how far a large value is. */
static enum ancient_code grow(struct core_sink *sink, uint64_t more, struct ancient_error *err)
{
	struct core_tail *tail = (struct core_tail *)(void *)sink;
	struct ancient_commit *commit = tail->owner;
	struct compaction *c = commit->watcher;
	enum ancient_code code = tell(c, err);

	return code == ANCIENT_OK ? c->grow(sink, more, err) : code;
}

static enum ancient_code copy_entry(struct compaction *c, const struct ancient_entry_record *entry,
				    uint64_t offset)
{
	struct core_binding binding = {.key = entry->key, .generation = entry->generation};
	struct ancient_schema_text schema;
	enum ancient_code code = ANCIENT_OK;

	if (entry->name)
		code = core_name_at(&c->pages, entry->name, offset + FIELD(name), &binding.name,
				    c->err);
	if (code == ANCIENT_OK && entry->schema) {
		code = core_schemas_at(&c->pages, entry->schema, offset + FIELD(schema), &schema,
				       c->err);
		binding.schema = &schema;
	}
	if (code == ANCIENT_OK)
		code = core_commit_put(c->commit, &binding, &c->source, entry->root,
				       c->options->order, NULL, c->err);
	return code == ANCIENT_OK ? tell(c, c->err) : code;
}

static enum ancient_code copy_each(struct compaction *c)
{
	struct ancient_entry_record entry = {0};
	enum ancient_code code;
	uint64_t offset, next = 0;

	for (;;) {
		code = core_directory_from(&c->pages, c->old->superblock.keys, next, &entry,
					   &offset, c->err);
		if (code == ANCIENT_E_NO_KEY)
			return ANCIENT_OK;
		if (code == ANCIENT_OK)
			code = copy_entry(c, &entry, offset);
		if (code != ANCIENT_OK)
			return code;
		next = entry.key + 1;
	}
}

static enum ancient_code copy_entries(struct compaction *c)
{
	enum ancient_code code = ancient_commit_begin(c->fresh, &c->commit, c->err);

	if (code != ANCIENT_OK)
		return code;
	c->source.context = c;
	c->source.custom = custom_of;
	c->source.keep_lazies = true; /* as whoever wrote them wanted them */
	c->source.shift = (uint64_t)(uintptr_t)c->pages.file - c->old->superblock.base;
	c->commit->watcher = c;
	c->commit->tail.sink.payload_most = c->pages.used;
	c->grow = c->commit->tail.sink.grow;
	c->commit->tail.sink.grow = grow;
	code = copy_each(c);
	if (code != ANCIENT_OK) {
		ancient_commit_abort(c->commit);
		return code;
	}
	return ancient_commit_finish(c->commit, false, c->err);
}

/* A file without keys has no commit: its superblock alone goes to the same generation. */
static enum ancient_code copy_nothing(struct compaction *c)
{
	struct ancient_superblock superblock = c->fresh->superblock;
	enum ancient_code code;

	superblock.generation++;
	code = core_superblock_write(c->fresh->fd, c->fresh->name, &superblock, c->err);
	if (code == ANCIENT_OK)
		c->fresh->superblock = superblock;
	return code;
}

/* The empty generation that the copy began with must not be found if the other superblock is
 * damaged one day. */
static enum ancient_code forget_first(struct compaction *c)
{
	static const struct ancient_superblock none;
	struct iovec part = {(void *)(uintptr_t)&none, sizeof none};
	uint64_t slot = (c->fresh->superblock.generation - 1) % ANCIENT_SUPERBLOCKS;

	if (core_file_write(c->fresh->fd, &part, 1, slot * ANCIENT_SUPERBLOCK_SLOT))
		return ANCIENT_OK;
	return core_fail_system(c->err, core_fail_code(errno), errno,
				"%s: the superblock cannot be written", c->place.path);
}

static enum ancient_code flush(struct compaction *c, const struct ancient_store *store)
{
	int result;

	do
		result = fsync(store->fd);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return ANCIENT_OK;
	return core_fail_system(c->err, core_fail_code(errno), errno, "%s: cannot be flushed",
				c->place.path);
}

static enum ancient_code copy(struct compaction *c)
{
	enum ancient_code code = create(c);

	if (code == ANCIENT_OK)
		code = c->old->superblock.keys ? copy_entries(c) : copy_nothing(c);
	if (code == ANCIENT_OK)
		code = forget_first(c);
	if (code == ANCIENT_OK)
		code = core_attributes_copy(c->old->fd, c->fresh->fd, &c->place.original,
					    c->place.path, c->err);
	return code == ANCIENT_OK ? flush(c, c->fresh) : code;
}

/* ---- The exchange --------------------------------------------------------------- */

/* The old file's next superblock, which differs in its state alone. */
static enum ancient_code mark(struct compaction *c, uint32_t state)
{
	struct ancient_superblock next = c->old->superblock;
	enum ancient_code code;

	next.generation++;
	next.state = state;
	code = core_superblock_write(c->old->fd, c->place.path, &next, c->err);
	if (code == ANCIENT_OK)
		c->old->superblock = next;
	return code;
}

/* A name that somebody else has taken or removed meanwhile is not ours to give. */
static enum ancient_code check_names(const struct compaction *c)
{
	if (core_place_holds(&c->place) && core_place_beside_stands(&c->place))
		return ANCIENT_OK;
	return core_fail(c->err, ANCIENT_E_SUPERSEDED,
			 "%s: the file was replaced by another or removed while it was compacted",
			 c->place.path);
}

/* The mark overwrites the superblock before the one in force, which may be the last that is
 * known to be on the disk: so the old file is flushed first. */
static enum ancient_code exchange(struct compaction *c)
{
	enum ancient_code code = core_lock_take(c->fresh->lock_fd, c->place.path, c->err);

	if (code == ANCIENT_OK)
		code = flush(c, c->old);
	if (code == ANCIENT_OK)
		code = check_names(c);
	if (code == ANCIENT_OK)
		code = core_progress_tell(&c->progress, c->err);
	if (code == ANCIENT_OK)
		code = mark(c, ANCIENT_STATE_SUPERSEDED);
	if (code != ANCIENT_OK)
		return code;
	code = core_place_rename(&c->place, c->err);
	if (code != ANCIENT_OK) {
		c->err = NULL; /* whoever commits next makes it current, too */
		mark(c, ANCIENT_STATE_CURRENT);
		return code;
	}
	return core_place_sync(&c->place, c->err);
}

static enum ancient_code run(struct compaction *c, const char *path)
{
	enum ancient_code code = core_place_find(&c->place, path, c->err);

	c->progress.name = path;
	if (code == ANCIENT_OK)
		code = lock_old(c);
	if (code == ANCIENT_OK)
		code = check_links(c);
	if (code == ANCIENT_OK)
		code = verify_old(c);
	if (code == ANCIENT_OK)
		code = copy(c);
	return code == ANCIENT_OK ? exchange(c) : code;
}

static void finish(struct compaction *c)
{
	core_place_remove(&c->place);
	if (c->pages.file)
		munmap((void *)(uintptr_t)c->pages.file, c->pages.used);
	drop(&c->fresh);
	drop(&c->old);
	core_place_close(&c->place);
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
	struct compaction c = {.options = options ? options : &none, .err = err};
	enum ancient_code code;

	c.progress.call = c.options->progress;
	c.progress.context = c.options->context;
	c.place.folder = -1;
	core_registry_prepare();
	code = run(&c, path);
	if (code == ANCIENT_OK && ret_compacted)
		*ret_compacted = summary(&c.old->superblock, &c.fresh->superblock);
	finish(&c);
	return code;
}
