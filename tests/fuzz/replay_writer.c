/* tests/fuzz: runs the writer's target under any compiler.
 *
 *     fuzz-replay-writer writer FILE ...         each file once
 *     fuzz-replay-writer writer --random FROM N  N programs that a number decides each, from this
 *                                                one on
 *
 * All run in a child, so that a crash is told with the file or the number. */
#include "fuzz.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM (1u << 16)
#define SECONDS_EACH 30u

static uint8_t program[ROOM];

static void run(size_t size)
{
	/* A copy of its own size: a byte read past it is seen. */
	uint8_t *copy = malloc(size > 0 ? size : 1);

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, program, size);
	alarm(SECONDS_EACH);
	fuzz_writer.run(copy, size);
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
		program[i] = (uint8_t)(random % 4 == 0 ? random >> 8 : random >> 8 & 15);
	}
	return size;
}

static size_t load(const char *path)
{
	FILE *stream = fopen(path, "rb");
	size_t size;

	FUZZ_CHECK(stream != NULL);
	size = fread(program, 1, ROOM, stream);
	fclose(stream);
	return size;
}

int main(int argc, char **argv)
{
	bool random = argc == 5 && strcmp(argv[2], "--random") == 0;
	uint64_t from = random ? strtoull(argv[3], NULL, 10) : 2,
		 count = random ? strtoull(argv[4], NULL, 10) : (uint64_t)argc - 2;
	uint64_t *number = mmap(NULL, sizeof *number, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t child;

	if (argc < 3 || strcmp(argv[1], fuzz_writer.name) != 0 || number == MAP_FAILED) {
		fprintf(stderr, "usage: %s writer FILE ... | writer --random FROM N\n", argv[0]);
		return 99;
	}
	child = fork();
	if (child == 0) {
		for (*number = from; *number < from + count; ++*number)
			run(random ? make_program(*number) : load(argv[*number]));
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 99;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("writer: %llu programs\n", (unsigned long long)count);
		return 0;
	}
	fprintf(stderr, "writer: program %llu%s%s: %s %d\n", (unsigned long long)*number,
		random ? "" : ", ", random ? "" : argv[*number],
		WIFEXITED(status) ? "exit status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return 1;
}
