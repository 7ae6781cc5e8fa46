/* c-reader/value: OCaml's Hashtbl.hash, as the runtime defines it since 4.00 (its hash.c; for
 * custom blocks ints.c and Zarith): MurmurHash3 over a breadth-first walk of at most 10 meaningful
 * values and 100 values in all.  Called by lookups in tables. */
#include <string.h>

#include "base/budget.h"
#include "value/ocaml_hash.h"

#define MEANINGFUL 10
#define QUEUE 100u
#define FORWARDS 1000 /* forced lazies that the runtime follows in a row */

static uint32_t rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

static uint32_t mix(uint32_t hash, uint32_t data)
{
	hash ^= rotate(data * 0xCC9E2D51u, 15) * 0x1B873593u;
	return rotate(hash, 13) * 5 + 0xE6546B64u;
}

static uint32_t finish(uint32_t hash)
{
	hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
	hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
	return (hash ^ hash >> 16) & 0x3FFFFFFFu;
}

/* A word as 32 bits, so that an integer of 32 bits hashes the same on every platform. */
static uint32_t fold(uint64_t word)
{
	return (uint32_t)(word >> 32) ^ (uint32_t)((int64_t)word >> 63) ^ (uint32_t)word;
}

static uint32_t mix_double(uint32_t hash, double number)
{
	uint64_t bits;

	if (number != number)
		return mix(mix(hash, 1), 0x7FF00000u); /* any nan */
	if (number == 0)
		number = 0; /* -0 too */
	memcpy(&bits, &number, sizeof(bits));
	if (bits == 1ull << 63)
		bits = 0;
	return mix(mix(hash, (uint32_t)bits), (uint32_t)(bits >> 32));
}

/* Mixes the 32-bit words of a string, the bytes that are left, and its length. */
static uint32_t mix_string(uint32_t hash, const char *bytes, size_t length)
{
	size_t left = length;
	uint32_t word;

	for (; left >= sizeof(word); left -= sizeof(word), bytes += sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		hash = mix(hash, word);
	}
	word = 0;
	if (left > 0 && length >= sizeof(word)) {
		/* Four bytes that end where the string does, less those before. */
		memcpy(&word, bytes + left - sizeof(word), sizeof(word));
		word >>= 8 * (sizeof(word) - left);
	} else {
		for (size_t i = 0; i < left; i++)
			word |= (uint32_t)(unsigned char)bytes[i] << 8 * i;
	}
	if (left > 0)
		hash = mix(hash, word);
	return hash ^ (uint32_t)length;
}

uint32_t ancient_reader_lookup_hash_string(uint32_t seed, const char *bytes, size_t length)
{
	return finish(mix_string(seed, bytes, length));
}

uint32_t ancient_reader_lookup_hash_word(uint32_t seed, uint64_t word)
{
	return finish(mix(seed, fold(word)));
}

static uint32_t zarith_hash(const struct ancient_file *file, const struct lookup_view *view)
{
	uint32_t hash = 0;

	for (uint64_t i = 0; i < view->size; i++) {
		uint64_t limb = reader_word(file, view->offset + i * ANCIENT_WORD);
		hash = mix(mix(hash, (uint32_t)limb), (uint32_t)(limb >> 32));
	}
	return hash + (view->negative ? 1 : 0);
}

static enum ancient_code custom_hash(const struct ancient_file *file,
				     const struct lookup_view *view, uint32_t *ret_hash,
				     struct ancient_error *err)
{
	uint64_t word = (uint64_t)view->integer;

	switch (view->slot) {
	case ANCIENT_CUSTOM_INT32:
		*ret_hash = (uint32_t)word;
		return ANCIENT_OK;
	case ANCIENT_CUSTOM_INT64:
		*ret_hash = (uint32_t)(word >> 32) ^ (uint32_t)word;
		return ANCIENT_OK;
	case ANCIENT_CUSTOM_NATIVEINT:
		*ret_hash = fold(word);
		return ANCIENT_OK;
	case ANCIENT_CUSTOM_ZARITH:
		*ret_hash = zarith_hash(file, view);
		return ANCIENT_OK;
	default:
		return ancient_reader_refuse(
			file == NULL ? "key" : file->name, err, ANCIENT_E_WRONG_KIND,
			"expected a value that is hashed the same everywhere, found a "
			"custom block or bigarray");
	}
}

struct queue {
	struct lookup_item item[QUEUE];
	unsigned first, end;
	int meaningful; /* still to look at */
	uint64_t read;  /* bytes of the file's strings and of its Z.t */
};

/* Before a string, or the limbs of a Z.t, in the file: they may overlap, or lie in a hole. */
static enum ancient_code read_bytes(const struct ancient_file *file, struct queue *queue,
				    const struct lookup_view *view, uint64_t bytes,
				    struct ancient_error *err)
{
	const struct reader_fault fault = {.code = ANCIENT_E_TOO_LARGE, .offset = view->offset};

