/* tests/bench: the C reader's side of the benchmark.
 *
 * Like the OCaml programs (side.mli) it prints a JSON object, then does one thing for
 * each line it is asked, and answers with a JSON object:
 *
 *   open PATH COUNT   opens the file and gets the value under key 0, COUNT times; "seconds"
 *                     is the median of one
 *   verify PATH       ancient_file_verify; "seconds" and "bytes"
 *   xxh3 PATH         XXH3 of the file's bytes, through a mapping
 *   memcpy PATH       a copy of the file's bytes into memory that is there already
 *   memory PATH       open and get, once, in a fresh process; "kib", the growth of the
 *                     memory in use
 *   info PATH         "blocks", "value_bytes" and "file_bytes" of the file
 *
 * verify, xxh3 and memcpy keep one file open and mapped between questions, so that the
 * cost of touching it first falls into the warm-up of whoever comes first.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <xxhash.h>

#include <ancient_reader.h>

#define LINE_MAX_BYTES 5000

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "bench_reader: %s: %s\n", what, why);
	exit(1);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

/* ---- Opening ------------------------------------------------------------------- */

/* The first access a program makes: what kind of value the root is. */
static struct ancient_file *open_and_get(const char *path)
{
	struct ancient_error err;
	struct ancient_file *file;
	struct ancient_value root;
	enum ancient_kind kind;
	if (ancient_file_open(path, NULL, &file, &err) != ANCIENT_OK ||
	    ancient_file_get(file, 0, &root, &err) != ANCIENT_OK ||
	    ancient_value_kind(file, root, &kind, &err) != ANCIENT_OK)
		die(path, err.message);
	return file;
}

static int compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

static void answer_open(const char *path, size_t count)
{
	double *times = calloc(count, sizeof(*times));
	if (times == NULL || count == 0)
		die("open", "no room for so many runs, or none wanted");
	for (size_t i = 0; i < count; i++) {
		double start = now();
		struct ancient_file *file = open_and_get(path);
		times[i] = now() - start;
		ancient_file_close(file);
	}
	qsort(times, count, sizeof(*times), compare_doubles);
	printf("{\"seconds\": %.9f}\n", times[count / 2]);
	free(times);
}

static void answer_info(const char *path)
{
	struct ancient_file *file = open_and_get(path);
	struct ancient_info info;
	ancient_file_info(file, &info);
	printf("{\"blocks\": %" PRIu64 ", \"value_bytes\": %" PRIu64 ", \"file_bytes\": %" PRIu64
	       "}\n",
	       info.block_count, info.value_bytes, info.file_bytes);
	ancient_file_close(file);
}

static long resident_kib(void)
{
	FILE *rollup = fopen("/proc/self/smaps_rollup", "re");
	char line[256];
	long kib = -1;
	if (rollup == NULL)
		die("/proc/self/smaps_rollup", strerror(errno));
	while (kib < 0 && fgets(line, sizeof(line), rollup) != NULL)
		(void)sscanf(line, "Rss: %ld kB", &kib);
	fclose(rollup);
	return kib;
}

static void answer_memory(const char *path)
{
	(void)resident_kib(); /* the first call allocates buffers of its own */
	long before = resident_kib();
	struct ancient_file *file = open_and_get(path);
	printf("{\"kib\": %ld}\n", resident_kib() - before);
	ancient_file_close(file);
}

/* ---- Every byte ---------------------------------------------------------------- */

/* The file that verify, xxh3 and memcpy work on, and room for a copy. */
struct subject {
	char path[LINE_MAX_BYTES];
	struct ancient_file *file;
	void *bytes, *copy;
	size_t length;
};

static void subject_drop(struct subject *subject)
{
	if (subject->file == NULL)
		return;
	ancient_file_close(subject->file);
	munmap(subject->bytes, subject->length);
	free(subject->copy);
	subject->file = NULL;
}

static void subject_take(struct subject *subject, const char *path)
{
	struct stat status;
	if (subject->file != NULL && strcmp(subject->path, path) == 0)
		return;
	subject_drop(subject);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		die(path, strerror(errno));
	subject->length = (size_t)status.st_size;
	subject->bytes = mmap(NULL, subject->length, PROT_READ, MAP_PRIVATE, fd, 0);
	subject->copy = malloc(subject->length);
	if (subject->bytes == MAP_FAILED || subject->copy == NULL)
		die(path, strerror(errno));
	close(fd);
	memset(subject->copy, 1, subject->length);
	subject->file = open_and_get(path);
	snprintf(subject->path, sizeof(subject->path), "%s", path);
}

static void answer_verify(struct subject *subject)
{
	struct ancient_error err;
	double start = now();
	if (ancient_file_verify(subject->file, NULL, NULL, &err) != ANCIENT_OK)
		die(subject->path, err.message);
	printf("{\"seconds\": %.9f, \"bytes\": %zu}\n", now() - start, subject->length);
}

static void answer_xxh3(struct subject *subject)
{
	double start = now();
	uint64_t hash = XXH3_64bits(subject->bytes, subject->length);
	double seconds = now() - start;
	printf("{\"seconds\": %.9f, \"bytes\": %zu, \"hash\": \"%016" PRIx64 "\"}\n", seconds,
	       subject->length, hash);
}

static void answer_memcpy(struct subject *subject)
{
	double start = now();
	memcpy(subject->copy, subject->bytes, subject->length);
	__asm__ volatile("" : : "r"(subject->copy) : "memory"); /* the copy is wanted */
	printf("{\"seconds\": %.9f, \"bytes\": %zu}\n", now() - start, subject->length);
}

/* ---- Questions ----------------------------------------------------------------- */

static void answer(struct subject *subject, const char *side, const char *path, const char *count)
{
	if (strcmp(side, "open") == 0) {
		answer_open(path, strtoul(count, NULL, 10));
	} else if (strcmp(side, "info") == 0) {
		answer_info(path);
	} else if (strcmp(side, "memory") == 0) {
		answer_memory(path);
	} else {
		subject_take(subject, path);
		if (strcmp(side, "verify") == 0)
			answer_verify(subject);
		else if (strcmp(side, "xxh3") == 0)
			answer_xxh3(subject);
		else if (strcmp(side, "memcpy") == 0)
			answer_memcpy(subject);
		else
			die(side, "expected open, verify, xxh3, memcpy, memory or info");
	}
}

int main(void)
{
	static struct subject subject;
	char line[LINE_MAX_BYTES];
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("{}");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		char *rest = line;
		const char *side = strsep(&rest, "\t\n");
		const char *path = strsep(&rest, "\t\n");
		const char *count = strsep(&rest, "\t\n");
		if (path == NULL || *path == '\0')
			die(side, "expected a path");
		answer(&subject, side, path, count != NULL ? count : "0");
	}
	subject_drop(&subject);
	return 0;
}
