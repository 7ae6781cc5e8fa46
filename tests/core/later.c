/* tests/core: files of later versions (FORMAT 3.2, 3.4): a writer goes on with a later minor
 * version, and keeps away from another major one and from features that it must know. */
#include "reseal.h"

#define LATER ((uint32_t)ANCIENT_VERSION + 1)
#define UNKNOWN_KIND 77u

static struct arena arena;

static uint64_t long_list(void)
{
	uint64_t list = INT(0);

	arena.used = 0;
	for (uint64_t i = 0; i < 100000; i++)
		list = pair(&arena, INT(i), list);
	return list;
}

/* Of three commits, whose second has waypoints. */
static struct ancient_store *new_store(char path[64], int *ret_fd)
{
	struct ancient_store *store;

	*ret_fd = new_file(path);
	store = attach(*ret_fd);
	share(store, 1, INT(1));
	share(store, 2, long_list());
	share(store, 3, INT(3));
	return store;
}

/* What a writer of a later minor version might leave: an extent of a kind of its own (where the
 * waypoints were), with flags and a count of its own, and in its superblock a compatible flag and a
 * field.  `first`: another one is the first of its commit, where values were that no key has any
 * more. */
static void make_it_later(int fd, bool first)
{
	uint64_t size;
	uint8_t *bytes = file_bytes(fd, &size);
	struct ancient_superblock sb = in_force(bytes);
	struct ancient_superblock *image = (void *)(bytes + sb.record + 64);
	bool changed = false;

	for (uint64_t at = ANCIENT_FIRST_EXTENT; at < size; at = next_extent(bytes, at)) {
		struct ancient_extent *header = (void *)(bytes + at);

		if (first && header->kind == ANCIENT_EXTENT_VALUES) {
			image->block_count -= header->count;
			image->value_bytes -= header->content - 8;
		} else if (header->kind != ANCIENT_EXTENT_WAYPOINTS) {
			continue;
		}
		header->kind = UNKNOWN_KIND;
		header->flags |= 0x10;
		header->count = 12345;
		changed = true;
	}
	CHECK(changed);
	image->version = LATER;
	image->compat_flags = 1ull << 33;
	image->zero2[5] = 9;
	reseal(bytes);
	memcpy(bytes + sb.generation % 2 * ANCIENT_SUPERBLOCK_SLOT, image, sizeof *image);
	write_back(fd, bytes, size);
	free(bytes);
}

static void reader_verifies(int fd)
{
	struct ancient_file *file = NULL;

	OK(ancient_file_open_fd(fd, "later", NULL, &file, &err));
	OK(ancient_file_verify(file, NULL, NULL, &err));
	ancient_file_close(file);
}

static void a_later_minor_version_is_gone_on_with(void)
{
	char path[64];
	int fd;
	struct ancient_store *store = new_store(path, &fd);
	struct ancient_recovered recovered;
	struct ancient_superblock sb;
	uint64_t size, after;
	uint8_t *before, *bytes, *zeros = calloc(1, 4096);

	ancient_store_discard(store);
	make_it_later(fd, false);
	store = attach(fd);
	OK(ancient_store_verify(store, &err));
	reader_verifies(fd);
	before = file_bytes(fd, &size);
	share(store, 4, INT(4));
	OK(ancient_store_verify(store, &err));
	reader_verifies(fd);
	bytes = file_bytes(fd, &after);
	sb = in_force(bytes);
	EQUAL(sb.version, LATER);
	EQUAL(sb.compat_flags, 0);
	for (size_t i = 0; i < sizeof sb.zero2; i++)
		EQUAL(sb.zero2[i], 0);
	CHECK(memcmp(before + 8192, bytes + 8192, size - 8192) == 0);
	EQUAL(fields(get(store, 2))[0], INT(99999));
	ancient_store_discard(store);
	/* Recovery, too, keeps the version. */
	CHECK(zeros && pwrite(fd, zeros, 4096, sb.generation % 2 * 4096) == 4096);
	OK(ancient_recover(path, false, &recovered, &err));
	EQUAL(recovered.recovered, sb.generation);
	free(bytes);
	bytes = file_bytes(fd, &after);
	EQUAL(in_force(bytes).version, LATER);
	reader_verifies(fd);
	unlink(path);
	close(fd);
	free(before);
	free(bytes);
	free(zeros);
}

