/* c-reader: string keys in OCaml's hash tables, by OCaml's own hash.
 *
 * Layout and hash are those of the standard library since OCaml 4.00 (hashtbl.ml; hash.c of
 * the runtime): a record { size; data; seed; initial_size }, data an array of buckets,
 * a bucket Empty or Cons { key; data; next }, the newest binding first. */
#include "lookup/lookup_quick.h"

/* ---- The table ------------------------------------------------------------------- */

enum { TABLE_SIZE, TABLE_DATA, TABLE_SEED, TABLE_INITIAL, TABLE_FIELDS };
enum { CONS_KEY, CONS_DATA, CONS_NEXT, CONS_FIELDS };

static enum ancient_code not_a_table(const struct ancient_file *file, const char *what,
				     struct ancient_error *err)
{
	return reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
			     "expected a Hashtbl.t with string keys, found %s", what);
}

/* A block of tag 0, or WRONG_KIND. */
static enum ancient_code record_at(const struct ancient_file *file, uint64_t word, uint64_t size,
				   const char *what, struct reader_block *ret_block,
				   struct ancient_error *err)
{
	enum ancient_code code;

	if (!reader_is_pointer(word))
		return not_a_table(file, what, err);
	code = reader_gate(file, word, ret_block, err);
	if (code != ANCIENT_OK)
		return code;
	if (ret_block->tag != 0 || (size != 0 && ret_block->wosize != size))
		return not_a_table(file, what, err);
	return ANCIENT_OK;
}

/* The bucket a key belongs in. */
static enum ancient_code find_bucket(const struct ancient_file *file, uint64_t table,
				     const char *bytes, size_t length, uint64_t *ret_bucket,
				     struct ancient_error *err)
{
	struct reader_block record, data;
	uint64_t seed;
	enum ancient_code code =
		record_at(file, table, TABLE_FIELDS, "a value that is no record of four fields",
			  &record, err);

	if (code != ANCIENT_OK)
		return code;
	seed = reader_field(file, &record, TABLE_SEED);
	if (reader_is_pointer(reader_field(file, &record, TABLE_SIZE)) || reader_is_pointer(seed) ||
	    reader_is_pointer(reader_field(file, &record, TABLE_INITIAL)))
		return not_a_table(file, "a record whose size and seed are no integers", err);
	code = record_at(file, reader_field(file, &record, TABLE_DATA), 0,
			 "a record whose second field is no array", &data, err);
	if (code != ANCIENT_OK)
		return code;
	if (data.wosize == 0 || (data.wosize & (data.wosize - 1)) != 0)
		return not_a_table(file, "buckets whose number is no power of two", err);
	*ret_bucket = reader_field(file, &data,
				   lookup_hash_string((uint32_t)(seed >> 1), bytes, length) &
					   (data.wosize - 1));
	return ANCIENT_OK;
}

static enum ancient_code key_is(const struct ancient_file *file, uint64_t word,
				const struct lookup_probe *probe, bool *ret_is,
				struct ancient_error *err)
{
	struct reader_block key;
	enum ancient_code code;

	*ret_is = false;
	if (READER_LIKELY(lookup_probe_glance(file, probe, word, ret_is)))
		return ANCIENT_OK;
	if (!reader_is_pointer(word))
		return not_a_table(file, "a key that is an integer", err);
	code = reader_gate(file, word, &key, err);
	if (code != ANCIENT_OK)
		return code;
	if (key.tag != ANCIENT_TAG_STRING)
		return not_a_table(file, "a key that is no string", err);
	return ANCIENT_OK; /* one that changed while it was read */
}

static enum ancient_code find(const struct ancient_file *file, uint64_t table, const char *bytes,
			      size_t length, uint64_t *ret_word, struct ancient_error *err)
{
	const uint64_t most = file->super.used / ((CONS_FIELDS + 1) * ANCIENT_WORD);
	const struct ancient_key key = ancient_key_string(bytes, length);
	struct reader_chain chain = READER_CHAIN_START;
	struct lookup_probe probe;
	uint64_t bucket = 1;
	enum ancient_code code = find_bucket(file, table, bytes, length, &bucket, err);

	lookup_probe_init(&probe, &key);
	while (code == ANCIENT_OK && reader_is_pointer(bucket)) {
		struct reader_block cons;
		bool found = false;
		if (reader_chain_closed(&chain, bucket, most)) {
			const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, 0,
							   bucket - file->super.base, 0, bucket};
			return reader_fail(file->name, err, &fault, "a bucket that does not end");
		}
		code = record_at(file, bucket, CONS_FIELDS, "a bucket of another shape", &cons,
				 err);
		if (code == ANCIENT_OK)
			code = key_is(file, reader_field(file, &cons, CONS_KEY), &probe, &found,
				      err);
		if (code != ANCIENT_OK)
			return code;
		if (found) {
			*ret_word = reader_field(file, &cons, CONS_DATA);
			return ANCIENT_OK;
		}
		bucket = reader_field(file, &cons, CONS_NEXT);
	}
	if (code != ANCIENT_OK)
		return code;
	return reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "\"%.*s\"",
			     (int)(length < 64 ? length : 64), bytes);
}

enum ancient_code ancient_hashtbl_find_string(const struct ancient_file *file,
					      struct ancient_value table, const char *bytes,
					      size_t length, struct ancient_value *ret_value,
					      struct ancient_error *err)
{
	const struct ancient_key key = ancient_key_string(bytes, length);
	struct lookup_buckets buckets;
	enum ancient_code code = ANCIENT_OK;
	uint64_t word = 0;

	if (!lookup_quick_open(file, table.word, &buckets) ||
	    lookup_quick_find(file, &buckets, &key, &word) != ANCIENT_OK)
		code = find(file, table.word, bytes, length, &word, err);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		ret_value->word = word;
	return code;
}
