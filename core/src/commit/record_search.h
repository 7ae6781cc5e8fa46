/* core/commit: the newest complete commit of a file whose superblocks are both lost (FORMAT 8.6).
 */
#ifndef CORE_RECORD_SEARCH_H
#define CORE_RECORD_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/error.h>
#include <ancient/format.h>

/* *ret is its superblock.  *ret_found: there is one.  Errors: SYSTEM MEMORY, and those of
 * ancient_core_superblock_test for a commit that this library does not understand. */
enum ancient_code ancient_core_record_search(int fd, const char *name, uint64_t length,
					     struct ancient_superblock *ret, bool *ret_found,
					     struct ancient_error *err);

#endif
