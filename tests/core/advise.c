/* tests/core: what the kernel is told of an attached file, also of what commits add to it and of a
 * file that was empty; and reading one into memory, whatever the kernel can. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "check.h"

#define LARGE (9u << 20) /* more than two pieces of a prefetch */

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

static struct arena arena;
static bool old_kernel;

/* In the place of libc's. */
static struct {
	uintptr_t start, end;
	int advice;
} told[1000];
static unsigned count;

int madvise(void *start, size_t length, int advice)
{
	if (count < sizeof told / sizeof told[0]) {
		told[count].start = (uintptr_t)start;
		told[count].end = (uintptr_t)start + length;
		told[count++].advice = advice;
	}
	if (advice == MADV_POPULATE_READ && old_kernel) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_madvise, start, length, advice);
}

/* The last advice of one of these kinds that the whole page of `at` was told; -1: none. */
static int last_told(uint64_t at)
{
	int last = -1;

	for (unsigned i = 0; i < count; i++)
		if (told[i].start <= at && at < told[i].end && told[i].advice <= MADV_SEQUENTIAL)
			last = told[i].advice;
	return last;
}

static uint64_t text_of(uint64_t bytes)
{
	static char text[LARGE];

	arena.used = 0;
	return bytes_value(&arena, text, bytes);
}

/* The last word of the file, in memory. */
static uint64_t last_word(const struct ancient_store *store)
{
	uint64_t start, end;

	ancient_store_range(store, &start, &end);
	CHECK(end > start);
	return end - 8;
}

static void advice_counts_for_what_is_there_and_what_comes(void)
{
	char path[64];
	int fd = new_file(path), other_fd = open(path, O_RDWR);
	struct ancient_store *store = attach(fd);
	uint64_t before;

	/* Nothing is there, and the file's base may become another. */
	OK(ancient_store_advise(store, ANCIENT_ADVICE_RANDOM, &err));
	share(store, 0, text_of(100000));
	EQUAL(last_told(last_word(store)), MADV_RANDOM);
	OK(ancient_store_advise(store, ANCIENT_ADVICE_SEQUENTIAL, &err));
	before = last_word(store);
	EQUAL(last_told(before), MADV_SEQUENTIAL);
	share(store, 1, text_of(LARGE));
	CHECK(last_word(store) - before >= LARGE);
	EQUAL(last_told(last_word(store)), MADV_SEQUENTIAL);
	OK(ancient_store_advise(store, ANCIENT_ADVICE_NORMAL, &err));
	EQUAL(last_told(before), MADV_NORMAL);
	count = 0;
	share(store, 2, text_of(LARGE));
	EQUAL(last_told(last_word(store)), -1);
	GIVES(ancient_store_advise(store, (enum ancient_advice)3, &err), ANCIENT_E_ARGUMENT);
	ancient_store_detach(store);
	unlink(path);
	close(other_fd);
	close(fd);
}

/* Pages of the mapping that are in the page tables. */
static uint64_t entered(uint64_t start, uint64_t end)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages = 0, entry;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	CHECK(fd >= 0);
	for (uint64_t at = start / page; at < (end + page - 1) / page; at++) {
		CHECK(pread(fd, &entry, sizeof entry, (off_t)(at * 8)) == sizeof entry);
		pages += entry >> 63;
	}
	close(fd);
	return pages;
}

static void a_prefetched_file_is_in_memory(void)
{
	char path[64];
	int fd = new_file(path);
	struct ancient_store *store = attach(fd);
	uint64_t start, end, page = (uint64_t)sysconf(_SC_PAGESIZE);

	OK(ancient_store_prefetch(store, &err)); /* of nothing */
	share(store, 0, text_of(LARGE));
	ancient_store_discard(store);
	store = attach(fd);
	ancient_store_range(store, &start, &end);
	CHECK(entered(start, end) < (end - start) / page / 2);
	old_kernel = true;
	OK(ancient_store_prefetch(store, &err));
	old_kernel = false;
	CHECK(entered(start, end) < (end - start) / page / 2);
	OK(ancient_store_prefetch(store, &err));
	EQUAL(entered(start, end), (end - start + page - 1) / page);
	ancient_store_discard(store);
	store = attach(fd);
	CHECK(ftruncate(fd, LARGE / 2) == 0);
	GIVES(ancient_store_prefetch(store, &err), ANCIENT_E_TORN_AWAY);
	ancient_store_discard(store);
	CHECK(ftruncate(fd, 0) == 0);
	unlink(path);
	close(fd);
}

int main(void)
{
	arena = new_arena(LARGE / 8 + 1000);
	advice_counts_for_what_is_there_and_what_comes();
	a_prefetched_file_is_in_memory();
	return 0;
}
