/* core/file: superblocks (FORMAT 3): read and test the one in force, write a new one.  Called by
 * attach, by commits and by compaction. */
#ifndef CORE_SUPERBLOCK_H
#define CORE_SUPERBLOCK_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "file/file_io.h"

/* Whether base and reserve are as FORMAT 3.3 requires. */
bool ancient_core_superblock_base_fits(uint64_t base, uint64_t reserve);

/* What was read beside the superblock in force; ancient_core_superblock_reload compares with it. */
struct core_superblock_observed {
	struct ancient_superblock other; /* what is in the slot that does not hold */
	bool other_counts;               /* magic, byte order and checksum of it are right */
	bool damaged;                    /* it is not as the one that holds leaves it (3.2) */
	uint64_t hidden; /* then: generation of a complete commit behind `used`; 0: none */
	struct core_file_status status;
};

/* Reads both superblocks of the file at `fd` and returns the one in force (FORMAT 3.2),
 * one of state 3, being filled, as well.
 * ret_observed: NULL allowed.
 * Errors: SYSTEM EMPTY SHORT FOREIGN LEGACY BYTE_ORDER VERSION DIALECT FLAGS BAD_SUPERBLOCK
 * TRUNCATED. */
enum ancient_code ancient_core_superblock_load(int fd, const char *name,
					       struct ancient_superblock *ret,
					       struct core_superblock_observed *ret_observed,
					       struct ancient_error *err);

/* The same for a file whose superblock was read before; updates both arguments.  A commit writes to
 * the other slot first, so while that slot is unchanged nobody has committed, and one slot need not
 * be read.  status: of the file, read with its lock held; NULL: none.
 * Errors: those of ancient_core_superblock_load. */
enum ancient_code ancient_core_superblock_reload(int fd, const char *name,
						 struct ancient_superblock *superblock,
						 struct core_superblock_observed *observed,
						 const struct core_file_status *status,
						 struct ancient_error *err);

/* All tests of 3.2 of a superblock in the slot of its generation.
 * Errors: FOREIGN BYTE_ORDER VERSION DIALECT FLAGS BAD_SUPERBLOCK. */
enum ancient_code ancient_core_superblock_test(const char *name,
					       const struct ancient_superblock *superblock,
					       struct ancient_error *err);

/* Initialises the superblock of a new file, but for uuid, base, reserve, and checksum: generation
 * 1, being filled. */
void ancient_core_superblock_init(struct ancient_superblock *superblock);

/* Fills in the checksum. */
void ancient_core_superblock_seal(struct ancient_superblock *superblock);

/* Writes both slots of a file in which nothing is: `superblock`, and the same with the generation
 * before it (FORMAT 8.1).  Fills in the checksum. */
enum ancient_code ancient_core_superblock_write_empty(int fd, const char *name,
						      struct ancient_superblock *superblock,
						      struct ancient_error *err);

/* Writes the superblock, which is sealed, to the slot of its generation.
 * Errors: DISK_FULL SYSTEM. */
enum ancient_code ancient_core_superblock_write(int fd, const char *name,
						const struct ancient_superblock *superblock,
						struct ancient_error *err);

/* After a write of the superblock of `generation` that failed, perhaps in the middle: gives the
 * slot what was in it before, where that counted, so that it is not left damaged. */
void ancient_core_superblock_put_back(int fd, const char *name,
				      const struct core_superblock_observed *observed,
				      uint64_t generation);

/* Whether the slot of its generation holds exactly this superblock. */
bool ancient_core_superblock_is_written(int fd, const struct ancient_superblock *superblock);

#endif
