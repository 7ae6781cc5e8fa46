/* core/commit: writes the extents behind a commit's values, and then the superblock that makes the
 * new generation visible (FORMAT 8.2, steps 3 to 7). */
#include "commit/publish.h"

#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/fail.h"
#include "commit/durability.h"
#include "commit/extent_flush.h"
#include "commit/extent_stream.h"
#include "file/commit_record.h"
#include "file/disk_space.h"
#include "file/superblock.h"
#include "index/custom_records.h"
#include "index/directory.h"
#include "store/store.h"

/* Appends an extent with this content, unless it is empty. */
static enum ancient_code write_extent(struct ancient_commit *commit, uint32_t kind, uint64_t count,
				      const struct core_buffer *content, struct ancient_error *err)
{
	struct iovec part = {content->data, content->used};

	if (content->used == 0)
		return ANCIENT_OK;
	return ancient_core_extent_writer_append(
		&commit->writer, kind, commit->superblock.generation, count, &part, 1, err);
}

/* If there are new customs, collects all: the extent repeats the file's records before them. */
static enum ancient_code gather_customs(struct ancient_commit *commit, struct core_buffer *all,
					struct ancient_error *err)
{
	struct core_pages pages = ancient_core_store_pages(commit->store);
	const struct ancient_custom_record *records = NULL;
	uint64_t count, bytes;
	enum ancient_code code = ancient_core_custom_records(&pages, &commit->store->superblock,
							     &records, &count, err);
	uint8_t *to;

	if (code != ANCIENT_OK || commit->customs.used == 0)
		return code;
	bytes = count * sizeof *records;
	to = ancient_core_buffer_append(all, bytes + commit->customs.used);
	if (!to)
		return ancient_core_fail_memory(err, commit->store->name);
	if (bytes)
		memcpy(to, records, bytes);
	memcpy(to + bytes, commit->customs.data, commit->customs.used);
	return ANCIENT_OK;
}

static enum ancient_code write_customs(struct ancient_commit *commit, struct ancient_error *err)
{
	struct ancient_superblock *sb = &commit->superblock;
	struct core_buffer customs = {0};
	uint64_t at = commit->writer.end, count = 0;
	enum ancient_code code = gather_customs(commit, &customs, err);

	if (code == ANCIENT_OK) {
		count = customs.used / sizeof(struct ancient_custom_record);
		code = write_extent(commit, ANCIENT_EXTENT_CUSTOMS, count, &customs, err);
	}
	ancient_core_buffer_done(&customs);
	if (code == ANCIENT_OK && count) {
		sb->customs = at;
		sb->custom_slots = (uint32_t)(ANCIENT_CUSTOM_WELL_KNOWN + count);
	}
	return code;
}

/* `schemas` is the offset of the first new schema record. */
static enum ancient_code write_directory(struct ancient_commit *commit, uint64_t schemas,
					 struct ancient_error *err)
{
	struct core_directory *d = &commit->directory;
	struct ancient_superblock *sb = &commit->superblock;
	struct core_extent_writer *writer = &commit->writer;
	struct iovec parts[CORE_DIRECTORY_PARTS];
	enum ancient_code code = ANCIENT_OK;
	uint64_t bytes = 0;

	ancient_core_directory_resolve(d, writer->end + sizeof(struct ancient_extent), schemas);
	ancient_core_directory_parts(d, parts);
	for (int i = 0; i < CORE_DIRECTORY_PARTS; i++)
		bytes += parts[i].iov_len;
	if (bytes)
		code = ancient_core_extent_writer_append(writer, ANCIENT_EXTENT_DIRECTORY,
							 sb->generation, 0, parts,
							 CORE_DIRECTORY_PARTS, err);
	sb->keys = d->keys;
	sb->names = d->names;
	sb->schemas = d->schemas;
	sb->key_count = d->key_count;
	sb->name_count = d->name_count;
	return code;
}

/* The history of the generation before: where an older writer made it, that of all its extents. */
static enum ancient_code history_before(const struct ancient_store *store, uint64_t *ret_history,
					struct ancient_error *err)
{
	if (ancient_superblock_holds(&store->superblock)) {
		*ret_history = store->superblock.history;
		return ANCIENT_OK;
	}
	return ancient_core_history_of_file(store->fd, store->name, &store->superblock, ret_history,
					    err);
}

