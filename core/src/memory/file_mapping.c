/* core/memory: the address space of an attached file (FORMAT 3.3).
 *
 * The file's whole reserve is taken at attach, as inaccessible memory, so that the file can grow at
 * the addresses its pointers name.  The file's content is mapped over it privately: what this
 * process writes to values never reaches the file.
 */
#include "memory/file_mapping.h"

#include <errno.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/file_io.h"
#include "memory/address_limits.h"
#include "memory/custom_windows.h"
#include "memory/trial.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define MAP_AHEAD ((uint64_t)1 << 20)
#define WIDEN_BELOW ((uint64_t)64 << 20)
#define TAIL_BYTES 512u /* that are compared: a commit record, or more */

#define RESERVE_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

uint64_t ancient_core_mapping_page(void)
{
	static uint64_t page;

	if (!page)
		page = (uint64_t)sysconf(_SC_PAGESIZE);
	return page;
}

uint64_t ancient_core_mapping_round(uint64_t bytes)
{
	uint64_t page = ancient_core_mapping_page();

	return (bytes + page - 1) & ~(page - 1);
}

/* Reserves inaccessible memory at `start` exactly (0: anywhere).  MAP_FAILED, with errno, if it is
 * taken. */
static void *reserve_at(uint64_t start, uint64_t bytes)
{
	void *want = (void *)(uintptr_t)start;
	void *got = mmap(want, bytes, PROT_NONE, RESERVE_FLAGS | (start ? MAP_FIXED_NOREPLACE : 0),
			 -1, 0);

	/* A kernel older than the flag (Linux 4.17) takes the address as a hint. */
	if (got != MAP_FAILED && start && got != want) {
		munmap(got, bytes);
		errno = EEXIST;
		return MAP_FAILED;
	}
	return got;
}

static void release_at(uint64_t start, uint64_t end)
{
	if (start < end)
		munmap((void *)(uintptr_t)start, end - start);
}

/* Reserves what of [start, start + window + reserve) is not there: the first `kept` bytes of the
 * window stay for ever, and the first `claimed` from the base until the file is mapped over them,
 * since the collector of another thread may read either at any time. */
static bool reserve_around(uint64_t start, uint64_t kept, uint64_t claimed, uint64_t reserve)
{
	uint64_t base = start + ANCIENT_CUSTOM_WINDOW, from = start + kept;
	uint64_t to = claimed ? base : base + reserve;

	if (from < to && reserve_at(from, to - from) == MAP_FAILED)
		return false;
	if (claimed == 0 || claimed >= reserve ||
	    reserve_at(base + claimed, reserve - claimed) != MAP_FAILED)
		return true;
	release_at(from, to);
	return false;
}

static bool reserve_piece(const struct core_mapping_wish *wish, uint64_t kept, uint64_t reserve,
			  uint64_t *ret_start)
{
	void *got;

	if (wish->base) {
		*ret_start = wish->base - ANCIENT_CUSTOM_WINDOW;
		return reserve_around(*ret_start, kept, wish->claimed, reserve);
	}
	got = reserve_at(0, ANCIENT_CUSTOM_WINDOW + reserve);
	*ret_start = (uint64_t)(uintptr_t)got;
	return got != MAP_FAILED;
}

static enum ancient_code fail_reserve(const struct core_mapping_wish *wish, uint64_t reserve,
				      int system, struct ancient_error *err)
{
	char limit[192];

	if (wish->base && (system == EEXIST || system == EINVAL || system == EPERM))
		return ancient_core_fail_system(
			err, ANCIENT_E_BAD_BASE, system,
			"%s: the addresses from 0x%llx are taken in this process: choose another "
			"base, or 0 for one that is free",
			wish->name, (unsigned long long)wish->base - ANCIENT_CUSTOM_WINDOW);
	ancient_core_limits_say(limit, sizeof limit, 0);
	return ancient_core_fail_system(
		err, ANCIENT_E_ADDRESS_SPACE, system,
		"%s: not enough address space to map the file: %llu bytes are "
		"needed, and %s",
		wish->name, (unsigned long long)reserve, limit);
}

