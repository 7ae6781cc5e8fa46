/* core/memory: the address space of an attached file: reserve it, map what the file holds, extend
 * that when the file grows.  Called by store/ and commit/. */
#ifndef CORE_FILE_MAPPING_H
#define CORE_FILE_MAPPING_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "memory/quarantine.h"

struct core_mapping {
	uint8_t *base;      /* address where offset 0 of the file lies in this process */
	uint64_t file_base; /* address where the file's pointers say it lies */
	uint64_t limit;     /* bytes reserved from base */
	uint64_t most;      /* bytes that may be, if addresses are free */
	uint64_t used;      /* bytes of the file that may be accessed */
	uint64_t mapped;    /* bytes that are mapped, whole pages; may be more than `used` */
	uint64_t claimed;   /* bytes from base on that were our own tombstone */
	uint64_t kept;      /* bytes of the custom window that were mapped before */
	bool protect;       /* values are mapped read-only */
	int advice;         /* MADV_..., for what is mapped and will be */
};

static inline uint64_t core_mapping_delta(const struct core_mapping *map)
{
	return (uint64_t)(uintptr_t)map->base - map->file_base;
}

uint64_t ancient_core_mapping_page(void);            /* bytes of a page */
uint64_t ancient_core_mapping_round(uint64_t bytes); /* up to whole pages */

struct core_mapping_wish {
	const char *name; /* of the file, for messages */
	uint64_t base;    /* 0: anywhere */
	uint64_t most;    /* bytes from the base on, for as long as the file is attached */
	uint64_t reserve; /* how many of them to reserve now, if possible */
	uint64_t least;   /* how many at least */
	uint64_t claimed; /* that many from `base` on are a tombstone that the caller has claimed */
	bool squeeze;     /* fewer also where another mapping lies behind */
};

/* Reserves the custom window and the addresses for a file.
 * Errors: BAD_BASE if the addresses are taken, ADDRESS_SPACE. */
enum ancient_code ancient_core_mapping_reserve(struct core_mapping *map,
					       const struct core_mapping_wish *wish,
					       struct ancient_error *err);

/* Maps the file privately up to the offset `used`.  look: what was added is compared with what is
 * read, as ancient_core_mapping_shows says.  Errors: ADDRESS_SPACE SYSTEM, TORN_AWAY if it is not
 * the same.
 */
enum ancient_code ancient_core_mapping_extend(struct core_mapping *map, int fd, const char *name,
					      uint64_t used, bool look, struct ancient_error *err);

/* Tells the kernel, which is free to ignore it, of all that is mapped and will be. */
void ancient_core_mapping_advise(struct core_mapping *map, int advice);

/* Whether the file that is mapped at `base` has the bytes before `used`, from `from` on, that
 * reading `fd` gives; looks at the last of them.  On overlayfs a descriptor for reading that was
 * opened before its file was copied up reads the copy, and maps the original, which may be shorter
 * or end otherwise.  Causes no fault. */
bool ancient_core_mapping_shows(const uint8_t *base, int fd, uint64_t from, uint64_t used);

/* Before a commit: reserves more where little is left and addresses are free, as in a process with
 * RLIMIT_AS that had the file for reading.  Called with the store's mutex. */
void ancient_core_mapping_widen(struct core_mapping *map);

/* Makes the next call map anew what lies behind `used`, since the caller maps something else
 * there.  The caller holds the file's lock: no commit can become visible, and need mapping,
 * meanwhile. */
void ancient_core_mapping_retract(struct core_mapping *map);

/* Unmaps the whole reservation.  Only for one that never held values and claimed no tombstone;
 * otherwise ancient_core_mapping_let_go. */
void ancient_core_mapping_release(struct core_mapping *map);

/* Lets the values go, what was claimed included, and unmaps the rest, but for the first `window`
 * bytes of the custom window. */
void ancient_core_mapping_let_go(struct core_mapping *map, const struct core_detached_file *file,
				 uint64_t window);

#endif
