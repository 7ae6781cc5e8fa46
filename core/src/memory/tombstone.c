/* core/memory: tombstones: read-only pages that replace what was let go.
 *
 * The heap may still refer to values of a detached file, and the collector reads their headers.
 * Every word of a tombstone is 0x3FB, the header of an empty block.  The pages are mapped from one
 * memfd (the chunk), again and again, so that they use no memory.
 *
 * Linux limits a process to about 65,000 mappings.  A page is mapped at the file offset `address
 * modulo chunk size`, so that the kernel merges adjacent tombstones into one mapping.  When there
 * are more than CHUNKS mappings the chunk is doubled and all tombstones are mapped again in place.
 * So there are at most CHUNKS of them, and two for each tombstone that stands alone; and the memfd
 * is at most a 4096th of what is let go at a time.
 */
#include "memory/tombstone.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <ancient/format.h>

#include "file/file_io.h"

#define LEAST_CHUNK ((uint64_t)64 << 10) /* bytes that extend_filler writes at once */
#define FIRST_CHUNK ((uint64_t)2 << 20)
#define LAST_CHUNK ((uint64_t)8 << 30)
#define CHUNKS 8192u /* double the chunk when more of it are mapped */

static int filler_fd = -1;
static struct stat identity;  /* of filler_fd */
static uint64_t filler_bytes; /* size of the memfd */
static uint64_t chunk;        /* how many of them are mapped at a time; 0: none yet */
static void *pinned;          /* a mapping of the chunk that is locked in memory */
static uint64_t pinned_bytes;
static bool pinned_other; /* it is one of a memfd that was lost */

static bool extend_filler(uint64_t to)
{
	static uint64_t words[8192];

	for (size_t i = 0; i < 8192; i++)
		words[i] = ANCIENT_FILLER;
	while (filler_bytes < to) {
		struct iovec part = {words, sizeof words};

		if (!ancient_core_file_write(filler_fd, &part, 1, filler_bytes))
			return false;
		filler_bytes += sizeof words;
	}
	return true;
}

static uint64_t least_of(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* RLIMIT_FSIZE applies to a memfd too, and a write past it raises SIGXFSZ. */
static uint64_t most_bytes(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 ? least_of(limit.rlim_cur, LAST_CHUNK)
						    : LAST_CHUNK;
}

/* A program may close descriptors that it does not know, and open other files under their numbers.
 * What was locked of the lost memfd stays so, for a trial that may be running. */
static bool have_file(void)
{
	struct stat now;

	if (filler_fd >= 0 && fstat(filler_fd, &now) == 0 && now.st_dev == identity.st_dev &&
	    now.st_ino == identity.st_ino)
		return true;
	filler_fd = memfd_create("ancient-tombstone", MFD_CLOEXEC);
	filler_bytes = 0;
	pinned_other = pinned != NULL;
	return filler_fd >= 0 && fstat(filler_fd, &identity) == 0;
}

static bool have_filler(uint64_t bytes)
{
	if (!have_file())
		return false;
	return filler_bytes >= bytes || (bytes <= most_bytes() && extend_filler(bytes));
}

/* A chunk of `bytes` or, for the first one, as much as the limits allow. */
static bool set_chunk(uint64_t bytes)
{
	uint64_t most = most_bytes();

	while (bytes > most && bytes > LEAST_CHUNK && chunk == 0)
		bytes /= 2;
	if (bytes > most || !have_filler(bytes))
		return false;
	chunk = bytes;
	return true;
}

bool ancient_core_tombstone_grow(uint64_t bytes)
{
	uint64_t want = chunk ? chunk : FIRST_CHUNK, most = most_bytes();

	while (want <= most / 2 && bytes / want > CHUNKS)
		want *= 2;
	return chunk && want > chunk && set_chunk(want);
}

bool ancient_core_tombstone_lay(uint64_t start, uint64_t end)
{
	if (chunk ? !have_filler(chunk) : !set_chunk(FIRST_CHUNK))
		return false;
	for (uint64_t at = start; at < end;) {
		uint64_t offset = at % chunk, step = least_of(end - at, chunk - offset);

		/* Pages that are tombstones already read the same before, meanwhile and after. */
		if (mmap((void *)(uintptr_t)at, step, PROT_READ, MAP_PRIVATE | MAP_FIXED, filler_fd,
			 (off_t)offset) == MAP_FAILED)
			return false;
		at += step;
	}
	return true;
}

static bool pin(uint64_t bytes)
{
	void *got = mmap(NULL, bytes, PROT_READ, MAP_SHARED, filler_fd, 0);

	if (got == MAP_FAILED)
		return false;
	if (mlock(got, bytes) != 0) {
		munmap(got, bytes);
		return false;
	}
	ancient_core_tombstone_unpin();
	pinned = got;
	pinned_bytes = bytes;
	pinned_other = false;
	return true;
}

bool ancient_core_tombstone_pin(uint64_t bytes)
{
	if (chunk ? !have_filler(chunk) : !set_chunk(FIRST_CHUNK))
		return false;
	if (pinned_bytes >= chunk && !pinned_other)
		return true;
	for (uint64_t size = chunk; size >= LEAST_CHUNK && bytes / size <= 2 * CHUNKS; size /= 2)
		if (pin(size)) {
			chunk = size;
			return true;
		}
	return false;
}

void ancient_core_tombstone_unpin(void)
{
	if (pinned)
		munmap(pinned, pinned_bytes);
	pinned = NULL;
	pinned_bytes = 0;
}
