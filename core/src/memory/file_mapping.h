/* core/memory: the address space of an attached file: reserve it, map what the file holds, extend
 * that when the file grows.  Called by store/ and commit/. */
#ifndef CORE_FILE_MAPPING_H
#define CORE_FILE_MAPPING_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "memory/tombstone.h"

struct core_mapping {
	uint8_t *base;      /* address where offset 0 of the file lies in this process */
	uint64_t file_base; /* address where the file's pointers say it lies */
	uint64_t limit;     /* bytes reserved from base */
	uint64_t used;      /* bytes of the file that may be accessed */
	uint64_t mapped;    /* bytes that are mapped, whole pages; may be more than `used` */
	uint64_t claimed;   /* bytes from the custom window on that were our own tombstone */
	bool protect;       /* values are mapped read-only */
};

static inline uint64_t core_mapping_delta(const struct core_mapping *map)
{
	return (uint64_t)(uintptr_t)map->base - map->file_base;
}

uint64_t core_mapping_page(void);            /* bytes of a page */
uint64_t core_mapping_round(uint64_t bytes); /* up to whole pages */

/* Reserves the custom window and `reserve` bytes from `base` (0: anywhere).  Takes less, but at
 * least `least`, where address space is limited, and with `squeeze` also where another mapping lies
 * behind.  The first `claimed` bytes from the window's start are a tombstone of this process and
 * may be mapped over.
 * Errors: BAD_BASE if the addresses are taken, ADDRESS_SPACE. */
enum ancient_code core_mapping_reserve(struct core_mapping *map, const char *name, uint64_t base,
				       uint64_t reserve, uint64_t least, uint64_t claimed,
				       bool squeeze, struct ancient_error *err);

/* Maps the file privately up to the offset `used`.  look: what was added is compared with what is
 * read, as core_mapping_shows says.  Errors: ADDRESS_SPACE SYSTEM, TORN_AWAY if it is not the same.
 */
enum ancient_code core_mapping_extend(struct core_mapping *map, int fd, const char *name,
				      uint64_t used, bool look, struct ancient_error *err);

/* Whether the file that is mapped at `base` has the bytes before `used`, from `from` on, that
 * reading `fd` gives; looks at the last of them.  On overlayfs a descriptor for reading that was
 * opened before its file was copied up reads the copy, and maps the original, which may be shorter
 * or end otherwise.  Causes no fault. */
bool core_mapping_shows(const uint8_t *base, int fd, uint64_t from, uint64_t used);

/* Makes the next call map anew what lies behind `used`, since the caller maps something else
 * there.  The caller holds the file's lock: no commit can become visible, and need mapping,
 * meanwhile. */
void core_mapping_retract(struct core_mapping *map);

/* Unmaps the whole reservation.  Only for one that never held values and claimed no tombstone;
 * otherwise core_mapping_leave_tombstone. */
void core_mapping_release(struct core_mapping *map);

/* Replaces what was mapped or claimed by a tombstone, leaves the custom window, and unmaps the
 * rest. */
void core_mapping_leave_tombstone(struct core_mapping *map, const struct core_tombstone_file *file);

#endif