	queue->read += bytes;
	if (READER_LIKELY(queue->read <= READER_BUDGET_BYTES) ||
	    queue->read - READER_BUDGET_BYTES <= file->present * READER_BUDGET_BYTES_A_BYTE)
		return ANCIENT_OK;
	return ancient_reader_fail(
		file->name, err, &fault,
		"hash: strings of %llu bytes and more lie in a hole of the file, "
		"or overlap",
		(unsigned long long)bytes);
}

/* Follows forced lazies to the value behind them; where there are too many, `view` stays one. */
static enum ancient_code through_lazies(const struct ancient_file *file, struct lookup_view *view,
					struct ancient_error *err)
{
	for (int i = 0; i < FORWARDS && view->tag == ANCIENT_TAG_FORWARD; i++) {
		enum ancient_code code = ancient_reader_lookup_open(
			file, ancient_reader_lookup_field(file, view, 0), view, err);
		if (code != ANCIENT_OK)
			return code;
	}
	return ANCIENT_OK;
}

static enum ancient_code mix_item(const struct ancient_file *file, struct queue *queue,
				  const struct lookup_view *view, uint32_t *hash,
				  struct ancient_error *err)
{
	uint32_t custom = 0;
	enum ancient_code code = ANCIENT_OK;

	if (view->in_file && view->tag == ANCIENT_TAG_STRING)
		code = read_bytes(file, queue, view, view->size, err);
	else if (view->in_file && view->tag == ANCIENT_TAG_CUSTOM)
		code = read_bytes(file, queue, view, view->size * ANCIENT_WORD, err);
	if (code != ANCIENT_OK)
		return code;
	switch (view->tag) {
	case LOOKUP_IMMEDIATE:
		*hash = mix(*hash, fold((uint64_t)view->integer << 1 | 1));
		break;
	case ANCIENT_TAG_STRING:
		*hash = mix_string(*hash, view->bytes, view->size);
		break;
	case ANCIENT_TAG_DOUBLE:
		*hash = mix_double(*hash, ancient_reader_lookup_float(file, view, 0));
		break;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		for (uint64_t i = 0; i < view->size && queue->meaningful > 0; i++) {
			*hash = mix_double(*hash, ancient_reader_lookup_float(file, view, i));
			queue->meaningful--;
		}
		return ANCIENT_OK;
	case ANCIENT_TAG_CUSTOM:
		code = custom_hash(file, view, &custom, err);
		if (code != ANCIENT_OK)
			return code;
		*hash = mix(*hash, custom);
		break;
	case ANCIENT_TAG_FORWARD: /* too many of them: it counts for nothing */
		return ANCIENT_OK;
	default:
		*hash = mix(*hash,
			    (uint32_t)(view->size << ANCIENT_HEADER_WOSIZE_SHIFT) | view->tag);
		for (uint64_t i = 0; i < view->size && queue->end < QUEUE; i++)
			queue->item[queue->end++] = ancient_reader_lookup_field(file, view, i);
		return ANCIENT_OK;
	}
	queue->meaningful--;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_lookup_hash(const struct ancient_file *file,
					     struct lookup_item item, uint32_t seed,
					     uint32_t *ret_hash, struct ancient_error *err)
{
	struct queue queue;
	uint32_t hash = seed;

	queue.item[0] = item;
	queue.first = 0;
	queue.end = 1;
	queue.meaningful = MEANINGFUL;
	queue.read = 0;
	while (queue.first < queue.end && queue.meaningful > 0) {
		struct lookup_view view;
		enum ancient_code code =
			ancient_reader_lookup_open(file, queue.item[queue.first++], &view, err);
		if (code == ANCIENT_OK)
			code = through_lazies(file, &view, err);
		if (code == ANCIENT_OK)
			code = mix_item(file, &queue, &view, &hash, err);
		if (code != ANCIENT_OK)
			return code;
	}
	*ret_hash = finish(hash);
	return ANCIENT_OK;
}

enum ancient_code ancient_value_hash(const struct ancient_file *file, struct ancient_value value,
				     uint32_t seed, uint32_t *ret_hash, struct ancient_error *err)
{
	uint32_t hash = 0;
	enum ancient_code code = reader_settle(
		file, ancient_reader_lookup_hash(file, lookup_word(value.word), seed, &hash, err),
		err);

	if (code == ANCIENT_OK)
		*ret_hash = hash;
	return code;
}

enum ancient_code ancient_key_hash(const struct ancient_file *file, const struct ancient_key *key,
				   uint32_t seed, uint32_t *ret_hash, struct ancient_error *err)
{
	uint32_t hash = 0;
	enum ancient_code code =
		ancient_reader_lookup_hash(file, lookup_key(key), seed, &hash, err);

	if (file != NULL)
		code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_hash = hash;
	return code;
}
