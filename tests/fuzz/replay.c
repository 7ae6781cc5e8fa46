/* tests/fuzz: runs targets over files, and over changes of files, under any compiler.
 *
 *     fuzz-replay TARGET FILE ...            each file once
 *     fuzz-replay all --mutate FROM N FILE ...    N changes of each file, the first of this
 *                                                 number, dealt out to the targets
 *     fuzz-replay all --flip FROM N FILE ...      each N-th bit of the extents turned over, from
 *                                                 this one on: the verification finds it
 *
 * Each file has a process of its own, so that a crash is told with the file, and with the
 * number of the change, which decides it; ANCIENT_FUZZ_KEEP names a file for its bytes. */
#include "fuzz.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROOM (1u << 20)     /* of an input */
#define SECONDS_EACH 30u    /* for one input, under any sanitizer: else it hangs */
#define MEMORY (1ull << 30) /* of address space, where no sanitizer needs terabytes */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

struct input {
	uint8_t bytes[ROOM];
	size_t size;
};

static struct input original, changed;
/* Shared with the child: of the change that runs; of all that were flipped. */
static uint64_t *number, *done;

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

/* What is to be done with each file. */
static struct {
	const struct fuzz_target *only; /* NULL: all, on changes */
	uint64_t from;                  /* of both */
	uint64_t changes;               /* of --mutate */
	uint64_t step;                  /* of --flip; 0: none */
} task;

static void mutate_all(void)
{
	unsigned targets = target_count();

	for (*number = task.from; *number < task.from + task.changes; ++*number) {
		const struct fuzz_target *target = fuzz_targets[*number % targets];
		make_change(*number);
		run(suits(target) ? target : &fuzz_verify, &changed);
	}
}

/* A flip in an extent, or in the padding between two, breaks a rule. */
static void flip_all(void)
{
	struct ancient_file *file = fuzz_file(original.bytes, original.size);
	struct ancient_info info;

	FUZZ_CHECK(file != NULL);
	ancient_file_info(file, &info);
	ancient_file_close(file);
	changed = original;
	for (*number = ANCIENT_FIRST_EXTENT * 8 + task.from; *number < info.used * 8;
	     *number += task.step) {
		uint8_t *byte = &changed.bytes[*number / 8], before = *byte;
		*byte ^= (uint8_t)(1u << *number % 8);
		file = fuzz_file(changed.bytes, changed.size);
		FUZZ_CHECK(file != NULL);
		FUZZ_CHECK(!fuzz_ok(ancient_file_verify(file, NULL, NULL, &fuzz_err)));
		FUZZ_CHECK(fuzz_class_of(fuzz_err.code) == FUZZ_CORRUPT);
		ancient_file_close(file);
		*byte = before;
		++*done;
	}
}

static void run_all(void)
{
#ifndef SANITIZED
	const struct rlimit memory = {MEMORY, MEMORY};

	FUZZ_CHECK(setrlimit(RLIMIT_AS, &memory) == 0);
#endif
	if (task.step > 0)
		flip_all();
	else if (task.changes > 0)
		mutate_all();
	else
		run(task.only, &original);
}

static void keep(void)
{
	const char *path = getenv("ANCIENT_FUZZ_KEEP");
	FILE *stream = path == NULL ? NULL : fopen(path, "wb");

	if (stream == NULL)
		return;
	if (task.step == 0)
		make_change(*number);
	fwrite(changed.bytes, 1, changed.size, stream);
	fclose(stream);
}

/* Whether all went well. */
static bool replay(const char *path)
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
		run_all();
		exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		return false;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	fprintf(stderr, "%s: %s, change %llu: %s %d\n", path,
		task.only == NULL ? "all" : task.only->name, (unsigned long long)*number,
		WIFEXITED(status) ? "exit status" : "signal",
		WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	if (task.only == NULL)
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

/* Fills in the task; the number of the first file's argument, or 0. */
static int read_task(int argc, char **argv)
{
	if (argc > 2 && (task.only = target_named(argv[1])) != NULL)
		return 2;
	if (argc < 6 || strcmp(argv[1], "all") != 0)
		return 0;
	task.from = strtoull(argv[3], NULL, 10);
	if (strcmp(argv[2], "--flip") == 0)
		return (task.step = strtoull(argv[4], NULL, 10)) > 0 ? 5 : 0;
	if (strcmp(argv[2], "--mutate") != 0)
		return 0;
	task.changes = strtoull(argv[4], NULL, 10);
	return 5;
}

int main(int argc, char **argv)
{
	int first = read_task(argc, argv);
	uint64_t *shared = mmap(NULL, 2 * sizeof(*shared), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good = true;

	if (first == 0 || shared == MAP_FAILED) {
		fprintf(stderr,
			"usage: %s TARGET FILE ... | all --mutate FROM N FILE ... | all --flip "
			"FROM N FILE ...\n",
			argv[0]);
		return 99;
	}
	number = &shared[0];
	done = &shared[1];
	for (int i = first; i < argc; i++)
		good &= replay(argv[i]);
	if (task.step > 0)
		printf("%d files, %llu bits turned over, %s\n", argc - first,
		       (unsigned long long)*done, good ? "each found" : "not each found");
	else if (task.only == NULL)
		printf("%d files, %llu changes of each\n", argc - first,
		       (unsigned long long)task.changes);
	else
		printf("%s: %d files\n", argv[1], argc - first);
	return good ? 0 : 1;
}
