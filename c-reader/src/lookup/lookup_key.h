/* c-reader/lookup: the key that is looked for, prepared once and then compared with each key met.
 *
 * Most keys are strings or integers.  They are turned into the words that an equal value has in
 * the file, and compared word by word.  Keys of other kinds, and damaged values, go to
 * ancient_reader_lookup_compare, which knows all kinds and makes the errors. */
#ifndef ANCIENT_READER_LOOKUP_KEY_H
#define ANCIENT_READER_LOOKUP_KEY_H

#include <string.h>

#include "value/equality.h"
#include "value/ocaml_compare.h"
#include "value/ocaml_hash.h"

struct lookup_key {
	const struct ancient_key *given;
	enum { LOOKUP_KEY_INT = 1, LOOKUP_KEY_STRING, LOOKUP_KEY_OTHER } kind;
	uint64_t word;   /* INT: its word; STRING: the last one, with length and padding */
	uint64_t header; /* STRING: of its block */
	size_t words;    /* STRING: those before the last */
};

static inline uint64_t lookup_key_word(const struct lookup_key *key, size_t index)
{
	uint64_t word;

	memcpy(&word, key->given->as.bytes + index * ANCIENT_WORD, sizeof(word));
	return word;
}

/* The bytes behind the whole words, fewer than 8, as a word. */
static inline uint64_t lookup_key_rest(const struct lookup_key *key, size_t left)
{
	const char *bytes = key->given->as.bytes; /* NULL where the key is empty */
	uint64_t word = 0;

	if (left == 0)
		return 0;
	bytes += key->words * ANCIENT_WORD;
	/* Eight bytes that end where the key does, less those before. */
	if (key->words > 0) {
		memcpy(&word, bytes + left - sizeof(word), sizeof(word));
		return word >> 8 * (sizeof(word) - left);
	}
	for (size_t i = 0; i < left; i++)
		word |= (uint64_t)(unsigned char)bytes[i] << 8 * i;
	return word;
}

/* Of a key that is a string. */
static inline void lookup_key_init_string(struct lookup_key *key, const struct ancient_key *given)
{
	size_t left = given->count % ANCIENT_WORD;

	key->given = given;
	key->kind = LOOKUP_KEY_STRING;
	key->words = given->count / ANCIENT_WORD;
	key->header = ANCIENT_HEADER(key->words + 1, ANCIENT_TAG_STRING);
	key->word = (ANCIENT_WORD - 1 - left) << 56 | lookup_key_rest(key, left);
}

static inline void lookup_key_init(struct lookup_key *key, const struct ancient_key *given)
{
	key->given = given;
	key->kind = LOOKUP_KEY_OTHER;
	if (given->kind == ANCIENT_KEY_STRING) {
		lookup_key_init_string(key, given);
	} else if (given->kind == ANCIENT_KEY_INT) {
		/* A number that is no int of OCaml equals none of the file's. */
		key->word = (uint64_t)given->as.integer << 1 | 1;
		if ((int64_t)key->word >> 1 == given->as.integer)
			key->kind = LOOKUP_KEY_INT;
	}
}

static inline enum ancient_code lookup_key_hash(const struct ancient_file *file,
						const struct lookup_key *key, uint32_t seed,
						uint32_t *ret_hash, struct ancient_error *err)
{
	if (key->kind == LOOKUP_KEY_STRING)
		*ret_hash = ancient_reader_lookup_hash_string(seed, key->given->as.bytes,
							      key->given->count);
	else if (key->kind == LOOKUP_KEY_INT)
		*ret_hash = ancient_reader_lookup_hash_word(seed, key->word);
	else
		return ancient_reader_lookup_hash(file, lookup_key(key->given), seed, ret_hash,
						  err);
	return ANCIENT_OK;
}

/* Compares a value with the key, both strings or both integers.  false: neither, or damaged, and
 * ancient_reader_lookup_equal has to decide; then *ret_equal means nothing. */
