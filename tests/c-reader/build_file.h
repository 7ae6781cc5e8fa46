/* tests/c-reader: a tiny builder of files, for one commit of values, data and keys.
 *
 *     struct image f;
 *     image_init(&f);
 *     uint64_t pair = image_block(&f, 0, 2, image_string(&f, "vim"), IMAGE_INT(9));
 *     image_key(&f, 0, pair, "editor");
 *     image_finish(&f);
 *     image_write(&f, path);
 *
 * Written from spec/FORMAT.md and independent of the library, which it tests. */
#ifndef BUILD_FILE_H
#define BUILD_FILE_H

#undef NDEBUG
#include <assert.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xxhash.h>

#include <ancient/format.h>
#include <ancient_reader.h>

#define IMAGE_BASE 0x200000000000ull
#define IMAGE_ROOM (1u << 22)
#define IMAGE_KEYS 32768
#define IMAGE_INT(n) ((uint64_t)(int64_t)(n)*2 + 1)

/* Where a test fails: the line, and what was so. */
#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s: not so: %s\n", __FILE__, __LINE__, __func__,   \
				#condition);                                                       \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

struct image {
	unsigned char *bytes;
	uint64_t length, used;
	uint64_t blocks;
	uint64_t data[64], data_bytes[64]; /* place of word 1, length of each payload */
	void *payload[64];
	size_t payloads;
	struct {
		uint64_t key, root;
		const char *name;
		uint64_t leaf, record; /* offsets, once written */
	} * keys;                      /* room for IMAGE_KEYS */
	size_t key_count, name_count;
	const char *customs[16]; /* identifiers from slot 5 on */
	unsigned custom_count;
	uint64_t values, directory; /* offsets of the extents */
	struct ancient_superblock super;
};

static inline void image_word(struct image *f, uint64_t word)
{
	memcpy(f->bytes + f->length, &word, 8);
	f->length += 8;
	assert(f->length < IMAGE_ROOM);
}

static inline uint64_t image_at(const struct image *f, uint64_t offset)
{
	uint64_t word;
	memcpy(&word, f->bytes + offset, 8);
	return word;
}

static inline void image_set(struct image *f, uint64_t offset, uint64_t word)
{
	memcpy(f->bytes + offset, &word, 8);
}

/* Changes a field of a block. */
static inline void image_field(struct image *f, uint64_t block, uint64_t index, uint64_t word)
{
	image_set(f, block - IMAGE_BASE + 8 * index, word);
}

static inline void image_init(struct image *f)
{
	memset(f, 0, sizeof(*f));
	f->bytes = calloc(1, IMAGE_ROOM);
	f->keys = calloc(IMAGE_KEYS, sizeof(*f->keys));
	assert(f->bytes != NULL && f->keys != NULL);
	f->values = ANCIENT_FIRST_EXTENT;
	f->length = f->values + 64;
}

static inline uint64_t image_header(struct image *f, unsigned tag, uint64_t wosize)
{
	image_word(f, ANCIENT_HEADER(wosize, tag));
	f->blocks++;
	return IMAGE_BASE + f->length;
}

static inline uint64_t image_words(struct image *f, unsigned tag, uint64_t wosize,
				   const uint64_t *words)
{
	uint64_t block = image_header(f, tag, wosize);
	for (uint64_t i = 0; i < wosize; i++)
		image_word(f, words == NULL ? IMAGE_INT(0) : words[i]);
	return block;
}

/* The fields are uint64_t, every one of them. */
static inline uint64_t image_block(struct image *f, unsigned tag, unsigned wosize, ...)
{
	uint64_t words[64];
	va_list arguments;
	va_start(arguments, wosize);
	for (unsigned i = 0; i < wosize; i++)
		words[i] = va_arg(arguments, uint64_t);
	va_end(arguments);
	return image_words(f, tag, wosize, words);
}

static inline uint64_t image_bytes(struct image *f, const void *bytes, size_t length)
{
	uint64_t wosize = length / 8 + 1, block = image_header(f, 252, wosize);
	memcpy(f->bytes + f->length, bytes, length);
	f->length += 8 * wosize;
	f->bytes[f->length - 1] = (unsigned char)(8 * wosize - 1 - length);
	return block;
}

static inline uint64_t image_string(struct image *f, const char *text)
{
	return image_bytes(f, text, strlen(text));
}

static inline uint64_t image_doubles(struct image *f, unsigned tag, unsigned count,
				     const double *values)
{
	uint64_t words[4096];
	assert(count <= sizeof words / sizeof *words);
	memcpy(words, values, 8 * count);
	return image_words(f, tag, count, words);
}

static inline uint64_t image_slot(unsigned slot)
{
	return IMAGE_BASE - ANCIENT_CUSTOM_WINDOW + ANCIENT_CUSTOM_SLOT * slot;
}