/* The commit record, and with it the superblock. */
static enum ancient_code write_record(struct ancient_commit *commit, bool durable,
				      struct ancient_error *err)
{
	const struct ancient_superblock *before = &commit->store->superblock;
	struct ancient_superblock *sb = &commit->superblock;
	struct core_extent_writer *writer = &commit->writer;
	struct core_commit_record record;
	uint64_t history;
	enum ancient_code code = history_before(commit->store, &history, err);

	if (code != ANCIENT_OK)
		return code;
	sb->fields_generation = sb->generation;
	sb->history = ancient_core_history_after(history, writer->sums, writer->sum_count);
	sb->time = ancient_core_clock_now();
	sb->previous = ancient_superblock_holds(before) ? before->record : 0;
	sb->published = commit->published;
	sb->removed = commit->removed;
	sb->used = writer->end + sizeof record;
	if (durable)
		sb->durable_used = sb->used;
	else if (!ancient_superblock_holds(before))
		sb->durable_used = ANCIENT_FIRST_EXTENT;
	ancient_core_commit_record_make(&record, sb, writer->end);
	return ancient_core_extent_writer_append_record(writer, &record, sizeof record, err);
}

/* The other extents in their order (FORMAT 4.1). */
static enum ancient_code write_extents(struct ancient_commit *commit, bool durable,
				       struct ancient_error *err)
{
	struct core_extent_writer *writer = &commit->writer;
	enum ancient_code code = ancient_core_extent_writer_append_waypoints(
		writer, commit->superblock.generation, err);
	uint64_t schemas = writer->end + sizeof(struct ancient_extent);

	if (code == ANCIENT_OK)
		code = write_extent(commit, ANCIENT_EXTENT_SCHEMA, 0,
				    &commit->directory.schema_records, err);
	if (code == ANCIENT_OK)
		code = write_customs(commit, err);
	if (code == ANCIENT_OK)
		code = write_directory(commit, schemas, err);
	if (code == ANCIENT_OK)
		code = write_record(commit, durable, err);
	return code == ANCIENT_OK ? ancient_core_extent_flush_last(writer, err) : code;
}

enum ancient_code ancient_core_publish(struct ancient_commit *commit, bool durable,
				       bool *ret_visible, struct ancient_error *err)
{
	struct ancient_store *store = commit->store;
	uint64_t used = commit->superblock.used, generation = commit->superblock.generation;
	enum ancient_code code = durable ? ancient_core_durability_prepare(store, err) : ANCIENT_OK;

	if (code == ANCIENT_OK)
		code = write_extents(commit, durable, err);
	/* Unmap before the new generation is visible: another thread that sees it maps these
	 * addresses privately, and must not be undone. */
	ancient_core_extent_stream_unmap(&commit->writer);
	if (code == ANCIENT_OK && commit->writer.stretched) {
		commit->writer.room_end = 0;
		code = ancient_core_disk_space_cut(store->fd, store->name, commit->superblock.used,
						   err);
	}
	/* Where this process alone knows the current generation, since its slot was damaged, the
	 * slot that is written next is the only good one of the file. */
	if (code == ANCIENT_OK && store->observed.damaged)
		code = ancient_core_superblock_write(store->fd, store->name, &store->superblock,
						     err);
	if (code == ANCIENT_OK && durable)
		code = ancient_core_durability_flush(store, err);
	if (code != ANCIENT_OK)
		return code;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	code = ancient_core_superblock_write(store->fd, store->name, &commit->superblock, err);
	/* A write may fail after readers can see it, on a file system mounted with "sync". */
	*ret_visible = code == ANCIENT_OK ||
		       ancient_core_superblock_is_written(store->fd, &commit->superblock);
	if (!*ret_visible)
		ancient_core_superblock_put_back(store->fd, store->name, &store->observed,
						 generation);
	if (code != ANCIENT_OK)
		return code;
	ancient_core_durability_written(store, used, commit->superblock.used);
	if (!durable)
		return ANCIENT_OK;
	code = ancient_core_durability_flush(store, err);
	if (code == ANCIENT_OK)
		store->flushed = generation;
	return code;
}
