/* c-reader/verify: the schema directory and its records (FORMAT 12.1, rules D1, D2 and D6).
 *
 * The rules do not ask whether a text parses as a schema and has its fingerprint: schema/ tests
 * that when the types are wanted. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "file/directory.h"
#include "file/schema_record.h"
#include "verify/verify_schemas.h"
#include "verify/verify_walk.h"

#define RECORD sizeof(struct ancient_schema_record)

/* UTF-8 without 0, then zeros. */
static bool good_text(const unsigned char *text, uint64_t length)
{
	uint64_t at = 0;

	while (at < length) {
		size_t size = text[at] == 0 ? 0 : ancient_reader_utf8_size(text + at, length - at);
		if (size == 0)
			return false;
		at += size;
	}
	for (; at < ANCIENT_SCHEMA_RECORD_BYTES(length) - RECORD; at++)
		if (text[at] != 0)
			return false;
	return true;
}

static enum ancient_code check_record(struct reader_walk *w, uint64_t at)
{
	const struct ancient_file *file = w->v->file;
	const uint64_t place = at + offsetof(struct ancient_schema_record, length);
	const uint64_t length = reader_word(file, place);
	struct reader_schema_record record;
	XXH128_canonical_t hash;
	enum ancient_code code;

	if (length < 1 || length > ANCIENT_SCHEMA_MAX ||
	    ancient_reader_region_find(w->v, ANCIENT_EXTENT_SCHEMA, at,
				       ANCIENT_SCHEMA_RECORD_BYTES(length)) == NULL)
		return ancient_reader_walk_fault(w, READER_D(6), place, length,
						 "a schema of 1 byte to 1 MiB, inside its extent");
	code = ancient_reader_schema_at(file, at, at, &record, w->v->err);
	if (code != ANCIENT_OK)
		return code;
	if (!good_text(record.text, record.length))
		return ancient_reader_walk_fault(
			w, READER_D(6), at + RECORD, record.length,
			"a schema of UTF-8, none of it 0, and zeros behind it");
	XXH128_canonicalFromHash(&hash, XXH3_128bits(record.text, record.length));
	if (memcmp(hash.digest, record.text_hash, sizeof(record.text_hash)) != 0)
		return ancient_reader_walk_fault(w, READER_D(6), at, record.text_hash[0],
						 "the hash of the schema's text");
	return ancient_reader_verify_step(w->v, record.length);
}

static enum ancient_code check_leaf(struct reader_walk *w, struct reader_link link)
{
	const uint64_t at = reader_link_offset(link);
	unsigned char hash[ANCIENT_HASH_BYTES];
	enum ancient_code code = ancient_reader_walk_within(w, ANCIENT_EXTENT_SCHEMA, link, RECORD);

	if (code != ANCIENT_OK)
		return code;
	memcpy(hash, w->v->file->map + at, sizeof(hash));
	code = ancient_reader_walk_agrees(
		w, link, &(struct reader_bits){.name = hash, .length = sizeof(hash)});
	return code == ANCIENT_OK ? check_record(w, at) : code;
}

/* The schema of a key is a leaf of the schemas: its own hash leads to it. */
static enum ancient_code match_key(struct reader_walk *w, struct reader_link link)
{
	const struct ancient_file *file = w->v->file;
	const uint64_t place =
		reader_link_offset(link) + offsetof(struct ancient_entry_record, schema);
	struct ancient_entry_record leaf;
	struct reader_link found = {0};
	unsigned char hash[ANCIENT_HASH_BYTES];
	const struct reader_bits bits = {.name = hash, .length = sizeof(hash)};
	enum ancient_code code = ancient_reader_leaf_key(file, link, &leaf, w->v->err);

	if (code != ANCIENT_OK || leaf.schema == 0)
		return code;
	if (leaf.schema % ANCIENT_WORD == 0 && file->super.schemas != 0 &&
	    ancient_reader_region_find(w->v, ANCIENT_EXTENT_SCHEMA, leaf.schema, RECORD) != NULL) {
		memcpy(hash, file->map + leaf.schema, sizeof(hash));
		code = ancient_reader_descend(file, ancient_reader_link_schemas(file), &bits,
					      &found, NULL);
		if (code == ANCIENT_OK && reader_link_offset(found) == leaf.schema)
			return ANCIENT_OK;
	}
	return ancient_reader_walk_fault(w, READER_D(6), place, leaf.schema,
					 "a record of the schema directory");
}

enum ancient_code ancient_reader_verify_schemas(struct reader_verify *v)
{
	struct reader_walk w = {.v = v, .limit = ANCIENT_SCHEMA_BITS, .work = READER_WORK_SCHEMA};
	enum ancient_code code;

	w.path = malloc(ANCIENT_SCHEMA_BITS * sizeof(*w.path));
	if (w.path == NULL)
		return ancient_reader_refuse(v->file->name, v->err, ANCIENT_E_MEMORY,
					     "verification");
	code = ancient_reader_walk_tree(&w, ancient_reader_link_schemas(v->file), check_leaf);
	v->result.schemas = w.leaves;
	w.limit = ANCIENT_KEY_BITS;
	w.work = READER_WORK_KEY;
	if (code == ANCIENT_OK && v->typed)
		code = ancient_reader_walk_tree(&w, ancient_reader_link_keys(v->file), match_key);
	free(w.path);
	return code;
}
