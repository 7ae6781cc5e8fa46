/* tests/core: a commit is visible as a whole or not at all, with any number of writing processes.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"

static struct arena arena;

/* A list of `cells` cells. */
static uint64_t list_of(uint64_t cells)
{
	uint64_t list = INT(0);

	while (cells--)
		list = pair(&arena, INT(cells), list);
	return list;
}

static void several_puts_share_what_they_have_in_common(struct ancient_store *store)
{
	struct ancient_commit *commit = NULL;
	struct ancient_copied a, b;
	uint64_t common = pair(&arena, INT(1), INT(2));

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 0, NULL, &source, pair(&arena, common, INT(0)), 0, &a, &err));
	OK(ancient_commit_put(commit, 1, NULL, &source, pair(&arena, common, INT(1)), 0, &b, &err));
	OK(ancient_commit_finish(commit, true, &err));
	EQUAL(a.blocks, 2);
	EQUAL(b.blocks, 1);
	EQUAL(fields(get(store, 0))[0], fields(get(store, 1))[0]);
}

/* Small and large: the large one grows in the file itself. */
static void an_aborted_commit_leaves_no_bytes(struct ancient_store *store, int fd)
{
	for (uint64_t cells = 10; cells <= 1000000; cells *= 100) {
		struct ancient_commit *commit = NULL;
		uint64_t size, after, start, end;
		uint8_t *bytes = file_bytes(fd, &size), *now;

		arena.used = 0;
		OK(ancient_commit_begin(store, &commit, &err));
		OK(ancient_commit_put(commit, 9, "nine", &source, list_of(cells), 0, NULL, &err));
		ancient_commit_abort(commit);
		now = file_bytes(fd, &after);
		EQUAL(after, size);
		CHECK(memcmp(bytes, now, size) == 0);
		ancient_store_range(store, &start, &end);
		EQUAL(end - start, size);
		free(bytes);
		free(now);
	}
}

static void a_commit_of_nothing_is_no_generation(struct ancient_store *store)
{
	uint64_t generation = ancient_store_generation(store);
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_finish(commit, true, &err));
	EQUAL(ancient_store_generation(store), generation);
}

/* The filler's place is kept where the blocks end exactly at the end of what was allocated: sizes
 * around every power of two up to the largest that is gathered in memory. */
static void values_of_any_size_have_room_for_the_filler(struct ancient_store *store)
{
	for (uint64_t words = 128; words <= 16384; words *= 2)
		for (uint64_t more = 0; more < 5; more++) {
			uint64_t first, second;

			arena.used = 0;
			first = block(&arena, 0, words / 2 - 3);
			second = block(&arena, 0, words / 2 - 1 + more - 2);
			for (uint64_t i = 0; i < words / 2 - 3; i++)
				fields(first)[i] = INT(i);
			for (uint64_t i = 0; i < words / 2 - 3 + more; i++)
				fields(second)[i] = INT(i);
			fields(first)[0] = second;
			share(store, 80, first);
			EQUAL(header(fields(get(store, 80))[0]),
			      ANCIENT_HEADER(words / 2 - 3 + more, 0));
		}
	OK(ancient_store_verify(store, &err));
}

static void the_file_is_hardly_larger_than_its_values(struct ancient_store *store, int fd)
{
	uint64_t before = file_size(fd);
	struct ancient_copied copied;

	arena.used = 0;
	copied = share(store, 2, list_of(44000));
	CHECK(copied.bytes > 1000000);
	CHECK(file_size(fd) - before - copied.bytes < 6000);
}

/* What a crashed writer left behind `used` is cut off by the next. */
static void bytes_of_a_dead_writer_are_cut_off(struct ancient_store *store, int fd)
{
	uint64_t size = file_size(fd);
	char junk[10000];

	memset(junk, 0xAB, sizeof junk);
	CHECK(pwrite(fd, junk, sizeof junk, (off_t)size) == (ssize_t)sizeof junk);
	share(store, 3, INT(3));
	OK(ancient_store_verify(store, &err));
	CHECK(file_size(fd) < size + 5000);
}

/* The type of the lock that another open file description would meet: F_WRLCK or F_UNLCK. */
static short lock_seen_by_others(const char *path)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open(path, O_RDWR | O_CLOEXEC);

	CHECK(fd >= 0);
	CHECK(fcntl(fd, F_OFD_GETLK, &lock) == 0);
	close(fd);
	return lock.l_type;
}

static void a_commit_holds_the_lock_from_begin_to_end(struct ancient_store *store, const char *path)
{
	struct ancient_commit *commit = NULL;

	EQUAL(lock_seen_by_others(path), F_UNLCK);
	OK(ancient_commit_begin(store, &commit, &err));
	EQUAL(lock_seen_by_others(path), F_WRLCK);
	OK(ancient_commit_put(commit, 4, NULL, &source, INT(4), 0, NULL, &err));
	EQUAL(lock_seen_by_others(path), F_WRLCK);
	OK(ancient_commit_finish(commit, false, &err));
	EQUAL(lock_seen_by_others(path), F_UNLCK);
	OK(ancient_commit_begin(store, &commit, &err));
	ancient_commit_abort(commit);
	EQUAL(lock_seen_by_others(path), F_UNLCK);
}

