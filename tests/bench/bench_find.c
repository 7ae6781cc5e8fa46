/* tests/bench: looking keys up from C, beside LMDB, cdb and SQLite; see find.h.
 *
 * It is asked, a line each (serve.h):
 *
 *   make WAY PATH FROM      makes the store of a way at PATH, of the records of the ancient
 *                           file FROM
 *   open WAY PATH
 *   keys PATH               the keys to look for, a line each
 *   find WAY FIRST COUNT    looks that many of them up, from the FIRST; "seconds", and "sum"
 *                           of the attribute read
 *   cold WAY PATH FIRST COUNT   the same in a store that is opened now, of whose file nothing is
 *                           in memory: "bytes" read from the disk, "faults" that waited for it, and
 *                           "seconds" by the clock
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "find.h"
#include "serve.h"

static const struct finder *const ways[] = {&find_typed, &find_many, &find_raw,
					    &find_lmdb,  &find_cdb,  &find_sqlite};

static const struct finder *way(const char *name)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(ways[i]->name, name) == 0)
			return ways[i];
	die(name, "there is no such way of finding");
}

bool find_here_and_there;

static struct key *keys;
static size_t key_count;

static void append(char *to, size_t *at, struct key text)
{
	memcpy(to + *at, text.bytes, text.length);
	*at += text.length;
}

struct key find_pack(const struct record *record)
{
	static char *bytes;
	struct packed head = {
		.installed_size = record->installed_size,
		.weight = record->weight,
		.version = (uint32_t)record->version.length,
		.section = (uint32_t)record->section.length,
		.summary = (uint32_t)record->summary.length,
		.depends = (uint32_t)record->depends.length,
	};
	size_t at = sizeof(head);
	bytes = realloc(bytes, at + record->version.length + record->section.length +
				       record->summary.length + record->depends.length);
	if (bytes == NULL)
		die("records", "out of memory");
	memcpy(bytes, &head, sizeof(head));
	append(bytes, &at, record->version);
	append(bytes, &at, record->section);
	append(bytes, &at, record->summary);
	append(bytes, &at, record->depends);
	return (struct key){bytes, at};
}

static void answer_make(char **words)
{
	static struct record *records;
	static size_t count;
	if (records == NULL)
		records = find_records(words[2], &count);
	way(words[0])->make(words[1], records, count);
	printf("{\"records\": %zu}\n", count);
}

static void answer_open(char **words)
{
	way(words[0])->open(words[1]);
	puts("{}");
}

/* The file stays in memory: keys lie in it in the order in which they are asked for. */
static void answer_keys(char **words)
{
	struct stat status;
	FILE *file = fopen(words[0], "re");
	if (file == NULL || fstat(fileno(file), &status) != 0)
		die(words[0], "cannot be read");
	size_t length = (size_t)status.st_size;
	char *bytes = malloc(length + 1);
	keys = calloc(length + 1, sizeof(*keys));
	if (bytes == NULL || keys == NULL || fread(bytes, 1, length, file) != length)
		die(words[0], "cannot be read whole");
	fclose(file);
	for (char *at = bytes, *end; at < bytes + length; at = end + 1) {
		end = memchr(at, '\n', (size_t)(bytes + length - at));
		if (end == NULL)
			die(words[0], "does not end in a newline");
		keys[key_count++] = (struct key){at, (size_t)(end - at)};
	}
	printf("{\"keys\": %zu}\n", key_count);
}

static void answer_find(char **words)
{
	const struct finder *finder = way(words[0]);
	size_t first = parse_number(words[1]), count = parse_number(words[2]);
	if (first > key_count || count > key_count - first)
		die("find", "there are not so many keys");
	double start = processor_seconds();
	int64_t sum = finder->find(keys + first, count);
	printf("{\"seconds\": %.9f, \"sum\": %" PRId64 "}\n", processor_seconds() - start, sum);
}

/* What the page cache has of the file is dropped, but for what other processes have mapped. */
static void drop_from_memory(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) != 0 || posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) != 0)
		die(path, "cannot be dropped from memory");
	close(fd);
}

static size_t bytes_read(void)
{
	size_t bytes = 0;
	char line[128];
	FILE *file = fopen("/proc/self/io", "re");
	if (file == NULL)
		die("/proc/self/io", "cannot be read");
	while (fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "read_bytes: %zu", &bytes);
	fclose(file);
	return bytes;
}

static void answer_cold(char **words)
{
	const struct finder *finder = way(words[0]);
	size_t first = parse_number(words[2]), count = parse_number(words[3]), bytes;
	struct rusage before, after;
	if (first > key_count || count > key_count - first)
		die("cold", "there are not so many keys");
	find_here_and_there = true;
	drop_from_memory(words[1]);
	bytes = bytes_read();
	getrusage(RUSAGE_SELF, &before);
	double start = clock_seconds();
	finder->open(words[1]);
	int64_t sum = finder->find(keys + first, count);
	double seconds = clock_seconds() - start;
	getrusage(RUSAGE_SELF, &after);
	printf("{\"seconds\": %.9f, \"bytes\": %zu, \"faults\": %ld, \"sum\": %" PRId64 "}\n",
	       seconds, bytes_read() - bytes, after.ru_majflt - before.ru_majflt, sum);
}

int main(void)
{
	static const struct command commands[] = {
		{"make", 3, answer_make}, {"open", 2, answer_open}, {"keys", 1, answer_keys},
		{"find", 3, answer_find}, {"cold", 4, answer_cold},
	};
	serve_commands(commands, sizeof(commands) / sizeof(commands[0]));
	return 0;
}