static inline bool lookup_key_is_word(const struct ancient_file *file, const struct lookup_key *key,
				      uint64_t word, bool *ret_equal)
{
	uint64_t place = reader_place(file, word), offset, header;
	bool equal;

	if (key->kind == LOOKUP_KEY_INT) {
		*ret_equal = word == key->word;
		return !reader_is_pointer(word);
	}
	if (key->kind != LOOKUP_KEY_STRING || place >= file->words)
		return false;
	offset = reader_place_offset(place);
	header = reader_word(file, offset - ANCIENT_WORD);
	if (header != key->header) {
		/* A string of another size is unequal, whatever its bytes are. */
		*ret_equal = false;
		return header == ANCIENT_HEADER(reader_header_wosize(header), ANCIENT_TAG_STRING) &&
		       reader_header_wosize(header) - 1 < file->words - place;
	}
	if (key->words >= file->words - place)
		return false;
	/* The last word first: prefixes are often equal. */
	equal = reader_word(file, offset + key->words * ANCIENT_WORD) == key->word;
	for (size_t i = 0; i < key->words && equal; i++)
		equal = reader_word(file, offset + i * ANCIENT_WORD) == lookup_key_word(key, i);
	*ret_equal = equal;
	return true;
}

static inline enum ancient_code lookup_key_equal(struct lookup_equality *equality,
						 const struct lookup_key *key, uint64_t word,
						 bool *ret_equal, struct ancient_error *err)
{
	if (READER_LIKELY(lookup_key_is_word(equality->budget.file, key, word, ret_equal)))
		return ANCIENT_OK;
	return ancient_reader_lookup_equal(equality, word, lookup_key(key->given), ret_equal, err);
}

/* Compares a string of `length` bytes at `offset` with the key's: -1, 0, 1. */
static inline int lookup_key_order_string(const struct ancient_file *file,
					  const struct lookup_key *key, uint64_t offset,
					  uint64_t length)
{
	const uint64_t count = key->given->count;
	const uint64_t words = (length < count ? length : count) / ANCIENT_WORD;
	uint64_t left, right;

	/* As big-endian numbers, eight bytes compare as memcmp compares them. */
	for (uint64_t i = 0; i < words; i++) {
		left = reader_word(file, offset + i * ANCIENT_WORD);
		right = lookup_key_word(key, i);
		if (left != right)
			return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
	}
	/* One of them ends in this word, with at most seven bytes and zeros behind them.  Where
	 * those seven are equal, the shorter string is a prefix of the other. */
	left = reader_word(file, offset + words * ANCIENT_WORD) & ~(0xFFull << 56);
	right = (words < key->words ? lookup_key_word(key, words) : key->word) & ~(0xFFull << 56);
	if (left != right)
		return __builtin_bswap64(left) < __builtin_bswap64(right) ? -1 : 1;
	return (length > count) - (length < count);
}

/* Compares a value with the key: -1, 0, 1. */
static inline enum ancient_code lookup_key_order(struct reader_budget *budget,
						 const struct lookup_key *key, uint64_t word,
						 int *ret_order, struct ancient_error *err)
{
	const struct ancient_file *file = budget->file;
	uint64_t offset, length;

	if (key->kind == LOOKUP_KEY_INT && !reader_is_pointer(word)) {
		int64_t left = (int64_t)word, right = (int64_t)key->word;
		*ret_order = (left > right) - (left < right);
		return ANCIENT_OK;
	}
	if (key->kind == LOOKUP_KEY_STRING &&
	    READER_LIKELY(reader_gate_string(file, word, &offset, &length))) {
		*ret_order = lookup_key_order_string(file, key, offset, length);
		return ANCIENT_OK;
	}
	return ancient_reader_lookup_compare(budget, lookup_word(word), lookup_key(key->given),
					     ret_order, err);
}

#endif
