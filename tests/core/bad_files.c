/* tests/core: files that are no ancient files, or damaged ones, give their code and offset. */
#include "reseal.h"

static uint8_t *good; /* a file with a value, a name and a custom identifier */
static uint64_t good_size;
static uint64_t slot; /* offset of the superblock in force */

/* Of generation 2, in slot 0, or with one more commit of 3, in slot 1. */
static void make_good(unsigned generation)
{
	struct arena arena = new_arena(100);
	uint64_t custom = block(&arena, ANCIENT_TAG_CUSTOM, 2);
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	fields(custom)[0] = OPERATIONS(5);
	fields(custom)[1] = 8;
	share_named(store, 7, "seven", pair(&arena, bytes_value(&arena, "hello", 5), custom),
		    ANCIENT_ORDER_DEPTH_FIRST);
	if (generation == 3)
		share(store, 8, INT(8));
	ancient_store_detach(store);
	good = file_bytes(fd, &good_size);
	unlink(path);
	close(fd);
	free(arena.words);
	slot = generation % 2 * ANCIENT_SUPERBLOCK_SLOT;
}

static int file_of(const void *bytes, size_t size)
{
	char path[64];
	int fd = new_file(path);

	unlink(path);
	CHECK(pwrite(fd, bytes, size, 0) == (ssize_t)size);
	return fd;
}

static void gives(const void *bytes, size_t size, enum ancient_code code, uint64_t offset)
{
	struct ancient_store *store = NULL;
	int fd = file_of(bytes, size);
	uint64_t after;
	uint8_t *now;

	GIVES(ancient_store_attach(fd, "bad", NULL, &store, &err), code);
	EQUAL(last_error.offset, offset);
	CHECK(strncmp(last_error.message, "bad: ", 5) == 0);
	now = file_bytes(fd, &after);
	EQUAL(after, size);
	CHECK(memcmp(now, bytes, size) == 0); /* what is refused is not touched */
	free(now);
	close(fd);
}

static void files_of_others(void)
{
	static const char text[10000] = "hello, world";
	static const char legacy[100] = "mmalloc";

	gives("x", 1, ANCIENT_E_FOREIGN, 0);
	gives(text, 12, ANCIENT_E_FOREIGN, 0);
	gives(text, sizeof text, ANCIENT_E_FOREIGN, 0);
	gives(legacy, sizeof legacy, ANCIENT_E_LEGACY, 0);
	if (slot == 0)
		gives(good, 5000, ANCIENT_E_TRUNCATED, slot + 80);
	gives(good, 8, ANCIENT_E_SHORT, 0);
	gives(good, good_size - 8, ANCIENT_E_TRUNCATED, slot + 80);
}

/* The good file with a field of its superblock changed.  Where that makes the other one hold, it is
 * destroyed; otherwise this is an error with it and without, and no reason to take the other. */
static void superblock_with(size_t field, uint64_t value, size_t bytes, bool seal,
			    enum ancient_code code, uint64_t offset)
{
	uint8_t *copy = malloc(good_size);

	CHECK(copy);
	memcpy(copy, good, good_size);
	memcpy(copy + slot + field, &value, bytes);
	if (seal)
		reseal_superblock(copy + slot);
	if (seal && field != 8)
		gives(copy, good_size, code, offset);
	memset(copy + 4096 - slot, 0, 4096);
	gives(copy, good_size, code, offset);
	free(copy);
}

static void superblocks(void)
{
	struct ancient_superblock sb = in_force(good);

	superblock_with(8, 0x0D0C0B0A, 4, true, ANCIENT_E_BYTE_ORDER, slot + 8);
	superblock_with(12, 2 << 16, 4, true, ANCIENT_E_VERSION, slot + 12);
	superblock_with(160, 1, 1, false, ANCIENT_E_BAD_SUPERBLOCK, slot + 248);
	EQUAL(last_error.rule, 101);
	superblock_with(32, 4, 1, true, ANCIENT_E_DIALECT, slot + 32);
	superblock_with(34, 0, 1, true, ANCIENT_E_DIALECT, slot + 34);
	superblock_with(24, 1, 8, true, ANCIENT_E_FLAGS, slot + 24);
	superblock_with(24, 1ull << 63, 8, true, ANCIENT_E_FLAGS, slot + 24);
	superblock_with(56, 0x1234, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 56);
	EQUAL(last_error.rule, 102);
	superblock_with(72, sb.generation + 1, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 72);
	superblock_with(80, UINT64_MAX - 7, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 80);
	superblock_with(88, 0, 4, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 88);
	superblock_with(88, 4, 4, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 88);
	superblock_with(80, good_size + 8, 8, true, ANCIENT_E_TRUNCATED, slot + 80);
	EQUAL(last_error.rule, 103);
	superblock_with(96, 0, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 96);
	EQUAL(last_error.rule, 102);
	superblock_with(176, 0, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 176);
	superblock_with(176, sb.used + 8, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 176);
	superblock_with(192, 64, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 192);
	superblock_with(192, sb.record + 8, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 192);
	superblock_with(192, (sb.used + 63) & ~63ull, 8, true, ANCIENT_E_BAD_SUPERBLOCK,
			slot + 192);
	superblock_with(200, sb.record, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 200);
	superblock_with(200, 8192 + 8, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 200);
	EQUAL(last_error.rule, 102);
}