/* A slot for `identifier`, from 5 on. */
static inline unsigned image_custom(struct image *f, const char *identifier)
{
	f->customs[f->custom_count] = identifier;
	return ANCIENT_CUSTOM_WELL_KNOWN + f->custom_count++;
}

/* payload: kept until image_finish */
static inline uint64_t image_bigarray(struct image *f, uint64_t flags, unsigned dims,
				      const uint64_t *dim, void *payload, size_t bytes)
{
	uint64_t words[5 + 16] = {image_slot(3), 0, dims, flags, 0};
	uint64_t block;
	for (unsigned i = 0; i < dims; i++)
		words[5 + i] = dim[i];
	block = image_words(f, 255, 5 + dims, words);
	if (bytes > 0) {
		f->data[f->payloads] = block - IMAGE_BASE + 8;
		f->payload[f->payloads] = payload;
		f->data_bytes[f->payloads++] = bytes;
	}
	return block;
}

/* Keys come in ascending order. */
static inline void image_key(struct image *f, uint64_t key, uint64_t root, const char *name)
{
	f->keys[f->key_count].key = key;
	f->keys[f->key_count].root = root;
	f->keys[f->key_count++].name = name;
	f->name_count += name != NULL;
}

/* ---- Sums ------------------------------------------------------------------------ */

static inline void image_seal_extent(struct image *f, uint64_t at)
{
	image_set(f, at + 48, XXH3_64bits(f->bytes + at + 64, image_at(f, at + 24)));
	image_set(f, at + 56, XXH3_64bits(f->bytes + at, 56));
}

static inline void image_seal_superblock(struct image *f, unsigned slot)
{
	unsigned char *at = f->bytes + slot * 4096;
	image_set(f, slot * 4096 + 248, XXH3_64bits(at, 248));
}

/* Makes the sums right again after a change. */
static inline void image_seal(struct image *f)
{
	for (uint64_t at = ANCIENT_FIRST_EXTENT; at < f->used; at += image_at(f, at + 16))
		image_seal_extent(f, at);
	image_seal_superblock(f, 0);
}

static inline void image_extent(struct image *f, uint64_t at, uint32_t kind, uint32_t flags,
				uint64_t content, uint64_t count)
{
	uint64_t length = 64 + content;
	if (flags == 0)
		length = (length + 63) / 64 * 64;
	image_set(f, at, ANCIENT_EXTENT_MAGIC);
	image_set(f, at + 8, (uint64_t)flags << 32 | kind);
	image_set(f, at + 16, length);
	image_set(f, at + 24, content);
	image_set(f, at + 32, count);
	image_set(f, at + 40, 2);
	f->length = at + length;
	image_seal_extent(f, at);
}

/* ---- Directories ----------------------------------------------------------------- */

static inline unsigned image_bit(const struct image *f, size_t i, bool name, unsigned position)
{
	if (!name)
		return (unsigned)(f->keys[i].key >> (61 - position)) & 1;
	const char *text = f->keys[i].name;
	if (position / 8 >= strlen(text))
		return 0;
	return (unsigned)((unsigned char)text[position / 8] >> (7 - position % 8)) & 1;
}

/* A tree of the keys order[0 .. count - 1], sorted; returns its node word. */
static inline uint64_t image_tree(struct image *f, const size_t *order, size_t count, bool name)
{
	if (count == 1) {
		uint64_t at = f->length;
		if (name) {
			image_word(f, f->keys[order[0]].record);
			image_word(f, f->keys[order[0]].key);
			return at | 1;
		}
		f->keys[order[0]].leaf = at;
		const uint64_t leaf[8] = {f->keys[order[0]].key,
					  f->keys[order[0]].root,
					  0,
					  f->keys[order[0]].record,
					  0,
					  0,
					  2,
					  0};
		for (int i = 0; i < 8; i++)
			image_word(f, leaf[i]);
		return at | 1;
	}
	unsigned bit = 0;
	size_t ones = 0;
	while (image_bit(f, order[0], name, bit) == image_bit(f, order[count - 1], name, bit))
		bit++;
	while (image_bit(f, order[ones], name, bit) == 0)
		ones++;
	uint64_t zero = image_tree(f, order, ones, name);
	uint64_t one = image_tree(f, order + ones, count - ones, name);
	uint64_t at = f->length;
	image_word(f, bit);
	image_word(f, zero);
	image_word(f, one);
	return at;
}

static struct image *image_sorted; /* for qsort */

static inline int image_by_name(const void *a, const void *b)
{
	return strcmp(image_sorted->keys[*(const size_t *)a].name,
		      image_sorted->keys[*(const size_t *)b].name);
}

