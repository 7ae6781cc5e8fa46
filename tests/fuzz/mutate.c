/* tests/fuzz: changes a file by its structure (a pointer to another block, a header of another
 * size), with checksums made right again; random bytes would practically never produce such files.
 */
#include "fuzz.h"

#include <xxhash.h>

#define FIRST ANCIENT_FIRST_EXTENT

static uint64_t get(const uint8_t *data, size_t at)
{
	uint64_t word;

	memcpy(&word, data + at, 8);
	return word;
}

static void put(uint8_t *data, size_t at, uint64_t word)
{
	memcpy(data + at, &word, 8);
}

uint64_t fuzz_random(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15ull; /* SplitMix64 */

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
	z = (z ^ z >> 27) * 0x94D049BB133111EBull;
	return z ^ z >> 31;
}

static uint64_t below(uint64_t *state, uint64_t limit)
{
	return fuzz_random(state) % limit;
}

size_t fuzz_file_start(const uint8_t *data, size_t size, unsigned texts)
{
	size_t at = 0;

	while (texts > 0 && at < size) {
		const uint8_t *zero = memchr(data + at, 0, size - at);
		if (zero == NULL)
			return size;
		at = (size_t)(zero - data) + 1;
		texts--;
	}
	return at;
}

/* ---- Seals ----------------------------------------------------------------------- */

static uint64_t seal_superblocks(uint8_t *data, size_t size)
{
	static const uint8_t magic[8] = ANCIENT_MAGIC_BYTES;
	uint64_t used = 0;

	for (size_t at = 0; at < FIRST && at + ANCIENT_SUPERBLOCK_BYTES <= size;
	     at += ANCIENT_SUPERBLOCK_SLOT) {
		if (memcmp(data + at, magic, sizeof(magic)) != 0)
			continue;
		if (get(data, at + 80) > used)
			used = get(data, at + 80);
		put(data, at + 248, XXH3_64bits(data + at, 248));
	}
	return used < size ? used : size;
}

/* Folds the commit's extents into the history (FORMAT 3.5). */
struct history {
	uint64_t words[64]; /* the history before, and the sums since */
	unsigned count;
};

static uint64_t fold(struct history *history)
{
	history->words[0] =
		XXH3_64bits(history->words, (1 + history->count) * sizeof(history->words[0]));
	history->count = 0;
	return history->words[0];
}

/* The image in a record at `at`: that in the slot, where it is of the same generation, and with the
 * right history. */
static void seal_record(uint8_t *data, size_t at, struct history *history)
{
	const size_t field = offsetof(struct ancient_superblock, history);
	uint8_t *image = data + at + sizeof(struct ancient_extent);
	size_t slot = get(image, 72) % ANCIENT_SUPERBLOCKS * ANCIENT_SUPERBLOCK_SLOT;
	bool newest = get(data, slot + 72) == get(image, 72);

	if (newest)
		memcpy(image, data + slot, ANCIENT_SUPERBLOCK_BYTES);
	put(image, field, fold(history));
	put(image, 248, XXH3_64bits(image, 248));
	if (newest)
		memcpy(data + slot, image, ANCIENT_SUPERBLOCK_BYTES);
}

static void seal_extent(uint8_t *data, size_t at, uint64_t room, struct history *history)
{
	uint64_t content = get(data, at + 24);
	bool record = (uint32_t)get(data, at + 8) == ANCIENT_EXTENT_RECORD &&
		      content == ANCIENT_SUPERBLOCK_BYTES;

	if (record && content <= room - 64)
		seal_record(data, at, history);
	if (content <= room - 64)
		put(data, at + 48, XXH3_64bits(data + at + 64, content));
	put(data, at + 56, XXH3_64bits(data + at, 56));
	if (!record && history->count < 63)
		history->words[1 + history->count++] = get(data, at + 56);
	if (!record && get(data, at + 8) >> 32 & ANCIENT_EXTENT_LAST)
		fold(history);
}

