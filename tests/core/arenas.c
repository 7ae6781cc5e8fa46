/* tests/core: the memory of small copies, which share arenas: what of it comes back, when, and what
 * the words of deleted copies read. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "check.h"
#include "heap_ranges.h"
#include "intercept.h"

#define PAGE 4096u

static struct arena arena;

static uint64_t copy(uint64_t root)
{
	struct ancient_copied copied = {0};

	OK(ancient_heap_copy(&source, root, ANCIENT_ORDER_DEPTH_FIRST, &heap_ranges, &copied,
			     &err));
	return copied.root;
}

static void drop(uint64_t root)
{
	ancient_heap_delete(root, &heap_ranges);
}

/* A copy of (n, n) */
static uint64_t numbered(uint64_t n)
{
	static _Thread_local uint64_t words[3] = {2 << ANCIENT_HEADER_WOSIZE_SHIFT};

	words[1] = words[2] = INT(n);
	return copy((uint64_t)(uintptr_t)(words + 1));
}

static void is_numbered(uint64_t v, uint64_t n)
{
	EQUAL(header(v), ANCIENT_HEADER(2, 0));
	EQUAL(fields(v)[0], INT(n));
	EQUAL(fields(v)[1], INT(n));
}

static void is_gone(uint64_t v)
{
	EQUAL(header(v), ANCIENT_FILLER);
	EQUAL(fields(v)[0], ANCIENT_FILLER);
	EQUAL(fields(v)[1], ANCIENT_FILLER);
}

static unsigned mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned count = 0;
	int c;

	CHECK(maps);
	while ((c = getc(maps)) != EOF)
		count += c == '\n';
	fclose(maps);
	return count;
}

/* Private pages of the ranges. */
static uint64_t resident_pages(void)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t found = 0, entry;

	CHECK(fd >= 0);
	for (size_t i = 0; i < heap_range_count; i++)
		for (uint64_t at = heap_range[i].start; at < heap_range[i].end; at += PAGE) {
			CHECK(pread(fd, &entry, 8, (off_t)(at / PAGE * 8)) == 8);
			found += entry >> 61 == 4; /* present, in no file */
		}
	close(fd);
	return found;
}

enum order { FORWARDS, BACKWARDS, SHUFFLED };

static void order_by(uint64_t *which, uint64_t count, enum order order)
{
	uint64_t random = 88172645463325252ull;

	for (uint64_t i = 0; i < count; i++)
		which[i] = order == BACKWARDS ? count - 1 - i : i;
	for (uint64_t i = count; order == SHUFFLED && i > 1; i--) {
		uint64_t other, kept = which[i - 1];

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		other = random % i;
		which[i - 1] = which[other];
		which[other] = kept;
	}
}

/* Of each thousand copies one lives on: a page for each is all that stays. */
static void the_dead_give_their_memory_back(enum order order)
{
	const uint64_t count = small_run() ? 20000 : 400000, step = 1000;
	uint64_t *which = calloc(count, 8), *copies = calloc(count, 8);
	size_t ranges = heap_range_count;
	unsigned maps = mappings();

	CHECK(which && copies);
	order_by(which, count, order);
	for (uint64_t i = 0; i < count; i++)
		copies[i] = numbered(i);
	CHECK(resident_pages() >= count * 32 / PAGE);
	for (uint64_t i = 0; i < count; i++)
		if (which[i] % step)
			drop(copies[which[i]]);
	for (uint64_t i = 0; i < count; i++) {
		if (i % step == 0)
			is_numbered(copies[i], i);
		else if (heap_range_holds(copies[i]))
			is_gone(copies[i]);
	}
	CHECK(resident_pages() <= count / step + 2 * heap_range_count);
	CHECK(mappings() < maps + 300);
	for (uint64_t i = 0; i < count; i += step)
		drop(copies[i]);
	for (uint64_t i = 0; i < count; i++)
		is_gone(copies[i]); /* in tombstones too */
	/* The arena that is in use stays, with one page for each boundary of what is in it. */
	CHECK(heap_range_count <= (ranges ? ranges : 1));
	CHECK(resident_pages() <= 3);
	free(which);
	free(copies);
}

