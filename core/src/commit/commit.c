/* core/commit: commits (FORMAT 8): begin, put, settle, finish, abort. */
#include "commit/commit.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "commit/bigarray_data.h"
#include "commit/extent_stream.h"
#include "commit/publish.h"
#include "copy/copy.h"
#include "copy/copy_dedup.h"
#include "file/commit_record.h"
#include "file/disk_space.h"
#include "file/lock.h"
#include "index/schema_index.h"
#include "store/customs.h"
#include "store/empty.h"
#include "store/file_name.h"
#include "store/recent_nodes.h"
#include "store/store.h"
#include "store/store_files.h"
#include "store/store_follow.h"

/* FORMAT 8.2, steps 1 and 2, with the file's lock held.  *ret_room: where room that is left from
 * the commit before ends, or 0. */
static enum ancient_code make_ready(struct ancient_store *store, uint64_t *ret_room,
				    struct ancient_error *err)
{
	struct core_file_status status;
	struct core_name name;
	const struct core_file_status *found = ancient_core_file_name_look(store, &name);
	enum ancient_code code;

	pthread_mutex_lock(&store->mutex);
	code = ancient_core_store_refresh_locked(store, found, err);
	status = store->observed.status;
	pthread_mutex_unlock(&store->mutex);
	if (code != ANCIENT_OK)
		return code;
	/* A superseded file that still has its name is left from a compaction that failed before
	 * its rename: we have the lock, so it is not running.  This commit makes the file current
	 * again. */
	if (status.links == 0 && store->superblock.state == ANCIENT_STATE_SUPERSEDED)
		return ancient_core_fail(
			err, ANCIENT_E_SUPERSEDED,
			"%s: a compacted file has taken the place of the one that is "
			"attached: attach it again by its name",
			store->name);
	code = ancient_core_file_name_check(store, &name, &status, err);
	/* Another process may have fixed the base of an empty file, and it may be taken here. */
	if (code == ANCIENT_OK)
		code = ancient_store_writable(store, err);
	if (code == ANCIENT_OK && store->empty)
		code = ancient_core_empty_begin(store, err);
	if (code == ANCIENT_OK)
		code = ancient_core_store_check_hidden(store, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_room = ancient_core_room_ahead_of(store, status.size);
	return status.size > store->superblock.used && !*ret_room
		       ? ancient_core_disk_space_cut(store->fd, store->name, store->superblock.used,
						     err)
		       : ANCIENT_OK;
}

/* Word 0 of a custom block of the file (FORMAT 6): the address of its slot. */
static enum ancient_code file_custom(struct core_copy_target *target, uint64_t operations,
				     const char *identifier, uint64_t *ret_word,
				     struct ancient_error *err)
{
	struct core_extent_writer *writer = (struct core_extent_writer *)(void *)target;
	struct ancient_commit *commit = writer->owner;
	uint64_t slot;
	enum ancient_code code =
		ancient_core_customs_slot(commit->store, &commit->customs, identifier, &slot, err);

	(void)operations;
	if (code == ANCIENT_OK)
		*ret_word = commit->superblock.base - ANCIENT_CUSTOM_WINDOW +
			    slot * ANCIENT_CUSTOM_SLOT;
	return code;
}

static bool init(struct ancient_commit *commit, struct ancient_store *store, uint64_t room)
{
	struct core_pages pages = ancient_core_store_pages(store);
	uint64_t used = store->superblock.used;

	commit->store = store;
	commit->superblock = store->superblock;
	commit->superblock.generation++;
	commit->superblock.state = ANCIENT_STATE_CURRENT;
	commit->superblock.compat_flags &= ANCIENT_COMPAT_KNOWN;
	memset(commit->superblock.zero2, 0, sizeof commit->superblock.zero2);
	commit->superblock.ocaml_version = store->options.ocaml_version;
	if (commit->superblock.version < ANCIENT_VERSION)
		commit->superblock.version = ANCIENT_VERSION;
	commit->start = (used + ANCIENT_COMMIT_ALIGN - 1) & ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1);
	if (store->recent.end == used) { /* no other process has committed since */
		pages.recent = store->recent.bytes;
		pages.recent_start = store->recent.start;
	}
	ancient_core_directory_init(&commit->directory, &pages, &store->superblock);
	if (!ancient_core_copier_init(&commit->copier, &commit->writer.target))
		return false;
	pthread_mutex_lock(&store->mutex);
	ancient_core_mapping_widen(&store->map);
	pthread_mutex_unlock(&store->mutex);
	ancient_core_extent_writer_init(&commit->writer, &store->map, store->fd, store->name,
					commit->start, store->superblock.reserve);
	commit->writer.owner = commit;
	commit->writer.room_end = room;
	commit->writer.makes_room = ancient_core_room_ahead_is_due(store);
	commit->writer.target.custom = file_custom;
	commit->copier.referenced_start = (uint64_t)(uintptr_t)store->map.base;
	commit->copier.referenced_bytes = used;
	return true;
}

/* A damaged superblock is told before anything else: it may be why this process, which has had the
 * newer generation, has the file elsewhere. */
