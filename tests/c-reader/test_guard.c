/* tests/c-reader: the guard turns the truncation of a file under its reader into an error; a fault
 * at any other address reaches the handler that was installed before. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "build_file.h"

static struct ancient_error err;
static volatile sig_atomic_t others; /* times the program's own handler ran */

static struct ancient_file *open_large(const char *name, bool guard)
{
	const struct ancient_options options = {.guard = guard};
	struct ancient_file *file;
	static char large[200000];
	struct image f;
	char path[64];
	image_init(&f);
	memset(large, 'x', sizeof(large));
	image_key(&f, 0, image_bytes(&f, large, sizeof(large)), NULL);
	image_finish(&f);
	test_path(path, name);
	image_write(&f, path);
	image_done(&f);
	CHECK(ancient_file_open(path, &options, &file, &err) == ANCIENT_OK);
	return file;
}

static void cut(const char *name)
{
	char path[64];
	test_path(path, name);
	CHECK(truncate(path, 4096) == 0);
}

static void handler(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)context;
	/* Put a page there, so that the load goes on. */
	void *page = (void *)((uintptr_t)info->si_addr & ~4095ull);
	if (mmap(page, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == page)
		others++;
}

static void install(void)
{
	struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
	CHECK(sigaction(SIGBUS, &action, NULL) == 0);
}

/* A fault on memory that is none of the library's. */
static void fault_elsewhere(void)
{
	char path[64];
	test_path(path, "elsewhere");
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	CHECK(page != MAP_FAILED);
	CHECK(page[100] == 0);
	munmap((void *)(uintptr_t)page, 4096);
}

static void a_truncated_file_is_torn_away(void)
{
	struct ancient_file *file = open_large("torn", true);
	struct ancient_value v = {3};
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	enum ancient_kind kind;
	bool current;
	cut("torn");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(v.word == 3 && strstr(err.message, "truncated or lost") != NULL);
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_TORN_AWAY);
	ancient_cursor_init(file, 0, &cursor);
	CHECK(ancient_cursor_next(&cursor, &entry, &err) == ANCIENT_E_TORN_AWAY);
	v.word = IMAGE_BASE + 8192 + 72;
	CHECK(ancient_value_kind(file, v, &kind, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(ancient_file_check(file, &current, &err) != ANCIENT_OK);
	ancient_file_close(file);
}

/* Overwrites the file `name` in place, from a copy that was made before. */
static void put_back(const char *name, const void *bytes, size_t length)
{
	char path[64];
	int fd;

	test_path(path, name);
	fd = open(path, O_WRONLY | O_TRUNC);
	CHECK(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
	close(fd);
}

/* The bytes of the file; free them. */
static void *bytes_of(const char *name, size_t *ret_length)
{
	struct stat status;
	char path[64];
	void *bytes;
	int fd;

	test_path(path, name);
	fd = open(path, O_RDONLY);
	CHECK(fd >= 0 && fstat(fd, &status) == 0);
	bytes = malloc((size_t)status.st_size);
	CHECK(bytes != NULL && read(fd, bytes, (size_t)status.st_size) == status.st_size);
	close(fd);
	*ret_length = (size_t)status.st_size;
	return bytes;
}

/* A service that checks before it opens anew, as one of a program that polls: nothing but an error
 * as long as nothing whole has the name, and no error for ever. */
static void expect_recovery(struct ancient_file *file, const char *name, const void *bytes,
			    size_t length)
{
	struct ancient_file *whole;
	struct ancient_value v;
	bool current = true;

	cut(name);
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_E_TORN_AWAY && current);
	CHECK(ancient_file_reopen(file, &whole, &err) == ANCIENT_E_TRUNCATED);
	put_back(name, bytes, length);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && !current);
	CHECK(ancient_file_reopen(file, &whole, &err) == ANCIENT_OK && whole != file);
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(ancient_file_get(whole, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_file_check(whole, &current, &err) == ANCIENT_OK && current);
	ancient_file_close(whole);
	ancient_file_close(file);
}

static void what_is_whole_again_is_found_by_a_check(void)
{
	size_t length;
	void *bytes;
	char path[64], other[64];
	struct ancient_file *file = open_large("whole", true);

	bytes = bytes_of("whole", &length);
	expect_recovery(file, "whole", bytes, length);
	/* By a descriptor. */
	test_path(path, "whole");
	const struct ancient_options options = {.guard = true};
	int fd = open(path, O_RDONLY);
	CHECK(ancient_file_open_fd(fd, NULL, &options, &file, &err) == ANCIENT_OK);
	close(fd);
	expect_recovery(file, "whole", bytes, length);
	/* By another file that takes the name. */
	file = open_large("whole", true);
	cut("whole");
	struct ancient_value v;
	bool current = true;
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	ancient_file_close(open_large("other", true));
	test_path(other, "other");
	CHECK(rename(other, path) == 0);
	CHECK(ancient_file_check(file, &current, &err) == ANCIENT_OK && !current);
	ancient_file_close(file);
	free(bytes);
}

static void bytes_handed_out_read_as_zeros(void)
{
	struct ancient_file *file = open_large("zeros", true);
	struct ancient_value v;
	const char *bytes;
	size_t length;
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_OK);
	CHECK(ancient_string_get(file, v, &bytes, &length, &err) == ANCIENT_OK);
	CHECK(bytes[150000] == 'x');
	cut("zeros");
	CHECK(bytes[150000] == 0 && bytes[length - 1] == 0);
	CHECK(ancient_string_get(file, v, &bytes, &length, &err) == ANCIENT_E_TORN_AWAY);
	ancient_file_close(file);
}

