/* tests/fuzz: runs targets over files, and over changes of files, under any compiler.
 *
 *     fuzz-replay TARGET FILE ...            each file once
 *     fuzz-replay all --mutate N FILE ...    N changes of each file, dealt out to the targets
 *
 * Each file has a process of its own, so that a crash is told with the file, and with the
 * number of the change, which decides it; ANCIENT_FUZZ_KEEP names a file for its bytes. */
#include "fuzz.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM (1u << 20)  /* of an input */
#define SECONDS_EACH 30u /* for one input, under any sanitizer: else it hangs */

struct input {
	uint8_t bytes[ROOM];
	size_t size;
};

static struct input original, changed;
static uint64_t *number; /* of the change that runs; shared with the child */

static bool load(const char *path)
{
	FILE *stream = fopen(path, "rb");

	if (stream == NULL)
		return false;
	original.size = fread(original.bytes, 1, ROOM, stream);
	return fclose(stream) == 0;
}

static unsigned target_count(void)
{
	unsigned count = 0;

	while (fuzz_targets[count] != NULL)
		count++;
	return count;
}

static bool suits(const struct fuzz_target *target)
{
	return target->texts == 0 && !target->only_text;
}

/* Change `n` of the file, into `changed`. */
static void make_change(uint64_t n)
{
	uint64_t state = n;

	memcpy(changed.bytes, original.bytes, original.size);
	changed.size = fuzz_mutate(changed.bytes, original.size, ROOM, &state);
}

static void run(const struct fuzz_target *target, const struct input *input)
{
	/* A copy of its own size: a byte read past it is seen. */
	uint8_t *copy = malloc(input->size > 0 ? input->size : 1);

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, input->bytes, input->size);
	alarm(SECONDS_EACH);
	target->run(copy, input->size);
	alarm(0);
	free(copy);
}

static void run_all(const struct fuzz_target *only, uint64_t mutations)
{
	unsigned targets = target_count();

	if (mutations == 0)
		run(only, &original);
	for (*number = 0; *number < mutations; ++*number) {
		const struct fuzz_target *target = fuzz_targets[*number % targets];
		make_change(*number);
		run(suits(target) ? target : &fuzz_verify, &changed);
	}
}

static void keep(void)
{
	const char *path = getenv("ANCIENT_FUZZ_KEEP");
	FILE *stream = path == NULL ? NULL : fopen(path, "wb");

	if (stream == NULL)
		return;
	make_change(*number);
	fwrite(changed.bytes, 1, changed.size, stream);
	fclose(stream);
}

/* Whether all went well. */
static bool replay(const char *path, const struct fuzz_target *only, uint64_t mutations)
{
	int status;
	pid_t child;

	if (!load(path)) {
		perror(path);
		return false;
	}
	fflush(NULL);
	child = fork();
	if (child == 0) {
		run_all(only, mutations);
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "%s: %s, change %llu: %s %d\n", path, only == NULL ? "all" : only->name,
		(unsigned long long)*number, WIFEXITED(status) ? "exit status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (mutations > 0)
		keep();
	return false;
}

static const struct fuzz_target *target_named(const char *name)
{
	for (unsigned i = 0; fuzz_targets[i] != NULL; i++)
		if (strcmp(fuzz_targets[i]->name, name) == 0)
			return fuzz_targets[i];
	return NULL;
}

int main(int argc, char **argv)
{
	bool mutate = argc > 4 && strcmp(argv[2], "--mutate") == 0;
	uint64_t mutations = mutate ? strtoull(argv[3], NULL, 10) : 0, files = 0;
	const struct fuzz_target *only = argc > 2 ? target_named(argv[1]) : NULL;
	bool good = true;

	if (argc < 3 || (only == NULL) != mutate || (mutate && strcmp(argv[1], "all") != 0)) {
		fprintf(stderr, "usage: %s TARGET FILE ... | all --mutate N FILE ...\n", argv[0]);
		return 99;
	}
	number = mmap(NULL, sizeof(*number), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (number == MAP_FAILED)
		return 99;
	for (int i = mutate ? 4 : 2; i < argc; i++, files++)
		good &= replay(argv[i], only, mutations);
	printf("%s: %llu files, %llu changes of each\n", argv[1], (unsigned long long)files,
	       (unsigned long long)mutations);
	return good ? 0 : 1;
}
