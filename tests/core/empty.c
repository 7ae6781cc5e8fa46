/* tests/core: a file in which nothing was published: what attach, the first commit and detach do
 * with it, in one process and in several. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"

/* Outside the area that bases are derived in. */
#define BASE 0x180000200000ull
#define OTHER_BASE 0x190000200000ull
#define IN_THE_WAY 0x1B0000200000ull

static struct arena arena;

static struct ancient_store *attach_at(int fd, uint64_t base)
{
	struct ancient_store_options options = {.base = base, .reserve = 1u << 20};
	struct ancient_store *store = NULL;

	OK(ancient_store_attach(fd, "test", &options, &store, &err));
	return store;
}

static uint64_t start_of(const struct ancient_store *store)
{
	uint64_t start, end;

	ancient_store_range(store, &start, &end);
	return start;
}

static void nothing_is_there(struct ancient_store *store)
{
	struct ancient_store_entry entry;
	struct ancient_store_keys keys;
	struct ancient_store_commit commit;
	uint64_t root, next = ANCIENT_LOG_NEWEST;

	GIVES(ancient_store_get(store, NULL, 0, &root, &err), ANCIENT_E_NO_KEY);
	GIVES(ancient_store_entry_named(store, NULL, "x", &entry, &err), ANCIENT_E_NO_KEY);
	OK(ancient_store_keys(store, NULL, &keys, &err));
	GIVES(ancient_store_keys_next(store, &keys, &entry, &err), ANCIENT_E_NO_KEY);
	GIVES(ancient_store_log_next(store, &next, &commit, &err), ANCIENT_E_NO_GENERATION);
	GIVES(ancient_store_verify(store, &err), ANCIENT_E_EMPTY);
	OK(ancient_store_refresh(store, &err));
	EQUAL(ancient_store_generation(store), 1);
}

/* How the file may be when it is attached: slots: 0: of no bytes, 1: zeros, 2, 3: one superblock
 * there, 4: both. */
static void fill_with(int fd, const struct ancient_superblock *filled, unsigned slots)
{
	CHECK(ftruncate(fd, slots ? ANCIENT_FIRST_EXTENT : 0) == 0);
	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++)
		if (slots == 4 || slots == i + 2)
			CHECK(pwrite(fd, filled + i, sizeof filled[i], i * 4096) ==
			      sizeof filled[i]);
}

/* The superblocks that a first commit leaves which is given up. */
static void make_filling(struct ancient_superblock ret[ANCIENT_SUPERBLOCKS])
{
	struct ancient_commit *commit;
	struct ancient_store *store;
	char path[64];
	int fd = new_file(path);

	store = attach_at(fd, BASE);
	OK(ancient_commit_begin(store, &commit, &err));
	ancient_commit_abort(commit);
	EQUAL(file_size(fd), ANCIENT_FIRST_EXTENT);
	for (unsigned i = 0; i < ANCIENT_SUPERBLOCKS; i++)
		CHECK(pread(fd, ret + i, sizeof ret[i], i * 4096) == sizeof ret[i]);
	EQUAL(ret[0].state, ANCIENT_STATE_FILLING);
	EQUAL(ret[1].generation, 1);
	unlink(path);
	close(fd);
	ancient_store_discard(store);
}

