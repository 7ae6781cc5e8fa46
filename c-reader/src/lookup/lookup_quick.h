/* c-reader: one string or integer in a Hashtbl, the way that most lookups go: ancient_typed_find,
 * ancient_lookup_find, ancient_hashtbl_find_string.
 *
 * A lookup in a table larger than the caches is a wait for memory, for the bucket, the cell, the
 * key and the value, each known only when the one before has come.  Writers that follow pointers
 * depth first leave cell, key and value side by side, so the memory behind a cell is asked for
 * together with the cell; where they lie elsewhere, nothing but that is lost.
 *
 * Here is only what happens in good tables with keys that are strings or integers.  Anything else
 * goes the long way, which decides, and makes the errors. */
#ifndef ANCIENT_READER_LOOKUP_QUICK_H
#define ANCIENT_READER_LOOKUP_QUICK_H

#include "lookup/lookup_key.h"
#include "typed/typed.h"

/* Cells after which a bucket is walked the long way, which sees rings. */
#define LOOKUP_QUICK_STEPS 64u
#define LOOKUP_QUICK_LINE 64u /* bytes that memory is fetched by */
#define LOOKUP_QUICK_BEHIND                                                                        \
	384u /* a cell's, and those of a key of some 20 bytes and of a record's first fields */

/* Where the buckets of a table lie, as they were tested. */
struct lookup_buckets {
	uint64_t offset, mask;
	uint32_t seed;
};

/* A good Hashtbl. */
static inline bool lookup_quick_open(const struct ancient_file *file, uint64_t word,
				     struct lookup_buckets *ret_buckets)
{
	struct reader_block buckets;
	uint64_t table, seed, integers;

	if (!reader_gate_exact(file, word, 0, TYPED_TABLE_FIELDS, &table))
		return false;
	seed = reader_word(file, table + TYPED_TABLE_SEED * ANCIENT_WORD);
	integers = seed & reader_word(file, table + TYPED_TABLE_SIZE * ANCIENT_WORD) &
		   reader_word(file, table + TYPED_TABLE_INITIAL * ANCIENT_WORD);
	if (reader_is_pointer(integers) ||
	    reader_gate(file, reader_word(file, table + TYPED_TABLE_DATA * ANCIENT_WORD), &buckets,
			NULL) != ANCIENT_OK ||
	    buckets.tag != 0 || buckets.wosize == 0 || (buckets.wosize & (buckets.wosize - 1)) != 0)
		return false;
	*ret_buckets =
		(struct lookup_buckets){buckets.offset, buckets.wosize - 1, (uint32_t)(seed >> 1)};
	return true;
}

/* Asks for `bytes` at what a word points to, header first; any address will do. */
static inline void lookup_quick_ask(const struct ancient_file *file, uint64_t word, uint64_t bytes)
{
	uintptr_t block = (uintptr_t)file->map + (word - file->super.base) - ANCIENT_WORD;

	for (uint64_t at = 0; at < bytes; at += LOOKUP_QUICK_LINE)
		__builtin_prefetch((const void *)(block + at));
}

/* OK, NO_KEY, or anything else where the long way has to tell. */
static inline __attribute__((always_inline)) enum ancient_code
lookup_quick_walk(const struct ancient_file *file, const struct lookup_buckets *buckets,
		  const struct lookup_probe *probe, uint32_t hash, uint64_t *ret_word)
{
	uint64_t word = reader_word(file, buckets->offset + (hash & buckets->mask) * ANCIENT_WORD);

	for (unsigned steps = 0; word != 1 && steps < LOOKUP_QUICK_STEPS; steps++) {
		uint64_t cell, data;
		bool equal;

		lookup_quick_ask(file, word, LOOKUP_QUICK_BEHIND);
		if (!reader_gate_exact(file, word, 0, TYPED_CONS_FIELDS, &cell))
			return ANCIENT_E_BAD_SHAPE;
		data = reader_word(file, cell + TYPED_CONS_DATA * ANCIENT_WORD);
		lookup_quick_ask(file, data, 1);
		if (!lookup_probe_glance(file, probe,
					 reader_word(file, cell + TYPED_CONS_KEY * ANCIENT_WORD),
					 &equal))
			return ANCIENT_E_BAD_SHAPE;
		if (equal) {
			*ret_word = data;
			return ANCIENT_OK;
		}
		word = reader_word(file, cell + TYPED_CONS_NEXT * ANCIENT_WORD);
	}
	return word == 1 ? ANCIENT_E_NO_KEY : ANCIENT_E_BAD_SHAPE;
}

/* The word that the table has for a key: as lookup_quick_walk. */
static inline enum ancient_code lookup_quick_find(const struct ancient_file *file,
						  const struct lookup_buckets *buckets,
						  const struct ancient_key *key, uint64_t *ret_word)
{
	struct lookup_probe probe;

	if (key->kind == ANCIENT_KEY_STRING) {
		lookup_probe_string(&probe, key);
		return lookup_quick_walk(
			file, buckets, &probe,
			lookup_hash_string(buckets->seed, key->as.bytes, key->count), ret_word);
	}
	lookup_probe_init(&probe, key);
	if (probe.kind != PROBE_INT)
		return ANCIENT_E_WRONG_KIND;
	return lookup_quick_walk(file, buckets, &probe, lookup_hash_word(buckets->seed, probe.word),
				 ret_word);
}

#endif
