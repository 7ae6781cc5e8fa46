/* c-reader/verify: the directories of keys and of names (FORMAT 5, rules D1 to D5). */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "file/directory.h"
#include "verify/verify_directories.h"
#include "verify/verify_walk.h"

/* ---- D3 -------------------------------------------------------------------------- */

/* As much as it takes to read a name: where its record lies, its length, the 0 byte behind. */
static enum ancient_code find_name(struct reader_walk *w, uint64_t offset, uint64_t place,
				   const unsigned char **ret_bytes, size_t *ret_length)
{
	enum ancient_code code =
		ancient_reader_name_at(w->v->file, offset, place, ret_bytes, ret_length, w->v->err);

	if (code != ANCIENT_OK)
		return code;
	if (ancient_reader_region_find(w->v, ANCIENT_EXTENT_DIRECTORY, offset,
				       ANCIENT_NAME_RECORD_BYTES(*ret_length)) == NULL)
		return ancient_reader_walk_fault(w, READER_D(3), place, offset,
						 "a name inside a directory extent");
	return ANCIENT_OK;
}

static enum ancient_code check_name(struct reader_walk *w, uint64_t offset, uint64_t place,
				    struct reader_bits *ret_bits)
{
	const unsigned char *bytes;
	size_t length = 0, at = 0;
	enum ancient_code code = find_name(w, offset, place, &bytes, &length);

	if (code != ANCIENT_OK)
		return code;
	while (at < length) {
		size_t size =
			bytes[at] == 0 ? 0 : ancient_reader_utf8_size(bytes + at, length - at);
		if (size == 0)
			return ancient_reader_walk_fault(w, READER_D(3), place, bytes[at],
							 "a name of UTF-8, none of it 0");
		at += size;
	}
	for (; at < ANCIENT_NAME_RECORD_BYTES(length) - ANCIENT_WORD; at++)
		if (bytes[at] != 0)
			return ancient_reader_walk_fault(w, READER_D(3), place, bytes[at],
							 "zeros behind a name");
	*ret_bits = (struct reader_bits){.name = bytes, .length = length};
	return ANCIENT_OK;
}

static enum ancient_code bad_root(const struct reader_walk *w, uint64_t place, uint64_t root)
{
	const struct reader_fault what = {ANCIENT_E_BAD_POINTER, READER_D(3), place, 0, root};
	return ancient_reader_fail(w->v->file->name, w->v->err, &what,
				   "expected an integer or the address of a block, found %#llx",
				   (unsigned long long)root);
}

static enum ancient_code check_key(struct reader_walk *w, struct reader_link link)
{
	const struct ancient_superblock *super = &w->v->file->super;
	const uint64_t at = reader_link_offset(link);
	struct ancient_entry_record leaf;
	struct reader_bits name;
	enum ancient_code code =
		ancient_reader_walk_within(w, ANCIENT_EXTENT_DIRECTORY, link, sizeof(leaf));

	if (code == ANCIENT_OK)
		code = ancient_reader_leaf_key(w->v->file, link, &leaf, w->v->err);
	if (code == ANCIENT_OK)
		code = ancient_reader_walk_agrees(
			w, link, &(struct reader_bits){.key = leaf.key & ANCIENT_KEY_MAX});
	if (code != ANCIENT_OK)
		return code;
	if (leaf.key > ANCIENT_KEY_MAX)
		return ancient_reader_walk_fault(w, READER_D(3), at, leaf.key, "a key below 2^62");
	if (!reader_start_valid(w->v, leaf.root))
		return bad_root(w, at + offsetof(struct ancient_entry_record, root), leaf.root);
	w->v->typed |= leaf.schema != 0;
	if (leaf.name != 0)
		code = check_name(w, leaf.name, at + offsetof(struct ancient_entry_record, name),
				  &name);
	if (code != ANCIENT_OK)
		return code;
	if (leaf.generation < 2 || leaf.generation > super->generation)
		return ancient_reader_walk_fault(
			w, READER_D(3), at + offsetof(struct ancient_entry_record, generation),
			leaf.generation, "a generation from 2 to the superblock's");
	if (leaf.zero != 0)
		return ancient_reader_walk_fault(w, READER_D(3),
						 at + offsetof(struct ancient_entry_record, zero),
						 leaf.zero, "0");
	return ANCIENT_OK;
}

static enum ancient_code check_name_leaf(struct reader_walk *w, struct reader_link link)
{
	const uint64_t at = reader_link_offset(link);
	struct ancient_name_leaf leaf;
	struct reader_bits bits;
	const unsigned char *bytes;
	size_t length;
	enum ancient_code code =
		ancient_reader_walk_within(w, ANCIENT_EXTENT_DIRECTORY, link, sizeof(leaf));

