/* core/memory: tombstones: read-only pages that replace a detached file or a deleted copy.
 *
 * The heap may still refer to values of a detached file, and the collector reads their headers.
 * Every word of a tombstone is 0x3FB, the header of an empty block.  The pages are mapped from one
 * memfd (the chunk), again and again, so that they use no memory.
 *
 * Linux limits a process to about 65,000 mappings.  A page is mapped at the file offset `address
 * modulo chunk size`, so that the kernel merges adjacent tombstones into one mapping.  When there
 * are more than CHUNKS mappings the chunk is doubled and all tombstones are mapped again in place.
 * So there are at most CHUNKS of them, and two for each tombstone that stands alone; and the memfd
 * is at most a 4096th of what was deleted.
 */
#include "memory/tombstone.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <ancient/format.h>

#include "file/file_io.h"

#define LEAST_CHUNK ((uint64_t)64 << 10) /* bytes that extend_filler writes at once */
#define FIRST_CHUNK ((uint64_t)2 << 20)
#define LAST_CHUNK ((uint64_t)8 << 30)
#define CHUNKS 8192u /* double the chunk when more of it are mapped */

struct tombstone {
	struct tombstone *next;
	struct core_tombstone_file file;
	uint64_t start;
	uint64_t bytes;
};

/* Ranges of tombstones, sorted by address; no two are adjacent. */
struct range {
	uint64_t start;
	uint64_t end;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tombstone *tombstones;
static struct range *ranges;
static size_t range_count, range_capacity;
static uint64_t laid; /* bytes in `ranges` */
static int filler_fd = -1;
static uint64_t filler_bytes; /* size of the memfd */
static uint64_t chunk;        /* how many of them are mapped at a time; 0: none yet */

/* The index of the first range that ends at `address` or later, or range_count. */
static size_t range_from(uint64_t address)
{
	size_t low = 0, high = range_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ranges[middle].end < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool insert_range(size_t i, struct range range)
{
	if (range_count == range_capacity) {
		size_t capacity = range_capacity ? range_capacity * 2 : 64;
		struct range *grown = realloc(ranges, capacity * sizeof *grown);

		if (!grown)
			return false;
		ranges = grown;
		range_capacity = capacity;
	}
	memmove(ranges + i + 1, ranges + i, (range_count - i) * sizeof *ranges);
	ranges[i] = range;
	range_count++;
	return true;
}

static void remove_range(size_t i)
{
	range_count--;
	memmove(ranges + i, ranges + i + 1, (range_count - i) * sizeof *ranges);
}

/* If memory is out the range is not recorded, so a larger chunk will not be mapped over it; it then
 * takes more mappings. */
static void add_range(uint64_t start, uint64_t end)
{
	size_t i = range_from(start);
	struct range range = {start, end};

	laid += end - start;
	while (i < range_count && ranges[i].start <= end) {
		range.start = ranges[i].start < range.start ? ranges[i].start : range.start;
		range.end = ranges[i].end > range.end ? ranges[i].end : range.end;
		remove_range(i);
	}
	insert_range(i, range);
}

/* Removes a range that is mapped over by a file, so that no tombstone is mapped there again. */
static void subtract_range(uint64_t start, uint64_t end)
{
	size_t i = range_from(start);

	if (i < range_count && ranges[i].end == start)
		i++;
	if (i == range_count || ranges[i].start > start || ranges[i].end < end)
		return;
	laid -= end - start;
	if (ranges[i].end > end && ranges[i].start < start) {
		struct range rest = {end, ranges[i].end};

		ranges[i].end = start;
		insert_range(i + 1, rest);
	} else if (ranges[i].end > end) {
		ranges[i].start = end;
	} else if (ranges[i].start < start) {
		ranges[i].end = start;
	} else {
		remove_range(i);
	}
}

static bool extend_filler(uint64_t to)
{
	static uint64_t words[8192];

	for (size_t i = 0; i < 8192; i++)
		words[i] = ANCIENT_FILLER;
	while (filler_bytes < to) {
		struct iovec part = {words, sizeof words};

		if (!core_file_write(filler_fd, &part, 1, filler_bytes))
			return false;
		filler_bytes += sizeof words;
	}
	return true;
}

/* RLIMIT_FSIZE applies to a memfd too, and a write past it raises SIGXFSZ. */
static uint64_t most_bytes(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < LAST_CHUNK ? limit.rlim_cur
										   : LAST_CHUNK;
}

static bool have_filler(uint64_t bytes)
{
	if (filler_fd < 0)
		filler_fd = memfd_create("ancient-tombstone", MFD_CLOEXEC);
	return filler_fd >= 0 && (filler_bytes >= bytes || extend_filler(bytes));
}

/* Sets the chunk size for `laid` bytes.  Returns true if it has grown. */
static bool grow_chunk(void)
{
	uint64_t want = chunk ? chunk : FIRST_CHUNK, most = most_bytes();

	while (want <= most / 2 && laid / want > CHUNKS)
		want *= 2;
	while (want > most && want > LEAST_CHUNK && chunk == 0)
		want /= 2;
	if (want == chunk || want > most || !have_filler(want))
		return false;
	chunk = want;
	return true;
}

/* Maps the chunk over the range.  Pages that are tombstones already read the same before, meanwhile
 * and after. */
static void lay(struct range range)
{
	uint64_t at = range.start;

	while (chunk && at < range.end) {
		uint64_t offset = at % chunk, rest = chunk - offset;
		uint64_t step = range.end - at < rest ? range.end - at : rest;

		if (mmap((void *)(uintptr_t)at, step, PROT_READ, MAP_PRIVATE | MAP_FIXED, filler_fd,
			 (off_t)offset) == MAP_FAILED)
			return;
		at += step;
	}
}

void core_tombstone_lay(void *start, size_t bytes)
{
	struct range range = {(uintptr_t)start, (uintptr_t)start + bytes};

	pthread_mutex_lock(&mutex);
	add_range(range.start, range.end);
	if (grow_chunk())
		for (size_t i = 0; i < range_count; i++)
			lay(ranges[i]);
	lay(range);
	pthread_mutex_unlock(&mutex);
}

void core_tombstone_remember(const struct core_tombstone_file *file, uint64_t start, uint64_t bytes)
{
	struct tombstone *t = calloc(1, sizeof *t);

	/* If memory is out, a later attach of the file cannot have these addresses, and relocates
	 * it. */
	if (!t)
		return;
	t->file = *file;
	t->start = start;
	t->bytes = bytes;
	pthread_mutex_lock(&mutex);
	t->next = tombstones;
	tombstones = t;
	pthread_mutex_unlock(&mutex);
}

/* The link to it; to NULL where there is none. */
static struct tombstone **find(const uint8_t uuid[16], uint64_t start)
{
	struct tombstone **link = &tombstones;

	while (*link && ((*link)->start != start || memcmp((*link)->file.uuid, uuid, 16) != 0))
		link = &(*link)->next;
	return link;
}

bool core_tombstone_find(const uint8_t uuid[16], uint64_t start, struct core_tombstone_file *ret)
{
	const struct tombstone *found;

	pthread_mutex_lock(&mutex);
	found = *find(uuid, start);
	if (found)
		*ret = found->file;
	pthread_mutex_unlock(&mutex);
	return found != NULL;
}

bool core_tombstone_claim(const uint8_t uuid[16], uint64_t start, uint64_t *ret_bytes)
{
	struct tombstone **link, *found;

	pthread_mutex_lock(&mutex);
	link = find(uuid, start);
	found = *link;
	if (found) {
		*link = found->next;
		subtract_range(start + ANCIENT_CUSTOM_WINDOW, start + found->bytes);
	}
	pthread_mutex_unlock(&mutex);
	if (!found)
		return false;
	*ret_bytes = found->bytes;
	free(found);
	return true;
}

void core_tombstone_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void core_tombstone_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}
