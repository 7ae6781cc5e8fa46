/* tests/core: a writer that is killed at random instants, again and again.
 *
 * After each kill the reader finds the last generation that the writer saw committed, or a
 * later one, complete, and a new writer goes on at once: the dead one's lock is gone.
 *
 *     kill [KILLS]
 */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "generations.h"

static struct arena arena;

/* Commits for ever; *seen is the last generation whose commit returned. */
static void write_for_ever(const char *path, volatile uint64_t *seen)
{
	int fd = open(path, O_RDWR);
	struct ancient_store *store;

	CHECK(fd >= 0);
	store = attach(fd);
	for (uint64_t i = 0;; i++) {
		OK(publish(store, &arena, i % 4 == 0, &err));
		*seen = ancient_store_generation(store);
	}
}

static void kill_one(const char *path, volatile uint64_t *seen, unsigned microseconds)
{
	struct timespec wait = {0, microseconds * 1000l};
	uint64_t before = *seen;
	pid_t writer = fork();
	int status;

	CHECK(writer >= 0);
	if (writer == 0)
		write_for_ever(path, seen);
	while (*seen == before) { /* it works */
		CHECK(waitpid(writer, &status, WNOHANG) == 0);
		sched_yield();
	}
	nanosleep(&wait, NULL);
	CHECK(kill(writer, SIGKILL) == 0);
	CHECK(waitpid(writer, &status, 0) == writer);
	EQUAL(WTERMSIG(status), SIGKILL);
}

int main(int argc, char **argv)
{
	unsigned kills = argc > 1 ? (unsigned)atoi(argv[1]) : small_run() ? 10 : 200;
	volatile uint64_t *seen =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char path[64];
	int fd = new_file(path);
	uint64_t commits = 0;

	CHECK(seen != MAP_FAILED);
	arena = new_arena(40000);
	srand(1);
	for (unsigned i = 0; i < kills; i++) {
		struct ancient_error err = {.message = "an older generation"};
		uint64_t g;

		kill_one(path, seen, (unsigned)rand() % 3000);
		g = generation_of(fd, &err);
		if (g < *seen || g > *seen + 1) {
			fprintf(stderr, "found generation %llu, expected %llu or the next: %s\n",
				(unsigned long long)g, (unsigned long long)*seen, err.message);
			return 1;
		}
		if (file_size(fd) > 16u << 20) { /* what was replaced is not reclaimed */
			CHECK(ftruncate(fd, 0) == 0);
			commits += g;
			*seen = 0;
		}
	}
	printf("%u kills, %llu generations\n", kills, (unsigned long long)(commits + *seen));
	unlink(path);
	close(fd);
	free(arena.words);
	return 0;
}