void fuzz_seal(uint8_t *data, size_t size)
{
	uint64_t used = seal_superblocks(data, size), at = FIRST;
	struct history history = {.count = 0};

	while (at <= used && used - at >= sizeof(struct ancient_extent)) {
		uint64_t room = used - at, length = get(data, at + 16);
		if (get(data, at) != ANCIENT_EXTENT_MAGIC)
			return;
		seal_extent(data, at, room, &history);
		if (length < 64 || length > room)
			return;
		at += length;
		if (get(data, at - length + 8) >> 32 & ANCIENT_EXTENT_LAST)
			at = (at + ANCIENT_COMMIT_ALIGN - 1) &
			     ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1);
	}
}

/* ---- Changes --------------------------------------------------------------------- */

/* Limits of fields, and bytes at the edges of UTF-8. */
static const uint64_t edges[] = {
	0,
	1,
	2,
	7,
	8,
	16,
	17,
	61,
	62,
	63,
	64,
	255,
	256,
	511,
	2047,
	2048,
	4096,
	65536,
	1ull << 31,
	1ull << 47,
	1ull << 62,
	1ull << 63,
	~0ull,
	0xA880E280A0ED80C0, /* too long, a surrogate, a line separator */
	0x1F7F85C2808090F4, /* past the last character, and control characters */
	0x22415CC1BFE08041, /* cut off, a quote and a backslash */
};
static const unsigned tags[] = {0, 0, 1, 243, 244, 246, 250, 250, 251, 252, 253, 254, 255, 255};

/* A word of the superblocks, or one behind them. */
static size_t some_word(uint64_t *state, size_t size)
{
	if (size < FIRST + 8 || below(state, 8) == 0)
		return below(state, 32) * 8 + (below(state, 2) ? ANCIENT_SUPERBLOCK_SLOT : 0);
	return FIRST + below(state, (size - FIRST) / 8) * 8;
}

/* Something that could stand in a file's word. */
static uint64_t some_value(const uint8_t *data, size_t size, uint64_t *state)
{
	size_t at = below(state, size / 8) * 8, from = some_word(state, size);
	uint64_t base = get(data, below(state, 2) ? 56 : ANCIENT_SUPERBLOCK_SLOT + 56);

	switch (below(state, 8)) {
	case 0:
		return edges[below(state, sizeof(edges) / sizeof(edges[0]))];
	case 1: /* a node, an offset */
		return at | below(state, 2);
	case 2:
		return base - ANCIENT_CUSTOM_WINDOW + ANCIENT_CUSTOM_SLOT * below(state, 9);
	case 3:
		return ANCIENT_HEADER(below(state, 3) ? below(state, 9)
						      : (size - at) / 8 - below(state, 4),
				      tags[below(state, sizeof(tags) / sizeof(tags[0]))]);
	case 4:
	case 5:
		return base + at;
	case 6:
		return get(data, from) + below(state, 17) - 8;
	default:
		return get(data, from);
	}
}

static void swap_words(uint8_t *data, size_t a, size_t b)
{
	uint64_t word = get(data, a);

	put(data, a, get(data, b));
	put(data, b, word);
}

/* A cut, mostly a few words before the end; or zeros behind it. */
static size_t resize(uint8_t *data, size_t size, size_t room, uint64_t *state)
{
	size_t by = below(state, 4) ? below(state, 129) : below(state, size);

	if (below(state, 3))
		return size - (by < size ? by : 0);
	by = by < room - size ? by : room - size;
	memset(data + size, 0, by);
	return size + by;
}

static size_t change(uint8_t *data, size_t size, size_t room, uint64_t *state)
{
	size_t at;

	if (size < FIRST) {
		if (size > 0)
			data[below(state, size)] ^= (uint8_t)(1u << below(state, 8));
		return size;
	}
	at = some_word(state, size);
	switch (below(state, 12)) {
	case 0:
		return resize(data, size, room, state);
	case 1:
		swap_words(data, at, some_word(state, size));
		return size;
	case 2:
	case 3:
		data[at + below(state, 8)] ^= (uint8_t)(1u << below(state, 8));
		return size;
	case 4:
		data[at + below(state, 8)] = (uint8_t)fuzz_random(state);
		return size;
	default:
		put(data, at, some_value(data, size, state));
		return size;
	}
}

size_t fuzz_mutate(uint8_t *data, size_t size, size_t room, uint64_t *state)
{
	for (uint64_t changes = 1 + below(state, 4); changes > 0; changes--)
		size = change(data, size, room, state);
	if (below(state, 8) != 0)
		fuzz_seal(data, size);
	return size;
}
