/* c-reader/file: lookups by key and by name in the two crit-bit trees (FORMAT 5): the public
 * functions, and what verification needs of them.
 *
 * Bit positions rise on the way down, so a walk ends after at most 62 or 2048 steps, whatever the
 * file holds. */
#include <string.h>

#include "base/error.h"
#include "base/guard.h"
#include "file/directory.h"
#include "file/schema_record.h"

enum ancient_code ancient_reader_descend(const struct ancient_file *file, struct reader_link link,
					 const struct reader_bits *bits,
					 struct reader_link *ret_leaf, struct ancient_error *err)
{
	/* Hashes, the third kind of bits, are fewer; their tree is only walked here after
	 * verification. */
	const uint64_t limit = bits->name == NULL ? ANCIENT_KEY_BITS : ANCIENT_NAME_BITS;
	uint64_t bit = READER_NO_BIT;

	while (!reader_link_is_leaf(link)) {
		enum ancient_code code = ancient_reader_branch_bit(file, link, limit, &bit, err);
		if (code != ANCIENT_OK)
			return code;
		link = ancient_reader_branch_child(file, link, ancient_reader_bit(bits, bit));
	}
	*ret_leaf = link;
	return ANCIENT_OK;
}

static enum ancient_code no_key(const struct ancient_file *file, uint64_t key,
				struct ancient_error *err)
{
	return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "%llu",
				     (unsigned long long)key);
}

enum ancient_code ancient_reader_find_key(const struct ancient_file *file, uint64_t key,
					  struct ancient_entry_record *ret_leaf,
					  struct reader_link *ret_link, struct ancient_error *err)
{
	const struct reader_bits bits = {.key = key};
	struct ancient_entry_record leaf;
	struct reader_link link;
	enum ancient_code code;

	if (file->super.keys == 0 || key > ANCIENT_KEY_MAX)
		return no_key(file, key, err);
	code = ancient_reader_descend(file, ancient_reader_link_keys(file), &bits, &link, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_leaf_key(file, link, &leaf, err);
	if (code != ANCIENT_OK)
		return code;
	if (leaf.key != key)
		return no_key(file, key, err);
	*ret_leaf = leaf;
	*ret_link = link;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_entry_from(const struct ancient_file *file,
					    struct reader_link link,
					    const struct ancient_entry_record *leaf,
					    struct ancient_entry *ret_entry,
					    struct ancient_error *err)
{
	const uint64_t at = reader_link_offset(link);
	struct reader_schema_record schema = {.text = NULL};
	const unsigned char *name = NULL;
	size_t length = 0;
	enum ancient_code code = ANCIENT_OK;

	if (leaf->name != 0)
		code = ancient_reader_name_at(file, leaf->name,
					      at + offsetof(struct ancient_entry_record, name),
					      &name, &length, err);
	if (code == ANCIENT_OK && leaf->schema != 0)
		code = ancient_reader_schema_at(file, leaf->schema,
						at + offsetof(struct ancient_entry_record, schema),
						&schema, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_entry = (struct ancient_entry){
		.key = leaf->key,
		.root = {leaf->root},
		.name = (const char *)name,
		.name_length = length,
		.bytes = leaf->bytes,
		.blocks = leaf->blocks,
		.generation = leaf->generation,
		.schema = (const char *)schema.text,
		.schema_length = schema.length,
	};
	memcpy(ret_entry->schema_fingerprint, schema.fingerprint, ANCIENT_HASH_BYTES);
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_find_name(const struct ancient_file *file,
					   const struct reader_bits *name, uint64_t *ret_key,
					   uint64_t *ret_place, struct ancient_error *err)
{
	struct ancient_name_leaf leaf;
	struct reader_link link;
	const unsigned char *bytes;
	size_t length;
	enum ancient_code code;

	if (file->super.names == 0 || name->length < 1 || name->length > ANCIENT_NAME_MAX)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "\"%.*s\"",
					     (int)(name->length > 64 ? 64 : name->length),
					     name->name);
	code = ancient_reader_descend(file, ancient_reader_link_names(file), name, &link, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_leaf_name(file, link, &leaf, err);
	if (code == ANCIENT_OK)
		code = ancient_reader_name_at(file, leaf.name, reader_link_offset(link), &bytes,
					      &length, err);
	if (code != ANCIENT_OK)
		return code;
	if (length != name->length || memcmp(bytes, name->name, length) != 0)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "\"%.*s\"",
					     (int)(name->length > 64 ? 64 : name->length),
					     name->name);
	*ret_key = leaf.key;
	*ret_place = reader_link_offset(link);
	return ANCIENT_OK;
}

/* ---- Interface ------------------------------------------------------------------- */

enum ancient_code ancient_file_get(const struct ancient_file *file, uint64_t key,
				   struct ancient_value *ret_value, struct ancient_error *err)
{
	struct ancient_entry_record leaf;
	struct reader_link link;
	enum ancient_code code = ancient_reader_find_key(file, key, &leaf, &link, err);

	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		ret_value->word = leaf.root;
	return code;
}

static enum ancient_code entry_by_key(const struct ancient_file *file, uint64_t key,
				      struct ancient_entry *ret_entry, struct ancient_error *err)
{
	struct ancient_entry_record leaf;
	struct reader_link link;
	enum ancient_code code = ancient_reader_find_key(file, key, &leaf, &link, err);

	if (code == ANCIENT_OK)
		code = ancient_reader_entry_from(file, link, &leaf, ret_entry, err);
	return code;
}

enum ancient_code ancient_file_entry(const struct ancient_file *file, uint64_t key,
				     struct ancient_entry *ret_entry, struct ancient_error *err)
{
	struct ancient_entry entry;
	enum ancient_code code = reader_settle(file, entry_by_key(file, key, &entry, err), err);

	if (code == ANCIENT_OK)
		*ret_entry = entry;
	return code;
}

static enum ancient_code entry_by_name(const struct ancient_file *file,
				       const struct reader_bits *name, struct ancient_entry *entry,
				       struct ancient_error *err)
{
	uint64_t key = 0, place = 0;
	enum ancient_code code = ancient_reader_find_name(file, name, &key, &place, err);

	if (code != ANCIENT_OK)
		return code;
	code = entry_by_key(file, key, entry, err);
	/* D4: a name leads to a key that has this name. */
	if (code == ANCIENT_E_NO_KEY ||
	    (code == ANCIENT_OK && (entry->name_length != name->length ||
				    memcmp(entry->name, name->name, name->length) != 0)))
		return ancient_reader_bad_directory(file, READER_D(4), place, key,
						    "the key that has this name", err);
	return code;
}

enum ancient_code ancient_file_entry_named(const struct ancient_file *file, const char *name,
					   size_t length, struct ancient_entry *ret_entry,
					   struct ancient_error *err)
{
	const struct reader_bits bits = {.name = (const unsigned char *)name, .length = length};
	struct ancient_entry entry;
	enum ancient_code code = reader_settle(file, entry_by_name(file, &bits, &entry, err), err);

	if (code == ANCIENT_OK)
		*ret_entry = entry;
	return code;
}
