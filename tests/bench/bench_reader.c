/* tests/bench: opening, verifying and the memory they take, by the C reader; beside XXH3 and
 * memcpy.
 *
 * It is asked, a line each (serve.h):
 *
 *   open PATH COUNT   opens the file and gets the value under key 0, COUNT times; "seconds"
 *                     is the median of one
 *   verify PATH       ancient_file_verify; "seconds" of processor time, and "bytes"
 *   verify_by PATH N  the same with N threads; "seconds" by the clock
 *   xxh3 PATH         XXH3 of the file's bytes, through a mapping
 *   memcpy PATH       a copy of the file's bytes into memory that is there already
 *   memory PATH       open and get, once, in a fresh process; "kib", the growth of the
 *                     memory in use
 *   touch PATH        reads all of a file (Input.flat), a byte of each page at least, and keeps
 *                     it open; "sum"
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
#include <unistd.h>

#include <xxhash.h>

#include <ancient_reader.h>

#include "serve.h"

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

static void answer_open(char **words)
{
	const char *path = words[0];
	size_t count = parse_number(words[1]);
	double *times = calloc(count, sizeof(*times));
	if (times == NULL || count == 0)
		die("open", "no room for so many runs, or none wanted");
	for (size_t i = 0; i < count; i++) {
		double start = clock_seconds();
		struct ancient_file *file = open_and_get(path);
		times[i] = clock_seconds() - start;
		ancient_file_close(file);
	}
	qsort(times, count, sizeof(*times), compare_doubles);
	printf("{\"seconds\": %.9f}\n", times[count / 2]);
	free(times);
}

static void answer_info(char **words)
{
	struct ancient_file *file = open_and_get(words[0]);
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

static void answer_memory(char **words)
{
	(void)resident_kib(); /* the first call allocates buffers of its own */
	long before = resident_kib();
	struct ancient_file *file = open_and_get(words[0]);
	printf("{\"kib\": %ld}\n", resident_kib() - before);
	ancient_file_close(file);
}

/* ---- Every page ---------------------------------------------------------------- */

static int64_t touch(const char *bytes, size_t length)
{
	int64_t sum = 0;
	for (size_t i = 0; i < length; i += 4096)
		sum += bytes[i];
	return sum;
}

static void must(enum ancient_code code, const struct ancient_error *err)
{
	if (code != ANCIENT_OK)
		die("ancient", err->message);
}

static struct ancient_value field(const struct ancient_file *file, struct ancient_value of,
				  uint64_t index)
{
	struct ancient_error err;
	struct ancient_block block;
	struct ancient_value value;
	must(ancient_block_get(file, of, &block, &err), &err);
	must(ancient_block_field(file, &block, index, &value, &err), &err);
	return value;
}

static void answer_touch(char **words)
{
	struct ancient_error err;
	struct ancient_value root;
	struct ancient_block strings;
	struct ancient_bigarray payload;
	int64_t sum = 0;
	struct ancient_file *file = open_and_get(words[0]); /* kept */
	must(ancient_file_get(file, 0, &root, &err), &err);
	must(ancient_block_get(file, field(file, root, 0), &strings, &err), &err);
	for (uint64_t i = 0; i < strings.size; i++) {
		const char *bytes;
		size_t length;
		must(ancient_string_get(file, field(file, field(file, root, 0), i), &bytes, &length,
					&err),
		     &err);
		sum += touch(bytes, length);
	}
	must(ancient_bigarray_get(file, field(file, root, 1), &payload, &err), &err);
	sum += touch(payload.data, payload.count);
	printf("{\"sum\": %" PRId64 "}\n", sum);
}

/* ---- Every byte ---------------------------------------------------------------- */

/* The file that verify, xxh3 and memcpy work on, and room for a copy. */
static struct {
	char *path;
	struct ancient_file *file;
	void *bytes, *copy;
	size_t length;
} subject;

static void subject_drop(void)
{
	if (subject.file == NULL)
		return;
	ancient_file_close(subject.file);
	munmap(subject.bytes, subject.length);
	free(subject.copy);
	free(subject.path);
	subject.file = NULL;
}

static void subject_take(const char *path)
{
	struct stat status;
	if (subject.file != NULL && strcmp(subject.path, path) == 0)
		return;
	subject_drop();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) != 0)
		die(path, strerror(errno));
	subject.length = (size_t)status.st_size;
	subject.bytes = mmap(NULL, subject.length, PROT_READ, MAP_PRIVATE, fd, 0);
	subject.copy = malloc(subject.length);
	subject.path = strdup(path);
	if (subject.bytes == MAP_FAILED || subject.copy == NULL || subject.path == NULL)
		die(path, strerror(errno));
	close(fd);
	memset(subject.copy, 1, subject.length);
	subject.file = open_and_get(path);
}

static void answer_verify(char **words)
{
	struct ancient_error err;
	subject_take(words[0]);
	double start = processor_seconds();
	if (ancient_file_verify(subject.file, NULL, NULL, &err) != ANCIENT_OK)
		die(subject.path, err.message);
	printf("{\"seconds\": %.9f, \"bytes\": %zu}\n", processor_seconds() - start,
	       subject.length);
}

static void answer_verify_by(char **words)
{
	struct ancient_verify_options options = {.threads = (unsigned)parse_number(words[1])};
	struct ancient_error err;
	subject_take(words[0]);
	double start = clock_seconds();
	if (ancient_file_verify(subject.file, &options, NULL, &err) != ANCIENT_OK)
		die(subject.path, err.message);
	printf("{\"seconds\": %.9f, \"bytes\": %zu}\n", clock_seconds() - start, subject.length);
}

static void answer_xxh3(char **words)
{
	subject_take(words[0]);
	double start = processor_seconds();
	uint64_t hash = XXH3_64bits(subject.bytes, subject.length);
	double seconds = processor_seconds() - start;
	printf("{\"seconds\": %.9f, \"bytes\": %zu, \"hash\": \"%016" PRIx64 "\"}\n", seconds,
	       subject.length, hash);
}

static void answer_memcpy(char **words)
{
	subject_take(words[0]);
	double start = processor_seconds();
	memcpy(subject.copy, subject.bytes, subject.length);
	__asm__ volatile("" : : "r"(subject.copy) : "memory"); /* the copy is wanted */
	printf("{\"seconds\": %.9f, \"bytes\": %zu}\n", processor_seconds() - start,
	       subject.length);
}

int main(void)
{
	static const struct command commands[] = {
		{"open", 2, answer_open},   {"memory", 1, answer_memory},
		{"info", 1, answer_info},   {"verify", 1, answer_verify},
		{"xxh3", 1, answer_xxh3},   {"memcpy", 1, answer_memcpy},
		{"touch", 1, answer_touch}, {"verify_by", 2, answer_verify_by},
	};
	serve_commands(commands, sizeof(commands) / sizeof(commands[0]));
	subject_drop();
	return 0;
}
