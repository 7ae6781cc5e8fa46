/* core: what is left where a file or a copy was mapped.
 *
 * Values of a detached file may still be referred to from the heap, and the collector will
 * look at their headers.  One memfd full of 0x3FB, mapped again and again, costs no
 * memory.  A page is mapped at the offset of its own address modulo the memfd's size:
 * so neighbouring tombstones merge into one mapping in the kernel, and mappings, of which
 * a process has some 65 000, do not run out.  The memfd grows with what is laid.
 */
#include "tombstone.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <ancient/format.h>

#include "file.h"

#define LEAST_CHUNK ((uint64_t)64 << 10) /* what extend_filler writes at once */
#define FIRST_CHUNK ((uint64_t)2 << 20)
#define LAST_CHUNK ((uint64_t)256 << 20)
#define CHUNKS 8192u /* grow when there are more mappings than this */

struct tombstone {
	struct tombstone *next;
	uint8_t uuid[16];
	uint64_t start;
	uint64_t bytes;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct tombstone *tombstones;
static int filler_fd = -1;
static uint64_t filler_bytes; /* of the memfd: a chunk */
static uint64_t laid;

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

/* A memfd is a file to RLIMIT_FSIZE, and a write past it raises SIGXFSZ. */
static uint64_t most_bytes(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < LAST_CHUNK ? limit.rlim_cur
										   : LAST_CHUNK;
}

/* The memfd, of a size fit for `more` bytes; 0 where there can be none. */
static uint64_t chunk_for(uint64_t more)
{
	uint64_t want = filler_bytes ? filler_bytes : FIRST_CHUNK, most = most_bytes();

	laid += more;
	while (want <= most / 2 && laid / want > CHUNKS)
		want *= 2;
	while (want > most && want > LEAST_CHUNK && filler_bytes == 0)
		want /= 2;
	if (want > most && want > filler_bytes)
		return 0;
	if (filler_fd < 0)
		filler_fd = memfd_create("ancient-tombstone", MFD_CLOEXEC);
	if (filler_fd < 0 || (filler_bytes < want && !extend_filler(want)))
		return 0;
	return want;
}

void core_tombstone_lay(void *start, size_t bytes)
{
	uint64_t at = (uintptr_t)start, end = at + bytes, chunk;

	pthread_mutex_lock(&mutex);
	chunk = chunk_for(bytes);
	while (chunk && at < end) {
		uint64_t offset = at % chunk;
		uint64_t step = end - at < chunk - offset ? end - at : chunk - offset;

		if (mmap((void *)(uintptr_t)at, step, PROT_READ, MAP_PRIVATE | MAP_FIXED, filler_fd,
			 (off_t)offset) == MAP_FAILED)
			break;
		at += step;
	}
	pthread_mutex_unlock(&mutex);
}

void core_tombstone_remember(const uint8_t uuid[16], uint64_t start, uint64_t bytes)
{
	struct tombstone *t = calloc(1, sizeof *t);

	/* Without memory the address is lost to this file, which relocation copes with. */
	if (!t)
		return;
	memcpy(t->uuid, uuid, sizeof t->uuid);
	t->start = start;
	t->bytes = bytes;
	pthread_mutex_lock(&mutex);
	t->next = tombstones;
	tombstones = t;
	pthread_mutex_unlock(&mutex);
}

bool core_tombstone_claim(const uint8_t uuid[16], uint64_t start, uint64_t *ret_bytes)
{
	struct tombstone **link, *found;

	pthread_mutex_lock(&mutex);
	for (link = &tombstones; (found = *link) != NULL; link = &found->next)
		if (found->start == start && memcmp(found->uuid, uuid, 16) == 0)
			break;
	if (found)
		*link = found->next;
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