static enum ancient_code refuse_hidden(struct ancient_store *store, struct ancient_error *err)
{
	bool hidden;

	pthread_mutex_lock(&store->mutex);
	hidden = store->observed.hidden > store->superblock.generation;
	pthread_mutex_unlock(&store->mutex);
	return hidden ? ancient_core_store_check_hidden(store, err) : ANCIENT_OK;
}

static enum ancient_code take_lock(struct ancient_store *store, struct core_lock *lock,
				   struct ancient_error *err)
{
	enum ancient_code code;
	int fd;

	pthread_mutex_lock(&store->mutex);
	code = ancient_core_store_own_files(store, err);
	fd = store->lock_fd;
	pthread_mutex_unlock(&store->mutex);
	if (code != ANCIENT_OK)
		return code;
	return ancient_core_lock_take(lock, fd, store->device, store->inode, store->name, err);
}

enum ancient_code ancient_commit_begin(struct ancient_store *store,
				       struct ancient_commit **ret_commit,
				       struct ancient_error *err)
{
	struct ancient_commit *commit;
	enum ancient_code code = refuse_hidden(store, err);
	uint64_t room = 0;

	if (code == ANCIENT_OK)
		code = ancient_store_writable(store, err);
	if (code != ANCIENT_OK)
		return code;
	commit = malloc(sizeof *commit);
	if (!commit)
		return ancient_core_fail_memory(err, store->name);
	memset(commit, 0, offsetof(struct ancient_commit, copier));
	code = take_lock(store, &commit->lock, err);
	if (code == ANCIENT_OK) {
		code = make_ready(store, &room, err);
		if (code == ANCIENT_OK && !init(commit, store, room))
			code = ancient_core_fail_memory(err, store->name);
		if (code != ANCIENT_OK)
			ancient_core_lock_drop(&commit->lock);
	}
	if (code != ANCIENT_OK) {
		free(commit);
		return code;
	}
	*ret_commit = commit;
	return ANCIENT_OK;
}

enum ancient_code ancient_commit_dedup(struct ancient_commit *commit,
				       const struct ancient_dedup *dedup, struct ancient_error *err)
{
	commit->copier.dedup = NULL;
	if (!dedup)
		return ANCIENT_OK;
	if (commit->dedup)
		commit->dedup->options = *dedup;
	else
		commit->dedup = ancient_core_dedup_new(dedup);
	commit->copier.dedup = commit->dedup;
	return commit->dedup ? ANCIENT_OK : ancient_core_fail_memory(err, commit->store->name);
}

enum ancient_code ancient_commit_put(struct ancient_commit *commit, uint64_t key, const char *name,
				     const struct ancient_source *source, uint64_t root,
				     enum ancient_order order, struct ancient_copied *ret_copied,
				     struct ancient_error *err)
{
	return ancient_commit_put_typed(commit, key, name, NULL, source, root, order, ret_copied,
					err);
}

enum ancient_code ancient_commit_put_typed(struct ancient_commit *commit, uint64_t key,
					   const char *name,
					   const struct ancient_schema_text *schema,
					   const struct ancient_source *source, uint64_t root,
					   enum ancient_order order,
					   struct ancient_copied *ret_copied,
					   struct ancient_error *err)
{
	struct core_binding binding = {key, name, schema, commit->superblock.generation};

	if (commit->settled)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: nothing can be put after ancient_commit_settle",
					 commit->store->name);
	if (key > ANCIENT_KEY_MAX)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: a key lies between 0 and 2^62 - 1, not at %llu",
					 commit->store->name, (unsigned long long)key);
	return ancient_core_commit_put(commit, &binding, source, root, order, ret_copied, err);
}

enum ancient_code ancient_core_commit_put(struct ancient_commit *commit,
					  const struct core_binding *binding,
					  const struct ancient_source *source, uint64_t root,
					  enum ancient_order order,
					  struct ancient_copied *ret_copied,
					  struct ancient_error *err)
{
	struct ancient_entry_record entry = {.key = binding->key,
					     .generation = binding->generation};
	struct core_directory *directory = &commit->directory;
	struct ancient_copied copied;
	enum ancient_code rested, code = ancient_core_directory_check_name(directory, binding->key,
									   binding->name, err);

	if (code == ANCIENT_OK && binding->schema)
		code = ancient_core_schema_index_check(commit->store->name, binding->schema, err);
	if (code == ANCIENT_OK)
		code = ancient_core_copy(&commit->copier, source, root, order, &copied, err);
	rested = ancient_core_extent_stream_wait(&commit->writer, code == ANCIENT_OK ? err : NULL);
	if (code == ANCIENT_OK)
		code = rested;
	if (code != ANCIENT_OK)
		return code;
	entry.root = copied.root;
	entry.bytes = copied.bytes;
	entry.blocks = copied.blocks;
	if (binding->schema)
		code = ancient_core_schema_index_put(directory, binding->schema, &entry.schema,
						     err);
	if (code == ANCIENT_OK)
		code = ancient_core_directory_put(directory, entry, binding->name, err);
	if (code != ANCIENT_OK)
		return code;
	commit->changed = true;
	commit->published++;
	commit->superblock.block_count += copied.blocks;
	commit->superblock.value_bytes += copied.bytes;
	if (ret_copied)
		*ret_copied = copied;
	return ANCIENT_OK;
}

