/* core/index: the directories of keys and of names (FORMAT 5): from keys to entries, and from names
 * to keys. */
#include "index/directory.h"

#include <string.h>

#include "base/fail.h"
#include "base/utf8.h"
#include "index/critbit.h"

static struct core_critbit key_tree(struct core_directory *d)
{
	struct core_critbit tree = {&d->pages, &d->entries, &d->key_branches,
				    NULL,      &d->keys,    CORE_KEYS};

	return tree;
}

static struct core_critbit name_tree(struct core_directory *d)
{
	struct core_critbit tree = {&d->pages,   &d->name_leaves, &d->name_branches,
				    &d->records, &d->names,       CORE_NAMES};

	return tree;
}

/* The leaf of `sought`; 0 if it is absent.  Then *ret_bit, if the tree is not empty, is where it
 * differs from the nearest leaf. */
static enum ancient_code look_up(const struct core_critbit *tree, const struct core_sought *sought,
				 uint64_t *ret_leaf, uint64_t *ret_bit, struct ancient_error *err)
{
	uint64_t leaf;
	bool equal = false;
	enum ancient_code code = ancient_core_critbit_find(tree, sought, &leaf, err);

	if (code == ANCIENT_OK && leaf)
		code = ancient_core_critbit_compare(tree, sought, leaf, &equal, ret_bit, err);
	if (code == ANCIENT_OK)
		*ret_leaf = equal ? leaf : 0;
	return code;
}

