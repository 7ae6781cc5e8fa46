/* core: what is left where a file or a copy was mapped. */
#ifndef CORE_TOMBSTONE_H
#define CORE_TOMBSTONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Replaces whole pages by read-only ones full of the filler word, so that a pointer into
 * them reads as an empty block to a collector and as an integer to everybody else.  Where
 * that cannot be done the pages stay as they are, which is no trap either. */
void core_tombstone_lay(void *start, size_t bytes);

/* Remembers that `bytes` from `start` are the tombstone of the file with this UUID. */
void core_tombstone_remember(const uint8_t uuid[16], uint64_t start, uint64_t bytes);

/* Takes the tombstone of this UUID out again: true and its size where there is one that
 * starts at `start`. */
bool core_tombstone_claim(const uint8_t uuid[16], uint64_t start, uint64_t *ret_bytes);

/* For fork(2): nobody is at work on tombstones between the two. */
void core_tombstone_lock(void);
void core_tombstone_unlock(void);

#endif
