/* core/store: lookups of roots and entries in the newest generation (FORMAT 5.2), for
 * ancient_store_get, ancient_store_entry and ancient_store_keys. */
#include <stddef.h>

#include "base/fail.h"
#include "file/commit_record.h"
#include "index/directory.h"
#include "index/pages.h"
#include "index/schema_index.h"
#include "memory/file_mapping.h"
#include "store/store.h"
#include "store/store_follow.h"
#include "store/store_internal.h"

#define FIELD(name) offsetof(struct ancient_entry_record, name)

/* What lookups need of one generation. */
struct snapshot {
	struct core_pages pages;
	uint64_t keys, names;
};

/* Of `at`, which the store has mapped, or where that is NULL of what is newest. */
static enum ancient_code take_snapshot(struct ancient_store *store,
				       const struct ancient_store_generation *at,
				       struct snapshot *ret, struct ancient_error *err)
{
	enum ancient_code code;

	if (at) {
		ret->pages = (struct core_pages){
			.file = store->map.base, .used = at->used, .name = store->name};
		ret->keys = at->keys;
		ret->names = at->names;
		return ANCIENT_OK;
	}
	pthread_mutex_lock(&store->mutex);
	code = ancient_core_store_refresh_locked(store, NULL, err);
	ret->pages = ancient_core_store_pages(store);
	ret->keys = store->superblock.keys;
	ret->names = store->superblock.names;
	pthread_mutex_unlock(&store->mutex);
	return code;
}

/* Checks a root (rule D3), and converts it to an address in this process. */
static enum ancient_code check_root(const struct ancient_store *store, uint64_t used,
				    uint64_t offset, uint64_t root, uint64_t *ret_root,
				    struct ancient_error *err)
{
	uint64_t at = root - store->map.file_base; /* another thread may change superblock.base */
	struct core_fault fault = {ANCIENT_E_BAD_POINTER, 503, offset + FIELD(root), used, root};

	if ((root & 1) == 0 &&
	    (at % 8 || at < ANCIENT_FIRST_EXTENT + sizeof(struct ancient_extent) + 8 ||
	     at > used - 8))
		return ancient_core_fail_fault(
			err, fault,
			"%s: a root that leads to no block: expected an offset "
			"below %llu, found the word 0x%llx at offset %llu",
			store->name, (unsigned long long)used, (unsigned long long)root,
			(unsigned long long)fault.offset);
	*ret_root = root & 1 ? root : root + core_mapping_delta(&store->map);
	return ANCIENT_OK;
}

enum ancient_code ancient_store_get(struct ancient_store *store,
				    const struct ancient_store_generation *at, uint64_t key,
				    uint64_t *ret_root, struct ancient_error *err)
{
	struct ancient_entry_record entry;
	struct snapshot snapshot;
	uint64_t offset = 0;
	enum ancient_code code = take_snapshot(store, at, &snapshot, err);

	if (code == ANCIENT_OK)
		code = ancient_core_directory_get(&snapshot.pages, snapshot.keys, key, &entry,
						  &offset, err);
	if (code != ANCIENT_OK)
		return code;
	return check_root(store, snapshot.pages.used, offset, entry.root, ret_root, err);
}

/* Converts the entry record at `offset`. */
static enum ancient_code read_record(const struct ancient_store *store,
				     const struct core_pages *pages,
				     const struct ancient_entry_record *record, uint64_t offset,
				     struct ancient_store_entry *ret_entry,
				     struct ancient_error *err)
{
	struct ancient_store_entry entry = {
		.key = record->key,
		.bytes = record->bytes,
		.blocks = record->blocks,
		.generation = record->generation,
	};
	enum ancient_code code =
		check_root(store, pages->used, offset, record->root, &entry.root, err);

	if (code == ANCIENT_OK && record->schema)
		code = ancient_core_schema_index_at(pages, record->schema, offset + FIELD(schema),
						    &entry.schema, err);
	if (code == ANCIENT_OK && record->name)
		code = ancient_core_directory_name_at(pages, record->name, offset + FIELD(name),
						      &entry.name, err);
	if (code == ANCIENT_OK)
		*ret_entry = entry;
	return code;
}

static enum ancient_code entry_of(const struct ancient_store *store,
				  const struct snapshot *snapshot, uint64_t key,
				  struct ancient_store_entry *ret_entry, struct ancient_error *err)
{
	struct ancient_entry_record record;
	uint64_t offset = 0;
	enum ancient_code code = ancient_core_directory_get(&snapshot->pages, snapshot->keys, key,
							    &record, &offset, err);

	if (code != ANCIENT_OK)
		return code;
	return read_record(store, &snapshot->pages, &record, offset, ret_entry, err);
}

enum ancient_code ancient_store_entry(struct ancient_store *store,
				      const struct ancient_store_generation *at, uint64_t key,
				      struct ancient_store_entry *ret_entry,
				      struct ancient_error *err)
{
	struct snapshot snapshot;
	enum ancient_code code = take_snapshot(store, at, &snapshot, err);

