/* tests/core: the room that a writer makes behind its commits (store/room_ahead.h): when it is
 * there, who takes it away, and that nothing but zeros lies between commits and behind them,
 * whatever became of the one before. */
#include <sys/resource.h>
#include <sys/socket.h>

#include "generations.h"
#include "intercept.h"

#define BEFORE 4u /* commits without room */
#define STEP 65536u
#define TEXT 20000u

static struct arena arena;
static char path[64];
static int fd;

static uint64_t text_of(uint64_t bytes)
{
	static char text[TEXT];

	memset(text, 'a', sizeof text);
	arena.used = 0;
	return bytes_value(&arena, text, bytes);
}

static struct ancient_store *make(void)
{
	fd = new_file(path);
	return attach(fd);
}

static void done(struct ancient_store *store)
{
	ancient_store_detach(store);
	CHECK(unlink(path) == 0);
	close(fd);
}

/* The bytes behind `used`, which are zeros; what lies between commits, verification looks at. */
static uint64_t room(void)
{
	struct ancient_file *file = NULL;
	uint64_t size, used;
	uint8_t *bytes = file_bytes(fd, &size);

	used = in_force(bytes).used;
	CHECK(used <= size && size - used < STEP + 4096);
	for (uint64_t i = used; i < size; i++)
		EQUAL(bytes[i], 0);
	free(bytes);
	OK(ancient_file_open_fd(fd, "test", NULL, &file, &err));
	OK(ancient_file_verify(file, NULL, NULL, &err));
	ancient_file_close(file);
	return size - used;
}

static void share_some(struct ancient_store *store, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		share(store, i, text_of(100));
}

static struct ancient_store *make_with_room(void)
{
	struct ancient_store *store = make();

	share_some(store, BEFORE + 1);
	CHECK(room() >= STEP);
	return store;
}

/* What a process forked from this one does. */
static void in_a_child(void (*act)(struct ancient_store *store), struct ancient_store *store)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		act(store);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

static void it_comes_with_many_commits_and_goes_with_detach(void)
{
	struct ancient_store *store = make();

	for (unsigned i = 0; i < BEFORE; i++) {
		share(store, i, text_of(100));
		EQUAL(room(), 0);
	}
	for (unsigned i = 0; i < 60; i++) {
		share(store, i % 5, text_of(100 + i * i * 37 % 9000));
		CHECK(room() > 0 && file_size(fd) % 2 == 1);
	}
	ancient_store_detach(store);
	EQUAL(room(), 0);
	CHECK(unlink(path) == 0);
	close(fd);
}

static void a_large_commit_takes_it(void)
{
	struct ancient_store *store = make_with_room();

	for (unsigned i = 0; i < 2 * LARGE; i++) {
		OK(publish(store, &arena, i % 2, &err));
		room();
	}
	done(store);
}

static void share_one(struct ancient_store *store)
{
	share(store, 7, text_of(500));
	EQUAL(room(), 0);
}

static void another_writer_takes_it(void)
{
	struct ancient_store *store = make_with_room();

	in_a_child(share_one, store);
	share(store, 1, text_of(100));
	EQUAL(room(), 0);
	done(store);
}

static void who_has_not_made_it_leaves_it(void)
{
	struct ancient_store *store = make_with_room();
	uint64_t there = room();

	in_a_child(ancient_store_detach, store);
	EQUAL(room(), there);
	done(store);
}

static void share_many(struct ancient_store *store)
{
	ancient_store_discard(store);
	store = attach(fd);
	share_some(store, BEFORE + 1);
	CHECK(room() >= STEP);
}

static void detach_leaves_that_of_another(void)
{
	struct ancient_store *store = make_with_room();

	in_a_child(share_many, store); /* and ends without a detach */
	ancient_store_detach(store);
	CHECK(room() >= STEP);
	CHECK(unlink(path) == 0);
	close(fd);
}

