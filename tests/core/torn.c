/* tests/core: superblocks are read while they are written, and files while they are created: a
 * reader and another writer find the generation that was current when they looked, or a newer one.
 *
 *     torn [LOOKS]
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include <xxhash.h>

#include "generations.h"

struct shared {
	uint64_t begun, done; /* generations */
	uint64_t round, ready;
};

static struct shared *shared;
static uint64_t looks = 10000;

static uint64_t load(const uint64_t *word)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void store(uint64_t *word, uint64_t value)
{
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
}

/* A child works for ever, but not after a test that has failed. */
static void end_with_parent(void)
{
	CHECK(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
}

/* ---- A writer that tears every superblock ---- */

static void write_slowly(int fd, const struct ancient_superblock *superblock, size_t split)
{
	uint64_t at = superblock->generation % 2 * ANCIENT_SUPERBLOCK_SLOT;
	const uint8_t *bytes = (const uint8_t *)superblock;
	size_t rest = sizeof *superblock - split;

	CHECK(pwrite(fd, bytes, split, (off_t)at) == (ssize_t)split);
	sched_yield();
	CHECK(pwrite(fd, bytes + split, rest, (off_t)(at + split)) == (ssize_t)rest);
}

/* Generation after generation, each a copy of the first but for its number. */
static void tear_for_ever(int fd)
{
	struct ancient_superblock superblock;

	end_with_parent();
	CHECK(pread(fd, &superblock, sizeof superblock, 0) == sizeof superblock);
	for (uint64_t g = superblock.generation + 1;; g++) {
		superblock.generation = superblock.fields_generation = g;
		superblock.checksum =
			XXH3_64bits(&superblock, offsetof(struct ancient_superblock, checksum));
		store(&shared->begun, g);
		write_slowly(fd, &superblock, 8 + g * 37 % 240);
		store(&shared->done, g);
	}
}

static uint64_t seen_by_a_reader(int fd)
{
	struct ancient_file *file = NULL;
	struct ancient_info info;

	OK(ancient_file_open_fd(fd, "torn", NULL, &file, &err));
	ancient_file_info(file, &info);
	ancient_file_close(file);
	return info.generation;
}

static void what_is_seen_is_never_older_than_the_look(void)
{
	char path[64];
	int fd = new_file(path), status;
	struct arena arena = new_arena(40000);
	struct ancient_store *md = attach(fd);
	uint64_t generations;
	pid_t writer;

	OK(publish(md, &arena, false, &err));
	store(&shared->begun, 2);
	store(&shared->done, 2);
	writer = fork();
	CHECK(writer >= 0);
	if (writer == 0)
		tear_for_ever(fd);
	for (uint64_t i = 0; i < looks || load(&shared->done) < looks / 20; i++) {
		uint64_t least = load(&shared->done), found;

		if (i % 2) {
			OK(ancient_store_refresh(md, &err));
			found = ancient_store_generation(md);
		} else {
			found = seen_by_a_reader(fd);
		}
		if (found < least || found > load(&shared->begun)) {
			fprintf(stderr, "%s found generation %llu after %llu was there\n",
				i % 2 ? "the writer" : "the reader", (unsigned long long)found,
				(unsigned long long)least);
			exit(1);
		}
	}
	generations = load(&shared->done);
	CHECK(kill(writer, SIGKILL) == 0 && waitpid(writer, &status, 0) == writer);
	printf("%llu looks at %llu torn superblocks\n", (unsigned long long)looks,
	       (unsigned long long)generations);
	ancient_store_detach(md);
	OK(ancient_recover(path, false, NULL,
			   &err)); /* it may have been killed between two parts */
	unlink(path);
	close(fd);
	free(arena.words);
}

/* ---- A file that several make at once ---- */

#define MAKERS 3u

/* Waits for each round, and then attaches the file, and shares into it, with the others. */
static void make_for_ever(int fd, uint64_t number)
{
	struct arena arena = new_arena(100);

	end_with_parent();
	for (uint64_t round = 1;; round++) {
		struct ancient_store *md;

		while (load(&shared->round) < round)
			sched_yield();
		md = attach(fd);
		share(md, number, pair(&arena, INT(round), INT(number)));
		ancient_store_detach(md);
		arena.used = 0;
		__atomic_add_fetch(&shared->ready, 1, __ATOMIC_SEQ_CST);
	}
}

/* A reader meanwhile finds nothing yet, or a whole file; returns how often it looked. */
static uint64_t watch_it_being_made(int fd)
{
	uint64_t count = 0;

	do {
		struct ancient_error err = {.message = ""};
		struct ancient_file *file = NULL;
		enum ancient_code code = ancient_file_open_fd(fd, "new", NULL, &file, &err);

		if (code == ANCIENT_OK)
			code = ancient_file_verify(file, NULL, NULL, &err);
		ancient_file_close(file);
		if (code != ANCIENT_OK && code != ANCIENT_E_EMPTY) {
			fprintf(stderr, "a file being made: %s\n", err.message);
			exit(1);
		}
		count++;
	} while (load(&shared->ready) < MAKERS);
	return count;
}

static void a_file_may_be_made_by_several_at_once(void)
{
	uint64_t rounds = looks / 100, opened = 0;
	char path[64];
	int fd = new_file(path), status;
	pid_t makers[MAKERS];

	for (uint64_t i = 0; i < MAKERS; i++) {
		makers[i] = fork();
		CHECK(makers[i] >= 0);
		if (makers[i] == 0)
			make_for_ever(fd, i);
	}
	for (uint64_t round = 1; round <= rounds; round++) {
		CHECK(ftruncate(fd, 0) == 0);
		store(&shared->ready, 0);
		store(&shared->round, round);
		opened += watch_it_being_made(fd);
		EQUAL(seen_by_a_reader(fd), 1 + MAKERS);
	}
	for (uint64_t i = 0; i < MAKERS; i++)
		CHECK(kill(makers[i], SIGKILL) == 0 && waitpid(makers[i], &status, 0) == makers[i]);
	printf("%llu files made by %u writers at once, opened %llu times meanwhile\n",
	       (unsigned long long)rounds, MAKERS, (unsigned long long)opened);
	unlink(path);
	close(fd);
}

int main(int argc, char **argv)
{
	if (argc > 1)
		looks = strtoull(argv[1], NULL, 10);
	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	CHECK(shared != MAP_FAILED);
	what_is_seen_is_never_older_than_the_look();
	a_file_may_be_made_by_several_at_once();
	return 0;
}
