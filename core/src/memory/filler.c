/* core/memory: pages in which every word is the filler 0x3FB, and which can be written.
 *
 * They are private mappings of a memfd full of fillers.  A page that is written becomes memory of
 * its own; MADV_DONTNEED takes that away, and the page reads as fillers again, in the same mapping:
 * dead pages between live ones cost no mapping.
 *
 * A page is mapped at the file offset `address modulo chunk`, so that the kernel merges neighbours
 * into one mapping for each chunk.  The chunk grows with what is mapped: there are at most CHUNKS
 * mappings, and half as many more each time that the memory doubles.  The memfd is as large as the
 * chunk.
 */
#include "memory/filler.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <ancient/format.h>

#include "file/file_io.h"

#define FIRST_CHUNK ((uint64_t)256 << 10)
#define LAST_CHUNK ((uint64_t)1 << 30)
#define CHUNKS 128u
#define BLOCK_BYTES 4096u
#define BLOCKS 64u /* that are written at once: FIRST_CHUNK is a multiple */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int fd = -1;
static struct stat identity; /* of fd */
static uint64_t filled;      /* bytes of the memfd */
static uint64_t chunk;
static uint64_t mapped; /* bytes, at present */

void ancient_core_filler_write(uint8_t *start, uint64_t bytes)
{
	uint64_t *words = (uint64_t *)(void *)start;

	for (uint64_t i = 0; i < bytes / 8; i++)
		words[i] = ANCIENT_FILLER;
}

/* A program may close descriptors that it does not know, and open others under their numbers. */
static bool still_ours(void)
{
	struct stat now;

	return fd >= 0 && fstat(fd, &now) == 0 && now.st_dev == identity.st_dev &&
	       now.st_ino == identity.st_ino;
}

static bool open_file(void)
{
	if (still_ours())
		return true;
	fd = memfd_create("ancient-filler", MFD_CLOEXEC);
	filled = 0;
	return fd >= 0 && fstat(fd, &identity) == 0;
}

/* RLIMIT_FSIZE applies to a memfd too, and a write past it raises SIGXFSZ. */
static bool fill(uint64_t to)
{
	uint8_t block[BLOCK_BYTES] __attribute__((aligned(8)));
	struct iovec parts[BLOCKS];
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < to)
		return false;
	ancient_core_filler_write(block, sizeof block);
	while (filled < to) {
		for (size_t i = 0; i < BLOCKS; i++)
			parts[i] = (struct iovec){block, sizeof block};
		if (!ancient_core_file_write(fd, parts, BLOCKS, filled))
			return false;
		filled += sizeof block * BLOCKS;
	}
	return true;
}

static bool have_chunk(uint64_t more)
{
	uint64_t want = chunk ? chunk : FIRST_CHUNK;

	while (want < LAST_CHUNK && (mapped + more) / want > CHUNKS)
		want *= 2;
	if (!open_file())
		return false;
	if (fill(want))
		chunk = want;
	return chunk && filled >= chunk;
}

static bool map(uint8_t *start, uint64_t bytes)
{
	uint64_t at = (uintptr_t)start, end = at + bytes;

	while (at < end) {
		uint64_t offset = at % chunk, rest = chunk - offset;
		uint64_t step = end - at < rest ? end - at : rest;

		if (mmap((void *)(uintptr_t)at, step, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, (off_t)offset) == MAP_FAILED)
			return false;
		at += step;
	}
	return true;
}

bool ancient_core_filler_map(uint8_t *start, uint64_t bytes)
{
	bool done;

	pthread_mutex_lock(&mutex);
	done = have_chunk(bytes) && map(start, bytes);
	if (done)
		mapped += bytes;
	pthread_mutex_unlock(&mutex);
	return done;
}

void ancient_core_filler_unmapped(uint64_t bytes)
{
	pthread_mutex_lock(&mutex);
	mapped -= bytes;
	pthread_mutex_unlock(&mutex);
}

/* The kernel refuses MADV_DONTNEED for locked memory. */
void ancient_core_filler_restore(uint8_t *start, uint64_t bytes)
{
	if (madvise(start, bytes, MADV_DONTNEED) != 0)
		ancient_core_filler_write(start, bytes);
}

void ancient_core_filler_lock(void)
{
	pthread_mutex_lock(&mutex);
}

void ancient_core_filler_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}