static void an_unknown_extent_may_be_the_first_of_its_commit(void)
{
	char path[64];
	int fd;
	struct ancient_store *store = new_store(path, &fd);

	share(store, 2, INT(2)); /* the list is garbage now */
	ancient_store_discard(store);
	make_it_later(fd, true);
	reader_verifies(fd);
	store = attach(fd);
	OK(ancient_store_verify(store, &err));
	EQUAL(get(store, 2), INT(2));
	ancient_store_discard(store);
	unlink(path);
	close(fd);
}

/* A superblock of the next generation, as a writer that we do not know might leave it. */
static void write_unknown(int fd, uint32_t version, uint64_t incompat, bool other_lost)
{
	uint64_t size;
	uint8_t *bytes = file_bytes(fd, &size);
	struct ancient_superblock sb = in_force(bytes);

	if (other_lost)
		memset(bytes + sb.generation % 2 * ANCIENT_SUPERBLOCK_SLOT, 0xFF, 256);
	sb.generation++;
	sb.version = version;
	sb.incompat_flags = incompat;
	sb.word_size = 4;
	reseal_superblock(&sb);
	memcpy(bytes + sb.generation % 2 * ANCIENT_SUPERBLOCK_SLOT, &sb, sizeof sb);
	write_back(fd, bytes, size);
	free(bytes);
}

/* In either slot, to a store that was attached before as to one that attaches, and to recovery. */
static void what_is_not_understood_is_not_written_over(uint32_t version, uint64_t incompat,
						       enum ancient_code code, bool odd,
						       bool other_lost)
{
	char path[64];
	int fd;
	struct ancient_store *store = new_store(path, &fd), *again = NULL;
	struct ancient_commit *commit = NULL;
	struct ancient_recovered recovered;
	uint64_t size, after;
	uint8_t *before, *bytes;

	if (odd)
		share(store, 4, INT(4));
	write_unknown(fd, version, incompat, other_lost);
	before = file_bytes(fd, &size);
	GIVES(ancient_store_refresh(store, &err), code);
	GIVES(ancient_commit_begin(store, &commit, &err), code);
	GIVES(ancient_store_attach(fd, "again", NULL, &again, &err), code);
	GIVES(ancient_recover(path, false, &recovered, &err), code);
	GIVES(ancient_compact(path, NULL, NULL, &err), code);
	bytes = file_bytes(fd, &after);
	CHECK(after == size && memcmp(bytes, before, size) == 0);
	ancient_store_discard(store);
	remove(path);
	close(fd);
	free(before);
	free(bytes);
}

/* The same in a commit record, behind a slot that was lost. */
static void nor_is_a_commit_cut_off_that_is_not_understood(void)
{
	char path[64];
	int fd;
	struct ancient_store *store = new_store(path, &fd);
	struct ancient_commit *commit = NULL;
	struct ancient_recovered recovered;
	struct ancient_superblock sb, *image;
	uint64_t size, after;
	uint8_t *before, *bytes;

	ancient_store_discard(store);
	before = file_bytes(fd, &size);
	sb = in_force(before);
	image = (void *)(before + sb.record + 64);
	image->version = 2 << 16;
	reseal(before);
	memset(before + sb.generation % 2 * ANCIENT_SUPERBLOCK_SLOT, 0, 4096);
	write_back(fd, before, size);
	store = attach(fd);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_UNRECOVERED);
	ancient_store_discard(store);
	GIVES(ancient_recover(path, false, &recovered, &err), ANCIENT_E_VERSION);
	bytes = file_bytes(fd, &after);
	CHECK(after == size && memcmp(bytes, before, size) == 0);
	remove(path);
	close(fd);
	free(before);
	free(bytes);
}

int main(void)
{
	arena = new_arena(400000);
	a_later_minor_version_is_gone_on_with();
	an_unknown_extent_may_be_the_first_of_its_commit();
	for (int odd = 0; odd < 2; odd++)
		for (int lost = 0; lost < 2; lost++) {
			what_is_not_understood_is_not_written_over(2 << 16, 0, ANCIENT_E_VERSION,
								   odd, lost);
			what_is_not_understood_is_not_written_over(ANCIENT_VERSION, 1ull << 40,
								   ANCIENT_E_FLAGS, odd, lost);
			what_is_not_understood_is_not_written_over(ANCIENT_VERSION, 0,
								   ANCIENT_E_DIALECT, odd, lost);
		}
	nor_is_a_commit_cut_off_that_is_not_understood();
	free(arena.words);
	return 0;
}
