/* tests/core: files on the mounts of containers: an overlayfs, whose files are copied up under
 * their readers, bind mounts, a read-only root.  Makes them in a mount namespace of its own, as
 * root or in a user namespace; where neither is allowed it is skipped. */
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "check.h"

#define SKIPPED 77
#define LARGE (3u << 20) /* bytes: more than is mapped ahead */

static struct arena arena;

/* ---- Namespaces ------------------------------------------------------------------- */

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);
	bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return done;
}

static bool enter_namespace(void)
{
	char uids[32], gids[32];

	snprintf(uids, sizeof uids, "0 %d 1", (int)getuid());
	snprintf(gids, sizeof gids, "0 %d 1", (int)getgid());
	if (unshare(CLONE_NEWNS) != 0 &&
	    (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 ||
	     !write_text("/proc/self/setgroups", "deny") ||
	     !write_text("/proc/self/uid_map", uids) || !write_text("/proc/self/gid_map", gids)))
		return false;
	return mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
}

static void make_folder(const char *path)
{
	CHECK(mkdir(path, 0700) == 0 || errno == EEXIST);
}

/* A tmpfs at `path`, which becomes the current folder. */
static void enter_tmpfs(const char *path)
{
	make_folder(path);
	CHECK(mount("tmpfs", path, "tmpfs", 0, NULL) == 0);
	CHECK(chdir(path) == 0);
}

static void leave_tmpfs(const char *path)
{
	CHECK(chdir("..") == 0);
	CHECK(umount2(path, MNT_DETACH) == 0 && rmdir(path) == 0);
}

/* An overlay at "m", above "lower"; its upper layer is on a file system of its own if `apart`. */
static void mount_overlay(bool apart)
{
	make_folder("m");
	make_folder("up");
	if (apart)
		CHECK(mount("tmpfs", "up", "tmpfs", 0, NULL) == 0);
	make_folder("up/upper");
	make_folder("up/work");
	CHECK(mount("overlay", "m", "overlay", 0,
		    apart ? "lowerdir=lower,upperdir=up/upper,workdir=up/work,xino=off"
			  : "lowerdir=lower,upperdir=up/upper,workdir=up/work") == 0);
}

/* ---- Files -------------------------------------------------------------------------- */

static struct ancient_store *attach_path(const char *path, int flags)
{
	int fd = open(path, flags, 0600);
	struct ancient_store *store;

	CHECK(fd >= 0);
	store = attach(fd);
	close(fd);
	return store;
}

static uint64_t text_of(char byte, size_t length)
{
	static char bytes[LARGE];

	CHECK(length <= sizeof bytes);
	memset(bytes, byte, length);
	return bytes_value(&arena, bytes, length);
}

static void check_text(struct ancient_store *store, uint64_t key, char byte, size_t length)
{
	const char *text = (const char *)fields(get(store, key));

	for (size_t i = 0; i < length; i++)
		EQUAL(text[i], byte);
}

