/* tests/core: a full disk and exhausted address space.  The file system is a tmpfs of 2 MiB in a
 * mount namespace of the test; where that is not permitted, calls that would need more are made to
 * fail. */
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "generations.h"
#include "intercept.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED
#endif
#endif

static struct arena arena;
static bool mounted;

static bool mount_small(const char *folder)
{
	return mkdir(folder, 0700) == 0 && unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", folder, "tmpfs", 0, "size=2m") == 0 && chdir(folder) == 0;
}

/* Leaves so many bytes of room: `filler` takes the rest of the disk. */
static void leave(int filler, uint64_t room)
{
	static const char junk[4096] = "x";
	uint64_t filled = 0;

	if (!mounted) {
		intercept_start();
		intercept.room = room;
		return;
	}
	while (filled + room < 2u << 20 &&
	       pwrite(filler, junk, sizeof junk, (off_t)filled) == sizeof junk)
		filled += sizeof junk;
}

static void make_room(int filler)
{
	intercept.armed = false;
	CHECK(ftruncate(filler, 0) == 0);
}

static void is_at(int fd, uint64_t generation)
{
	struct ancient_error error = {.message = ""};

	if (generation_of(fd, &error) == generation)
		return;
	fprintf(stderr, "expected generation %llu: %s\n", (unsigned long long)generation,
		error.message);
	exit(1);
}

/* Commits until the disk is full; then room is made, and it goes on. */
static void a_full_disk_is_an_error(void)
{
	struct ancient_error error = {.message = ""};
	char path[64], other[64];
	int fd = new_file(path), filler = new_file(other);
	struct ancient_store *store = attach(fd);
	uint64_t g = 1, failures = 0, again = small_run() ? 5 : 20;
	enum ancient_code code;

	leave(filler, 3u << 19);
	while ((code = publish(store, &arena, g % 2, &error)) == ANCIENT_OK)
		is_at(fd, ++g);
	CHECK(code == ANCIENT_E_DISK_FULL && g > 10);
	CHECK(strstr(error.message, "No space left"));
	/* However often it is tried. */
	for (; failures < again; failures++) {
		CHECK(publish(store, &arena, failures % 2, &error) == ANCIENT_E_DISK_FULL);
		is_at(fd, g);
		EQUAL(ancient_store_generation(store), g);
	}
	make_room(filler);
	OK(publish(store, &arena, true, &err));
	is_at(fd, g + 1);
	OK(ancient_store_verify(store, &err));
	printf("%llu generations on 2 MiB%s, then %llu refusals\n", (unsigned long long)g,
	       mounted ? "" : " (pretended)", (unsigned long long)failures);
	ancient_store_detach(store);
	unlink(path);
	unlink(other);
	close(fd);
	close(filler);
}

/* Not even the superblocks fit. */
static void an_empty_file_on_a_full_disk_stays_empty(void)
{
	char path[64], other[64];
	int fd = new_file(path), filler = new_file(other);
	struct ancient_store *store = attach(fd);

	leave(filler, 1);
	GIVES(publish(store, &arena, true, &err), ANCIENT_E_DISK_FULL);
	EQUAL(file_size(fd), 0);
	make_room(filler);
	OK(publish(store, &arena, true, &err));
	is_at(fd, 2);
	ancient_store_detach(store);
	unlink(path);
	unlink(other);
	close(fd);
	close(filler);
}

/* There is no room beside the file: it stays, and once there is, it is compacted. */
static void a_compaction_on_a_full_disk_changes_nothing(void)
{
	struct ancient_error error = {.message = ""};
	char path[64], other[64], temporary[80];
	int fd = new_file(path), filler = new_file(other);
	struct ancient_store *store = attach(fd);
	struct ancient_compacted compacted;
	struct stat status;

	for (unsigned i = 0; i < 12; i++)
		OK(publish(store, &arena, false, &err));
	leave(filler, 1);
	CHECK(ancient_compact(path, NULL, NULL, &error) == ANCIENT_E_DISK_FULL);
	CHECK(strstr(error.message, "No space left"));
	snprintf(temporary, sizeof temporary, ".%s.compact", path);
	CHECK(lstat(temporary, &status) != 0);
	is_at(fd, 13);
	make_room(filler);
	OK(publish(store, &arena, false, &err)); /* it is still the file that has the name */
	OK(ancient_compact(path, NULL, &compacted, &err));
	CHECK(compacted.bytes_after < compacted.bytes_before);
	ancient_store_detach(store);
	unlink(path);
	unlink(other);
	close(fd);
	close(filler);
}

#ifndef SANITIZED
/* A child with less and less address space: it attaches and commits, or says why not. */
static void little_address_space_is_an_error(void)
{
	unsigned worked = 0, refused = 0;

	for (uint64_t limit = 2048u << 10; limit < 1ull << 40; limit *= 2) {
		char path[64];
		int fd = new_file(path), status;
		struct rlimit small = {limit, limit};
		struct ancient_store_options options = {0};
		struct ancient_store *store = NULL;
		struct ancient_error error = {.message = ""};
		pid_t child = fork();

		CHECK(child >= 0);
		if (child == 0) {
			enum ancient_code code;

			CHECK(setrlimit(RLIMIT_AS, &small) == 0);
			code = ancient_store_attach(fd, "little", &options, &store, &error);
			for (int g = 2; g < 8 && code == ANCIENT_OK; g++)
				code = publish(store, &arena, false, &error);
			_exit(code == ANCIENT_OK ? 0
			      : code == ANCIENT_E_ADDRESS_SPACE || code == ANCIENT_E_MEMORY ||
					      code == ANCIENT_E_NO_ROOM
				      ? 1
				      : 2);
		}
		CHECK(waitpid(child, &status, 0) == child);
		CHECK(status == 0 || status == 1 << 8);
		worked += status == 0;
		refused += status != 0;
		unlink(path);
		close(fd);
	}
	CHECK(worked > 0 && refused > 0);
}

#endif

int main(void)
{
	char folder[] = "core-test-disk";

	arena = new_arena(40000);
	mounted = mount_small(folder);
	if (!mounted)
		CHECK(chdir(folder) == 0);
	an_empty_file_on_a_full_disk_stays_empty();
	a_full_disk_is_an_error();
	a_compaction_on_a_full_disk_changes_nothing();
#ifndef SANITIZED         /* which need terabytes of it */
	if (!small_run()) /* valgrind's is the same */
		little_address_space_is_an_error();
#endif
	CHECK(chdir("..") == 0);
	if (mounted)
		umount(folder);
	rmdir(folder);
	free(arena.words);
	return 0;
}
