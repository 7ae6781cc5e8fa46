/* core: address space for copies in memory.
 *
 * A copy does not know its size before it is made, and its pointers are final when they are
 * written: so it needs room to grow where it is.  Were each cut out of a reservation of
 * its own, what is left of deleted copies would lie scattered and eat the address space
 * up.  From one region after the other they lie side by side, and their tombstones merge.
 */
#include "region.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#define RESERVE ((uint64_t)256 << 30)
#define LEAST ((uint64_t)64 << 10)
#define WAITING 8u /* regions kept for copies that are made at the same time */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct core_region waiting[WAITING];
static unsigned waiting_count;

static bool reserve(struct core_region *ret)
{
	for (uint64_t bytes = RESERVE; bytes >= LEAST; bytes /= 2) {
		void *got = mmap(NULL, bytes, PROT_NONE,
				 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

		if (got == MAP_FAILED)
			continue;
		ret->start = got;
		ret->bytes = bytes;
		ret->fresh = true;
		/* Where address space is limited, the program needs it more. */
		ret->kept = bytes == RESERVE;
		return true;
	}
	return false;
}

bool core_region_take(bool fresh, struct core_region *ret)
{
	bool found;

	pthread_mutex_lock(&mutex);
	found = !fresh && waiting_count > 0;
	if (found)
		*ret = waiting[--waiting_count];
	pthread_mutex_unlock(&mutex);
	return found || reserve(ret);
}

void core_region_put(struct core_region region, uint64_t used, uint64_t touched)
{
	bool kept = false;

	if (touched > used)
		mmap(region.start + used, touched - used, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	region.start += used;
	region.bytes -= used;
	region.fresh &= used == 0;
	if (region.bytes < LEAST)
		region.kept = false;
	pthread_mutex_lock(&mutex);
	if (region.kept && waiting_count < WAITING) {
		waiting[waiting_count++] = region;
		kept = true;
	}
	pthread_mutex_unlock(&mutex);
	if (!kept && region.bytes)
		munmap(region.start, region.bytes);
}