/* In a child, so that this process has no descriptor of the copy. */
static void share_in_child(const char *path, uint64_t key, char byte, size_t length)
{
	struct ancient_store *store;
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (child == 0) {
		store = attach_path(path, O_RDWR);
		arena.used = 0;
		share(store, key, text_of(byte, length));
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	EQUAL(status, 0);
}

/* The file of the lower layer, made by another process. */
static void make_lower(void)
{
	make_folder("lower");
	CHECK(write_text("lower/f", ""));
	share_in_child("lower/f", 0, 'a', 100);
}

/* Bytes behind the lower file's end that are as long as what will be committed: what an aborted
 * commit has left.  Only their content tells that they are not the file's. */
static void add_aborted(void)
{
	int fd = open("lower/f", O_WRONLY | O_APPEND);
	static const char junk[1 << 20];

	for (unsigned i = 0; i < 8; i++)
		CHECK(write(fd, junk, sizeof junk) == sizeof junk);
	close(fd);
}

static void check_reader(struct ancient_file *file, uint64_t key, char byte, size_t length)
{
	struct ancient_value v;
	const char *bytes;
	size_t found;

	OK(ancient_file_get(file, key, &v, &err));
	OK(ancient_string_get(file, v, &bytes, &found, &err));
	EQUAL(found, length);
	EQUAL(bytes[0], byte);
	EQUAL(bytes[length - 1], byte);
}

/* A reader of the lower file lives on, and sees what is committed to the copy. */
static void a_file_is_copied_up_under_its_readers(bool apart, bool aborted, size_t length)
{
	struct ancient_options guarded = {.guard = true};
	struct ancient_store *store, *again;
	struct ancient_file *file, *newer, *by_fd;
	bool current;
	int fd, late;

	enter_tmpfs("core-mounts");
	make_lower();
	if (aborted)
		add_aborted();
	mount_overlay(apart);
	store = attach_path("m/f", O_RDONLY);
	fd = open("m/f", O_RDONLY);
	late = open("m/f", O_RDONLY);
	OK(ancient_file_open("m/f", &guarded, &file, &err));
	OK(ancient_file_open_fd(fd, NULL, NULL, &by_fd, &err));
	check_text(store, 0, 'a', 100);
	share_in_child("m/f", 1, 'b', length);
	check_text(store, 1, 'b', length);
	check_text(store, 0, 'a', 100);
	share_in_child("m/f", 2, 'c', length);
	check_text(store, 2, 'c', length);
	OK(ancient_store_verify(store, &err));
	/* Opened before, attached after. */
	again = attach(late);
	check_text(again, 2, 'c', length);
	ancient_store_detach(again);
	/* The same file is attached for writing, at its base. */
	again = attach_path("m/f", O_RDWR);
	share(again, 3, text_of('d', 10));
	check_text(store, 3, 'd', 10);
	ancient_store_detach(again);
	/* Readers in C, by name and by descriptor. */
	check_reader(file, 0, 'a', 100);
	OK(ancient_file_check(file, &current, &err));
	CHECK(!current);
	OK(ancient_file_reopen(file, &newer, &err));
	check_reader(newer, 2, 'c', length);
	ancient_file_close(newer);
	ancient_file_close(file);
	OK(ancient_file_reopen(by_fd, &newer, &err));
	check_reader(newer, 2, 'c', length);
	OK(ancient_file_verify(newer, NULL, NULL, &err));
	ancient_file_close(newer);
	ancient_file_close(by_fd);
	ancient_store_detach(store);
	close(fd);
	close(late);
	leave_tmpfs("core-mounts");
	arena.used = 0;
}

/* Two names of one file, by a bind mount, are one store; one that is mounted read-only is read. */
static void a_file_is_bound_to_another_folder(void)
{
	struct ancient_store *store, *bound;

	enter_tmpfs("core-mounts");
	make_lower();
	make_folder("bound");
	CHECK(mount("lower", "bound", "none", MS_BIND, NULL) == 0);
	store = attach_path("lower/f", O_RDWR);
	bound = attach_path("bound/f", O_RDWR);
	CHECK(store == bound);
	share(bound, 1, text_of('b', 10));
	ancient_store_detach(bound);
	CHECK(mount("none", "bound", "none", MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
	CHECK(open("bound/f", O_RDWR) < 0 && errno == EROFS);
	bound = attach_path("bound/f", O_RDONLY);
	CHECK(store == bound);
	share(store, 2, text_of('c', 10));
	check_text(bound, 2, 'c', 10);
	ancient_store_detach(bound);
	ancient_store_detach(store);
	bound = attach_path("bound/f", O_RDONLY);
	check_text(bound, 2, 'c', 10);
	GIVES(ancient_store_writable(bound, &err), ANCIENT_E_READ_ONLY);
	share_in_child("lower/f", 3, 'd', LARGE);
	check_text(bound, 3, 'd', LARGE);
	ancient_store_detach(bound);
	leave_tmpfs("core-mounts");
	arena.used = 0;
}

int main(void)
{
	alarm(small_run() ? 280 : 60);
	if (!enter_namespace()) {
		fprintf(stderr, "needs root or user namespaces: %s\n", strerror(errno));
		return SKIPPED;
	}
	arena = new_arena(1 << 21);
	for (unsigned apart = 0; apart < 2; apart++)
		for (unsigned aborted = 0; aborted < 2; aborted++) {
			a_file_is_copied_up_under_its_readers(apart, aborted, 100);
			a_file_is_copied_up_under_its_readers(apart, aborted, LARGE);
		}
	a_file_is_bound_to_another_folder();
	free(arena.words);
	return 0;
}