enum ancient_code ancient_core_directory_get(const struct core_pages *pages, uint64_t keys,
					     uint64_t key, struct ancient_entry_record *ret_entry,
					     uint64_t *ret_offset, struct ancient_error *err)
{
	struct core_critbit tree = {pages, NULL, NULL, NULL, &keys, CORE_KEYS};
	struct core_sought sought = {.key = key};
	uint64_t leaf, bit;
	enum ancient_code code = look_up(&tree, &sought, &leaf, &bit, err);

	if (code != ANCIENT_OK)
		return code;
	if (!leaf)
		return ancient_core_fail(err, ANCIENT_E_NO_KEY, "%s: no such key: %llu",
					 pages->name, (unsigned long long)key);
	memcpy(ret_entry, ancient_core_critbit_at(pages, NULL, leaf, sizeof *ret_entry),
	       sizeof *ret_entry);
	*ret_offset = leaf & ~ANCIENT_NODE_LEAF;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_directory_from(const struct core_pages *pages, uint64_t keys,
					      uint64_t key, struct ancient_entry_record *ret_entry,
					      uint64_t *ret_offset, struct ancient_error *err)
{
	struct core_critbit tree = {pages, NULL, NULL, NULL, &keys, CORE_KEYS};
	struct core_sought sought = {.key = key};
	struct core_fault fault = {ANCIENT_E_BAD_DIRECTORY, 503, 0, key, 0};
	uint64_t leaf = 0;
	enum ancient_code code = ANCIENT_OK;
	const void *at;

	if (key <= ANCIENT_KEY_MAX)
		code = ancient_core_critbit_from(&tree, &sought, &leaf, err);
	fault.offset = leaf & ~ANCIENT_NODE_LEAF;
	if (code != ANCIENT_OK)
		return code;
	if (!leaf)
		return ancient_core_fail(err, ANCIENT_E_NO_KEY, "%s: no key from %llu on",
					 pages->name, (unsigned long long)key);
	at = ancient_core_critbit_at(pages, NULL, leaf, sizeof *ret_entry);
	if (at)
		memcpy(ret_entry, at, sizeof *ret_entry);
	/* This happens only in a damaged tree.  A walk over the keys must not go backwards. */
	if (!at || ret_entry->key < key || ret_entry->key > ANCIENT_KEY_MAX)
		return ancient_core_fail_fault(
			err, fault,
			"%s: damaged directory: expected an entry of a key from %llu "
			"on, found otherwise at offset %llu",
			pages->name, (unsigned long long)key, (unsigned long long)fault.offset);
	*ret_offset = fault.offset;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_directory_key_of(const struct core_pages *pages, uint64_t names,
						const char *name, uint64_t *ret_key,
						struct ancient_error *err)
{
	struct core_critbit tree = {pages, NULL, NULL, NULL, &names, CORE_NAMES};
	struct core_sought sought = {.name = {(const uint8_t *)name, strlen(name)}};
	struct ancient_name_leaf found;
	uint64_t leaf, bit;
	enum ancient_code code = look_up(&tree, &sought, &leaf, &bit, err);

	if (code != ANCIENT_OK)
		return code;
	if (!leaf)
		return ancient_core_fail(err, ANCIENT_E_NO_KEY,
					 "%s: no key has the name \"%.255s\"", pages->name, name);
	memcpy(&found, ancient_core_critbit_at(pages, NULL, leaf, sizeof found), sizeof found);
	*ret_key = found.key;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_directory_name_at(const struct core_pages *pages, uint64_t record,
						 uint64_t field, const char **ret_name,
						 struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_BAD_DIRECTORY, 503, field, pages->used, record};
	struct core_text text;

	if (record & CORE_PENDING || !ancient_core_critbit_text(pages, NULL, record, &text) ||
	    text.bytes[text.length] != 0)
		return ancient_core_fail_fault(
			err, fault,
			"%s: damaged directory: expected a name record, found "
			"otherwise at 0x%llx, named at offset %llu",
			pages->name, (unsigned long long)record, (unsigned long long)field);
	*ret_name = (const char *)text.bytes;
	return ANCIENT_OK;
}

void ancient_core_directory_init(struct core_directory *d, const struct core_pages *pages,
				 const struct ancient_superblock *superblock)
{
	memset(d, 0, sizeof *d);
	d->pages = *pages;
	ancient_core_directory_restore(d, superblock);
}

void ancient_core_directory_restore(struct core_directory *d,
				    const struct ancient_superblock *superblock)
{
	d->keys = superblock->keys;
	d->names = superblock->names;
	d->schemas = superblock->schemas;
	d->key_count = superblock->key_count;
	d->name_count = superblock->name_count;
}

void ancient_core_directory_done(struct core_directory *d)
{
	ancient_core_buffer_done(&d->key_branches);
	ancient_core_buffer_done(&d->entries);
	ancient_core_buffer_done(&d->name_branches);
	ancient_core_buffer_done(&d->name_leaves);
	ancient_core_buffer_done(&d->records);
	ancient_core_buffer_done(&d->schema_branches);
	ancient_core_buffer_done(&d->schema_records);
}

static enum ancient_code check_text(const struct core_directory *d, const char *name,
				    struct core_sought *ret, struct ancient_error *err)
{
	const uint8_t *s = (const uint8_t *)name;
	size_t length = strlen(name), valid = ancient_core_utf8_valid(s, length);

	if (length < 1 || length > ANCIENT_NAME_MAX)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: a name has 1 to %u bytes, this one has %zu",
					 d->pages.name, ANCIENT_NAME_MAX, length);
	if (valid != length)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: a name is UTF-8, this one is not at byte %zu",
					 d->pages.name, valid);
	ret->name.bytes = s;
	ret->name.length = length;
	return ANCIENT_OK;
}

/* The name leaf of `sought` (0: none) and its key. */
static enum ancient_code find_name(const struct core_directory *d, const struct core_sought *sought,
				   uint64_t *ret_leaf, uint64_t *ret_bit,
				   struct ancient_name_leaf *ret, struct ancient_error *err)
{
	/* A lookup does not change the directory. */
	struct core_critbit tree = name_tree((struct core_directory *)(uintptr_t)d);
	enum ancient_code code = look_up(&tree, sought, ret_leaf, ret_bit, err);

	if (code == ANCIENT_OK && *ret_leaf)
		memcpy(ret,
		       ancient_core_critbit_at(&d->pages, &d->name_leaves, *ret_leaf, sizeof *ret),
		       sizeof *ret);
	return code;
}

enum ancient_code ancient_core_directory_check_name(const struct core_directory *d, uint64_t key,
						    const char *name, struct ancient_error *err)
{
	struct core_sought sought = {0};
	struct ancient_name_leaf found = {0};
	uint64_t leaf, bit;
	enum ancient_code code;

	if (!name)
		return ANCIENT_OK;
	code = check_text(d, name, &sought, err);
	if (code == ANCIENT_OK)
		code = find_name(d, &sought, &leaf, &bit, &found, err);
	if (code == ANCIENT_OK && leaf && found.key != key)
		return ancient_core_fail(
			err, ANCIENT_E_NAME_TAKEN,
			"%s: the name \"%s\" belongs to key %llu, it cannot be given to "
			"key %llu",
			d->pages.name, name, (unsigned long long)found.key,
			(unsigned long long)key);
	return code;
}

