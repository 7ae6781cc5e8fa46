/* tests/fuzz: runs the targets that have the writer, under any compiler.
 *
 *     fuzz-replay-writer TARGET FILE ...                     each file once
 *     fuzz-replay-writer writer --random FROM N              N programs that a number decides each,
 *                                                            from this one on
 *     fuzz-replay-writer differential --mutate FROM N FILE ...    N changes of each file
 *
 * All run in a child, so that a crash is told with the file and the number. */
#include "fuzz.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM (1u << 20)
#define SECONDS_EACH 60u

static uint8_t input[ROOM];

static void run(const struct fuzz_target *target, size_t size)
{
	/* A copy of its own size: a byte read past it is seen. */
	uint8_t *copy = malloc(size > 0 ? size : 1);

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, input, size);
	alarm(SECONDS_EACH);
	target->run(copy, size);
	alarm(0);
	free(copy);
}

/* Mostly small numbers, so that steps take what steps before have made. */
static size_t make_program(uint64_t number)
{
	uint64_t state = number;
	size_t size = fuzz_random(&state) % 600;

	for (size_t i = 0; i < size; i++) {
		uint64_t random = fuzz_random(&state);
		input[i] = (uint8_t)(random % 4 == 0 ? random >> 8 : random >> 8 & 15);
	}
	return size;
}

static size_t load(const char *path)
{
	FILE *stream = fopen(path, "rb");
	size_t size;

	FUZZ_CHECK(stream != NULL);
	size = fread(input, 1, ROOM, stream);
	fclose(stream);
	return size;
}

static size_t make_change(const char *path, uint64_t number)
{
	uint64_t state = number;

	return fuzz_mutate(input, load(path), ROOM, &state);
}

static struct {
	const struct fuzz_target *target;
	bool random, mutate;
	uint64_t from, count;
	char **files; /* ends in NULL */
} task;

/* Shared with the child: what runs. */
static struct {
	uint64_t file, number, done;
} * now;

static void run_all(void)
{
	uint64_t end = task.from + task.count;

	if (task.random)
		for (now->number = task.from; now->number < end; now->number++, now->done++)
			run(&fuzz_writer, make_program(now->number));
	for (now->file = 0; task.files[now->file] != NULL; now->file++) {
		const char *path = task.files[now->file];
		if (!task.mutate) {
			run(task.target, load(path));
			now->done++;
			continue;
		}
		for (now->number = task.from; now->number < end; now->number++, now->done++)
			run(task.target, make_change(path, now->number));
	}
}

static bool read_task(int argc, char **argv)
{
	if (argc < 3)
		return false;
	task.target = strcmp(argv[1], fuzz_writer.name) == 0         ? &fuzz_writer
		      : strcmp(argv[1], fuzz_differential.name) == 0 ? &fuzz_differential
								     : NULL;
	task.random = task.target == &fuzz_writer && strcmp(argv[2], "--random") == 0;
	task.mutate = task.target == &fuzz_differential && strcmp(argv[2], "--mutate") == 0;
	if ((task.random || task.mutate) && argc < 5)
		return false;
	if (task.random || task.mutate) {
		task.from = strtoull(argv[3], NULL, 10);
		task.count = strtoull(argv[4], NULL, 10);
	}
	task.files = argv + (task.random || task.mutate ? 5 : 2);
	return task.target != NULL;
}

int main(int argc, char **argv)
{
	int status;
	pid_t child;

	now = mmap(NULL, sizeof *now, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!read_task(argc, argv) || now == MAP_FAILED) {
		fprintf(stderr,
			"usage: %s TARGET FILE ... | writer --random FROM N | differential "
			"--mutate FROM N FILE ...\n",
			argv[0]);
		return 99;
	}
	child = fork();
	if (child == 0) {
		run_all();
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 99;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("%s: %llu inputs\n", task.target->name, (unsigned long long)now->done);
		return 0;
	}
	fprintf(stderr, "%s: %s, number %llu: %s %d\n", task.target->name,
		task.random ? "programs" : task.files[now->file], (unsigned long long)now->number,
		WIFEXITED(status) ? "exit status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return 1;
}
