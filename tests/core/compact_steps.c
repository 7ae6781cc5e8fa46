/* tests/core: a compaction that is killed at each of its system calls, and one in which each of
 * them, and each allocation, fails.
 *
 * Whatever happens, the name leads to a complete file with everything that was committed; a
 * writer who has the old one attached commits, or is told to attach again and then does; the next
 * compaction works, and no temporary file stays.
 */
#include <signal.h>

#include "generations.h"
#include "intercept.h"

#define GENERATIONS 9u /* with a large one, 6, and garbage */

static struct arena arena;
static const char *const path = "core-test-steps", *const temporary = ".core-test-steps.compact";

static struct ancient_store *attach_path(void)
{
	int fd = open(path, O_RDWR);
	struct ancient_store *store;

	CHECK(fd >= 0);
	store = attach(fd);
	close(fd);
	return store;
}

static bool exists(const char *name)
{
	struct stat status;

	return lstat(name, &status) == 0;
}

/* A file of so many generations. */
static void make(void)
{
	struct ancient_store *store;
	int fd;

	remove(path);
	remove(temporary);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);
	CHECK(fd >= 0);
	store = attach(fd);
	for (unsigned g = 2; g <= GENERATIONS; g++)
		OK(publish(store, &arena, g == GENERATIONS, &err));
	ancient_store_detach(store);
	close(fd);
}

/* Everything is there, in whatever file has the name. */
static void is_complete(const char *when, uint64_t at)
{
	struct ancient_error error = {.message = "another value"};
	struct ancient_file *file = NULL;
	struct ancient_entry entry;
	enum ancient_code code = ancient_file_open(path, NULL, &file, &error);

	if (code == ANCIENT_OK)
		code = ancient_file_verify(file, NULL, NULL, &error);
	for (uint64_t g = GENERATIONS - KEYS + 1; g <= GENERATIONS && code == ANCIENT_OK; g++) {
		code = ancient_file_entry(file, g % KEYS, &entry, &error);
		if (code == ANCIENT_OK && (entry.generation != g || !is_value(file, entry.root, g)))
			code = ANCIENT_E_BAD_COUNT;
	}
	ancient_file_close(file);
	if (code == ANCIENT_OK)
		return;
	fprintf(stderr, "%s %llu: %s\n", when, (unsigned long long)at, error.message);
	exit(1);
}

static uint64_t told; /* writers that had to attach again */

/* Commits key 77 through the store, or through the file that has taken its place. */
static void commit_somewhere(struct ancient_store *store)
{
	struct ancient_commit *commit = NULL;
	struct ancient_error error = {.message = ""};
	enum ancient_code code = ancient_commit_begin(store, &commit, &error);

	if (code == ANCIENT_E_SUPERSEDED) {
		store = attach_path();
		code = ancient_commit_begin(store, &commit, &error);
		told++;
	}
	if (code != ANCIENT_OK) {
		fprintf(stderr, "no commit: %s\n", error.message);
		exit(1);
	}
	OK(ancient_commit_put(commit, 77, NULL, &source, INT(77), 0, NULL, &err));
	OK(ancient_commit_finish(commit, false, &err));
}

/* All that must hold after a compaction that ended anyhow, in which `store` was attached. */
static void is_well(struct ancient_store *store, const char *when, uint64_t at)
{
	struct ancient_store *now;

	is_complete(when, at);
	commit_somewhere(store);
	is_complete(when, at);
	OK(ancient_compact(path, NULL, NULL, &err));
	CHECK(!exists(temporary));
	is_complete(when, at);
	now = attach_path();
	EQUAL(get(now, 77), INT(77));
	ancient_store_detach(now);
}

/* ---- killed ---- */

static uint64_t steps, deadly;

static void die(enum intercept_call call)
{
	(void)call;
	if (steps++ == deadly)
		kill(getpid(), SIGKILL);
}

/* What an attempt came to, as a process ends; a failed check ends it with 1. */
enum outcome { THE_LAST = 10, ANOTHER, TOLD_TO_ATTACH };

/* In a process of its own, which no other attempt has left anything in. */
static enum outcome kill_at(uint64_t at)
{
	struct ancient_store *store;
	pid_t compactor;
	int status;

	make();
	store = attach_path();
	compactor = fork();
	CHECK(compactor >= 0);
	if (compactor == 0) {
		intercept_start();
		deadly = at;
		intercept.step = die;
		OK(ancient_compact(path, NULL, NULL, &err));
		_exit(0);
	}
	CHECK(waitpid(compactor, &status, 0) == compactor);
	CHECK(status == 0 || WTERMSIG(status) == SIGKILL);
	is_well(store, "killed at step", at);
	return status == 0 ? THE_LAST : told ? TOLD_TO_ATTACH : ANOTHER;
}

static enum outcome in_a_child(enum outcome (*attempt)(uint64_t at), uint64_t at)
{
	int status;
	pid_t child = fork();

