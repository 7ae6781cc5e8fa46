/* tests/core: what was committed without being flushed is lost in part, as after a flush that
 * failed and pages that were evicted: zeros, or other bytes, in each extent in turn.
 *
 * No durable commit is made on top; the others are.  Recovery refuses, and goes back to the newest
 * whole generation where it is told to; nothing that is whole is moved or changed. */
#include "generations.h"

#define DURABLE 4u /* generations; those behind are not durable */
#define NEWEST 8u  /* one of them, 6, is large */
#define MOST_EXTENTS 64u

static struct arena arena;
static struct {
	uint64_t start, generation, length;
} extents[MOST_EXTENTS];
static unsigned extent_count;

static struct ancient_store *make(char path[64], int *ret_fd, unsigned durable)
{
	struct ancient_store *store;

	*ret_fd = new_file(path);
	store = attach(*ret_fd);
	for (unsigned g = 2; g <= NEWEST; g++)
		OK(publish(store, &arena, g <= durable, &err));
	return store;
}

static void find_extents(int fd)
{
	uint64_t size, at = ANCIENT_FIRST_EXTENT;
	uint8_t *bytes = file_bytes(fd, &size);

	extent_count = 0;
	size = in_force(bytes).used; /* there may be room behind */
	while (at < size) {
		struct ancient_extent header;

		memcpy(&header, bytes + at, sizeof header);
		CHECK(header.magic == ANCIENT_EXTENT_MAGIC && extent_count < MOST_EXTENTS);
		extents[extent_count].start = at;
		extents[extent_count].generation = header.generation;
		extents[extent_count++].length = header.length;
		at += header.length;
		at = header.flags & ANCIENT_EXTENT_LAST ? (at + 4095) & ~4095ull
							: (at + 63) & ~63ull;
	}
	free(bytes);
}

/* The last 8 bytes of its content, or of its header. */
static void lose(int fd, unsigned extent, bool header)
{
	uint64_t at = extents[extent].start +
		      (header ? 48 : (extents[extent].length - 8) / 64 * 64),
		 other = 0;
	uint64_t before;

	CHECK(pread(fd, &before, 8, (off_t)at) == 8);
	if (before == other)
		other = ~0ull;
	CHECK(pwrite(fd, &other, 8, (off_t)at) == 8);
}

static void commit_is(struct ancient_store *store, bool durable, enum ancient_code expected)
{
	struct ancient_commit *commit = NULL;
	uint64_t before = ancient_store_generation(store);

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 99, NULL, &source, INT(99), 0, NULL, &err));
	GIVES(ancient_commit_finish(commit, durable, &err), expected);
	EQUAL(ancient_store_generation(store), before + (expected == ANCIENT_OK));
}

static void has_gone_back(int fd, uint64_t to, uint64_t newest)
{
	struct ancient_error error = {.message = ""};
	struct ancient_file *file = NULL;
	struct ancient_info info;

	OK(ancient_file_open_fd(fd, "test", NULL, &file, &err));
	OK(ancient_file_verify(file, NULL, NULL, &err));
	ancient_file_info(file, &info);
	EQUAL(info.generation, newest);
	EQUAL(info.durable_used, info.used);
	CHECK(keys_are_of(file, to, &error));
	ancient_file_close(file);
}

/* `durable`: generations up to this one are. */
static void one_extent_is_lost(unsigned durable, unsigned extent, bool header, bool reopened)
{
	struct ancient_recovered recovered;
	struct ancient_store *store;
	uint64_t lost, whole, word, *live = NULL;
	char path[64];
	int fd;

	store = make(path, &fd, durable);
	find_extents(fd);
	lost = extents[extent].generation;
	whole = lost - 1;
	if (reopened) {
		ancient_store_discard(store);
		store = attach(fd);
	}
	/* A value of the newest generation, which stays where it is if it is not what was lost. */
	live = fields(fields(get(store, NEWEST % KEYS))[0]);
	word = live[0];
	lose(fd, extent, header);
	/* Only who has written it all, and been told of no failure, need not look. */
	if (!reopened) {
		commit_is(store, true, ANCIENT_OK);
		ancient_store_discard(store);
		/* The next would be right to refuse to verify: that damage is the device's. */
		CHECK(ftruncate(fd, 0) == 0);
		CHECK(remove(path) == 0);
		close(fd);
		return;
	}
	commit_is(store, true, ANCIENT_E_UNDURABLE);
	CHECK(strstr(last_error.message, "ancientctl recover --drop-lost"));
	commit_is(store, true, ANCIENT_E_UNDURABLE);
	GIVES(ancient_recover(path, false, &recovered, &err), ANCIENT_E_UNDURABLE);
	EQUAL(ancient_store_generation(store), NEWEST);
	OK(ancient_recover(path, true, &recovered, &err));
	EQUAL(recovered.damaged, 0);
	EQUAL(recovered.lost, NEWEST);
	EQUAL(recovered.generation, NEWEST + 2);
	has_gone_back(fd, whole, NEWEST + 2);
	if (lost != NEWEST)
		EQUAL(live[0], word);
	/* Whoever had it attached goes on, unless it was the last record that was lost, or customs
	 * are fewer. */
	ancient_store_discard(store);
	store = attach(fd);
	commit_is(store, true, ANCIENT_OK);
	OK(ancient_recover(path, true, &recovered, &err));
	CHECK(recovered.lost == 0 && recovered.damaged == 0);
	ancient_store_discard(store);
	unlink(path);
	close(fd);
}