/* A parent and its child put 50 keys each into one file; none is lost. */
static void a_child_and_its_parent_write_at_the_same_time(struct ancient_store *store)
{
	pid_t child = fork();
	uint64_t first = child ? 1000 : 2000;
	int status;

	CHECK(child >= 0);
	for (uint64_t i = 0; i < 50; i++)
		share(store, first + i, pair(&arena, INT(first), INT(i)));
	if (child == 0)
		_exit(0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	for (uint64_t i = 0; i < 50; i++) {
		EQUAL(fields(get(store, 1000 + i))[1], INT(i));
		EQUAL(fields(get(store, 2000 + i))[0], INT(2000));
	}
	OK(ancient_store_verify(store, &err));
}

struct thread {
	struct ancient_store *store;
	uint64_t first;
};

static void *write_and_read(void *argument)
{
	const struct thread *t = argument;

	for (uint64_t i = 0; i < 50; i++) {
		share(t->store, t->first + i, INT(i));
		EQUAL(get(t->store, t->first + i), INT(i));
	}
	return NULL;
}

static void threads_take_turns(struct ancient_store *store)
{
	struct thread t[4];
	pthread_t ids[4];

	for (uint64_t i = 0; i < 4; i++) {
		t[i].store = store;
		t[i].first = 3000 + i * 100;
		CHECK(pthread_create(&ids[i], NULL, write_and_read, &t[i]) == 0);
	}
	for (int i = 0; i < 4; i++)
		CHECK(pthread_join(ids[i], NULL) == 0);
	for (uint64_t i = 0; i < 4; i++)
		EQUAL(get(store, 3000 + i * 100 + 49), INT(49));
}

/* Readers go on while this thread is in the middle of a commit. */
static void reading_does_not_wait_for_a_commit(struct ancient_store *store)
{
	struct ancient_commit *commit = NULL;
	uint64_t generation = ancient_store_generation(store);

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 50, NULL, &source, INT(50), 0, NULL, &err));
	EQUAL(get(store, 3000), INT(0));
	OK(ancient_store_refresh(store, &err));
	EQUAL(ancient_store_generation(store), generation);
	OK(ancient_commit_finish(commit, false, &err));
	EQUAL(ancient_store_generation(store), generation + 1);
}

/* Of the file, behind which there may be room. */
static uint64_t used_by(const struct ancient_store *store)
{
	uint64_t start, end;

	ancient_store_range(store, &start, &end);
	return end - start;
}

/* In a child, as the limit cannot be taken back by everybody. */
static void a_file_size_limit_is_an_error(struct ancient_store *store, int fd)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		uint64_t size = used_by(store);
		struct rlimit limit = {size + 100000, size + 100000};
		struct ancient_commit *commit = NULL;

		CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
		arena.used = 0;
		OK(ancient_commit_begin(store, &commit, &err));
		GIVES(ancient_commit_put(commit, 60, NULL, &source, list_of(1000000), 0, NULL,
					 &err),
		      ANCIENT_E_DISK_FULL);
		ancient_commit_abort(commit);
		EQUAL(file_size(fd), size);
		share(store, 60, INT(60)); /* what fits, fits */
		EQUAL(get(store, 60), INT(60));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

static void a_reserve_that_is_used_up_is_an_error(void)
{
	struct ancient_store_options options = {.reserve = 1 << 20};
	struct ancient_store *store = NULL;
	struct ancient_commit *commit = NULL;
	char path[64];
	int fd = new_file(path);

	OK(ancient_store_attach(fd, "full", &options, &store, &err));
	arena.used = 0;
	OK(ancient_commit_begin(store, &commit, &err));
	GIVES(ancient_commit_put(commit, 0, NULL, &source, list_of(100000), 0, NULL, &err),
	      ANCIENT_E_NO_ROOM);
	ancient_commit_abort(commit);
	EQUAL(file_size(fd), ANCIENT_FIRST_EXTENT);
	arena.used = 0;
	share(store, 0, list_of(40000));
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

static void a_removed_or_replaced_file_is_not_written(void)
{
	char path[64], other[64];
	int fd = new_file(path), fd2 = new_file(other);
	struct ancient_store *store = attach(fd);
	struct ancient_commit *commit = NULL;

	share(store, 0, INT(1));
	CHECK(rename(other, path) == 0);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_SUPERSEDED);
	EQUAL(get(store, 0), INT(1));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	close(fd2);
}

/* Bigarrays and their payload lie across many pages, too. */
static void large_payloads_arrive(struct ancient_store *store)
{
	uint64_t bytes = 3000001, v = block(&arena, ANCIENT_TAG_CUSTOM, 6);
	uint8_t *data = malloc(bytes);

	CHECK(data);
	for (uint64_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	fields(v)[0] = OPERATIONS(3);
	fields(v)[1] = (uint64_t)(uintptr_t)data;
	fields(v)[2] = 1;
	fields(v)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED | 0x200;
	fields(v)[4] = 0;
	fields(v)[5] = bytes;
	share(store, 70, v);
	CHECK(memcmp((void *)(uintptr_t)fields(get(store, 70))[1], data, bytes) == 0);
	free(data);
	OK(ancient_store_verify(store, &err));
}

int main(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	arena = new_arena(4000000);
	several_puts_share_what_they_have_in_common(store);
	an_aborted_commit_leaves_no_bytes(store, fd);
	a_commit_of_nothing_is_no_generation(store);
	the_file_is_hardly_larger_than_its_values(store, fd);
	bytes_of_a_dead_writer_are_cut_off(store, fd);
	a_commit_holds_the_lock_from_begin_to_end(store, path);
	a_child_and_its_parent_write_at_the_same_time(store);
	threads_take_turns(store);
	reading_does_not_wait_for_a_commit(store);
	a_file_size_limit_is_an_error(store, fd);
	a_reserve_that_is_used_up_is_an_error();
	a_removed_or_replaced_file_is_not_written();
	large_payloads_arrive(store);
	values_of_any_size_have_room_for_the_filler(store);
	ancient_store_detach(store);
	unlink(path);
	free(arena.words);
	close(fd);
	return 0;
}
