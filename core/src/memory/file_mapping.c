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
#include "memory/tombstone.h"

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define MAP_AHEAD ((uint64_t)1 << 20)
#define TAIL_BYTES 512u /* that are compared: a commit record, or more */

#define RESERVE_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE)

uint64_t core_mapping_page(void)
{
	static uint64_t page;

	if (!page)
		page = (uint64_t)sysconf(_SC_PAGESIZE);
	return page;
}

uint64_t core_mapping_round(uint64_t bytes)
{
	uint64_t page = core_mapping_page();

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

/* Reserves the custom window and the reserve.  If the first `claimed` bytes are a tombstone of this
 * process, they stay as they are until the file is mapped over them, and the custom window stays
 * for ever: the collector of another thread may read either at any time. */
static void *reserve_piece(uint64_t start, uint64_t bytes, uint64_t claimed)
{
	void *rest;

	if (!claimed)
		return reserve_at(start, bytes);
	if (bytes > claimed) {
		rest = reserve_at(start + claimed, bytes - claimed);
		if (rest == MAP_FAILED)
			return rest;
	}
	return (void *)(uintptr_t)start;
}

enum ancient_code core_mapping_reserve(struct core_mapping *map, const char *name, uint64_t base,
				       uint64_t reserve, uint64_t least, uint64_t claimed,
				       bool squeeze, struct ancient_error *err)
{
	uint64_t start = base ? base - ANCIENT_CUSTOM_WINDOW : 0;
	void *got;

	reserve = core_mapping_round(reserve);
	least = core_mapping_round(least);
	for (;;) {
		got = reserve_piece(start, ANCIENT_CUSTOM_WINDOW + reserve, claimed);
		if (got != MAP_FAILED || reserve == least ||
		    (base && !claimed && !squeeze && errno != ENOMEM))
			break;
		/* Address space is limited (ulimit -v), or there is another mapping behind: reserve
		 * less.  The file can then grow less. */
		reserve = reserve / 2 > least ? core_mapping_round(reserve / 2) : least;
	}
	if (got != MAP_FAILED) {
		map->base = (uint8_t *)got + ANCIENT_CUSTOM_WINDOW;
		map->limit = reserve;
		map->used = map->mapped = 0;
		map->claimed = claimed;
		return ANCIENT_OK;
	}
	if (base && (errno == EEXIST || errno == EINVAL || errno == EPERM))
		return core_fail_system(err, ANCIENT_E_BAD_BASE, errno,
					"%s: the addresses from 0x%llx are taken in this process: "
					"choose another base, or 0 for one that is free",
					name, (unsigned long long)start);
	return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
				"%s: not enough address space to map the file: %llu bytes are "
				"needed (ulimit -v?)",
				name, (unsigned long long)reserve);
}

/* Where pages are larger than ANCIENT_COMMIT_ALIGN, one page may hold the end of one commit and the
 * start of the next.  If this process has written to that page, its private copy no longer shows
 * the file, so the new part is read into it. */
static bool refill(struct core_mapping *map, int fd, uint64_t from, uint64_t to)
{
	uint8_t *start = map->base + from / core_mapping_page() * core_mapping_page();
	bool read;

	if (map->protect && mprotect(start, core_mapping_page(), PROT_READ | PROT_WRITE) != 0)
		return false;
	read = core_file_read(fd, map->base + from, to - from, from, NULL);
	return (!map->protect || mprotect(start, core_mapping_page(), PROT_READ) == 0) && read;
}

static bool map_file(struct core_mapping *map, int fd, uint64_t to)
{
	int protection = map->protect ? PROT_READ : PROT_READ | PROT_WRITE;
	uint64_t from = map->mapped;

	if (mmap(map->base + from, to - from, protection, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
		 fd, (off_t)from) == MAP_FAILED)
		return false;
	map->mapped = to;
	return true;
}

/* A file that has grown once will grow again, so 1 MiB behind its end is mapped too: then not every
 * small commit has to change mappings.  Pages behind the end are not accessed.  A tombstone of this
 * process is not mapped over beyond what is needed. */
static bool map_up_to(struct core_mapping *map, int fd, uint64_t to)
{
	bool grows = map->used > 0 && ANCIENT_CUSTOM_WINDOW + to >= map->claimed &&
		     MAP_AHEAD <= map->limit - to;

	if (to <= map->mapped || (grows && map_file(map, fd, to + MAP_AHEAD)))
		return true;
	return map_file(map, fd, to);
}

void core_mapping_retract(struct core_mapping *map)
{
	map->mapped = core_mapping_round(map->used);
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

bool core_mapping_shows(const uint8_t *base, int fd, uint64_t from, uint64_t used)
{
	uint8_t tail[TAIL_BYTES];
	uint64_t length = used - from < sizeof tail ? used - from : sizeof tail;
	size_t got;

	return length == 0 || (can_load(base + used - 1) && can_load(base + used - length) &&
			       core_file_read(fd, tail, length, used - length, &got) &&
			       got == length && memcmp(tail, base + used - length, length) == 0);
}

enum ancient_code core_mapping_extend(struct core_mapping *map, int fd, const char *name,
				      uint64_t used, bool look, struct ancient_error *err)
{
	uint64_t from = core_mapping_round(map->used), to = core_mapping_round(used);

	if (to > map->limit)
		return core_fail(err, ANCIENT_E_ADDRESS_SPACE,
				 "%s: not enough address space to map the file: it has grown to "
				 "%llu bytes, %llu are reserved (ulimit -v?)",
				 name, (unsigned long long)used, (unsigned long long)map->limit);
	if (from < to && !map_up_to(map, fd, to))
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno, "%s: cannot be mapped",
					name);
	if (core_mapping_page() > ANCIENT_COMMIT_ALIGN && map->used < from && map->used < used &&
	    !refill(map, fd, map->used, from < used ? from : used))
		return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read", name);
	if (look && from < used && !core_mapping_shows(map->base, fd, from, used)) {
		core_mapping_retract(map);
		return core_fail(err, ANCIENT_E_TORN_AWAY,
				 "%s: what is mapped of the file is not what is read of it, up to "
				 "offset %llu: it was truncated or replaced in place",
				 name, (unsigned long long)used);
	}
	map->used = used;
	return ANCIENT_OK;
}

void core_mapping_release(struct core_mapping *map)
{
	if (map->base)
		munmap(map->base - ANCIENT_CUSTOM_WINDOW, ANCIENT_CUSTOM_WINDOW + map->limit);
	memset(map, 0, sizeof *map);
}

void core_mapping_leave_tombstone(struct core_mapping *map, const struct core_tombstone_file *file)
{
	uint64_t used = core_mapping_round(map->used);

	if (map->claimed && used < map->claimed - ANCIENT_CUSTOM_WINDOW)
		used = map->claimed - ANCIENT_CUSTOM_WINDOW;
	core_tombstone_lay(map->base, used);
	if (map->limit > used)
		munmap(map->base + used, map->limit - used);
	core_tombstone_remember(file, (uint64_t)(uintptr_t)map->base - ANCIENT_CUSTOM_WINDOW,
				ANCIENT_CUSTOM_WINDOW + used);
	memset(map, 0, sizeof *map);
}
