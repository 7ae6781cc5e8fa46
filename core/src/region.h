/* core: address space for copies in memory. */
#ifndef CORE_REGION_H
#define CORE_REGION_H

#include <stdbool.h>
#include <stdint.h>

/* A piece of reserved address space from which one copy after the other is cut. */
struct core_region {
	uint8_t *start;
	uint64_t bytes;
	bool fresh; /* nothing was cut from it yet */
	bool kept;  /* the rest waits for the next copy; otherwise it is given back */
};

/* Takes a region for one copy: the one that waits, or (and always where `fresh`) a new one.
 * false: no address space. */
bool core_region_take(bool fresh, struct core_region *ret);

/* Puts the region back, less its first `used` bytes, whole pages; of the rest, what may
 * have been touched ends at `touched`. */
void core_region_put(struct core_region region, uint64_t used, uint64_t touched);

#endif