static void verify_ends_when_the_file_is_cut_in_its_midst(void)
{
	struct ancient_file *file = open_large("midst", true);
	char path[64];
	test_path(path, "midst");
	CHECK(truncate(path, 100000) == 0); /* the superblocks and the first extent's head stay */
	CHECK(ancient_file_verify(file, NULL, NULL, &err) == ANCIENT_E_TORN_AWAY);
	ancient_file_close(file);
}

static void faults_elsewhere_reach_the_handler_before(void)
{
	struct ancient_file *file = open_large("before", true);
	others = 0;
	fault_elsewhere();
	CHECK(others == 1);
	ancient_file_close(file);
	fault_elsewhere();
	CHECK(others == 2);
}

/* A second library that saves our handler and passes on to it, as faulthandler does. */
static struct sigaction saved;
static volatile sig_atomic_t passed;

static void passing(int number, siginfo_t *info, void *context)
{
	passed++;
	saved.sa_sigaction(number, info, context);
}

static void a_handler_put_over_ours_makes_no_ring(void)
{
	struct sigaction action = {.sa_sigaction = passing, .sa_flags = SA_SIGINFO};
	struct ancient_file *file, *second;
	struct ancient_value v;
	file = open_large("ring", true);
	CHECK(sigaction(SIGBUS, &action, &saved) == 0);
	second = open_large("ring2", true); /* finds itself covered and stands on top again */
	passed = others = 0;
	cut("ring2");
	CHECK(ancient_file_get(second, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(passed == 0);
	fault_elsewhere(); /* ours, theirs, ours below, the program's */
	CHECK(passed == 1 && others == 1);
	cut("ring");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	ancient_file_close(file);
	ancient_file_close(second);
	for (int i = 0; i < 100; i++) { /* theirs again and again: no level is used up */
		CHECK(sigaction(SIGBUS, &action, NULL) == 0);
		ancient_file_close(open_large("ring", true));
	}
}

/* A second library that takes itself away and raises the signal again: faulthandler. */
static void raising(int number)
{
	passed++;
	CHECK(sigaction(number, &saved, NULL) == 0);
	raise(number);
}

static void a_handler_put_over_ours_may_raise_the_signal_again(void)
{
	struct sigaction action = {.sa_handler = raising, .sa_flags = SA_NODEFER};
	struct ancient_file *file = open_large("again", true);
	struct ancient_value v;

	CHECK(sigaction(SIGBUS, &action, &saved) == 0);
	passed = others = 0;
	cut("again");
	CHECK(ancient_file_get(file, 0, &v, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(passed == 1 && others == 0);
	ancient_file_close(file);
}

/* Runs `body` in a child; the signal that ended it, or 0. */
static int ends_by(void (*body)(void))
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		body();
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void default_then_guard(void)
{
	CHECK(signal(SIGBUS, SIG_DFL) != SIG_ERR);
	ancient_file_close(open_large("default", true));
}

static void fault_under_default(void)
{
	default_then_guard();
	fault_elsewhere();
}

static void sent_under_default(void)
{
	default_then_guard();
	raise(SIGBUS);
}

static void sent_under_ignore(void)
{
	CHECK(signal(SIGBUS, SIG_IGN) != SIG_ERR);
	ancient_file_close(open_large("default", true));
	raise(SIGBUS);
}

static void where_there_was_no_handler_the_default_is_taken(void)
{
	CHECK(ends_by(fault_under_default) == SIGBUS);
	CHECK(ends_by(sent_under_default) == SIGBUS);
	CHECK(ends_by(sent_under_ignore) == 0);
}

int main(void)
{
	test_begin();
	install();
	a_truncated_file_is_torn_away();
	what_is_whole_again_is_found_by_a_check();
	bytes_handed_out_read_as_zeros();
	verify_ends_when_the_file_is_cut_in_its_midst();
	faults_elsewhere_reach_the_handler_before();
	a_handler_put_over_ours_makes_no_ring();
	a_handler_put_over_ours_may_raise_the_signal_again();
	where_there_was_no_handler_the_default_is_taken();
	test_end();
	return 0;
}