	if (code == ANCIENT_OK)
		code = ancient_reader_leaf_name(w->v->file, link, &leaf, w->v->err);
	/* The bits are those of the name, so the record must be readable first. */
	if (code == ANCIENT_OK)
		code = find_name(w, leaf.name, at, &bytes, &length);
	if (code == ANCIENT_OK)
		code = ancient_reader_walk_agrees(
			w, link, &(struct reader_bits){.name = bytes, .length = length});
	if (code == ANCIENT_OK)
		code = check_name(w, leaf.name, at, &bits);
	if (code == ANCIENT_OK && leaf.key > ANCIENT_KEY_MAX)
		return ancient_reader_walk_fault(w, READER_D(3),
						 at + offsetof(struct ancient_name_leaf, key),
						 leaf.key, "a key below 2^62");
	return code;
}

/* ---- D4 -------------------------------------------------------------------------- */

static enum ancient_code match_key(struct reader_walk *w, struct reader_link link)
{
	const struct ancient_file *file = w->v->file;
	const uint64_t place =
		reader_link_offset(link) + offsetof(struct ancient_entry_record, name);
	struct ancient_entry_record leaf;
	struct reader_bits name = {0};
	uint64_t key, found_at;
	enum ancient_code code = ancient_reader_leaf_key(file, link, &leaf, w->v->err);

	if (code != ANCIENT_OK || leaf.name == 0)
		return code;
	code = ancient_reader_name_at(file, leaf.name, place, &name.name, &name.length, w->v->err);
	if (code != ANCIENT_OK)
		return code;
	code = ancient_reader_find_name(file, &name, &key, &found_at, NULL);
	if (code != ANCIENT_OK || key != leaf.key)
		return ancient_reader_walk_fault(w, READER_D(4), place, leaf.key,
						 "a leaf of the names that leads back to this key");
	return ANCIENT_OK;
}

static enum ancient_code match_name(struct reader_walk *w, struct reader_link link)
{
	const struct ancient_file *file = w->v->file;
	const uint64_t at = reader_link_offset(link);
	struct ancient_name_leaf leaf;
	struct ancient_entry_record entry;
	struct reader_link entry_link;
	struct reader_bits name = {0}, found = {0};
	enum ancient_code code = ancient_reader_leaf_name(file, link, &leaf, w->v->err);

	if (code == ANCIENT_OK)
		code = ancient_reader_name_at(file, leaf.name, at, &name.name, &name.length,
					      w->v->err);
	if (code != ANCIENT_OK)
		return code;
	code = ancient_reader_find_key(file, leaf.key, &entry, &entry_link, NULL);
	if (code == ANCIENT_OK && entry.name != 0)
		code = ancient_reader_name_at(file, entry.name, reader_link_offset(entry_link),
					      &found.name, &found.length, NULL);
	if (code != ANCIENT_OK || found.length != name.length ||
	    memcmp(found.name, name.name, name.length) != 0)
		return ancient_reader_walk_fault(w, READER_D(4), at, leaf.key,
						 "the key that has this name");
	return ANCIENT_OK;
}

/* ---- The whole ------------------------------------------------------------------- */

static enum ancient_code walk_both(struct reader_walk *w, reader_visit *key, reader_visit *name,
				   uint64_t *ret_keys, uint64_t *ret_names)
{
	enum ancient_code code;

	w->limit = ANCIENT_KEY_BITS;
	w->work = READER_WORK_KEY;
	code = ancient_reader_walk_tree(w, ancient_reader_link_keys(w->v->file), key);
	*ret_keys = w->leaves;
	if (code != ANCIENT_OK)
		return code;
	w->limit = ANCIENT_NAME_BITS;
	w->work = READER_WORK_NAME;
	code = ancient_reader_walk_tree(w, ancient_reader_link_names(w->v->file), name);
	*ret_names = w->leaves;
	return code;
}

enum ancient_code ancient_reader_verify_directories(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	struct reader_walk w = {.v = v};
	uint64_t keys, names;
	enum ancient_code code;

	w.path = malloc(ANCIENT_NAME_BITS * sizeof(*w.path));
	if (w.path == NULL)
		return ancient_reader_refuse(file->name, v->err, ANCIENT_E_MEMORY, "verification");
	code = walk_both(&w, check_key, check_name_leaf, &v->result.keys, &v->result.names);
	if (code == ANCIENT_OK)
		code = walk_both(&w, match_key, match_name, &keys, &names);
	free(w.path);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_count(v, READER_D(5), READER_SUPER(file, key_count),
						   v->result.keys, file->super.key_count);
	if (code == ANCIENT_OK)
		code = ancient_reader_verify_count(v, READER_D(5), READER_SUPER(file, name_count),
						   v->result.names, file->super.name_count);
	return code;
}