/* ---- a child, and its parent that is killed in a commit ---- */

static int told[2]; /* [0]: the child's end */

static void die_before_the_superblock(enum intercept_call call, int file, uint64_t offset,
				      uint64_t length)
{
	(void)file;
	(void)length;
	if (call == CALL_PWRITEV && offset < ANCIENT_FIRST_EXTENT)
		_exit(0);
}

static void share_when_told(struct ancient_store *store)
{
	char byte;

	CHECK(close(told[1]) == 0 && read(told[0], &byte, 1) == 1);
	share(store, 3, text_of(100));
	EQUAL(room(), 0);
	CHECK(write(told[0], "x", 1) == 1);
	_exit(0);
}

static void leave_a_child_and_die(struct ancient_store *store)
{
	pid_t child;

	store = attach(fd);
	share_some(store, BEFORE + 1);
	child = fork();
	CHECK(child >= 0);
	if (child == 0)
		share_when_told(store);
	intercept_start();
	intercept.before = die_before_the_superblock;
	share(store, 2, text_of(TEXT));
	CHECK(false); /* it lives */
}

static void a_child_does_not_rely_on_it(void)
{
	char byte;

	fd = new_file(path);
	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, told) == 0);
	in_a_child(leave_a_child_and_die, NULL);
	close(told[0]);
	CHECK(file_size(fd) % 2 == 1); /* as it was left */
	CHECK(write(told[1], "x", 1) == 1 && read(told[1], &byte, 1) == 1);
	close(told[1]);
	EQUAL(room(), 0);
	CHECK(unlink(path) == 0);
	close(fd);
}

/* ---- commits that fail ---- */

static int no_flush(int file)
{
	(void)file;
	return EIO;
}

/* The extents are written over the room, and the file cannot be cut. */
static void nobody_relies_on_it_after_a_failure(void)
{
	struct ancient_store *store = make_with_room();
	struct ancient_error error = {.message = ""};
	struct ancient_commit *commit = NULL;

	OK(ancient_commit_begin(store, &commit, &err));
	OK(ancient_commit_put(commit, 2, NULL, &source, text_of(TEXT), 0, NULL, &err));
	intercept_start();
	intercept.flush = no_flush;
	intercept.fail = CALL_FTRUNCATE;
	intercept.error = EIO;
	intercept.fail_at = 0;
	GIVES(ancient_commit_finish(commit, true, &error), ANCIENT_E_SYSTEM);
	intercept.armed = false;
	CHECK(intercept.failed && file_size(fd) % 2 == 1);
	share(store, 1, text_of(100));
	EQUAL(room(), 0);
	done(store);
}

static void a_full_disk_is_no_error(void)
{
	struct ancient_store *store = make();

	share_some(store, BEFORE);
	intercept_start();
	intercept.room = file_size(fd) + 3 * 4096;
	share(store, 1, text_of(100));
	intercept.armed = false;
	EQUAL(room(), 0);
	share(store, 1, text_of(100));
	CHECK(room() > 0);
	done(store);
}

static void share_below_a_limit(struct ancient_store *store)
{
	struct rlimit limit;

	share_some(store, BEFORE);
	limit.rlim_cur = limit.rlim_max = file_size(fd) + 3 * 4096;
	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	share(store, 1, text_of(100));
	EQUAL(room(), 0);
}

static void a_limit_is_no_error(void)
{
	struct ancient_store *store = make();

	in_a_child(share_below_a_limit, store);
	done(store);
}

int main(void)
{
	arena = new_arena(40000);
	it_comes_with_many_commits_and_goes_with_detach();
	a_large_commit_takes_it();
	another_writer_takes_it();
	who_has_not_made_it_leaves_it();
	detach_leaves_that_of_another();
	a_child_does_not_rely_on_it();
	nobody_relies_on_it_after_a_failure();
	a_full_disk_is_no_error();
	a_limit_is_no_error();
	free(arena.words);
	return 0;
}
