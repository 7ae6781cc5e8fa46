/* tests/core: processes that are confined: without /proc, with little memory that can be written
 * (RLIMIT_DATA), and where no memory may be executed.  A folder without /proc is made the root, by
 * root or in a user namespace; where neither is allowed it is skipped. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "check.h"

#define SKIPPED 77       /* Meson's status */
#define LARGE (8u << 20) /* bytes */

static struct arena arena;
static struct ancient_store_options options;
static struct ancient_error why;

static struct ancient_store *attach_with(int fd)
{
	struct ancient_store *store = NULL;

	OK(ancient_store_attach(fd, NULL, &options, &store, &err));
	return store;
}

/* Runs `f` in a child. */
static void in_child(void (*f)(const char *path), const char *path)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		f(path);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

static int open_file(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	CHECK(fd >= 0);
	return fd;
}

/* `path` is also what the library is told. */
static struct ancient_store *attach_told(const char *path, int flags)
{
	int fd = open_file(path, flags);
	struct ancient_store *store;

	options = (struct ancient_store_options){.path = path, .reserve = usual_reserve()};
	store = attach_with(fd);
	close(fd);
	return store;
}

static struct ancient_store *attach_untold(const char *path, int flags)
{
	int fd = open_file(path, flags);
	struct ancient_store *store = attach(fd);

	close(fd);
	return store;
}

static bool says(const char *text)
{
	return strstr(why.message, text) != NULL;
}

/* ---- Without /proc ------------------------------------------------------------------ */

static void share_one_more(const char *path)
{
	struct ancient_store *store = attach_told(path, O_RDWR);

	share(store, 2, INT(22));
	ancient_store_detach(store);
}

static void a_reader_reads_and_sees_what_is_added(const char *path)
{
	struct ancient_store *reader = attach_untold(path, O_RDONLY);

	EQUAL(get(reader, 1), INT(11));
	EQUAL(ancient_store_writable(reader, &why), ANCIENT_E_READ_ONLY);
	CHECK(says("attached for reading only"));
	in_child(share_one_more, path);
	EQUAL(get(reader, 2), INT(22));
	ancient_store_detach(reader);
}

/* The lock of the caller's description would exclude nobody who has it too. */
static void a_writer_whose_path_is_not_known_reads(const char *path)
{
	struct ancient_store *store = attach_untold(path, O_RDWR), *told;
	struct ancient_commit *commit;

	EQUAL(get(store, 1), INT(11));
	EQUAL(ancient_commit_begin(store, &commit, &why), ANCIENT_E_READ_ONLY);
	CHECK(says("/proc/self/fd/") && says("mount /proc") && says("No such file"));
	told = attach_told(path, O_RDWR);
	CHECK(told == store);
	share(store, 3, INT(33));
	EQUAL(get(told, 3), INT(33));
	ancient_store_detach(told);
	ancient_store_detach(store);
}

static void a_path_that_leads_elsewhere_is_not_followed(const char *path)
{
	int fd = open_file(path, O_RDWR), other = open_file("other", O_RDWR | O_CREAT);
	struct ancient_store *store;
	struct ancient_commit *commit;

	options = (struct ancient_store_options){.path = "other"};
	store = attach_with(fd);
	EQUAL(ancient_commit_begin(store, &commit, &why), ANCIENT_E_READ_ONLY);
	EQUAL(file_size(other), 0);
	ancient_store_detach(store);
	close(fd);
	close(other);
	unlink("other");
}

static struct ancient_store *inherited;

static void share_from_child(const char *path)
{
	(void)path;
	share(inherited, 4, INT(44));
}

static void a_child_opens_its_own(const char *path)
{
	inherited = attach_told(path, O_RDWR);
	share(inherited, 3, INT(34));
	in_child(share_from_child, path);
	EQUAL(get(inherited, 4), INT(44));
	ancient_store_detach(inherited);
}

/* The lock of an own description, in a process that shares the caller's. */
static void two_writers_exclude_each_other(const char *path)
{
	struct ancient_store *store = attach_told(path, O_RDWR);
	struct ancient_commit *commit;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int fd = open_file(path, O_RDWR);

	OK(ancient_commit_begin(store, &commit, &err));
	CHECK(fcntl(fd, F_OFD_SETLK, &lock) != 0 && errno == EAGAIN);
	ancient_commit_abort(commit);
	CHECK(fcntl(fd, F_OFD_SETLK, &lock) == 0);
	close(fd);
	ancient_store_detach(store);
}

static void a_new_file_is_made(const char *path)
{
	struct ancient_store *store = attach_told(path, O_RDWR | O_CREAT);

	share(store, 1, INT(11));
	ancient_store_detach(store);
}

