/* core: roots and entries, looked up in what is mapped (FORMAT 5.2). */
#include <stddef.h>
#include <string.h>

#include "store/store_internal.h"
#include "index/critbit.h"
#include "base/fail.h"
#include "index/schema_index.h"

#define FIELD(name) offsetof(struct ancient_entry_record, name)

/* What lookups need of the newest generation. */
struct view {
	struct core_pages pages;
	uint64_t keys, names;
};

static enum ancient_code look(struct ancient_store *store, struct view *ret,
			      struct ancient_error *err)
{
	enum ancient_code code;

	pthread_mutex_lock(&store->mutex);
	code = core_store_follow(store, err);
	ret->pages = core_store_pages(store);
	ret->keys = store->superblock.keys;
	ret->names = store->superblock.names;
	pthread_mutex_unlock(&store->mutex);
	return code;
}

/* The root, if it is one (rule D3), where it is in this process. */
static enum ancient_code check_root(const struct ancient_store *store, uint64_t used,
				    uint64_t offset, uint64_t root, uint64_t *ret_root,
				    struct ancient_error *err)
{
	uint64_t at = root - store->map.file_base; /* the superblock may change meanwhile */
	struct core_fault fault = {ANCIENT_E_BAD_POINTER, 503, offset + FIELD(root), used, root};

	if ((root & 1) == 0 &&
	    (at % 8 || at < ANCIENT_FIRST_EXTENT + sizeof(struct ancient_extent) + 8 ||
	     at > used - 8))
		return core_fail_fault(err, fault,
				       "%s: a root that leads to no block: expected an offset "
				       "below %llu, found the word 0x%llx at offset %llu",
				       store->name, (unsigned long long)used,
				       (unsigned long long)root, (unsigned long long)fault.offset);
	*ret_root = root & 1 ? root : root + core_mapping_delta(&store->map);
	return ANCIENT_OK;
}

enum ancient_code ancient_store_get(struct ancient_store *store, uint64_t key, uint64_t *ret_root,
				    struct ancient_error *err)
{
	struct ancient_entry_record entry;
	struct view view;
	uint64_t offset = 0;
	enum ancient_code code = look(store, &view, err);

	if (code == ANCIENT_OK)
		code = core_directory_get(&view.pages, view.keys, key, &entry, &offset, err);
	if (code != ANCIENT_OK)
		return code;
	return check_root(store, view.pages.used, offset, entry.root, ret_root, err);
}

enum ancient_code core_name_at(const struct core_pages *pages, uint64_t record, uint64_t field,
			       const char **ret_name, struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_BAD_DIRECTORY, 503, field, pages->used, record};
	struct core_text text;

	if (record & CORE_PENDING || !core_tree_text(pages, NULL, record, &text) ||
	    text.bytes[text.length] != 0)
		return core_fail_fault(err, fault,
				       "%s: damaged directory: expected a name record, found "
				       "otherwise at 0x%llx, named at offset %llu",
				       pages->name, (unsigned long long)record,
				       (unsigned long long)field);
	*ret_name = (const char *)text.bytes;
	return ANCIENT_OK;
}

/* What the entry record at `offset` says. */
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
		code = core_schemas_at(pages, record->schema, offset + FIELD(schema), &entry.schema,
				       err);
	if (code == ANCIENT_OK && record->name)
		code = core_name_at(pages, record->name, offset + FIELD(name), &entry.name, err);
	if (code == ANCIENT_OK)
		*ret_entry = entry;
	return code;
}

static enum ancient_code entry_of(const struct ancient_store *store, const struct view *view,
				  uint64_t key, struct ancient_store_entry *ret_entry,
				  struct ancient_error *err)
{
	struct ancient_entry_record record;
	uint64_t offset = 0;
	enum ancient_code code =
		core_directory_get(&view->pages, view->keys, key, &record, &offset, err);

	if (code != ANCIENT_OK)
		return code;
	return read_record(store, &view->pages, &record, offset, ret_entry, err);
}

enum ancient_code ancient_store_entry(struct ancient_store *store, uint64_t key,
				      struct ancient_store_entry *ret_entry,
				      struct ancient_error *err)
{
	struct view view;
	enum ancient_code code = look(store, &view, err);

	return code == ANCIENT_OK ? entry_of(store, &view, key, ret_entry, err) : code;
}

enum ancient_code ancient_store_entry_named(struct ancient_store *store, const char *name,
					    struct ancient_store_entry *ret_entry,
					    struct ancient_error *err)
{
	struct view view;
	uint64_t key = 0;
	enum ancient_code code = look(store, &view, err);

	if (code == ANCIENT_OK)
		code = core_directory_key_of(&view.pages, view.names, name, &key, err);
	return code == ANCIENT_OK ? entry_of(store, &view, key, ret_entry, err) : code;
}

enum ancient_code ancient_store_keys(struct ancient_store *store,
				     struct ancient_store_keys *ret_keys, struct ancient_error *err)
{
	struct view view;
	enum ancient_code code = look(store, &view, err);

	if (code != ANCIENT_OK)
		return code;
	ret_keys->tree = view.keys;
	ret_keys->used = view.pages.used;
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
		core_directory_from(&pages, keys->tree, keys->next, &record, &offset, err);

	if (code == ANCIENT_OK)
		code = read_record(store, &pages, &record, offset, ret_entry, err);
	if (code == ANCIENT_OK)
		keys->next = record.key + 1;
	return code;
}
