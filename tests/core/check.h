/* tests/core: shared by all tests of the writer: assertions, temporary files, heaps built by hand.
 */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ancient/format.h>
#include <ancient/store.h>
#include <ancient_reader.h>

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);            \
			exit(1);                                                                   \
		}                                                                                  \
	} while (0)

#define EQUAL(found, expected)                                                                     \
	check_equal(__FILE__, __LINE__, #found, (uint64_t)(found), (uint64_t)(expected))

static inline void check_equal(const char *file, int line, const char *what, uint64_t found,
			       uint64_t expected)
{
	if (found == expected)
		return;
	fprintf(stderr, "%s:%d: %s: expected %llu (0x%llx), found %llu (0x%llx)\n", file, line,
		what, (unsigned long long)expected, (unsigned long long)expected,
		(unsigned long long)found, (unsigned long long)found);
	exit(1);
}

/* The call, which has `err` for its last argument, gives this code. */
#define GIVES(call, expected)                                                                      \
	do {                                                                                       \
		struct ancient_error err = {.message = ""};                                        \
		enum ancient_code code_ = (call);                                                  \
		if (code_ != (expected)) {                                                         \
			fprintf(stderr, "%s:%d: %s: expected %d, found %d: %s\n", __FILE__,        \
				__LINE__, #call, (int)(expected), (int)code_, err.message);        \
			exit(1);                                                                   \
		}                                                                                  \
		if (code_ != ANCIENT_OK)                                                           \
			last_error = err;                                                          \
	} while (0)
#define OK(call) GIVES(call, ANCIENT_OK)

static struct ancient_error last_error __attribute__((unused));

/* Under valgrind, where all takes fifty times as long and address space is short: less of the
 * same (tests/meson.build). */
static inline bool small_run(void)
{
	return getenv("ANCIENT_SMALL_RUN") != NULL;
}

/* What to reserve for a new file: as the library does, or less where each page of it costs. */
static inline uint64_t usual_reserve(void)
{
	return small_run() ? 256u << 20 : 0;
}

/* ---- files ---- */

/* A new file in the current folder; the test takes its name away. */
static inline int new_file(char path[64])
{
	int fd;

	strcpy(path, "core-test-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0);
	return fd;
}

#ifndef WITHOUT_READER
/* Every file that a test has written passes the reader's verification before it goes. */
static inline int unlink_checked(const char *path)
{
	struct ancient_error error = {.message = ""};
	struct ancient_file *file = NULL;
	enum ancient_code code = ancient_file_open(path, NULL, &file, &error);

	if (code == ANCIENT_OK)
		code = ancient_file_verify(file, NULL, NULL, &error);
	ancient_file_close(file);
	if (code != ANCIENT_OK && code != ANCIENT_E_EMPTY && code != ANCIENT_E_FOREIGN) {
		fprintf(stderr, "the reader refuses what was written: %s\n", error.message);
		exit(1);
	}
	return unlink(path);
}
#define unlink unlink_checked
#endif

static inline uint64_t file_size(int fd)
{
	struct stat status;

	CHECK(fstat(fd, &status) == 0);
	return (uint64_t)status.st_size;
}

static inline uint8_t *file_bytes(int fd, uint64_t *ret_size)
{
	uint8_t *bytes;

	*ret_size = file_size(fd);
	bytes = malloc(*ret_size + 1);
	CHECK(bytes && pread(fd, bytes, *ret_size, 0) == (ssize_t)*ret_size);
	return bytes;
}

/* The superblock in force, of a file with nothing damaged. */
static inline struct ancient_superblock in_force(const uint8_t *bytes)
{
	struct ancient_superblock slots[ANCIENT_SUPERBLOCKS];

	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++)
		memcpy(&slots[i], bytes + i * ANCIENT_SUPERBLOCK_SLOT, sizeof slots[i]);
	return slots[slots[1].generation > slots[0].generation];
}

/* Whether two files of one commit are the same, byte for byte behind the superblocks, but for the
 * UUID in the commit record, and what depends on it.  Changes both. */
static inline bool same_but_for_the_uuid(uint8_t *a, uint8_t *b, uint64_t size)
{
	uint8_t *files[] = {a, b};
	uint64_t record = in_force(a).record;

	CHECK(record && record == in_force(b).record && record + ANCIENT_RECORD_BYTES == size);
	for (unsigned i = 0; i < 2; i++) {
		struct ancient_extent *header = (void *)(files[i] + record);
		struct ancient_superblock *image = (void *)(header + 1);

		memset(image->uuid, 0, sizeof image->uuid);
		image->checksum = header->content_checksum = header->header_checksum = 0;
	}
	return memcmp(a + ANCIENT_FIRST_EXTENT, b + ANCIENT_FIRST_EXTENT,
		      size - ANCIENT_FIRST_EXTENT) == 0;
}

static inline struct ancient_store *attach(int fd)
{
	struct ancient_store *store = NULL;
	struct ancient_store_options options = {.ocaml_version = 41301, .reserve = usual_reserve()};

#ifdef __SANITIZE_THREAD__ /* whose shadow lies where bases are derived */
	static uint64_t attached;

	options.base = 0x1000000000 + attached++ % 64 * 0x100000000;
	options.reserve = 0x80000000;
#endif
	OK(ancient_store_attach(fd, "test", &options, &store, &err));
	return store;
}

/* ---- heaps ---- */

#define INT(n) (((uint64_t)(n) << 1) | 1)

struct arena {
	uint64_t *words;
	size_t used, capacity;
};

static inline struct arena new_arena(size_t words)
{
	struct arena arena = {calloc(words, 8), 0, words};

	CHECK(arena.words);
	return arena;
}

/* A block, fields zero (colour 0, as on a heap); returns the value. */
static inline uint64_t block(struct arena *arena, unsigned tag, uint64_t wosize)
{
	uint64_t *header = arena->words + arena->used;

	CHECK(arena->capacity - arena->used > wosize);
	*header = wosize << ANCIENT_HEADER_WOSIZE_SHIFT | tag;
	arena->used += wosize + 1;
	return (uint64_t)(uintptr_t)(header + 1);
}

static inline uint64_t *fields(uint64_t value)
{
	return (uint64_t *)(uintptr_t)value;
}

static inline uint64_t header(uint64_t value)
{
	return fields(value)[-1];
}

static inline uint64_t pair(struct arena *arena, uint64_t a, uint64_t b)
{
	uint64_t v = block(arena, 0, 2);

	fields(v)[0] = a;
	fields(v)[1] = b;
	return v;
}

static inline uint64_t bytes_value(struct arena *arena, const char *bytes, size_t length)
{
	uint64_t wosize = length / 8 + 1, v = block(arena, ANCIENT_TAG_STRING, wosize);

	memcpy(fields(v), bytes, length);
	((uint8_t *)fields(v))[wosize * 8 - 1] = (uint8_t)(wosize * 8 - 1 - length);
	return v;
}

/* Operations of customs are stood for by these addresses. */
static const char *const operations[] = {"_j", "_i",   "_n",    "_bigarr02",
					 "_z", "mine", "other", "more"};
#define OPERATIONS(i) ((uint64_t)(uintptr_t)&operations[i])

static inline struct ancient_source_custom custom_of(void *context, uint64_t word)
{
	struct ancient_source_custom custom = {0};

	(void)context;
	if (word - OPERATIONS(0) < sizeof operations) {
		custom.identifier = *(const char *const *)(uintptr_t)word;
		custom.registered = strcmp(custom.identifier, "other") != 0;
	}
	return custom;
}

static const struct ancient_source source = {.custom = custom_of};

static inline struct ancient_copied share_named(struct ancient_store *store, uint64_t key,
						const char *name, uint64_t root,
						enum ancient_order order)
{
	struct ancient_commit *commit = NULL;
	struct ancient_copied copied = {0};

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, key, name, &source, root, order, &copied, &err));
	OK(ancient_commit_finish(commit, false, &err));
	return copied;
}

static inline struct ancient_copied share(struct ancient_store *store, uint64_t key, uint64_t root)
{
	return share_named(store, key, NULL, root, ANCIENT_ORDER_DEPTH_FIRST);
}

static inline uint64_t get(struct ancient_store *store, uint64_t key)
{
	uint64_t root = 0;

	OK(ancient_store_get(store, NULL, key, &root, &err));
	return root;
}

#endif
