/* core/store: what the kernel is told of how an attached file is read, and reading it ahead.  It
 * changes nothing but the time that a file takes which is not in memory. */
#include <errno.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/progress.h"
#include "file/file_io.h"
#include "store/store_internal.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define PIECE ((uint64_t)4 << 20)

enum ancient_code ancient_store_advise(struct ancient_store *store, enum ancient_advice advice,
				       struct ancient_error *err)
{
	static const int told[] = {MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL};

	if ((unsigned)advice >= sizeof told / sizeof told[0])
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT, "%s: no advice has the number %d",
					 store->name, (int)advice);
	pthread_mutex_lock(&store->mutex);
	store->advice = told[advice];
	ancient_core_mapping_advise(&store->map, store->advice);
	pthread_mutex_unlock(&store->mutex);
	return ANCIENT_OK;
}

/* Before Linux 5.14 the pages come into memory, and into the page tables when they are used. */
static bool read_piece(struct ancient_store *store, uint64_t from, uint64_t to)
{
	uint8_t bytes[16384];

	for (uint64_t at = from; at < to; at += sizeof bytes)
		if (!ancient_core_file_read(store->fd, bytes, sizeof bytes, at, NULL))
			return false;
	return true;
}

static enum ancient_code populate(struct ancient_store *store, uint64_t from, uint64_t to,
				  struct ancient_error *err)
{
	if (madvise(store->map.base + from, to - from, MADV_POPULATE_READ) == 0 ||
	    (errno == EINVAL && read_piece(store, from, to)))
		return ANCIENT_OK;
	if (errno == EFAULT)
		return ancient_core_fail(err, ANCIENT_E_TORN_AWAY,
					 "%s: a part of the file is gone: it was truncated",
					 store->name);
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
					"%s: cannot be read into memory", store->name);
}

enum ancient_code ancient_store_prefetch(struct ancient_store *store, struct ancient_error *err)
{
	struct core_progress progress = {.name = store->name, .due = CORE_PROGRESS_STEP};
	enum ancient_code code = ANCIENT_OK;
	uint64_t used;

	pthread_mutex_lock(&store->mutex);
	used = store->map.used;
	pthread_mutex_unlock(&store->mutex);
	for (uint64_t at = 0; at < used && code == ANCIENT_OK; at += PIECE) {
		uint64_t end = used - at < PIECE ? used : at + PIECE;
		if (end < used) /* the disk works on what comes next while this is mapped */
			madvise(store->map.base + end, used - end < PIECE ? used - end : PIECE,
				MADV_WILLNEED);
		code = populate(store, at, end, err);
		if (code == ANCIENT_OK)
			code = core_progress_add(&progress, end - at, err);
	}
	return code;
}