static void begin_in_child(const char *path)
{
	struct ancient_commit *commit;

	(void)path;
	EQUAL(ancient_commit_begin(inherited, &commit, &why), ANCIENT_E_SYSTEM);
	CHECK(says("/proc/self/fd/"));
}

static void another_file_takes_the_name(const char *path)
{
	struct ancient_store *store = attach_told(path, O_RDWR);
	struct ancient_commit *commit;

	a_new_file_is_made("next");
	CHECK(rename("next", path) == 0);
	EQUAL(ancient_commit_begin(store, &commit, &why), ANCIENT_E_SUPERSEDED);
	inherited = store;
	in_child(begin_in_child, path);
	ancient_store_detach(store);
}

static void a_file_is_compacted(const char *path)
{
	struct ancient_store *store;

	OK(ancient_compact(path, NULL, NULL, &err));
	store = attach_told(path, O_RDWR);
	EQUAL(get(store, 1), INT(11));
	share(store, 5, INT(55));
	ancient_store_detach(store);
	OK(ancient_recover(path, false, NULL, &err));
}

static void without_proc(const char *path)
{
	CHECK(chroot(".") == 0);
	CHECK(access("/proc", F_OK) != 0);
	a_new_file_is_made(path);
	a_reader_reads_and_sees_what_is_added(path);
	a_writer_whose_path_is_not_known_reads(path);
	a_path_that_leads_elsewhere_is_not_followed(path);
	a_child_opens_its_own(path);
	two_writers_exclude_each_other(path);
	a_file_is_compacted(path);
	another_file_takes_the_name(path);
}

/* ---- Limits ------------------------------------------------------------------------- */

static void allow_data(uint64_t bytes)
{
	struct rlimit limit = {bytes, bytes};

	CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
}

static void make_large(const char *path)
{
	static char bytes[LARGE];
	struct ancient_store *store = attach_told(path, O_RDWR | O_CREAT);

	share(store, 1, bytes_value(&arena, bytes, sizeof bytes));
	ancient_store_detach(store);
}

static uint64_t data_bytes(void)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	unsigned long long kilobytes = 0;

	CHECK(status);
	while (fgets(line, sizeof line, status))
		if (sscanf(line, "VmData: %llu", &kilobytes) == 1)
			break;
	fclose(status);
	return kilobytes << 10;
}

static void little_data(const char *path)
{
	int fd = open_file(path, O_RDONLY);
	struct ancient_store *store;

	allow_data(data_bytes() + LARGE / 2);
	options = (struct ancient_store_options){0};
	EQUAL(ancient_store_attach(fd, "large", &options, &store, &why), ANCIENT_E_ADDRESS_SPACE);
	CHECK(says("RLIMIT_DATA (ulimit -d)") && says("protection"));
	options.protect = true;
	store = attach_with(fd);
	CHECK(fields(get(store, 1))[LARGE / 8 - 1] == 0);
	ancient_store_detach(store);
	close(fd);
}

/* Filters as systemd's MemoryDenyWriteExecute does, and more: nothing may be executable. */
static void deny_executable(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof filter / sizeof *filter, filter};

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		      MAP_FAILED &&
	      errno == EPERM);
}

static void nothing_executable(const char *path)
{
	struct ancient_store *store;

	deny_executable();
	store = attach_told(path, O_RDWR);
	EQUAL(get(store, 1) & 1, 0);
	share(store, 2, INT(2));
	OK(ancient_store_refresh(store, &err));
	ancient_store_detach(store);
	store = attach_told(path, O_RDONLY);
	EQUAL(get(store, 2), INT(2));
	ancient_store_detach(store);
	OK(ancient_compact(path, NULL, NULL, &err));
}

int main(void)
{
	const char *path = "f";
	char folder[64];

	alarm(60);
	arena = new_arena(1 << 21);
	if (geteuid() != 0 && unshare(CLONE_NEWUSER) != 0) {
		fprintf(stderr, "needs root or user namespaces: %s\n", strerror(errno));
		return SKIPPED;
	}
	snprintf(folder, sizeof folder, "core-confined-%d", (int)getpid());
	CHECK(mkdir(folder, 0700) == 0 && chdir(folder) == 0);
	make_large(path);
	if (!small_run()) { /* memcheck makes code */
		in_child(little_data, path);
		in_child(nothing_executable, path);
	}
	CHECK(unlink(path) == 0);
	in_child(without_proc, path);
	CHECK(unlink(path) == 0);
	CHECK(chdir("..") == 0 && rmdir(folder) == 0);
	free(arena.words);
	return 0;
}