static void each_extent_is_lost(unsigned durable)
{
	unsigned first = 0, count;

	one_extent_is_lost(durable, 3, false, false);
	while (extents[first].generation <= durable)
		first++;
	count = extent_count;
	for (unsigned i = first; i < count; i++) {
		one_extent_is_lost(durable, i, false, true);
		one_extent_is_lost(durable, i, true, true);
	}
	printf("%u extents lost after generation %u\n", count - first, durable);
}

/* Of what was durable nothing is given up. */
static void what_was_durable_is_not_dropped(void)
{
	struct ancient_recovered recovered;
	struct ancient_superblock slot;
	struct ancient_store *store;
	char path[64];
	int fd;

	store = make(path, &fd, DURABLE);
	ancient_store_discard(store);
	find_extents(fd);
	/* durable_used leads to a record that is not there: the walk begins at the first commit. */
	for (unsigned i = 0; i < extent_count; i++)
		if (extents[i].generation == DURABLE)
			lose(fd, i, true);
	store = attach(fd);
	commit_is(store, true, ANCIENT_E_UNDURABLE);
	GIVES(ancient_recover(path, true, &recovered, &err), ANCIENT_E_UNDURABLE);
	OK(ancient_recover(path, false, &recovered, &err));
	EQUAL(recovered.generation, NEWEST);
	commit_is(store, false, ANCIENT_OK);
	ancient_store_discard(store);
	CHECK(pread(fd, &slot, sizeof slot, 4096) == sizeof slot && slot.generation == NEWEST + 1);
	CHECK(remove(path) == 0);
	close(fd);
}

/* A live process is told where the file goes back under it, by one generation too. */
static void a_file_that_is_put_back_is_noticed(void)
{
	struct ancient_store *store;
	uint8_t *before;
	uint64_t size, root;
	char path[64];
	int fd, other;

	store = make(path, &fd, DURABLE);
	before = file_bytes(fd, &size);
	OK(publish(store, &arena, true, &err));
	OK(ancient_store_get(store, NULL, NEWEST % KEYS, &root, &err));
	CHECK(pwrite(fd, before, 8192, 0) == 8192);
	GIVES(ancient_store_get(store, NULL, NEWEST % KEYS, &root, &err), ANCIENT_E_WENT_BACK);
	/* Another process goes on from there, to the same generation and beyond. */
	for (unsigned i = 0; i < 3; i++) {
		int status;
		pid_t child = fork();

		CHECK(child >= 0);
		if (child == 0) {
			ancient_store_discard(store);
			other = open(path, O_RDWR);
			store = attach(other);
			commit_is(store, true, ANCIENT_OK);
			_exit(0);
		}
		CHECK(waitpid(child, &status, 0) == child && status == 0);
		GIVES(ancient_store_get(store, NULL, NEWEST % KEYS, &root, &err),
		      ANCIENT_E_WENT_BACK);
		GIVES(publish(store, &arena, false, &err), ANCIENT_E_WENT_BACK);
	}
	ancient_store_discard(store);
	free(before);
	unlink(path);
	close(fd);
}

int main(void)
{
	char folder[] = "/dev/shm/core-test-XXXXXX";

	/* Where flushes take no time, if there is such a place. */
	if (mkdtemp(folder))
		CHECK(chdir(folder) == 0);
	arena = new_arena(40000);
	each_extent_is_lost(DURABLE);
	each_extent_is_lost(0);
	what_was_durable_is_not_dropped();
	a_file_that_is_put_back_is_noticed();
	rmdir(folder);
	free(arena.words);
	return 0;
}
