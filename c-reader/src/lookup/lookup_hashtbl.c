/* c-reader/lookup: hash tables by OCaml's own hash (FORMAT 12.4): the typed search of any key, for
 * lookup.c, and ancient_hashtbl_find_string, which needs no types.
 *
 * Layout and hash are those of the standard library since OCaml 4.00 (hashtbl.ml; hash.c of the
 * runtime): a record { size; data; seed; initial_size }, data an array of buckets, a bucket Empty
 * or Cons { key; data; next }, the newest binding first. */
#include "lookup/lookup_hashtbl.h"

#include "base/advice.h"
#include "typed/bucket.h"
#include "typed/bucket_index.h"
#include "typed/elements.h"

/* How many keys of a table are hashed to test a declared hash, and in how many buckets. */
#define CHECKED_KEYS 8u
#define CHECKED_BUCKETS 64u

/* Cells of a bucket that are compared with the key; behind them the bucket's index is asked. */
#define LONG_BUCKET 128u

/* ---- Typed ---------------------------------------------------------------------------- */

static enum ancient_code search_long(const struct lookup_search *s, uint64_t first,
				     struct lookup_place *place)
{
	uint64_t word = 1;
	enum ancient_code code =
		ancient_reader_typed_bucket_index_find(&s->equality->budget, s->shape.type, first,
						       lookup_key(s->key.given), &word, s->err);

	if (code == ANCIENT_OK && word != 1)
		code = typed_cell(s->file, s->shape.type, word, TYPED_CONS_FIELDS, "a bucket",
				  &place->block, s->err);
	if (code == ANCIENT_OK)
		place->word = word;
	return code;
}

/* Searches the bucket that begins at `word`; place->word stays 1 where it has no such key. */
static enum ancient_code search_bucket(const struct lookup_search *s, uint64_t word,
				       struct lookup_place *place)
{
	struct typed_bucket bucket = typed_bucket_at(word);
	enum typed_bucket_step step;
	unsigned cells = 0;

	while ((step = typed_bucket_next(s->file, &bucket)) == TYPED_BUCKET_CELL) {
		bool found;
		if (cells++ == LONG_BUCKET)
			return search_long(s, word, place);
		enum ancient_code code = lookup_key_equal(
			s->equality, &s->key, reader_field(s->file, &bucket.cell, TYPED_CONS_KEY),
			&found, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (found) {
			place->word = bucket.word;
			place->block = bucket.cell;
			return ANCIENT_OK;
		}
	}
	if (step == TYPED_BUCKET_END)
		return ANCIENT_OK;
	return ancient_reader_typed_bucket_fail(s->file, s->shape.type, &bucket, step,
						"a bucket that leads back to itself", s->err);
}

/* Hashes the keys of one bucket, until *keys of them have been; *ret_wrong where one belongs in
 * another bucket. */
static enum ancient_code check_bucket(const struct lookup_search *s, uint64_t at, unsigned *keys,
				      bool *ret_wrong)
{
	struct typed_bucket bucket = typed_bucket_at(reader_field(s->file, &s->buckets, at));
	enum typed_bucket_step step = TYPED_BUCKET_END;
	uint32_t hash;

	while (*keys < CHECKED_KEYS &&
	       (step = typed_bucket_next(s->file, &bucket)) == TYPED_BUCKET_CELL) {
		enum ancient_code code = ancient_reader_lookup_hash(
			s->file, lookup_word(reader_field(s->file, &bucket.cell, TYPED_CONS_KEY)),
			0, &hash, s->err);
		++*keys;
		if (code != ANCIENT_OK && code != ANCIENT_E_WRONG_KIND)
			return code;
		*ret_wrong = code == ANCIENT_E_WRONG_KIND || (hash & (s->buckets.wosize - 1)) != at;
		if (*ret_wrong)
			return ANCIENT_OK;
	}
	/* A ring in this bucket does not matter: the key that is looked for is in another one. */
	if (step != TYPED_BUCKET_ODD)
		return ANCIENT_OK;
	return ancient_reader_typed_bucket_fail(s->file, s->shape.type, &bucket, step, "", s->err);
}

/* Whether a few keys, from bucket `from` on, are where the declared hash puts them. */
static enum ancient_code check_hash(const struct lookup_search *s, uint64_t from, bool *ret_wrong)
{
	const uint64_t mask = s->buckets.wosize - 1;
	enum ancient_code code = ANCIENT_OK;
	unsigned keys = 0;

	/* Where the hash is another, all keys may be far away: at least one key is tested. */
	for (uint64_t i = 0; i <= mask && keys < CHECKED_KEYS && code == ANCIENT_OK; i++) {
		if (i >= CHECKED_BUCKETS && keys > 0)
			break;
		code = check_bucket(s, (from + i) & mask, &keys, ret_wrong);
		if (*ret_wrong)
			break;
	}
	return code;
}

enum ancient_code ancient_reader_lookup_hashtbl_find(const struct lookup_search *s,
						     struct lookup_place *ret_place)
{
	struct lookup_place place = {.word = 1, .linear = !s->known};
	enum ancient_code code = ANCIENT_OK;
	uint32_t hash = 0;
	uint64_t at;