/* FORMAT 3.2 and 10: which of two faults is told, and that an offset which is a number like
 * another is no fault of the superblock (S2) but leads to no extent (C1). */
static void faults_have_their_order(void)
{
	good[slot + 72]++; /* generation */
	superblock_with(56, 0x1234, 8, true, ANCIENT_E_BAD_SUPERBLOCK, slot + 56);
	good[slot + 72]--;
	superblock_with(96, 8192, 8, true, ANCIENT_E_BAD_CUSTOM, slot + 96);
	EQUAL(last_error.rule, 401);
	superblock_with(96, 8200, 8, true, ANCIENT_E_BAD_CUSTOM, slot + 96);
	superblock_with(96, UINT64_MAX - 63, 8, true, ANCIENT_E_BAD_CUSTOM, slot + 96);
}

/* A superblock that does not count, with the commit that it described complete behind the other
 * one: writers are refused until it is brought back, and readers are told. */
static void a_damaged_superblock_hides_a_commit(void)
{
	uint8_t *copy = malloc(good_size), *now;
	struct ancient_recovered recovered = {0};
	struct ancient_commit *commit = NULL;
	struct ancient_store *store = NULL;
	uint64_t after, root;
	char path[64];
	int fd;

	CHECK(copy);
	memcpy(copy, good, good_size);
	copy[slot + 100] ^= 1;
	fd = file_of(copy, good_size);
	if (slot == 0) { /* the other one is of a file in which nothing was published */
		gives(copy, good_size, ANCIENT_E_UNRECOVERED, slot);
	} else {
		store = attach(fd);
		EQUAL(ancient_store_generation(store), 2);
		OK(ancient_store_get(store, NULL, 7, &root, &err));
		GIVES(ancient_store_get(store, NULL, 8, &root, &err), ANCIENT_E_NO_KEY);
		GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_UNRECOVERED);
		GIVES(ancient_store_verify(store, &err), ANCIENT_E_BAD_SUPERBLOCK);
		EQUAL(last_error.rule, 105);
		EQUAL(last_error.offset, slot);
		ancient_store_detach(store);
	}
	now = file_bytes(fd, &after);
	CHECK(after == good_size && memcmp(now, copy, good_size) == 0);
	free(now);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	OK(ancient_recover(path, false, &recovered, &err));
	EQUAL(recovered.damaged, 1);
	EQUAL(recovered.recovered, slot ? 3 : 2);
	EQUAL(recovered.generation, recovered.recovered + 1);
	store = attach(fd);
	OK(ancient_store_verify(store, &err));
	EQUAL(ancient_store_generation(store), recovered.generation);
	OK(ancient_store_get(store, NULL, 7, &root, &err));
	if (slot)
		OK(ancient_store_get(store, NULL, 8, &root, &err));
	share(store, 9, INT(9));
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	OK(ancient_recover(path, false, &recovered, &err)); /* which changes nothing now */
	EQUAL(recovered.damaged, 0);
	EQUAL(recovered.recovered, 0);
	close(fd);
	free(copy);
}

/* A file of zeros is as good as an empty one, if it is no longer than what a writer leaves that
 * was stopped before it wrote a superblock; a longer one may be somebody's. */
static void zeros_are_empty(void)
{
	static const char zeros[8193];
	int fd = file_of(zeros, 8192);
	struct ancient_store *store = attach(fd);

	share(store, 0, INT(1));
	ancient_store_detach(store);
	close(fd);
	gives(zeros, 8193, ANCIENT_E_FOREIGN, 0);
}

/* Every byte in turn is turned over: verify sees it, or it is one that the format leaves free;
 * nothing crashes. */
static void any_damage_is_found(void)
{
	const uint64_t step = small_run() ? 97 : 1;
	uint8_t *copy = malloc(good_size);

	CHECK(copy);
	for (uint64_t at = 8192; at < good_size; at += step) {
		struct ancient_store *store = NULL;
		struct ancient_error err;
		enum ancient_code code;
		uint64_t root;
		int fd;

		memcpy(copy, good, good_size);
		copy[at] ^= (uint8_t)(1 + at % 255);
		fd = file_of(copy, good_size);
		code = ancient_store_attach(fd, "bad", NULL, &store, &err);
		if (code == ANCIENT_OK) {
			code = ancient_store_verify(store, &err);
			CHECK(code != ANCIENT_OK && err.rule > 200 &&
			      err.offset != ANCIENT_NO_OFFSET);
			ancient_store_get(store, NULL, 7, &root, &err);
			ancient_store_detach(store);
		}
		close(fd);
	}
	free(copy);
}

int main(void)
{
	for (unsigned generation = 2; generation <= 3; generation++) {
		make_good(generation);
		files_of_others();
		superblocks();
		faults_have_their_order();
		a_damaged_superblock_hides_a_commit();
		any_damage_is_found();
		free(good);
	}
	zeros_are_empty();
	return 0;
}