	return code == ANCIENT_OK ? entry_of(store, &snapshot, key, ret_entry, err) : code;
}

enum ancient_code ancient_store_entry_named(struct ancient_store *store,
					    const struct ancient_store_generation *at,
					    const char *name, struct ancient_store_entry *ret_entry,
					    struct ancient_error *err)
{
	struct snapshot snapshot;
	uint64_t key = 0;
	enum ancient_code code = take_snapshot(store, at, &snapshot, err);

	if (code == ANCIENT_OK)
		code = ancient_core_directory_key_of(&snapshot.pages, snapshot.names, name, &key,
						     err);
	return code == ANCIENT_OK ? entry_of(store, &snapshot, key, ret_entry, err) : code;
}

enum ancient_code ancient_store_keys(struct ancient_store *store,
				     const struct ancient_store_generation *at,
				     struct ancient_store_keys *ret_keys, struct ancient_error *err)
{
	struct snapshot snapshot;
	enum ancient_code code = take_snapshot(store, at, &snapshot, err);

	if (code != ANCIENT_OK)
		return code;
	ret_keys->tree = snapshot.keys;
	ret_keys->used = snapshot.pages.used;
	ret_keys->next = 0;
	return ANCIENT_OK;
}

enum ancient_code ancient_store_keys_next(const struct ancient_store *store,
					  struct ancient_store_keys *keys,
					  struct ancient_store_entry *ret_entry,
					  struct ancient_error *err)
{
	struct core_pages pages = {
		.file = store->map.base, .used = keys->used, .name = store->name};
	struct ancient_entry_record record;
	uint64_t offset = 0;
	enum ancient_code code =
		ancient_core_directory_from(&pages, keys->tree, keys->next, &record, &offset, err);

	if (code == ANCIENT_OK)
		code = read_record(store, &pages, &record, offset, ret_entry, err);
	if (code == ANCIENT_OK)
		keys->next = record.key + 1;
	return code;
}

enum ancient_code ancient_store_generation_find(struct ancient_store *store, uint64_t generation,
						struct ancient_store_generation *ret,
						struct ancient_error *err)
{
	struct ancient_superblock image;
	enum ancient_code code;
	bool empty;

	pthread_mutex_lock(&store->mutex);
	code = ancient_core_store_refresh_locked(store, NULL, err);
	image = store->superblock;
	empty = store->empty;
	pthread_mutex_unlock(&store->mutex);
	if (code == ANCIENT_OK && empty)
		return ancient_core_fail(err, ANCIENT_E_EMPTY,
					 "%s: generation %llu was asked for, and nothing has been "
					 "published in the file",
					 store->name, (unsigned long long)generation);
	if (code == ANCIENT_OK && generation != image.generation)
		code = ancient_core_commit_record_find(store->fd, store->name, &image, generation,
						       &image, err);
	if (code == ANCIENT_OK)
		*ret = (struct ancient_store_generation){
			.generation = image.generation,
			.used = image.used,
			.keys = image.keys,
			.names = image.names,
			.time = ancient_superblock_holds(&image) ? image.time : 0,
			.record = ancient_superblock_holds(&image) ? image.record : 0,
		};
	return code;
}

enum ancient_code ancient_store_log_next(struct ancient_store *store, uint64_t *next,
					 struct ancient_store_commit *ret_commit,
					 struct ancient_error *err)
{
	struct core_commit_record record;
	struct ancient_superblock newest;
	const struct ancient_superblock *image = &record.image;
	uint64_t start;
	enum ancient_code code;

	pthread_mutex_lock(&store->mutex);
	code = ancient_core_store_refresh_locked(store, NULL, err);
	newest = store->superblock;
	pthread_mutex_unlock(&store->mutex);
	if (code != ANCIENT_OK)
		return code;
	if (*next == ANCIENT_LOG_NEWEST)
		*next = ancient_superblock_holds(&newest) ? newest.record : 0;
	if (*next == 0)
		return ancient_core_fail(err, ANCIENT_E_NO_GENERATION,
					 "%s: no commit record is left", store->name);
	code = ancient_core_commit_record_read(store->fd, store->name, &newest, *next, &record,
					       err);
	if (code != ANCIENT_OK)
		return code;
	start = image->previous ? (image->previous + sizeof record + ANCIENT_COMMIT_ALIGN - 1) &
					  ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1)
				: ANCIENT_FIRST_EXTENT;
	*ret_commit = (struct ancient_store_commit){
		.generation = image->generation,
		.time = image->time,
		.published = image->published,
		.removed = image->removed,
		.keys = image->key_count,
		.used = image->used,
		.bytes = image->used > start ? image->used - start : 0,
	};
	*next = image->previous < *next ? image->previous : 0;
	return ANCIENT_OK;
}