enum ancient_code ancient_core_mapping_reserve(struct core_mapping *map,
					       const struct core_mapping_wish *wish,
					       struct ancient_error *err)
{
	uint64_t least = ancient_core_mapping_round(wish->least), start, kept = 0;
	uint64_t reserve = ancient_core_mapping_round(wish->reserve);
	bool done;
	int system;

	if (wish->base && !ancient_core_window_enter(wish->base, &kept))
		return fail_reserve(wish, reserve, EEXIST, err);
	for (;;) {
		done = reserve_piece(wish, kept, reserve, &start);
		system = errno;
		if (done || reserve == least ||
		    (wish->base && !wish->claimed && !wish->squeeze && system != ENOMEM))
			break;
		/* Address space is limited (ulimit -v), or there is another mapping behind: reserve
		 * less.  The file can then grow less. */
		reserve = reserve / 2 > least ? ancient_core_mapping_round(reserve / 2) : least;
	}
	if (!done) {
		if (wish->base)
			ancient_core_window_leave(wish->base, kept, 0);
		return fail_reserve(wish, reserve, system, err);
	}
	*map = (struct core_mapping){.limit = reserve,
				     .most = ancient_core_mapping_round(wish->most),
				     .claimed = wish->claimed,
				     .kept = kept};
	map->base = (uint8_t *)(uintptr_t)(start + ANCIENT_CUSTOM_WINDOW);
	if (!wish->base)
		ancient_core_window_enter((uint64_t)(uintptr_t)map->base, &kept);
	return ANCIENT_OK;
}

/* Where pages are larger than ANCIENT_COMMIT_ALIGN, one page may hold the end of one commit and the
 * start of the next.  If this process has written to that page, its private copy no longer shows
 * the file, so the new part is read into it.  That of a relocated file may be protected too;
 * store/relocate.c, which writes to it next, protects it again. */
static bool refill(struct core_mapping *map, int fd, uint64_t from, uint64_t to)
{
	uint8_t *start =
		map->base + from / ancient_core_mapping_page() * ancient_core_mapping_page();
	bool read;

	if (mprotect(start, ancient_core_mapping_page(), PROT_READ | PROT_WRITE) != 0)
		return false;
	read = ancient_core_file_read(fd, map->base + from, to - from, from, NULL);
	return (!map->protect || mprotect(start, ancient_core_mapping_page(), PROT_READ) == 0) &&
	       read;
}

static bool map_file(struct core_mapping *map, int fd, uint64_t to)
{
	int protection = map->protect ? PROT_READ : PROT_READ | PROT_WRITE;
	uint64_t from = map->mapped;

	if (mmap(map->base + from, to - from, protection, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
		 fd, (off_t)from) == MAP_FAILED)
		return false;
	map->mapped = to;
	if (map->advice != MADV_NORMAL)
		madvise(map->base + from, to - from, map->advice);
	return true;
}

void ancient_core_mapping_advise(struct core_mapping *map, int advice)
{
	map->advice = advice;
	if (map->mapped > 0)
		madvise(map->base, map->mapped, advice);
}

/* A file that has grown once will grow again, so 1 MiB behind its end is mapped too: then not every
 * small commit has to change mappings.  Pages behind the end are not accessed.  A tombstone of this
 * process is not mapped over beyond what is needed. */
static bool map_up_to(struct core_mapping *map, int fd, uint64_t to)
{
	bool grows = map->used > 0 && to >= map->claimed && MAP_AHEAD <= map->limit - to;

	if (to <= map->mapped || (grows && map_file(map, fd, to + MAP_AHEAD)))
		return true;
	return map_file(map, fd, to);
}

void ancient_core_mapping_retract(struct core_mapping *map)
{
	map->mapped = ancient_core_mapping_round(map->used);
}

/* Whether the word at `at` can be loaded.  The kernel loads it for us, and answers EFAULT where a
 * load of ours would raise SIGBUS: the mapped file does not reach there. */
static bool can_load(const uint8_t *at)
{
	const uintptr_t word = (uintptr_t)at & ~(uintptr_t)3;
	const struct timespec none = {0};

	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, &none, NULL, 0) == 0 ||
	       errno != EFAULT;
}

