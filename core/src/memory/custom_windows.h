/* core/memory: the custom windows that this process has mapped (FORMAT 6), and where.
 *
 * Bigarrays on the heap that were cut out of a file's (Array1.sub) point to the operations in its
 * window, and no proof by pages sees them.  So what is used of a window stays mapped after a
 * detach, and the next file at the same base has it again; how many there are is bounded.  Called
 * by memory/file_mapping.c and store/. */
#ifndef CORE_CUSTOM_WINDOWS_H
#define CORE_CUSTOM_WINDOWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A file is going to be mapped at `base`.  *ret_kept: the bytes at the start of its window that are
 * still mapped, 0 for none.  Returns false if another file is there. */
bool ancient_core_window_enter(uint64_t base, uint64_t *ret_kept);

/* The file is gone again.  Of its window the first `keep` bytes stay mapped (those that
 * ancient_core_window_enter has returned must be among them); `used`: what was mapped behind it. */
void ancient_core_window_leave(uint64_t base, uint64_t keep, uint64_t used);

/* Slot `slot` of the window below `base` is going to have the operations for `identifier`, of at
 * most 55 bytes.  Returns false if it has others, to which the program may have pointers (errno is
 * EEXIST), or memory is out (ENOMEM). */
bool ancient_core_window_slot(uint64_t base, uint32_t slot, const char *identifier);

/* The identifier of slot `slot` of the window below `base`, with its 0 byte.  Returns false if
 * there is none. */
bool ancient_core_window_identifier(uint64_t base, uint32_t slot, char ret[56]);

/* Whether a file of `bytes` should rather be mapped elsewhere than at `base`, where none was yet:
 * there are many windows, or, if `entered`, each page where one was costs memory (the page table of
 * OCaml 4). */
bool ancient_core_window_is_one_too_many(uint64_t base, uint64_t bytes, bool entered);

/* Of the windows that no file has: calls `each` with their bytes, with the quarantine's lock. */
void ancient_core_windows_each_unused(void (*each)(void *context, uint64_t start, uint64_t end),
				      void *context);

/* Unmaps the window that starts at `start` if no file has it: nothing points there.  With the
 * quarantine's lock. */
void ancient_core_window_free(uint64_t start);

#endif