/* Pieces that end where a page does, or are whole pages. */
static void pages_are_counted_to_the_word(void)
{
	const uint64_t sizes[] = {2, 3, 5, 6, 510, 511, 512, 1022, 1023, 1024, 1535, 5000, 8000};
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, 8000), copies[2000];

	fields(v)[7999] = 7ull << 56;
	for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		const uint64_t count = sizes[s] > 100 ? 200 : 2000;

		fields(v)[-1] = sizes[s] << ANCIENT_HEADER_WOSIZE_SHIFT | ANCIENT_TAG_STRING;
		for (unsigned i = 0; i < count; i++) {
			fields(v)[0] = i;
			fields(v)[sizes[s] - 1] = 7ull << 56;
			copies[i] = copy(v);
		}
		/* First each second one. */
		for (unsigned i = 0; i < count; i += 2)
			drop(copies[i]);
		for (unsigned i = 1; i < count; i += 2) {
			EQUAL(header(copies[i]), ANCIENT_HEADER(sizes[s], ANCIENT_TAG_STRING));
			EQUAL(fields(copies[i])[0], i);
			drop(copies[i]);
		}
		CHECK(resident_pages() <= 3);
	}
}

/* Bytes of the memfd that arenas are mapped from. */
static uint64_t filler_size(void)
{
	char path[64], name[64];
	struct stat status;

	for (int fd = 0; fd < 1024; fd++) {
		ssize_t length;

		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		length = readlink(path, name, sizeof name - 1);
		name[length < 0 ? 0 : length] = 0;
		if (strstr(name, "ancient-filler") && fstat(fd, &status) == 0)
			return (uint64_t)status.st_size;
	}
	return 0;
}

/* Not with what came and went. */
static void the_memfd_grows_with_what_is_there(void)
{
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, 8000), before = filler_size();

	fields(v)[7999] = 7ull << 56;
	for (unsigned i = 0; i < 4000; i++)
		drop(copy(v));
	CHECK(before > 0);
	EQUAL(filler_size(), before);
}

/* A pointer to any word of a deleted copy leads to an empty block. */
static void every_word_of_the_dead_is_a_filler(void)
{
	uint64_t before = numbered(1), v = numbered(2), behind = numbered(3);

	CHECK(behind - before == 64);
	drop(v);
	for (uint64_t at = before + 16; at < behind - 16; at += 8)
		EQUAL(*fields(at), ANCIENT_FILLER);
	is_numbered(before, 1);
	is_numbered(behind, 3);
	drop(before);
	drop(behind);
}

/* The kernel does not give up pages that are locked. */
static void locked_memory_reads_the_same(void)
{
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, 5000), gone;

	fields(v)[4999] = 7ull << 56;
	gone = copy(v);
	CHECK(mlock(fields(gone + 20000), 8) == 0);
	drop(gone);
	for (uint64_t at = gone - 8; at < gone + 40000; at += 8)
		EQUAL(*fields(at), ANCIENT_FILLER);
	munlock(fields(gone + 20000), 8);
}

static void in_a_child(void (*test)(void))
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (pid == 0) {
		test();
		_exit(0);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	EQUAL(status, 0);
}

static uint64_t inherited[1000];

static void deletes_what_it_inherits(void)
{
	for (unsigned i = 0; i < 1000; i += 2) {
		is_numbered(inherited[i], i);
		drop(inherited[i]);
	}
	for (unsigned i = 0; i < 1000; i++)
		numbered(i + 5000);
	for (unsigned i = 0; i < 1000; i++) {
		if (i % 2)
			is_numbered(inherited[i], i);
		else
			is_gone(inherited[i]);
	}
}

static void a_child_goes_its_own_way(void)
{
	for (unsigned i = 0; i < 1000; i++)
		inherited[i] = numbered(i);
	in_a_child(deletes_what_it_inherits);
	for (unsigned i = 0; i < 1000; i++) {
		is_numbered(inherited[i], i);
		drop(inherited[i]);
	}
}

