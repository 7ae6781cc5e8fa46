/* core: the address space of an attached file, or of a copy in memory. */
#ifndef CORE_FILE_MAPPING_H
#define CORE_FILE_MAPPING_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

struct core_mapping {
	uint8_t *base;      /* where offset 0 of the file lies in this process */
	uint64_t file_base; /* where the file's pointers say it lies */
	uint64_t limit;     /* bytes reserved from base */
	uint64_t used;      /* bytes of the file that are mapped */
	uint64_t mapped;    /* whole pages that are mapped; behind `used` there is nothing yet */
	uint64_t claimed;   /* bytes from the window's start that were our own tombstone */
	bool protect;       /* values are mapped read-only */
};

static inline uint64_t core_mapping_delta(const struct core_mapping *map)
{
	return (uint64_t)(uintptr_t)map->base - map->file_base;
}

uint64_t core_mapping_page(void);
uint64_t core_mapping_round(uint64_t bytes); /* up to whole pages */

/* Reserves the custom window and up to `reserve` bytes from `base`, at least `least`: less
 * where address space is limited and, with `squeeze`, where somebody lies behind.  base 0:
 * anywhere.  `claimed` bytes from the window's start are our own tombstone and may be mapped
 * over.
 * Errors: BAD_BASE where the addresses are taken, ADDRESS_SPACE. */
enum ancient_code core_mapping_reserve(struct core_mapping *map, const char *name, uint64_t base,
				       uint64_t reserve, uint64_t least, uint64_t claimed,
				       bool squeeze, struct ancient_error *err);

/* Maps the file privately from what is mapped already up to `used`. */
enum ancient_code core_mapping_extend(struct core_mapping *map, int fd, const char *name,
				      uint64_t used, struct ancient_error *err);

/* Forgets what is mapped behind `used`, since something else will be.  Who calls it has the file's
 * lock, so that nothing of the file can become visible meanwhile and want to be mapped. */
void core_mapping_retract(struct core_mapping *map);

/* Gives a reservation back that was never used for values (claimed: see bury). */
void core_mapping_release(struct core_mapping *map);

/* Overlays what was mapped or claimed (the custom window stays) and gives the rest back. */
void core_mapping_leave_tombstone(struct core_mapping *map, const uint8_t uuid[16]);

#endif
