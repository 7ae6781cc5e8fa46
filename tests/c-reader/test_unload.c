/* tests/c-reader: what a library with a guard leaves behind when it is unloaded, and how several
 * copies of it share SIGBUS.  Arguments: the shared library, and two plugins that hold the static
 * one.  Each case runs in a process of its own. */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "build_file.h"

#define COPIES 3

/* One copy of the library, loaded. */
struct copy {
	void *handle;
	__typeof__(&ancient_file_open) open;
	__typeof__(&ancient_file_get) get;
	__typeof__(&ancient_file_close) close;
};

static char **paths; /* of the copies */
static struct ancient_error err;
static sigjmp_buf escape;
static volatile sig_atomic_t hits;

static void *symbol(void *handle, const char *prefix, const char *name)
{
	char full[64];
	void *found;

	snprintf(full, sizeof(full), "%s_%s", prefix, name);
	found = dlsym(handle, full);
	CHECK(found != NULL);
	return found;
}

static struct copy load(unsigned number)
{
	const char *prefix = number == 0 ? "ancient" : "plugin";
	struct copy copy = {.handle = dlopen(paths[number], RTLD_NOW | RTLD_LOCAL)};

	CHECK(copy.handle != NULL);
	copy.open = (__typeof__(copy.open))symbol(copy.handle, prefix, "file_open");
	copy.get = (__typeof__(copy.get))symbol(copy.handle, prefix, "file_get");
	copy.close = (__typeof__(copy.close))symbol(copy.handle, prefix, "file_close");
	return copy;
}

static struct ancient_file *open_guarded(const struct copy *copy, const char *name)
{
	const struct ancient_options options = {.guard = true};
	struct ancient_file *file;
	char path[64];

	test_path(path, name);
	CHECK(copy->open(path, &options, &file, &err) == ANCIENT_OK);
	return file;
}

/* A file with one key, on whose page the guard is put to the test. */
static void write_file(const char *name)
{
	static char large[100000];
	struct image f;
	char path[64];

	image_init(&f);
	image_key(&f, 0, image_bytes(&f, large, sizeof(large)), NULL);
	image_finish(&f);
	test_path(path, name);
	image_write(&f, path);
	image_done(&f);
}

/* Whether the file's truncation under the copy is an error of the copy. */
static bool is_guarded(const struct copy *copy, const char *name)
{
	struct ancient_file *file;
	struct ancient_value value;
	char path[64];
	bool torn;

	write_file(name);
	file = open_guarded(copy, name);
	test_path(path, name);
	CHECK(truncate(path, 4096) == 0);
	torn = copy->get(file, 0, &value, &err) == ANCIENT_E_TORN_AWAY;
	copy->close(file);
	return torn;
}

static void load_use_unload(unsigned number)
{
	struct copy copy = load(number);

	write_file("used");
	copy.close(open_guarded(&copy, "used"));
	CHECK(dlclose(copy.handle) == 0);
}

static void count(int number)
{
	(void)number;
	hits++;
	siglongjmp(escape, 1);
}

/* A load behind the end of a file that no copy has opened. */
static void fault(void)
{
	char path[64];
	volatile char *page;
	int fd;

	test_path(path, "elsewhere");
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	CHECK(page != MAP_FAILED);
	close(fd);
	if (sigsetjmp(escape, 1) == 0)
		(void)page[0];
	munmap((void *)(uintptr_t)page, 4096);
}

/* ---- Cases ----------------------------------------------------------------------- */

static void the_handler_before_gets_it(unsigned number)
{
	CHECK(signal(SIGBUS, count) != SIG_ERR);
	load_use_unload(number);
	fault();
	CHECK(hits == 1);
}

static void the_handler_after_gets_it(unsigned number)
{
	load_use_unload(number);
	CHECK(signal(SIGBUS, count) != SIG_ERR);
	load_use_unload(number);
	fault();
	CHECK(hits == 1);
}

static void the_default_is_taken(unsigned number)
{
	load_use_unload(number);
	fault();
}

static void what_is_ignored_is_taken(unsigned number)
{
	CHECK(signal(SIGBUS, SIG_IGN) != SIG_ERR);
	load_use_unload(number);
	raise(SIGBUS); /* ignored: the process goes on */
	fault();
}

static void it_guards_when_loaded_again(unsigned number)
{
	struct copy copy;

	load_use_unload(number);
	copy = load(number);
	CHECK(is_guarded(&copy, "again"));
	CHECK(dlclose(copy.handle) == 0);
}

static void copies_share_the_signal(unsigned number)
{
	struct copy copies[COPIES];

	(void)number;
	CHECK(signal(SIGBUS, count) != SIG_ERR);
	for (unsigned i = 0; i < COPIES; i++)
		copies[i] = load(i);
	write_file("shared");
	/* In turns: no copy takes another's handler for a stranger's. */
	for (unsigned i = 0; i < 200; i++)
		copies[i % COPIES].close(open_guarded(&copies[i % COPIES], "shared"));
	for (unsigned i = 0; i < COPIES; i++)
		CHECK(is_guarded(&copies[i], "torn"));
	for (unsigned i = 0; i < COPIES; i++)
		CHECK(dlclose(copies[i].handle) == 0);
	fault();
	CHECK(hits == 1);
}

/* A stranger takes the signal and passes nothing on; a second copy then stands above it. */
static void a_copy_above_a_stranger_does_not_count(unsigned number)
{
	struct copy one = load(1), two = load(2);

	(void)number;
	write_file("shared");
	one.close(open_guarded(&one, "shared"));
	CHECK(signal(SIGBUS, count) != SIG_ERR);
	two.close(open_guarded(&two, "shared"));
	CHECK(is_guarded(&one, "torn"));
	fault();
	CHECK(hits == 1);
}

/* ---- Running them ------------------------------------------------------------------ */

/* Runs a case in a child, which ends by the signal `by`, or 0 for an exit. */
static void expect(int by, void (*body)(unsigned), unsigned number)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		alarm(60);
		CHECK(signal(SIGBUS, SIG_DFL) != SIG_ERR); /* and not a sanitizer's */
		body(number);
		exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(by ? WIFSIGNALED(status) && WTERMSIG(status) == by
		 : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(int argc, char **argv)
{
	CHECK(argc == 1 + COPIES);
	paths = argv + 1;
	test_begin();
	for (unsigned number = 0; number < COPIES; number++) {
		expect(0, the_handler_before_gets_it, number);
		expect(0, the_handler_after_gets_it, number);
		expect(SIGBUS, the_default_is_taken, number);
		expect(SIGBUS, what_is_ignored_is_taken, number);
		expect(0, it_guards_when_loaded_again, number);
	}
	expect(0, copies_share_the_signal, 0);
	expect(0, a_copy_above_a_stranger_does_not_count, 0);
	test_end();
	return 0;
}