/* A reader and a writer attach it, before something is published, and find it afterwards. */
static void an_empty_file_is_read_and_written(const struct ancient_superblock *filled,
					      unsigned slots)
{
	char path[64];
	int fd = new_file(path), reading;
	struct ancient_store *reader, *writer;
	struct stat before, after;
	pid_t child;
	int status;

	fill_with(fd, filled, slots);
	reading = open(path, O_RDONLY);
	CHECK(fstat(fd, &before) == 0);
	reader = attach(reading);
	nothing_is_there(reader);
	GIVES(ancient_store_writable(reader, &err), ANCIENT_E_READ_ONLY);
	child = fork();
	CHECK(child >= 0);
	if (child == 0) { /* another process, which the reader does not share its store with */
		ancient_store_detach(reader);
		writer = attach(fd);
		nothing_is_there(writer);
		CHECK(fstat(fd, &after) == 0);
		EQUAL(after.st_size, before.st_size);
		EQUAL(after.st_mtim.tv_nsec, before.st_mtim.tv_nsec);
		share(writer, 0, pair(&arena, INT(1), INT(2)));
		EQUAL(ancient_store_generation(writer), 2);
		if (slots > 1)
			EQUAL(start_of(writer), filled->base);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
	EQUAL(fields(get(reader, 0))[1], INT(2));
	EQUAL(ancient_store_generation(reader), 2);
	OK(ancient_store_verify(reader, &err));
	/* The same process, the same store. */
	writer = attach(fd);
	CHECK(writer == reader);
	share(writer, 1, get(reader, 0));
	EQUAL(get(reader, 1), get(reader, 0));
	ancient_store_detach(writer);
	ancient_store_detach(reader);
	unlink(path);
	close(fd);
	close(reading);
}

/* A reader's store becomes a writer's, with the base that the writer wants. */
static void a_reader_of_an_empty_file_becomes_a_writer(void)
{
	char path[64];
	int fd = new_file(path), reading = open(path, O_RDONLY);
	struct ancient_store *reader = attach(reading), *writer = attach_at(fd, BASE);

	CHECK(reader == writer);
	EQUAL(file_size(fd), 0);
	share(writer, 0, pair(&arena, INT(3), INT(4)));
	EQUAL(start_of(reader), BASE);
	EQUAL(fields(get(reader, 0))[0], INT(3));
	ancient_store_detach(writer);
	ancient_store_detach(reader);
	unlink(path);
	close(fd);
	close(reading);
}

/* Another process that shares first decides where the file lies. */
static void share_in_child(struct ancient_store *inherited, const char *path, uint64_t base,
			   uint64_t key)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		int fd = open(path, O_RDWR);
		struct ancient_store *store;

		if (inherited)
			ancient_store_discard(inherited);
		munmap((void *)(uintptr_t)IN_THE_WAY, 1u << 20);
		store = attach_at(fd, base);
		share(store, key, pair(&arena, INT(key), INT(key)));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

/* Attached in `store`, and unknown to the child that fork makes next. */
static void a_base_that_another_has_fixed_is_taken(bool refreshed)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store;
	int go[2], status;
	pid_t child;
	char byte = 0;

	CHECK(pipe(go) == 0);
	child = fork(); /* before the attach */
	CHECK(child >= 0);
	if (child == 0) {
		close(go[1]);
		CHECK(read(go[0], &byte, 1) == 1);
		share_in_child(NULL, path, OTHER_BASE, 1);
		_exit(0);
	}
	store = attach_at(fd, BASE);
	EQUAL(start_of(store), BASE);
	CHECK(write(go[1], &byte, 1) == 1);
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
	if (refreshed)
		EQUAL(fields(get(store, 1))[0], INT(1));
	share(store, 2, pair(&arena, get(store, 1), INT(5)));
	EQUAL(start_of(store), OTHER_BASE);
	EQUAL(fields(get(store, 2))[0], get(store, 1));
	/* The addresses that were reserved are free again. */
	CHECK(mmap((void *)(uintptr_t)BASE, 4096, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		   0) == (void *)(uintptr_t)BASE);
	munmap((void *)(uintptr_t)BASE, 4096);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
	close(go[0]);
	close(go[1]);
}

/* Where it is taken in this process, the file is read, and share says why it is not written. */
static void a_base_that_is_taken_here_is_told(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach_at(fd, 0x1A0000200000ull);
	struct ancient_commit *commit;
	void *in_the_way = (void *)(uintptr_t)IN_THE_WAY;

	share_in_child(store, path, (uint64_t)(uintptr_t)in_the_way, 1);
	CHECK(mmap(in_the_way, 1u << 20, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == in_the_way);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_RELOCATED);
	EQUAL(fields(get(store, 1))[0], INT(1));
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_RELOCATED);
	share_in_child(store, path, 0, 2);
	EQUAL(fields(get(store, 2))[0], INT(2));
	ancient_store_detach(store);
	munmap(in_the_way, 1u << 20);
	unlink(path);
	close(fd);
}

/* A first commit that fails leaves a file that is EMPTY, in this process and to others. */
static void a_first_commit_that_is_given_up_publishes_nothing(void)
{
	struct ancient_error error;
	struct ancient_file *file;
	struct ancient_commit *commit;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);

	for (unsigned i = 0; i < 3; i++) {
		OK(ancient_commit_begin(store, &commit, &err));
		OK(ancient_commit_put(commit, 0, NULL, &source, pair(&arena, INT(1), INT(2)),
				      ANCIENT_ORDER_DEPTH_FIRST, NULL, &err));
		ancient_commit_abort(commit);
		nothing_is_there(store);
		EQUAL(ancient_file_open(path, NULL, &file, &error), ANCIENT_E_EMPTY);
	}
	OK(ancient_commit_nothing(store, &err));
	EQUAL(ancient_store_generation(store), 2);
	OK(ancient_commit_nothing(store, &err));
	EQUAL(ancient_store_generation(store), 2);
	ancient_store_detach(store);
	unlink(path);
	close(fd);
}

/* A file that is cut to nothing, or made anew in place, is none for the first commit of those who
 * have seen something in it; whoever attaches it later is not them. */
