/* c-reader: a key on its way through a table, map or set.
 *
 * Strings and integers are what most keys are.  They are prepared once, as the words that an
 * equal value has in the file, and then compared word by word with each value met.  Everything
 * else, and every value that is not as it should be, goes to lookup_compare, which knows all
 * kinds and makes the errors. */
#ifndef ANCIENT_READER_LOOKUP_PROBE_H
#define ANCIENT_READER_LOOKUP_PROBE_H

#include <string.h>

#include "value/ocaml_compare.h"
#include "value/ocaml_hash.h"

struct lookup_probe {
	const struct ancient_key *key;
	enum { PROBE_INT = 1, PROBE_STRING, PROBE_OTHER } kind;
	uint64_t word;   /* INT: its word; STRING: the last one, with length and padding */
	uint64_t header; /* STRING: of its block */
	size_t words;    /* STRING: those before the last */
};

static inline uint64_t lookup_key_word(const struct lookup_probe *probe, size_t index)
{
	uint64_t word;

	memcpy(&word, probe->key->as.bytes + index * ANCIENT_WORD, sizeof(word));
	return word;
}

/* The bytes behind the whole words, fewer than 8, as a word. */
static inline uint64_t lookup_key_rest(const struct lookup_probe *probe, size_t left)
{
	const char *bytes = probe->key->as.bytes; /* NULL where the key is empty */
	uint64_t word = 0;

	if (left == 0)
		return 0;
	bytes += probe->words * ANCIENT_WORD;
	/* Eight bytes that end where the key does, less those before. */
	if (probe->words > 0) {
		memcpy(&word, bytes + left - sizeof(word), sizeof(word));
		return word >> 8 * (sizeof(word) - left);
	}
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
	return word;
}

/* Of a key that is a string. */
static inline void lookup_probe_string(struct lookup_probe *probe, const struct ancient_key *key)
{
	size_t left = key->count % ANCIENT_WORD;

	probe->key = key;
	probe->kind = PROBE_STRING;
	probe->words = key->count / ANCIENT_WORD;
	probe->header = ANCIENT_HEADER(probe->words + 1, ANCIENT_TAG_STRING);
	probe->word = (ANCIENT_WORD - 1 - left) << 56 | lookup_key_rest(probe, left);
}

static inline void lookup_probe_init(struct lookup_probe *probe, const struct ancient_key *key)
{
	probe->key = key;
	probe->kind = PROBE_OTHER;
	if (key->kind == ANCIENT_KEY_STRING) {
		lookup_probe_string(probe, key);
	} else if (key->kind == ANCIENT_KEY_INT) {
		/* What no int of OCaml can be equals none. */
		probe->word = (uint64_t)key->as.integer << 1 | 1;
		if ((int64_t)probe->word >> 1 == key->as.integer)
			probe->kind = PROBE_INT;
	}
}

static inline enum ancient_code lookup_probe_hash(const struct ancient_file *file,
						  const struct lookup_probe *probe, uint32_t seed,
						  uint32_t *ret_hash, struct ancient_error *err)
{
	if (probe->kind == PROBE_STRING)
		*ret_hash = lookup_hash_string(seed, probe->key->as.bytes, probe->key->count);
	else if (probe->kind == PROBE_INT)
		*ret_hash = lookup_hash_word(seed, probe->word);
	else
		return lookup_hash(file, lookup_key(probe->key), seed, ret_hash, err);
	return ANCIENT_OK;
}

/* Whether the value is the key; *ret_equal is untouched where it takes more to tell. */
static inline bool lookup_probe_glance(const struct ancient_file *file,
				       const struct lookup_probe *probe, uint64_t word,
				       bool *ret_equal)
{
	uint64_t place = reader_place(file, word), offset, header;
	bool equal;

	if (probe->kind == PROBE_INT) {
		*ret_equal = word == probe->word;
		return !reader_is_pointer(word);
	}
	if (probe->kind != PROBE_STRING || place >= file->words)
		return false;
	offset = reader_place_offset(place);
	header = reader_word(file, offset - ANCIENT_WORD);
	if (header != probe->header) {
		/* A string of another length: what else there is to say of it matters to nobody. */
		*ret_equal = false;
		return header == ANCIENT_HEADER(reader_header_wosize(header), ANCIENT_TAG_STRING) &&
		       reader_header_wosize(header) - 1 < file->words - place;
	}
	if (probe->words >= file->words - place)
		return false;
	/* The last word first: beginnings are often alike. */
	equal = reader_word(file, offset + probe->words * ANCIENT_WORD) == probe->word;
	for (size_t i = 0; i < probe->words && equal; i++)
		equal = reader_word(file, offset + i * ANCIENT_WORD) == lookup_key_word(probe, i);
	*ret_equal = equal;
	return true;
}

static inline enum ancient_code lookup_probe_equal(const struct ancient_file *file,
						   const struct lookup_probe *probe, uint64_t word,
						   bool *ret_equal, struct ancient_error *err)
{
	if (READER_LIKELY(lookup_probe_glance(file, probe, word, ret_equal)))
		return ANCIENT_OK;
	return lookup_equal(file, (struct ancient_value){word}, probe->key, ret_equal, err);
}

/* Where a string of `length` bytes at `offset` stands to the key's: -1, 0, 1. */
static inline int lookup_probe_order_string(const struct ancient_file *file,
					    const struct lookup_probe *probe, uint64_t offset,
					    uint64_t length)
{
	const uint64_t count = probe->key->count;
	const uint64_t words = (length < count ? length : count) / ANCIENT_WORD;
	uint64_t left, right;

	/* Bytes as a number with the first on top compare as they do. */
	for (uint64_t i = 0; i < words; i++) {
		left = reader_word(file, offset + i * ANCIENT_WORD);
		right = lookup_key_word(probe, i);
		if (left != right)
			return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
	}
	/* One of them ends in this word, with at most seven bytes and zeros behind: where those
	 * seven are alike, the shorter string is the beginning of the other. */
	left = reader_word(file, offset + words * ANCIENT_WORD) & ~(0xFFull << 56);
	right = (words < probe->words ? lookup_key_word(probe, words) : probe->word) &
		~(0xFFull << 56);
	if (left != right)
		return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
	return (length > count) - (length < count);
}

/* Where the value stands to the key: -1, 0, 1. */
static inline enum ancient_code lookup_probe_order(const struct ancient_file *file,
						   const struct lookup_probe *probe, uint64_t word,
						   int *ret_order, struct ancient_error *err)
{
	uint64_t offset, length;

	if (probe->kind == PROBE_INT && !reader_is_pointer(word)) {
		int64_t left = (int64_t)word, right = (int64_t)probe->word;
		*ret_order = (left > right) - (left < right);
		return ANCIENT_OK;
	}
	if (probe->kind == PROBE_STRING &&
	    READER_LIKELY(reader_gate_string(file, word, &offset, &length))) {
		*ret_order = lookup_probe_order_string(file, probe, offset, length);
		return ANCIENT_OK;
	}
	return lookup_compare(file, lookup_word(word), lookup_key(probe->key), ret_order, err);
}

#endif
