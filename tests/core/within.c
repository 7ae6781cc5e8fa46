/* tests/core: threads, fork and signals in the middle of a commit. */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "generations.h"
#include "intercept.h"

static struct arena arena;
static struct ancient_store *store; /* for the hooks */
static uint64_t flushes, met;

/* Another thread may look while the new generation is being flushed: what it was given must
 * stay where it is. */
static void get_while_flushing(enum intercept_call call, int fd, uint64_t offset, uint64_t length,
			       bool worked)
{
	(void)fd;
	(void)offset;
	(void)length;
	if (call != CALL_FDATASYNC || !worked || ++flushes != 2)
		return;
	intercept.armed = false;
	met = get(store, 0);
	EQUAL(fields(fields(met)[0])[0], INT(6 * 1000003));
	intercept.armed = true;
}

static void a_value_seen_while_it_is_flushed_stays(void)
{
	char path[64];
	int fd = new_file(path);

	store = attach(fd);
	for (int g = 2; g < 6; g++)
		OK(publish(store, &arena, false, &err));
	intercept_start();
	intercept.after = get_while_flushing;
	OK(publish(store, &arena, true, &err)); /* generation 6 is a large one, under key 0 */
	intercept.armed = false;
	EQUAL(flushes, 2);
	EQUAL(get(store, 0), met);
	EQUAL(fields(fields(met)[0])[words_of(6) - 1], INT(6 * 1000003 + words_of(6) - 1));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* What was mapped shared for writing is not left to the process. */
static void nothing_stays_mapped_for_writing(void)
{
	char path[64], line[512];
	int fd = new_file(path);
	FILE *maps;

	store = attach(fd);
	for (int g = 2; g < 8; g++)
		OK(publish(store, &arena, false, &err));
	maps = fopen("/proc/self/maps", "r");
	CHECK(maps);
	while (fgets(line, sizeof line, maps))
		CHECK(!strstr(line, path) || !strstr(line, "rw-s"));
	fclose(maps);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* ---- Locks of the dead ---- */

static int pipes[2];

static void *fork_and_linger(void *argument)
{
	char byte;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		CHECK(read(pipes[0], &byte, 1) == 0); /* until the test is over */
		_exit(0);
	}
	return argument;
}

/* Dies in the middle of a commit, with a child from before and one from within it. */
static void die_committing(int fd)
{
	struct ancient_commit *commit = NULL;
	pthread_t thread;

	close(pipes[1]);
	store = attach(fd);
	OK(publish(store, &arena, false, &err));
	fork_and_linger(NULL);
	OK(ancient_commit_begin(store, &commit, &err));
	CHECK(pthread_create(&thread, NULL, fork_and_linger, NULL) == 0);
	CHECK(pthread_join(thread, NULL) == 0);
	kill(getpid(), SIGKILL);
}

static void a_child_does_not_keep_the_lock_of_a_dead_writer(void)
{
	char path[64];
	int fd = new_file(path), status;
	pid_t writer;

	store = attach(fd);
	ancient_store_detach(store);
	CHECK(pipe(pipes) == 0);
	writer = fork();
	CHECK(writer >= 0);
	if (writer == 0)
		die_committing(fd);
	CHECK(waitpid(writer, &status, 0) == writer && WTERMSIG(status) == SIGKILL);
	alarm(60); /* instead of waiting for ever */
	store = attach(fd);
	OK(publish(store, &arena, false, &err));
	alarm(0);
	close(pipes[1]);
	close(pipes[0]);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* ---- Signals and limits ---- */

/* Some kernels undo a fallocate at a signal: where one comes from a timer, no long one ends. */
static void a_timer_does_not_keep_a_commit_from_ending(void)
{
	uint64_t bytes = 8u << 20, payload = block(&arena, ANCIENT_TAG_CUSTOM, 6);
	char path[64];
	int fd = new_file(path);
	void *data = calloc(1, bytes);

	CHECK(data);
	fields(payload)[0] = OPERATIONS(3);
	fields(payload)[1] = (uint64_t)(uintptr_t)data;
	fields(payload)[2] = 1;
	fields(payload)[3] = ANCIENT_BIGARRAY_INT8_UNSIGNED;
	fields(payload)[5] = bytes;
	store = attach(fd);
	alarm(60); /* instead of trying for ever */
	intercept_start();
	intercept.longest = 300000;
	share(store, 0, payload);
	intercept.armed = false;
	alarm(0);
	OK(ancient_store_verify(store, &err));
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	free(data);
}

static void detach_in_a_child(uint64_t limit)
{
	struct rlimit small = {limit, limit};
	char path[64];
	int fd = new_file(path), status;
	uint64_t root;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0) {
		store = attach(fd);
		share(store, 0, pair(&arena, INT(1), INT(2)));
		root = get(store, 0);
		CHECK(setrlimit(RLIMIT_FSIZE, &small) == 0);
		ancient_store_detach(store);
		/* A block as it was, where even the least tombstone is too large a file. */
		EQUAL(header(root), limit < 65536 ? ANCIENT_HEADER(2, 0) : ANCIENT_FILLER);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
	unlink(path);
	close(fd);
}

static void a_file_size_limit_does_not_kill_who_detaches(void)
{
	detach_in_a_child(100000);
	detach_in_a_child(1000);
}

/* ---- Threads ---- */

static void *read_all_the_while(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE)) {
		uint64_t root = get(store, 0), array = fields(root)[0], first = fields(array)[0];
		uint64_t wosize = header(array) >> ANCIENT_HEADER_WOSIZE_SHIFT;

		EQUAL(fields(array)[wosize - 1], first + 2 * (wosize - 1));
		OK(ancient_store_verify(store, &err));
	}
	return NULL;
}

static void a_thread_reads_while_another_shares(void)
{
	char path[64];
	int fd = new_file(path);
	bool stop = false;
	pthread_t reader;

	store = attach(fd);
	OK(publish(store, &arena, false, &err));
	OK(publish(store, &arena, false, &err)); /* generation 3: key 0 */
	CHECK(pthread_create(&reader, NULL, read_all_the_while, &stop) == 0);
	for (int i = 0; i < 40; i++)
		OK(publish(store, &arena, i % 2, &err));
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	CHECK(pthread_join(reader, NULL) == 0);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

int main(void)
{
	arena = new_arena(40000);
	a_file_size_limit_does_not_kill_who_detaches(); /* first: no tombstone was laid yet */
	a_value_seen_while_it_is_flushed_stays();
	nothing_stays_mapped_for_writing();
	a_child_does_not_keep_the_lock_of_a_dead_writer();
	a_thread_reads_while_another_shares();
	a_timer_does_not_keep_a_commit_from_ending();
	free(arena.words);
	return 0;
}
