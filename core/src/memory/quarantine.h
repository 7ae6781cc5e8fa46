/* core/memory: addresses that were let go: deleted copies and detached files.
 *
 * The program may still have pointers to what was there, and a collector that meets one reads, or
 * writes, at what it takes for a block's header.  So these addresses become a tombstone and are
 * used for nothing else until a trial (memory/trial.h) has proved that no collector can meet such a
 * pointer.  Then those of copies go back to memory/copy_space.h, and those of files are unmapped.
 *
 * Called by mark/ and store/: ancient_core_quarantine_give is the one call that lets addresses go.
 */
#ifndef CORE_QUARANTINE_H
#define CORE_QUARANTINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct core_ranges; /* memory/address_ranges.h */

/* Lets whole pages go, with what is in them: addresses that ancient_core_copy_space_take has given
 * out and that held values.  Those must be out of the runtime's page table, where there is one, and
 * the caller must not touch the pages afterwards.  In parts, and in any order. */
void ancient_core_quarantine_give(void *start, uint64_t bytes);

/* What a file was when it was detached: whoever continues it may have the addresses again. */
struct core_detached_file {
	uint8_t uuid[16];
	bool known; /* the two that follow */
	uint64_t used;
	uint64_t history; /* up to `used` (FORMAT 3.5) */
};

/* The same for the values of a file, from its base on.  They are unmapped, all at once, when
 * nothing leads there any more; until then a file that continues this one can claim them. */
void ancient_core_quarantine_give_file(const struct core_detached_file *file, void *base,
				       uint64_t bytes);

/* What file of this UUID was let go at `base`.  Returns false if there is none. */
bool ancient_core_quarantine_find_file(const uint8_t uuid[16], uint64_t base,
				       struct core_detached_file *ret);

/* Takes the values of that file out of the quarantine: they stay a tombstone until the caller maps
 * something else there.  *ret_bytes: how many from `base`.  Returns false if they are not there any
 * more. */
bool ancient_core_quarantine_claim_file(const uint8_t uuid[16], uint64_t base, uint64_t *ret_bytes);

/* For fork handlers, and for memory/trial.c: no thread is inside one of the functions above, or of
 * memory/custom_windows.h, while the lock is held. */
void ancient_core_quarantine_lock(void);
void ancient_core_quarantine_unlock(void);

/* In a child of fork, with the lock held: what a trial has seen is not inherited. */
void ancient_core_quarantine_forked(void);

/* For memory/trial.c, with the lock held. */

enum core_quarantine_from { CORE_QUARANTINE_COPIES, CORE_QUARANTINE_FILES };

struct core_ranges *ancient_core_quarantine_ranges(void); /* all; `from` is one of these */

void ancient_core_quarantine_each_file(void (*each)(void *context, uint64_t start, uint64_t end),
				       void *context);

/* How much was let go since the last trial ended. */
struct core_quarantine_load {
	uint64_t bytes;
	uint64_t files;
};

struct core_quarantine_load ancient_core_quarantine_load(void);

/* A trial has ended: what is still there waits for the next. */
void ancient_core_quarantine_settle(void);

/* Takes [start, end) out, which a trial has proved to be free: pages of copies, or a file. */
void ancient_core_quarantine_free(uint64_t start, uint64_t end);

#endif
