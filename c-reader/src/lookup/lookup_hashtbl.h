/* c-reader/lookup: searching a hash table: inline for a string or an integer in a well-formed
 * Hashtbl, which most lookups are, and ancient_reader_lookup_hashtbl_find for everything else.
 *
 * In a table larger than the caches a lookup waits for memory four times: for the bucket, the
 * cell, the key and the value, each known only when the one before has arrived.  The writer copies
 * depth first, so cell, key and value usually lie side by side: the memory behind a cell is
 * prefetched together with the cell.  Where they lie elsewhere, that prefetch is wasted. */
#ifndef ANCIENT_READER_LOOKUP_HASHTBL_H
#define ANCIENT_READER_LOOKUP_HASHTBL_H

#include "lookup/lookup.h"
#include "lookup/lookup_key.h"
#include "typed/layout.h"

/* Cells after which the walk gives up, and the one that sees rings is taken. */
#define LOOKUP_HASHTBL_STEPS 64u
#define LOOKUP_CACHE_LINE 64u /* bytes */
/* Prefetched for a cell: itself, a key of some 20 bytes, and the first fields of a record. */
#define LOOKUP_PREFETCH_BYTES 384u

/* Where the buckets of a table lie, tested once. */
struct lookup_buckets {
	uint64_t offset, mask;
	uint32_t seed;
};

/* Opens a well-formed Hashtbl; false where it is not, and ancient_reader_typed_open or the errors
 * decide. */
static inline bool lookup_hashtbl_open(const struct ancient_file *file, uint64_t word,
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

/* Prefetches `bytes` of the block that a word points to, header first.  Any address is allowed:
 * a prefetch cannot fail. */
static inline void lookup_prefetch(const struct ancient_file *file, uint64_t word, uint64_t bytes)
{
	uintptr_t block = (uintptr_t)file->map + (word - file->super.base) - ANCIENT_WORD;

	for (uint64_t at = 0; at < bytes; at += LOOKUP_CACHE_LINE)
		__builtin_prefetch((const void *)(block + at));
}

/* Walks the bucket of `hash`.  true: *ret_word is the word of the value.  false: *ret_word is 1
 * where every cell was seen and none has the key, and anything else where
 * ancient_reader_lookup_hashtbl_find or the errors have to decide. */
static inline __attribute__((always_inline)) bool
lookup_hashtbl_walk(const struct ancient_file *file, const struct lookup_buckets *buckets,
		    const struct lookup_key *key, uint32_t hash, uint64_t *ret_word)
{
	uint64_t word = reader_word(file, buckets->offset + (hash & buckets->mask) * ANCIENT_WORD);

	for (unsigned steps = 0; word != 1 && steps < LOOKUP_HASHTBL_STEPS; steps++) {
		uint64_t cell, data;
		bool equal;

		lookup_prefetch(file, word, LOOKUP_PREFETCH_BYTES);
		if (!reader_gate_exact(file, word, 0, TYPED_CONS_FIELDS, &cell))
			break;
		data = reader_word(file, cell + TYPED_CONS_DATA * ANCIENT_WORD);
		lookup_prefetch(file, data, 1);
		if (!lookup_key_is_word(file, key,
					reader_word(file, cell + TYPED_CONS_KEY * ANCIENT_WORD),
					&equal))
			break;
		if (equal) {
			*ret_word = data;
			return true;
		}
		word = reader_word(file, cell + TYPED_CONS_NEXT * ANCIENT_WORD);
	}
	*ret_word = word;
	return false;
}

/* Looks a key up in opened buckets, with the results of lookup_hashtbl_walk.  Keys that are neither
 * string nor integer are not looked for. */
static inline __attribute__((always_inline)) bool
lookup_hashtbl_get(const struct ancient_file *file, const struct lookup_buckets *buckets,
		   const struct ancient_key *given, uint64_t *ret_word)
{
	struct lookup_key key;

	if (given->kind == ANCIENT_KEY_STRING) {
		lookup_key_init_string(&key, given);
		return lookup_hashtbl_walk(file, buckets, &key,
					   ancient_reader_lookup_hash_string(
						   buckets->seed, given->as.bytes, given->count),
					   ret_word);
	}
	lookup_key_init(&key, given);
	if (key.kind != LOOKUP_KEY_INT) {
		*ret_word = 0;
		return false;
	}
	return lookup_hashtbl_walk(file, buckets, &key,
				   ancient_reader_lookup_hash_word(buckets->seed, key.word),
				   ret_word);
}

/* The bucket of a hash, below buckets.wosize, a power of two. */
static inline uint64_t lookup_bucket_of(const struct lookup_search *search, uint32_t hash)
{
	return hash & (search->buckets.wosize - 1);
}

/* The cell of search->key; place->linear where the hash is not known, or not the one declared. */
enum ancient_code ancient_reader_lookup_hashtbl_find(const struct lookup_search *search,
						     struct lookup_place *ret_place);

#endif
