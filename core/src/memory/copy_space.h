/* core/memory: reserved address space, from which copies in memory are cut.  Called by
 * mark/memory_copy.c, and by memory/trial.c; the lock is for store/registry.c. */
#ifndef CORE_COPY_SPACE_H
#define CORE_COPY_SPACE_H

#include <stdbool.h>
#include <stdint.h>

/* Reserved address space for one copy.  The copy uses the beginning, and the rest is put back. */
struct core_copy_space {
	uint8_t *start;
	uint64_t bytes;
	bool fresh; /* reserved by this call: a larger one cannot be had */
};

/* Takes address space for one copy: at least `least` bytes if possible; 0: about the size of recent
 * copies.  Returns false if there is no address space at all. */
bool ancient_core_copy_space_take(uint64_t least, struct core_copy_space *ret);

/* Puts back all but the first `used` bytes, a multiple of pages.  `touched`: where bytes that may
 * have been written to end; they are unmapped first. */
void ancient_core_copy_space_put(struct core_copy_space space, uint64_t used, uint64_t touched);

/* Gives back what held no values, or is proved to be free by a trial.  Whoever deletes values calls
 * ancient_core_quarantine_give (memory/quarantine.h). */
void ancient_core_copy_space_recycle(uint8_t *start, uint64_t bytes);

/* For fork handlers: no thread is inside one of the functions above while the lock is held. */
void ancient_core_copy_space_lock(void);
void ancient_core_copy_space_unlock(void);

#endif
