/* core/memory: pages in which every word is the filler 0x3FB, and which can be written.  Called by
 * mark/arena.c. */
#ifndef CORE_FILLER_H
#define CORE_FILLER_H

#include <stdbool.h>
#include <stdint.h>

/* Maps such pages over [start, start + bytes), which are whole pages and the caller's.  What is
 * written to a page lies in private memory; ancient_core_filler_restore frees that and the page
 * reads as before.  Returns false if that cannot be had; nothing has changed then. */
bool ancient_core_filler_map(uint8_t *start, uint64_t bytes);

/* Something else was mapped over that much of it. */
void ancient_core_filler_unmapped(uint64_t bytes);

/* Makes pages that ancient_core_filler_map has mapped read as the filler again, and frees their
 * memory where the system allows it. */
void ancient_core_filler_restore(uint8_t *start, uint64_t bytes);

/* Sets words; `bytes` is a multiple of 8. */
void ancient_core_filler_write(uint8_t *start, uint64_t bytes);

/* For fork handlers: no thread is inside ancient_core_filler_map or _unmapped while the lock is
 * held. */
void ancient_core_filler_lock(void);
void ancient_core_filler_unlock(void);

#endif