static void who_has_seen_a_generation_does_not_begin_anew(void)
{
	struct ancient_commit *commit;
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd), *fresh;
	uint64_t root;

	share(store, 0, INT(1));
	CHECK(ftruncate(fd, 0) == 0);
	GIVES(ancient_store_get(store, NULL, 0, &root, &err), ANCIENT_E_TORN_AWAY);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_TORN_AWAY);
	OK(ancient_commit_nothing(store, &err));
	EQUAL(file_size(fd), 0);
	fresh = attach(fd);
	CHECK(fresh != store);
	share(fresh, 0, INT(2));
	EQUAL(get(fresh, 0), INT(2));
	GIVES(ancient_store_get(store, NULL, 0, &root, &err), ANCIENT_E_TORN_AWAY);
	GIVES(ancient_commit_begin(store, &commit, &err), ANCIENT_E_TORN_AWAY);
	ancient_store_detach(store);
	ancient_store_detach(fresh);
	unlink(path);
	close(fd);
}

/* Writers attach before anybody has shared, half of them with a base of their own, and share at
 * once; readers attach before, too, and look until all is there.  Some are killed. */
static void a_crowd_begins_at_once(void)
{
	enum { WRITERS = 6, READERS = 2 };
	char path[64];
	int fd = new_file(path), go[2], status;
	pid_t children[WRITERS + READERS];
	struct ancient_store *store;
	char byte;

	CHECK(pipe(go) == 0);
	for (unsigned i = 0; i < WRITERS + READERS; i++) {
		children[i] = fork();
		CHECK(children[i] >= 0);
		if (children[i] != 0)
			continue;
		close(go[1]);
		alarm(120);
		if (i < WRITERS) {
			fd = open(path, O_RDWR);
			store = attach_at(fd, i % 2 ? BASE + (uint64_t)i * (4u << 20) : 0);
			CHECK(read(go[0], &byte, 1) == 0);
			for (uint64_t n = 0; n < 5; n++)
				share(store, i * 10 + n, pair(&arena, INT(i), INT(n)));
			_exit(0);
		}
		fd = open(path, O_RDONLY);
		store = attach(fd);
		CHECK(read(go[0], &byte, 1) == 0);
		for (uint64_t key = 0; key < WRITERS * 10; key += key % 10 == 4 ? 6 : 1) {
			uint64_t root = 0;
			enum ancient_code code;

			while ((code = ancient_store_get(store, NULL, key, &root, NULL)) ==
			       ANCIENT_E_NO_KEY)
				sched_yield();
			EQUAL(code, ANCIENT_OK);
			EQUAL(fields(root)[0], INT(key / 10));
			EQUAL(fields(root)[1], INT(key % 10));
		}
		_exit(0);
	}
	EQUAL(file_size(fd), 0);
	close(go[0]);
	close(go[1]);
	for (unsigned i = 0; i < WRITERS + READERS; i++) {
		CHECK(waitpid(children[i], &status, 0) == children[i]);
		EQUAL(status, 0);
	}
	unlink(path);
	close(fd);
}

/* In a process of its own, where the addresses that others have used are free. */
static void apart(void (*test)(void))
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		test();
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

static struct ancient_superblock filling[ANCIENT_SUPERBLOCKS];

static void no_bytes(void)
{
	an_empty_file_is_read_and_written(filling, 0);
}

static void zeros(void)
{
	an_empty_file_is_read_and_written(filling, 1);
}

static void generation_0_alone(void)
{
	an_empty_file_is_read_and_written(filling, 2);
}

static void generation_1_alone(void)
{
	an_empty_file_is_read_and_written(filling, 3);
}

static void both_superblocks(void)
{
	an_empty_file_is_read_and_written(filling, 4);
}

static void a_base_is_taken_before_a_get(void)
{
	a_base_that_another_has_fixed_is_taken(true);
}

static void a_base_is_taken_before_a_share(void)
{
	a_base_that_another_has_fixed_is_taken(false);
}

int main(void)
{
	alarm(small_run() ? 280 : 60);
	arena = new_arena(10000);
	make_filling(filling);
	apart(no_bytes);
	apart(zeros);
	apart(generation_0_alone);
	apart(generation_1_alone);
	apart(both_superblocks);
	apart(a_reader_of_an_empty_file_becomes_a_writer);
	apart(a_base_is_taken_before_a_get);
	apart(a_base_is_taken_before_a_share);
	apart(a_base_that_is_taken_here_is_told);
	apart(a_first_commit_that_is_given_up_publishes_nothing);
	apart(who_has_seen_a_generation_does_not_begin_anew);
	for (unsigned i = 0; i < (small_run() ? 1 : 10); i++)
		a_crowd_begins_at_once();
	free(arena.words);
	return 0;
}
