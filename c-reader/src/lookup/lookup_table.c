/* c-reader: finding a key in a hash table by OCaml's own hash (FORMAT 12.4). */
#include "lookup/lookup_search.h"

#define PROBED_KEYS 8u
#define PROBED_BUCKETS 64u

/* From `word` on along a bucket; spot->word stays 1 where it has no such key. */
static enum ancient_code search_bucket(const struct lookup_search *s, uint64_t word,
				       struct lookup_spot *spot)
{
	const uint64_t most = s->file->super.used / (4 * ANCIENT_WORD);
	struct reader_chain chain = READER_CHAIN_START;

	while (word != 1) {
		bool found;
		enum ancient_code code =
			typed_cell(s->file, s->shape.type, word, TYPED_CONS_FIELDS,
				   "0 or a bucket of tag 0 and size 3", &spot->block, s->err);
		if (code == ANCIENT_OK)
			code = lookup_probe_equal(
				s->file, &s->probe,
				reader_field(s->file, &spot->block, TYPED_CONS_KEY), &found,
				s->err);
		if (code != ANCIENT_OK)
			return code;
		if (found) {
			spot->word = word;
			return ANCIENT_OK;
		}
		word = reader_field(s->file, &spot->block, TYPED_CONS_NEXT);
		if (reader_is_pointer(word) && reader_chain_closed(&chain, word, most)) {
			const struct reader_fault fault = {ANCIENT_E_BAD_SHAPE, 0,
							   word - s->file->super.base, 0, word};
			return reader_fail(s->file->name, s->err, &fault,
					   "%.80s: a bucket that leads back to itself",
					   s->shape.type->name);
		}
	}
	return ANCIENT_OK;
}

/* Whether a few keys from this bucket on are where the standard hash puts them. */
static enum ancient_code probe_table(const struct lookup_search *s, uint64_t from,
				     bool *ret_refuted)
{
	const uint64_t mask = s->buckets.wosize - 1;
	unsigned keys = 0;

	/* Where the hash is another, all keys may be elsewhere: it takes at least one. */
	for (uint64_t i = 0; i <= mask && keys < PROBED_KEYS; i++) {
		if (i >= PROBED_BUCKETS && keys > 0)
			break;
		uint64_t at = (from + i) & mask, word = reader_field(s->file, &s->buckets, at);
		while (word != 1 && keys++ < PROBED_KEYS) {
			struct reader_block cell;
			uint32_t hash;
			enum ancient_code code =
				typed_cell(s->file, s->shape.type, word, TYPED_CONS_FIELDS,
					   "0 or a bucket of tag 0 and size 3", &cell, s->err);
			if (code != ANCIENT_OK)
				return code;
			code = lookup_hash(
				s->file, lookup_word(reader_field(s->file, &cell, TYPED_CONS_KEY)),
				0, &hash, s->err);
			if (code != ANCIENT_OK && code != ANCIENT_E_WRONG_KIND)
				return code;
			if (code == ANCIENT_E_WRONG_KIND || (hash & mask) != at) {
				*ret_refuted = true;
				return ANCIENT_OK;
			}
			word = reader_field(s->file, &cell, TYPED_CONS_NEXT);
		}
	}
	return ANCIENT_OK;
}

enum ancient_code lookup_search_table(const struct lookup_search *s, struct lookup_spot *ret_spot)
{
	struct lookup_spot spot = {.word = 1, .linear = !s->known};
	enum ancient_code code = ANCIENT_OK;
	uint32_t hash = 0;
	uint64_t at;

	if (s->known)
		code = lookup_probe_hash(s->file, &s->probe, s->seed, &hash, s->err);
	if (code == ANCIENT_E_WRONG_KIND) { /* a key without a hash */
		spot.linear = true;
		code = ANCIENT_OK;
	}
	if (code == ANCIENT_OK && !spot.linear) {
		at = lookup_search_bucket(s, hash);
		code = search_bucket(s, reader_field(s->file, &s->buckets, at), &spot);
		if (code == ANCIENT_OK && spot.word == 1 &&
		    s->shape.type->kind == ANCIENT_TYPE_HASHTABLE)
			code = probe_table(s, at, &spot.linear);
	}
	if (code == ANCIENT_OK)
		*ret_spot = spot;
	return code;
}