/* Adds a record and a leaf for a name that no key has. */
static enum ancient_code add_name(struct core_directory *d, const struct core_sought *sought,
				  uint64_t bit, uint64_t key, uint64_t *ret_record,
				  struct ancient_error *err)
{
	struct core_critbit tree = name_tree(d);
	uint64_t record = CORE_PENDING | d->records.used;
	uint64_t leaf = CORE_PENDING | d->name_leaves.used | ANCIENT_NODE_LEAF;
	uint64_t length = sought->name.length;
	uint8_t *text = ancient_core_buffer_append(&d->records, ANCIENT_NAME_RECORD_BYTES(length));
	struct ancient_name_leaf *to = ancient_core_buffer_append(&d->name_leaves, sizeof *to);
	enum ancient_code code;

	if (!text || !to)
		return ancient_core_fail_memory(err, d->pages.name);
	memcpy(text, &length, sizeof length);
	memcpy(text + 8, sought->name.bytes, length);
	to->name = record;
	to->key = key;
	code = ancient_core_critbit_put(&tree, sought, leaf, false, bit, err);
	if (code != ANCIENT_OK)
		return code;
	d->name_count++;
	*ret_record = record;
	return ANCIENT_OK;
}

/* Removes the name in `record` from the directory of names. */
static enum ancient_code drop_name(struct core_directory *d, uint64_t record,
				   struct ancient_error *err)
{
	struct core_sought sought = {0};
	struct core_critbit tree = name_tree(d);
	struct ancient_name_leaf found;
	uint64_t leaf, bit;
	enum ancient_code code;

	if (!ancient_core_critbit_text(&d->pages, &d->records, record, &sought.name)) {
		struct core_fault fault = {ANCIENT_E_BAD_DIRECTORY, 503, record, 0, 0};

		return ancient_core_fail_fault(
			err, fault,
			"%s: damaged directory: expected a name record at offset "
			"%llu",
			d->pages.name, (unsigned long long)record);
	}
	code = find_name(d, &sought, &leaf, &bit, &found, err);
	if (code != ANCIENT_OK || !leaf)
		return code;
	code = ancient_core_critbit_remove(&tree, &sought, err);
	if (code == ANCIENT_OK)
		d->name_count--;
	return code;
}

/* Gives `key` the name (NULL: none).  `old` is the record of the name it had (0: none). */
static enum ancient_code change_name(struct core_directory *d, uint64_t key, uint64_t old,
				     const char *name, uint64_t *ret_record,
				     struct ancient_error *err)
{
	struct core_sought sought = {0};
	struct ancient_name_leaf found;
	uint64_t leaf = 0, bit = 0;
	enum ancient_code code = ancient_core_directory_check_name(d, key, name, err);

	*ret_record = 0;
	if (code == ANCIENT_OK && name) {
		sought.name.bytes = (const uint8_t *)name;
		sought.name.length = strlen(name);
		code = find_name(d, &sought, &leaf, &bit, &found, err);
	}
	if (code != ANCIENT_OK)
		return code;
	if (leaf) { /* the key has this name already */
		*ret_record = found.name;
		return ANCIENT_OK;
	}
	if (old)
		code = drop_name(d, old, err);
	if (code == ANCIENT_OK && name) {
		code = find_name(d, &sought, &leaf, &bit, &found, err);
		if (code == ANCIENT_OK)
			code = add_name(d, &sought, bit, key, ret_record, err);
	}
	return code;
}

enum ancient_code ancient_core_directory_put(struct core_directory *d,
					     struct ancient_entry_record entry, const char *name,
					     struct ancient_error *err)
{
	struct core_critbit tree = key_tree(d);
	struct core_sought sought = {.key = entry.key};
	struct ancient_entry_record old = {0}, *to;
	uint64_t leaf, bit = 0;
	enum ancient_code code = look_up(&tree, &sought, &leaf, &bit, err);