/* As daemons do; the numbers are used again for files that are none of ours. */
static void descriptors_may_be_closed(void)
{
	uint64_t copies[2000], v = block(&arena, ANCIENT_TAG_STRING, 100);
	FILE *file = tmpfile();

	fields(v)[99] = 7ull << 56;
	for (unsigned i = 0; i < 1 << 14; i++)
		CHECK(fprintf(file,
			      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef") ==
		      64);
	CHECK(fflush(file) == 0);
	copies[0] = copy(v);
	for (int fd = 3; fd < 64; fd++)
		if (fd != fileno(file))
			dup2(fileno(file), fd);
	for (unsigned i = 1; i < 2000; i++)
		copies[i] = copy(v);
	for (unsigned i = 0; i < 2000; i++)
		drop(copies[i]);
	for (unsigned i = 0; i < 2000; i++)
		is_gone(copies[i]); /* in tombstones too */
}

/* No memfd can be filled: every copy has a space of its own, as large ones have. */
static void limited_files(void)
{
	const struct rlimit none = {0, 0};
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, 1000), copies[300];
	size_t ranges;

	fields(v)[999] = 7ull << 56;
	CHECK(setrlimit(RLIMIT_FSIZE, &none) == 0);
	ranges = heap_range_count;
	for (unsigned i = 0; i < 300; i++)
		copies[i] = copy(v);
	CHECK(heap_range_count > ranges + 100);
	for (unsigned i = 0; i < 300; i++) {
		EQUAL(header(copies[i]), ANCIENT_HEADER(1000, ANCIENT_TAG_STRING));
		drop(copies[i]);
	}
	CHECK(heap_range_count <= ranges + 1);
}

/* Whatever fails, a copy is whole or is not made, and the next one is. */
static void whatever_fails(enum intercept_call call)
{
	uint64_t v = block(&arena, ANCIENT_TAG_STRING, 7000);

	fields(v)[6999] = 7ull << 56;
	for (uint64_t at = 0; at < 40; at++) {
		uint64_t copies[40];
		unsigned count = 0;

		intercept = (struct intercept){
			.fail = call, .fail_at = at, .error = ENOMEM, .armed = true};
		for (unsigned i = 0; i < 40; i++) {
			struct ancient_error err;
			struct ancient_copied copied;
			enum ancient_code code = ancient_heap_copy(
				&source, v, ANCIENT_ORDER_DEPTH_FIRST, &heap_ranges, &copied, &err);

			if (code == ANCIENT_OK)
				copies[count++] = copied.root;
			else
				EQUAL(code, ANCIENT_E_MEMORY);
		}
		intercept.armed = false;
		CHECK(count >= 39);
		while (count-- > 0) {
			EQUAL(header(copies[count]), ANCIENT_HEADER(7000, ANCIENT_TAG_STRING));
			drop(copies[count]);
		}
	}
}

static pthread_barrier_t barrier;

/* Threads delete what others have made. */
static uint64_t exchanged[4][5000];

static void *lives(void *argument)
{
	const uint64_t me = (uint64_t)(uintptr_t)argument, rounds = small_run() ? 1 : 20;

	for (uint64_t round = 0; round < rounds; round++) {
		const uint64_t other = (me + round) % 4;

		for (uint64_t i = 0; i < 5000; i++) {
			exchanged[me][i] = numbered(me * 10000 + i);
			if (i % 3 == 0) {
				drop(exchanged[me][i]);
				exchanged[me][i] = 0;
			}
		}
		pthread_barrier_wait(&barrier);
		for (uint64_t i = 0; i < 5000; i++)
			if (exchanged[other][i]) {
				is_numbered(exchanged[other][i], other * 10000 + i);
				drop(exchanged[other][i]);
			}
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void threads_copy_and_delete_at_once(void)
{
	pthread_t threads[4];

	CHECK(pthread_barrier_init(&barrier, NULL, 4) == 0);
	for (uint64_t i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, lives, (void *)(uintptr_t)i) == 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK(heap_range_count <= 5); /* one for each thread, and one from before */
	pthread_barrier_destroy(&barrier);
}

int main(void)
{
	arena = new_arena(60000);
	in_a_child(limited_files);
	the_dead_give_their_memory_back(FORWARDS);
	the_dead_give_their_memory_back(BACKWARDS);
	the_dead_give_their_memory_back(SHUFFLED);
	pages_are_counted_to_the_word();
	every_word_of_the_dead_is_a_filler();
	the_memfd_grows_with_what_is_there();
	locked_memory_reads_the_same();
	a_child_goes_its_own_way();
	in_a_child(descriptors_may_be_closed);
	whatever_fails(CALL_MMAP);
	whatever_fails(CALL_MPROTECT);
	whatever_fails(CALL_MALLOC);
	whatever_fails(CALL_CALLOC);
	whatever_fails(CALL_REALLOC);
	threads_copy_and_delete_at_once();
	free(arena.words);
	return 0;
}