	CHECK(child >= 0);
	if (child == 0)
		_exit((int)attempt(at));
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) >= THE_LAST);
	return (enum outcome)WEXITSTATUS(status);
}

static void a_killed_compaction_loses_nothing(void)
{
	uint64_t kills = 0, late = 0;
	enum outcome outcome;

	while ((outcome = in_a_child(kill_at, kills)) != THE_LAST) {
		kills++;
		late += outcome == TOLD_TO_ATTACH;
	}
	CHECK(kills > 30 && late > 0 && late < kills);
	printf("killed at each of %llu steps, %llu of them after the rename\n",
	       (unsigned long long)kills, (unsigned long long)late);
}

/* ---- failures ---- */

static struct fault {
	enum intercept_call call;
	int error;
	bool for_good, half;
} fault;

static enum outcome fail_at(uint64_t at)
{
	struct ancient_error error = {.message = ""};
	struct ancient_store *store;
	enum ancient_code code;

	make();
	store = attach_path();
	intercept_start();
	intercept.fail = fault.call;
	intercept.fail_at = at;
	intercept.error = fault.error;
	intercept.for_good = fault.for_good;
	intercept.half = fault.half;
	code = ancient_compact(path, NULL, NULL, &error);
	intercept.armed = false;
	if (code != ANCIENT_OK) {
		CHECK(error.code == code && error.message[0] && !strchr(error.message, '\n'));
		CHECK(fault.error != ENOSPC || code == ANCIENT_E_DISK_FULL);
		CHECK(fault.call == CALL_UNLINK || !exists(temporary));
	}
	CHECK(intercept.failed || code == ANCIENT_OK);
	is_well(store, intercept_names[fault.call], at);
	return intercept.failed ? ANOTHER : THE_LAST;
}

static void a_compaction_that_fails_loses_nothing(void)
{
	static const struct fault faults[] = {
		{CALL_PWRITEV, ENOSPC, false, false},      {CALL_PWRITEV, EINTR, false, false},
		{CALL_PWRITEV, ENOSPC, false, true},       {CALL_FALLOCATE, ENOSPC, true, false},
		{CALL_FALLOCATE, EOPNOTSUPP, true, false}, {CALL_FTRUNCATE, EIO, false, false},
		{CALL_FDATASYNC, EIO, false, false},       {CALL_FSYNC, EIO, false, false},
		{CALL_FSYNC, EINTR, false, false},         {CALL_MMAP, ENOMEM, false, false},
		{CALL_MPROTECT, ENOMEM, false, false},     {CALL_PREAD, EIO, false, false},
		{CALL_FSTAT, EIO, false, false},           {CALL_FCNTL, ENOLCK, false, false},
		{CALL_FCNTL, EINTR, false, false},         {CALL_OPEN, EMFILE, false, false},
		{CALL_OPENAT, EMFILE, false, false},       {CALL_OPENAT, EINTR, false, false},
		{CALL_RENAME, ENOSPC, false, false},       {CALL_RENAME, EACCES, false, false},
		{CALL_UNLINK, EIO, true, false},           {CALL_MALLOC, ENOMEM, false, false},
		{CALL_CALLOC, ENOMEM, false, false},       {CALL_REALLOC, ENOMEM, false, false},
	};
	uint64_t failures = 0;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		fault = faults[i];
		for (uint64_t at = 0; in_a_child(fail_at, at) != THE_LAST; at++)
			failures++;
	}
	printf("%llu calls failed\n", (unsigned long long)failures);
}

/* ---- order ---- */

static char order[256];

static void note(enum intercept_call call)
{
	static const char letters[CALLS] = {
		[CALL_PWRITEV] = 'w', [CALL_FSYNC] = 's', [CALL_RENAME] = 'r'};
	size_t length = strlen(order);

	if (letters[call] && length < sizeof order - 1)
		order[length] = letters[call];
}

/* Both files are on the disk before the mark (the last write) and the name, the folder is after
 * it.  Of the old one both superblocks are written again before. */
static void nothing_takes_the_name_that_is_not_on_the_disk(void)
{
	make();
	intercept_start();
	intercept.step = note;
	OK(ancient_compact(path, NULL, NULL, &err));
	intercept.armed = false;
	CHECK(strlen(order) > 7 && strcmp(order + strlen(order) - 7, "swwswrs") == 0);
}

int main(void)
{
	char folder[] = "/dev/shm/core-test-XXXXXX";

	/* Where flushes take no time, if there is such a place. */
	if (mkdtemp(folder))
		CHECK(chdir(folder) == 0);
	arena = new_arena(40000);
	nothing_takes_the_name_that_is_not_on_the_disk();
	a_killed_compaction_loses_nothing();
	a_compaction_that_fails_loses_nothing();
	unlink(path);
	rmdir(folder);
	free(arena.words);
	return 0;
}