enum ancient_code ancient_commit_remove(struct ancient_commit *commit, uint64_t key,
					struct ancient_error *err)
{
	enum ancient_code code = ancient_core_directory_remove(&commit->directory, key, err);

	if (code == ANCIENT_OK) {
		commit->changed = true;
		commit->removed++;
	}
	return code;
}

enum ancient_code ancient_commit_restore(struct ancient_commit *commit, uint64_t generation,
					 struct ancient_error *err)
{
	struct ancient_store *store = commit->store;
	struct ancient_superblock image = store->superblock;
	enum ancient_code code = ANCIENT_OK;

	if (commit->changed)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: a generation is restored before anything is put",
					 store->name);
	if (generation != image.generation)
		code = ancient_core_commit_record_find(store->fd, store->name, &store->superblock,
						       generation, &image, err);
	if (code != ANCIENT_OK)
		return code;
	ancient_core_directory_restore(&commit->directory, &image);
	commit->changed = true;
	return ANCIENT_OK;
}

void ancient_core_commit_force(struct ancient_commit *commit)
{
	commit->changed = true;
}

enum ancient_code ancient_commit_settle(struct ancient_commit *commit, struct ancient_error *err)
{
	uint64_t generation = commit->superblock.generation;
	enum ancient_code code;

	ancient_core_copier_restore_headers(&commit->copier);
	if (commit->settled)
		return ANCIENT_OK;
	commit->settled = true;
	code = ancient_core_extent_writer_end_values(&commit->writer, commit->copier.blocks,
						     generation, err);
	return code == ANCIENT_OK
		       ? ancient_core_bigarray_data_append(&commit->writer, generation, err)
		       : code;
}

/* Frees the commit, and lets others commit. */
static void release(struct ancient_commit *commit)
{
	ancient_core_copier_done(&commit->copier);
	ancient_core_dedup_free(commit->dedup);
	ancient_core_directory_done(&commit->directory);
	ancient_core_buffer_done(&commit->customs);
	ancient_core_extent_writer_done(&commit->writer);
	ancient_core_lock_drop(&commit->lock);
	free(commit);
}

/* The new part of the file was mapped shared: unmap it before the file is truncated. */
void ancient_commit_abort(struct ancient_commit *commit)
{
	struct ancient_store *store = commit->store;

	ancient_core_copier_restore_headers(&commit->copier);
	ancient_core_extent_stream_unmap(&commit->writer);
	ancient_core_room_ahead_forget(store);
	if (!ancient_core_turn_is_lost(
		    &commit->lock.turn)) /* or a child would cut what its parent writes */
		ancient_core_disk_space_cut(store->fd, store->name, store->superblock.used, NULL);
	release(commit);
}

enum ancient_code ancient_commit_finish(struct ancient_commit *commit, bool durable,
					struct ancient_error *err)
{
	struct ancient_store *store = commit->store;
	bool visible = false;
	enum ancient_code code, mapped = ANCIENT_OK;

	if (!commit->changed) {
		ancient_commit_abort(commit);
		return ANCIENT_OK;
	}
	code = ancient_commit_settle(commit, err);
	if (code == ANCIENT_OK)
		code = ancient_core_publish(commit, durable, &visible, err);
	if (!visible) {
		ancient_commit_abort(commit);
		return code;
	}
	ancient_core_room_ahead_note(store, commit->superblock.generation, commit->writer.room_end);
	if (ancient_core_extent_writer_image(&commit->writer))
		ancient_core_recent_nodes_add(&store->recent, commit->start,
					      ancient_core_extent_writer_image(&commit->writer),
					      commit->superblock.used - commit->start);
	/* A visible generation is never taken back, even if the last flush failed.  Another thread
	 * may have mapped it already. */
	pthread_mutex_lock(&store->mutex);
	if (store->superblock.generation < commit->superblock.generation) {
		store->observed.other = store->superblock;
		store->observed.other_counts = true;
		store->observed.damaged = false;
		store->observed.hidden = 0;
		mapped = ancient_core_store_advance(store, &commit->superblock, false,
						    code == ANCIENT_OK ? err : NULL);
	}
	pthread_mutex_unlock(&store->mutex);
	release(commit);
	return code != ANCIENT_OK ? code : mapped;
}

enum ancient_code ancient_commit_nothing(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_commit *commit;
	bool empty;
	enum ancient_code code;

	pthread_mutex_lock(&store->mutex);
	empty = store->writable && !store->relocated && store->empty;
	pthread_mutex_unlock(&store->mutex);
	if (!empty)
		return ANCIENT_OK;
	code = ancient_commit_begin(store, &commit, err);
	if (code != ANCIENT_OK)
		return code;
	/* Another process may have been first. */
	commit->changed = store->empty;
	return ancient_commit_finish(commit, false, err);
}