bool ancient_core_mapping_shows(const uint8_t *base, int fd, uint64_t from, uint64_t used)
{
	uint8_t tail[TAIL_BYTES];
	uint64_t length = used - from < sizeof tail ? used - from : sizeof tail;
	size_t got;

	return length == 0 || (can_load(base + used - 1) && can_load(base + used - length) &&
			       ancient_core_file_read(fd, tail, length, used - length, &got) &&
			       got == length && memcmp(tail, base + used - length, length) == 0);
}

/* Reserves more behind, if addresses are free there. */
static bool reserve_more(struct core_mapping *map, uint64_t to)
{
	uint64_t end = (uint64_t)(uintptr_t)map->base + map->limit, more = to - map->limit;

	errno = ENOMEM;
	if (to > map->most || reserve_at(end, more) == MAP_FAILED)
		return false;
	map->limit = to;
	return true;
}

void ancient_core_mapping_widen(struct core_mapping *map)
{
	if (map->limit < map->most && map->limit - map->used < WIDEN_BELOW)
		reserve_more(map, map->limit + ancient_core_limits_reserve(map->most - map->limit,
									   0, true));
}

static enum ancient_code fail_extend(const struct core_mapping *map, const char *name, uint64_t to,
				     int system, struct ancient_error *err)
{
	uint64_t writable = map->protect ? 0 : ancient_core_mapping_round(to) - map->mapped;
	char limit[192];

	ancient_core_limits_say(limit, sizeof limit, writable);
	return ancient_core_fail_system(
		err, ANCIENT_E_ADDRESS_SPACE, system,
		"%s: not enough address space to map the file: it has grown to "
		"%llu bytes, %llu are reserved, and %s",
		name, (unsigned long long)to, (unsigned long long)map->limit, limit);
}

enum ancient_code ancient_core_mapping_extend(struct core_mapping *map, int fd, const char *name,
					      uint64_t used, bool look, struct ancient_error *err)
{
	uint64_t from = ancient_core_mapping_round(map->used),
		 to = ancient_core_mapping_round(used);

	if (look && to > map->mapped && !map->protect &&
	    !ancient_core_limits_allow(to - map->mapped))
		return fail_extend(map, name, used, ENOMEM, err);
	if ((to > map->limit && !reserve_more(map, to)) || (from < to && !map_up_to(map, fd, to)))
		return fail_extend(map, name, used, errno, err);
	if (ancient_core_mapping_page() > ANCIENT_COMMIT_ALIGN && map->used < from &&
	    map->used < used && !refill(map, fd, map->used, from < used ? from : used))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read",
						name);
	if (look && from < used && !ancient_core_mapping_shows(map->base, fd, from, used)) {
		ancient_core_mapping_retract(map);
		return ancient_core_fail(
			err, ANCIENT_E_TORN_AWAY,
			"%s: what is mapped of the file is not what is read of it, up to "
			"offset %llu: it was truncated or replaced in place",
			name, (unsigned long long)used);
	}
	map->used = used;
	return ANCIENT_OK;
}

void ancient_core_mapping_release(struct core_mapping *map)
{
	uint64_t base = (uint64_t)(uintptr_t)map->base;

	if (base) {
		release_at(base - ANCIENT_CUSTOM_WINDOW + map->kept, base + map->limit);
		ancient_core_window_leave(base, map->kept, 0);
	}
	memset(map, 0, sizeof *map);
}

void ancient_core_mapping_let_go(struct core_mapping *map, const struct core_detached_file *file,
				 uint64_t window)
{
	uint64_t base = (uint64_t)(uintptr_t)map->base,
		 used = ancient_core_mapping_round(map->used);
	uint64_t keep = ancient_core_mapping_round(window);

	if (used < map->claimed)
		used = map->claimed;
	if (keep < map->kept)
		keep = map->kept;
	ancient_core_quarantine_give_file(file, map->base, used);
	release_at(base + used, base + map->limit);
	release_at(base - ANCIENT_CUSTOM_WINDOW + keep, base);
	ancient_core_window_leave(base, keep, ancient_core_trial_page_table() ? used : 0);
	memset(map, 0, sizeof *map);
}
