/* core/memory: tombstones: read-only pages that replace a detached file or a deleted copy. */
#ifndef CORE_TOMBSTONE_H
#define CORE_TOMBSTONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Replaces whole pages by read-only ones full of the filler word 0x3FB.  A pointer into them is a
 * pointer to an empty block for the collector, and leads to an integer for everybody else.  If that
 * cannot be done the pages stay as they are, which is also safe. */
void core_tombstone_lay(void *start, size_t bytes);

/* What a file was when its tombstone was laid: whoever continues it may have the addresses again.
 */
struct core_tombstone_file {
	uint8_t uuid[16];
	bool known; /* the two that follow */
	uint64_t used;
	uint64_t history; /* up to `used` (FORMAT 3.5) */
};

/* Records that `bytes` from `start` are the tombstone of this file. */
void core_tombstone_remember(const struct core_tombstone_file *file, uint64_t start,
			     uint64_t bytes);

/* What file of this UUID the tombstone that starts at `start` is of.  Returns false if there is
 * none. */
bool core_tombstone_find(const uint8_t uuid[16], uint64_t start, struct core_tombstone_file *ret);

/* Removes the record of a tombstone of this UUID that starts at `start`.  Returns false if there is
 * none; otherwise *ret_bytes is its size. */
bool core_tombstone_claim(const uint8_t uuid[16], uint64_t start, uint64_t *ret_bytes);

/* For fork handlers: no thread is inside one of the functions above while the lock is held. */
void core_tombstone_lock(void);
void core_tombstone_unlock(void);

#endif