	if (code == ANCIENT_OK && leaf)
		memcpy(&old, ancient_core_critbit_at(&d->pages, &d->entries, leaf, sizeof old),
		       sizeof old);
	if (code == ANCIENT_OK)
		code = change_name(d, entry.key, old.name, name, &entry.name, err);
	if (code != ANCIENT_OK)
		return code;
	if (leaf & CORE_PENDING) { /* put earlier in this commit */
		memcpy(d->entries.data + (leaf & ~(CORE_PENDING | ANCIENT_NODE_LEAF)), &entry,
		       sizeof entry);
		return ANCIENT_OK;
	}
	to = ancient_core_buffer_append(&d->entries, sizeof *to);
	if (!to)
		return ancient_core_fail_memory(err, d->pages.name);
	*to = entry;
	code = ancient_core_critbit_put(
		&tree, &sought, CORE_PENDING | (d->entries.used - sizeof *to) | ANCIENT_NODE_LEAF,
		leaf != 0, bit, err);
	if (code == ANCIENT_OK && !leaf)
		d->key_count++;
	return code;
}

enum ancient_code ancient_core_directory_remove(struct core_directory *d, uint64_t key,
						struct ancient_error *err)
{
	struct core_critbit tree = key_tree(d);
	struct core_sought sought = {.key = key};
	struct ancient_entry_record entry;
	uint64_t leaf = 0, bit = 0;
	enum ancient_code code = look_up(&tree, &sought, &leaf, &bit, err);

	if (code != ANCIENT_OK)
		return code;
	if (!leaf)
		return ancient_core_fail(err, ANCIENT_E_NO_KEY, "%s: no such key: %llu",
					 d->pages.name, (unsigned long long)key);
	memcpy(&entry, ancient_core_critbit_at(&d->pages, &d->entries, leaf, sizeof entry),
	       sizeof entry);
	if (entry.name)
		code = drop_name(d, entry.name, err);
	if (code == ANCIENT_OK)
		code = ancient_core_critbit_remove(&tree, &sought, err);
	if (code == ANCIENT_OK)
		d->key_count--;
	return code;
}

/* Replaces a pending reference by a file offset, given where its buffer will lie. */
static void resolve_word(uint64_t *word, uint64_t branches, uint64_t leaves)
{
	if (*word & CORE_PENDING)
		*word = (*word & ~CORE_PENDING) + (*word & ANCIENT_NODE_LEAF ? leaves : branches);
}

static void resolve_branches(const struct core_buffer *buffer, uint64_t branches, uint64_t leaves)
{
	struct ancient_branch *branch = (void *)buffer->data;

	for (size_t i = 0; i < buffer->used / sizeof *branch; i++) {
		resolve_word(&branch[i].child[0], branches, leaves);
		resolve_word(&branch[i].child[1], branches, leaves);
	}
}

void ancient_core_directory_resolve(struct core_directory *d, uint64_t offset, uint64_t schemas)
{
	uint64_t entries = offset + d->key_branches.used;
	uint64_t name_branches = entries + d->entries.used;
	uint64_t name_leaves = name_branches + d->name_branches.used;
	uint64_t records = name_leaves + d->name_leaves.used;
	uint64_t schema_branches = records + d->records.used;
	struct ancient_entry_record *entry = (void *)d->entries.data;
	struct ancient_name_leaf *leaf = (void *)d->name_leaves.data;

	resolve_branches(&d->key_branches, offset, entries);
	resolve_branches(&d->name_branches, name_branches, name_leaves);
	resolve_branches(&d->schema_branches, schema_branches, schemas);
	for (size_t i = 0; i < d->entries.used / sizeof *entry; i++) {
		resolve_word(&entry[i].name, records, 0);
		resolve_word(&entry[i].schema, schemas, 0);
	}
	for (size_t i = 0; i < d->name_leaves.used / sizeof *leaf; i++)
		resolve_word(&leaf[i].name, records, 0);
	resolve_word(&d->keys, offset, entries);
	resolve_word(&d->names, name_branches, name_leaves);
	resolve_word(&d->schemas, schema_branches, schemas);
}

void ancient_core_directory_parts(const struct core_directory *d, struct iovec *ret_parts)
{
	const struct core_buffer *buffers[] = {&d->key_branches, &d->entries, &d->name_branches,
					       &d->name_leaves,  &d->records, &d->schema_branches};

	for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++) {
		ret_parts[i].iov_base = buffers[i]->data;
		ret_parts[i].iov_len = buffers[i]->used;
	}
}