static inline void image_directory(struct image *f)
{
	size_t order[IMAGE_KEYS], named = 0;
	f->directory = f->length;
	f->length += 64;
	for (size_t i = 0; i < f->key_count; i++)
		if (f->keys[i].name != NULL) {
			size_t length = strlen(f->keys[i].name);
			f->keys[i].record = f->length;
			image_word(f, length);
			memcpy(f->bytes + f->length, f->keys[i].name, length);
			f->length += length / 8 * 8 + 8;
		}
	for (size_t i = 0; i < f->key_count; i++)
		order[i] = i;
	if (f->key_count > 0)
		f->super.keys = image_tree(f, order, f->key_count, false);
	for (size_t i = 0; i < f->key_count; i++)
		if (f->keys[i].name != NULL)
			order[named++] = i;
	image_sorted = f;
	qsort(order, named, sizeof(order[0]), image_by_name);
	if (named > 0)
		f->super.names = image_tree(f, order, named, true);
	image_extent(f, f->directory, 3, 1, f->length - f->directory - 64, 0);
}

/* ---- The whole ------------------------------------------------------------------- */

static inline void image_superblocks(struct image *f)
{
	const unsigned char magic[8] = ANCIENT_MAGIC_BYTES;
	struct ancient_superblock first;
	memcpy(f->super.magic, magic, 8);
	f->super.byte_order = ANCIENT_BYTE_ORDER;
	f->super.version = ANCIENT_VERSION;
	f->super.word_size = 8;
	f->super.header_layout = 1;
	f->super.flat_float_array = 1;
	f->super.ocaml_version = 41301;
	memcpy(f->super.uuid, "a uuid of tests.", 16);
	f->super.base = IMAGE_BASE;
	f->super.reserve = 1ull << 36;
	f->super.state = ANCIENT_STATE_CURRENT;
	f->super.custom_slots = ANCIENT_CUSTOM_WELL_KNOWN + f->custom_count;
	first = f->super;
	first.generation = 1;
	first.used = ANCIENT_FIRST_EXTENT;
	first.keys = first.names = first.value_bytes = first.customs = 0;
	first.custom_slots = ANCIENT_CUSTOM_WELL_KNOWN;
	f->super.generation = 2;
	f->super.used = f->used;
	f->super.key_count = f->key_count;
	f->super.name_count = f->name_count;
	f->super.block_count = f->blocks;
	memcpy(f->bytes, &f->super, 256);
	memcpy(f->bytes + 4096, &first, 256);
	image_seal_superblock(f, 0);
	image_seal_superblock(f, 1);
}

static inline void image_finish(struct image *f)
{
	uint64_t end = f->length;
	f->super.value_bytes = end - f->values - 64;
	image_word(f, ANCIENT_FILLER);
	image_extent(f, f->values, 1, 0, f->length - f->values - 64, f->blocks);
	if (f->payloads > 0) {
		uint64_t at = f->length, to = at + 64;
		for (size_t i = 0; i < f->payloads; i++) {
			to = (to + 63) / 64 * 64;
			image_set(f, f->data[i], IMAGE_BASE + to);
			memcpy(f->bytes + to, f->payload[i], f->data_bytes[i]);
			to += f->data_bytes[i];
		}
		image_extent(f, at, 2, 0, (to + 7) / 8 * 8 - at - 64, 0);
		image_seal_extent(f, f->values); /* word 1 of the bigarrays is new */
	}
	if (f->custom_count > 0) {
		uint64_t at = f->length;
		for (unsigned i = 0; i < f->custom_count; i++)
			strncpy((char *)f->bytes + at + 64 + 64 * i, f->customs[i], 55);
		f->super.customs = at;
		image_extent(f, at, 5, 0, 64 * f->custom_count, f->custom_count);
	}
	image_directory(f);
	f->used = f->length;
	image_superblocks(f);
}

static inline void image_write_bytes(const char *path, const void *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	assert(fd >= 0);
	assert(write(fd, bytes, length) == (ssize_t)length);
	assert(close(fd) == 0);
}

static inline void image_write(const struct image *f, const char *path)
{
	image_write_bytes(path, f->bytes, f->used);
}

static inline void image_done(struct image *f)
{
	free(f->bytes);
	free(f->keys);
}

/* A file of its own for each test, in a folder that is removed at the end. */
static char test_folder[] = "/tmp/ancient-test-XXXXXX";

static inline void test_path(char path[64], const char *name)
{
	snprintf(path, 64, "%s/%s", test_folder, name);
}

static inline void test_begin(void)
{
	assert(mkdtemp(test_folder) != NULL);
}

static inline void test_end(void)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -rf '%s'", test_folder);
	assert(system(command) == 0);
}

/* Collects a dump. */
struct sink {
	char *text;
	size_t length;
};

static inline bool sink_write(void *context, const char *text, size_t length)
{
	struct sink *sink = context;
	sink->text = realloc(sink->text, sink->length + length + 1);
	assert(sink->text != NULL);
	memcpy(sink->text + sink->length, text, length);
	sink->length += length;
	sink->text[sink->length] = '\0';
	return true;
}

#endif