	if (s->known)
		code = lookup_key_hash(s->file, &s->key, s->seed, &hash, s->err);
	if (code == ANCIENT_E_WRONG_KIND) { /* a key without a hash */
		place.linear = true;
		code = ANCIENT_OK;
	}
	if (code == ANCIENT_OK && !place.linear) {
		at = lookup_bucket_of(s, hash);
		code = search_bucket(s, reader_field(s->file, &s->buckets, at), &place);
		if (code == ANCIENT_OK && place.word == 1 &&
		    s->shape.type->kind == ANCIENT_TYPE_HASHTABLE)
			code = check_hash(s, at, &place.linear);
	}
	if (code == ANCIENT_OK)
		*ret_place = place;
	return code;
}

/* ---- Without types ---------------------------------------------------------------------- */

static enum ancient_code not_a_table(const struct ancient_file *file, const char *what,
				     struct ancient_error *err)
{
	return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
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

/* The bucket that a key belongs in. */
static enum ancient_code find_bucket(const struct ancient_file *file, uint64_t table,
				     const char *bytes, size_t length, uint64_t *ret_bucket,
				     struct ancient_error *err)
{
	struct reader_block record, data;
	uint64_t seed;
	enum ancient_code code =
		record_at(file, table, TYPED_TABLE_FIELDS,
			  "a value that is no record of four fields", &record, err);

	if (code != ANCIENT_OK)
		return code;
	seed = reader_field(file, &record, TYPED_TABLE_SEED);
	if (reader_is_pointer(reader_field(file, &record, TYPED_TABLE_SIZE)) ||
	    reader_is_pointer(seed) ||
	    reader_is_pointer(reader_field(file, &record, TYPED_TABLE_INITIAL)))
		return not_a_table(file, "a record whose size and seed are no integers", err);
	code = record_at(file, reader_field(file, &record, TYPED_TABLE_DATA), 0,
			 "a record whose second field is no array", &data, err);
	if (code != ANCIENT_OK)
		return code;
	if (data.wosize == 0 || (data.wosize & (data.wosize - 1)) != 0)
		return not_a_table(file, "buckets whose number is no power of two", err);
	*ret_bucket = reader_field(
		file, &data,
		ancient_reader_lookup_hash_string((uint32_t)(seed >> 1), bytes, length) &
			(data.wosize - 1));
	return ANCIENT_OK;
}

static enum ancient_code key_is(const struct ancient_file *file, uint64_t word,
				const struct lookup_key *key, bool *ret_is,
				struct ancient_error *err)
{
	struct reader_block block;
	enum ancient_code code;

	*ret_is = false;
	if (READER_LIKELY(lookup_key_is_word(file, key, word, ret_is)))
		return ANCIENT_OK;
	if (!reader_is_pointer(word))
		return not_a_table(file, "a key that is an integer", err);
	code = reader_gate(file, word, &block, err);
	if (code != ANCIENT_OK)
		return code;
	if (block.tag != ANCIENT_TAG_STRING)
		return not_a_table(file, "a key that is no string", err);
	return ANCIENT_OK; /* another process changed it between the two tests */
}

/* The error of a bucket's word that leads to no cell, or back. */
static enum ancient_code bad_bucket(const struct ancient_file *file,
				    const struct typed_bucket *bucket, enum typed_bucket_step step,
				    struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BLOCK, 0, bucket->word - file->super.base,
					   0, bucket->word};
	struct reader_block block;
	enum ancient_code code;

	if (step == TYPED_BUCKET_RING)
		return ancient_reader_fail(file->name, err, &fault, "a bucket that does not end");
	code = record_at(file, bucket->word, TYPED_CONS_FIELDS, "a bucket of another shape", &block,
			 err);
	return code != ANCIENT_OK ? code : not_a_table(file, "a bucket of another shape", err);
}

static enum ancient_code find_string(const struct ancient_file *file, uint64_t table,
				     const struct ancient_key *given, uint64_t *ret_word,
				     struct ancient_error *err)
{
	enum typed_bucket_step step;
	struct typed_bucket bucket;
	struct lookup_key key;
	uint64_t word = 1;
	enum ancient_code code =
		find_bucket(file, table, given->as.bytes, given->count, &word, err);

	if (code != ANCIENT_OK)
		return code;
	lookup_key_init_string(&key, given);
	bucket = typed_bucket_at(word);
	/* Any integer ends a bucket here, as the type of the table is only assumed. */
	while (reader_is_pointer(bucket.next)) {
		bool found = false;
		step = typed_bucket_next(file, &bucket);
		if (step != TYPED_BUCKET_CELL)
			return bad_bucket(file, &bucket, step, err);
		code = key_is(file, reader_field(file, &bucket.cell, TYPED_CONS_KEY), &key, &found,
			      err);
		if (code != ANCIENT_OK)
			return code;
		if (found) {
			*ret_word = reader_field(file, &bucket.cell, TYPED_CONS_DATA);
			return ANCIENT_OK;
		}
	}
	return ANCIENT_E_NO_KEY;
}

/* What the inline search did not find, having come to `word`.  1 is the end of a bucket of which
 * every cell was seen; otherwise it is searched with every test. */
static enum ancient_code find_again(const struct ancient_file *file, uint64_t table,
				    const char *bytes, size_t length, uint64_t *word,
				    struct ancient_error *err)
{
	const struct ancient_key key = ancient_key_string(bytes, length);
	enum ancient_code code = ANCIENT_E_NO_KEY;

	if (*word != 1)
		code = find_string(file, table, &key, word, err);
	return code == ANCIENT_E_NO_KEY ? ancient_reader_lookup_no_key(file, &key, err) : code;
}

enum ancient_code ancient_hashtbl_find_string(const struct ancient_file *file,
					      struct ancient_value table, const char *bytes,
					      size_t length, struct ancient_value *ret_value,
					      struct ancient_error *err)
{
	const struct ancient_key key = ancient_key_string(bytes, length);
	enum ancient_code code = ANCIENT_OK;
	struct lookup_buckets buckets;
	uint64_t word = 0;

	reader_looks_up(file);
	if (!lookup_hashtbl_open(file, table.word, &buckets) ||
	    !lookup_hashtbl_get(file, &buckets, &key, &word))
		code = find_again(file, table.word, bytes, length, &word, err);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		ret_value->word = word;
	return code;
}
