/* core: superblocks (FORMAT 3): check, choose, seal. */
#ifndef CORE_SUPERBLOCK_H
#define CORE_SUPERBLOCK_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "file/file_io.h"

/* Whether base and reserve are as FORMAT 3.3 says. */
bool core_superblock_base_fits(uint64_t base, uint64_t reserve);

/* What else is known of a file whose superblock was read. */
struct core_superblock_observed {
	struct ancient_superblock other; /* what is in the slot that does not hold */
	struct core_file_status status;
};

/* Reads both superblocks of the file at `fd` and gives the one that holds (FORMAT 3.2).
 * ret_sight: NULL allowed.
 * Errors: SYSTEM EMPTY SHORT FOREIGN LEGACY BYTE_ORDER VERSION DIALECT FLAGS
 * BAD_SUPERBLOCK TRUNCATED. */
enum ancient_code core_superblock_load(int fd, const char *name, struct ancient_superblock *ret,
				       struct core_superblock_observed *ret_observed,
				       struct ancient_error *err);

/* The same for who has seen the file before, and what he knows may still be so: a commit writes
 * to the other slot first, so while that is as it was, nobody has committed. */
enum ancient_code core_superblock_reload(int fd, const char *name,
					 struct ancient_superblock *superblock,
					 struct core_superblock_observed *observed,
					 struct ancient_error *err);

/* Everything but uuid, base, reserve, generation and the checksum of a new file's. */
void core_superblock_init(struct ancient_superblock *superblock);

/* Fills in the checksum and writes the slot of the superblock's generation. */
enum ancient_code core_superblock_write(int fd, const char *name,
					struct ancient_superblock *superblock,
					struct ancient_error *err);

/* Whether this superblock is what readers find in its slot. */
bool core_superblock_is_written(int fd, const struct ancient_superblock *superblock);

#endif
