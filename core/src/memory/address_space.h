/* core: address space for copies in memory. */
#ifndef CORE_ADDRESS_SPACE_H
#define CORE_ADDRESS_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* A piece of reserved address space from which one copy after the other is cut. */
struct core_address_space {
	uint8_t *start;
	uint64_t bytes;
	bool fresh;    /* reserved just now: there is no larger one to be had */
	bool keep;     /* the rest waits for the next copy; otherwise it is given back */
	bool recycled; /* values were here once: it must never be given back */
};

/* Takes a region for one copy, of at least `least` bytes where there can be one; 0: of about
 * the size of the copies before.  false: no address space. */
bool core_address_space_take(uint64_t least, struct core_address_space *ret);

/* Puts the region back, less its first `used` bytes, whole pages; of the rest, what may
 * have been touched ends at `touched`. */
void core_address_space_put(struct core_address_space space, uint64_t used, uint64_t touched);

/* Frees the memory of a copy; its addresses are for later copies, and nothing else. */
void core_address_space_recycle(uint8_t *start, uint64_t bytes);

/* Around a fork: the child finds no copy half-way through one of the above. */
void core_address_space_lock(void);
void core_address_space_unlock(void);

#endif
