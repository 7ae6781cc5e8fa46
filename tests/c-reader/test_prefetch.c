/* tests/c-reader: ancient_file_prefetch brings every page of a file into the page tables, on old
 * kernels too, and ends with an error where the file is gone, sparse, or the program wants no more.
 */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "base/reader.h"
#include "build_file.h"

#define PAGE 4096u
#define LARGE (10u << 20) /* several pieces of a prefetch */

static struct ancient_error err;

/* In the place of libc's: a kernel before 5.14 on demand. */
static bool old_kernel;
static int refused;

int madvise(void *start, size_t length, int advice)
{
	if (old_kernel && advice == 22) { /* MADV_POPULATE_READ */
		refused++;
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_madvise, start, length, advice);
}

/* A file of one small value whose superblock says `used` bytes; the rest is `filled` or a hole. */
static void make(const char *name, uint64_t used, bool filled, char path[64])
{
	struct image f;
	char page[PAGE];

	image_init(&f);
	image_key(&f, 0, image_string(&f, "value"), NULL);
	image_finish(&f);
	test_path(path, name);
	f.used = used;
	image_superblocks(&f);
	image_write_bytes(path, f.bytes, f.length);
	CHECK(truncate(path, (off_t)used) == 0);
	if (filled) {
		int fd = open(path, O_WRONLY);
		memset(page, 'x', sizeof(page));
		for (uint64_t at = f.length; at < used; at += sizeof(page))
			CHECK(pwrite(fd, page, sizeof(page), (off_t)at) > 0);
		CHECK(ftruncate(fd, (off_t)used) == 0);
		close(fd);
	}
	image_done(&f);
}

static struct ancient_file *open_it(const char *path, const struct ancient_options *options)
{
	struct ancient_file *file;

	CHECK(ancient_file_open(path, options, &file, &err) == ANCIENT_OK);
	return file;
}

/* Pages of the mapping that a load would find without a fault. */
static uint64_t entered(const struct ancient_file *file)
{
	uint64_t count = 0, entry;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	CHECK(fd >= 0);
	for (uint64_t at = 0; at < file->mapped; at += PAGE) {
		CHECK(pread(fd, &entry, 8, (off_t)(((uintptr_t)file->map + at) / PAGE * 8)) == 8);
		count += entry >> 63;
	}
	close(fd);
	return count;
}

static void every_page_is_entered(void)
{
	char path[64];

	make("filled", LARGE - 104, true, path);
	for (int old = 0; old < 2; old++)
		for (int guard = 0; guard < 2; guard++)
			for (int advice = 0; advice < 4; advice++) {
				const struct ancient_options options = {.guard = guard,
									.advice = advice};
				struct ancient_file *file = open_it(path, &options);

				old_kernel = old;
				refused = 0;
				CHECK(entered(file) < LARGE / PAGE);
				CHECK(ancient_file_prefetch(file, &err) == ANCIENT_OK);
				CHECK(entered(file) == LARGE / PAGE);
				CHECK(old ? refused == 3 : refused == 0);
				CHECK(ancient_file_prefetch(file, NULL) == ANCIENT_OK);
				ancient_file_close(file);
			}
	old_kernel = false;
}

/* Gone in its second piece. */
static void what_is_gone_is_torn_away(void)
{
	struct ancient_file *file;
	struct ancient_value v;
	char path[64];

	make("gone", LARGE, true, path);
	for (int old = 0; old < 2; old++) {
		const struct ancient_options options = {.guard = true};
		old_kernel = old;
		file = open_it(path, &options);
		CHECK(truncate(path, 5 << 20) == 0);
		CHECK(ancient_file_prefetch(file, &err) == ANCIENT_E_TORN_AWAY);
		CHECK(strstr(err.message, path) != NULL);
		CHECK(ancient_file_stands(file, NULL) == ANCIENT_E_TORN_AWAY);
		CHECK(ancient_file_prefetch(file, NULL) == ANCIENT_E_TORN_AWAY);
		ancient_file_close(file);
		make("gone", LARGE, true, path);
	}
	old_kernel = false;
	/* Without the guard: no signal; what is there can still be read. */
	file = open_it(path, NULL);
	CHECK(truncate(path, 5 << 20) == 0);
	CHECK(ancient_file_prefetch(file, &err) == ANCIENT_E_TORN_AWAY);
	CHECK(ancient_file_get(file, 0, &v, &err) != ANCIENT_E_TORN_AWAY);
	ancient_file_close(file);
}

static void holes_are_not_read_without_end(void)
{
	struct ancient_file *file;
	char path[64];

	make("holes", UINT64_C(2) << 30, false, path);
	file = open_it(path, NULL);
	CHECK(ancient_file_prefetch(file, &err) == ANCIENT_E_TOO_LARGE);
	CHECK(strstr(err.message, "prefetch") != NULL);
	CHECK(entered(file) < 1024);
	ancient_file_close(file);
	make("some", LARGE, false, path);
	file = open_it(path, NULL);
	CHECK(ancient_file_prefetch(file, &err) == ANCIENT_OK);
	CHECK(entered(file) == LARGE / PAGE);
	ancient_file_close(file);
}

static bool count_to(void *context)
{
	int *left = context;

	return (*left)-- == 0;
}

static void the_program_is_asked_after_each_piece(void)
{
	int left = 1;
	struct ancient_options options = {.interrupted = count_to, .context = &left};
	struct ancient_file *file;
	char path[64];

	make("asked", LARGE, true, path);
	file = open_it(path, &options);
	CHECK(ancient_file_prefetch(file, &err) == ANCIENT_E_INTERRUPTED);
	CHECK(entered(file) < LARGE / PAGE);
	left = 100;
	CHECK(ancient_file_prefetch(file, &err) == ANCIENT_OK);
	CHECK(left == 97);
	ancient_file_close(file);
}

int main(void)
{
	test_begin();
	every_page_is_entered();
	what_is_gone_is_torn_away();
	holes_are_not_read_without_end();
	the_program_is_asked_after_each_piece();
	test_end();
	return 0;
}
