/* core/commit: writes again what may never have reached the disk, after it was read back and
 * checked (FORMAT 11.4).  Called by durable commits, by compaction and by recovery. */
#ifndef CORE_WRITE_AGAIN_H
#define CORE_WRITE_AGAIN_H

#include <ancient/error.h>
#include <ancient/format.h>

/* Where a file has lost something that it held and that was never durable. */
struct core_lost {
	uint64_t start; /* of the first commit that is not as it was made; 0: none was found */
	/* The commit before it: its superblock, as its record has it.  `generation` 0: there is
	 * none, or it has no record. */
	struct ancient_superblock before;
};

/* Writes the bytes from durable_used to used of `superblock` again, the same bytes, commit by
 * commit, if they are what was committed: their headers, contents and history match.  The caller
 * has the file's lock, and flushes.
 *
 * ret_lost: NULL allowed; untouched by other errors than UNDURABLE.
 * Errors: UNDURABLE SYSTEM DISK_FULL MEMORY. */
enum ancient_code ancient_core_write_again(int fd, const char *name,
					   const struct ancient_superblock *superblock,
					   struct core_lost *ret_lost, struct ancient_error *err);

/* Makes the bytes from `start` to `end` one data extent of `generation`, but for its header as they
 * are, and writes them again: what is in them has been lost in part, but processes may use the
 * rest. *ret_sum: its header's checksum, for the history. Errors: SYSTEM DISK_FULL MEMORY. */
enum ancient_code ancient_core_write_as_data(int fd, const char *name, uint64_t start, uint64_t end,
					     uint64_t generation, uint64_t *ret_sum,
					     struct ancient_error *err);

#endif
