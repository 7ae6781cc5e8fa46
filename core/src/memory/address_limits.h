/* core/memory: the limits of a process's address space.  Used by memory/file_mapping.c and store/.
 */
#ifndef CORE_ADDRESS_LIMITS_H
#define CORE_ADDRESS_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How much of `want` to reserve for a file that has `used` bytes.  Where RLIMIT_AS leaves less than
 * without, a file that is only read gets little more than it has, and one that is written at most a
 * quarter of what is left. */
uint64_t ancient_core_limits_reserve(uint64_t want, uint64_t used, bool writer);

/* Whether RLIMIT_DATA allows `writable` bytes more of private memory to write to.  The kernel lets
 * a file be mapped over addresses that were reserved, however large, and then refuses the process
 * every allocation. */
bool ancient_core_limits_allow(uint64_t writable);

/* Writes, for an error message after ENOMEM, which limit was met.
 * writable: the bytes that were asked for to write to, as private memory. */
void ancient_core_limits_say(char *text, size_t bytes, uint64_t writable);

#endif
