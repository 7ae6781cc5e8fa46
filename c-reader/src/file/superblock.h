/* c-reader/file: the choice of the superblock in force (FORMAT 3.2), for opening a file. */
#ifndef ANCIENT_READER_SUPERBLOCK_H
#define ANCIENT_READER_SUPERBLOCK_H

#include "base/reader.h"

struct reader_superblocks {
	struct ancient_superblock held;
	uint64_t length; /* of the file, in bytes */
	/* Offset in the other slot, where it counts, of a UUID, base or reserve that is not the one
	 * that holds; 0: none. */
	uint64_t differs;
	int damaged_slot; /* the other slot, where it is damaged; -1 where it is in order */
	uint64_t hidden; /* generation of a complete commit that the damaged slot described; or 0 */
};

/* Chooses the superblock that holds, by one copy of each slot at a time, read through `fd`.
 * Errors: EMPTY SHORT FOREIGN LEGACY BYTE_ORDER VERSION DIALECT FLAGS BAD_SUPERBLOCK TRUNCATED
 * UNRECOVERED SYSTEM. */
enum ancient_code ancient_reader_superblock_choose(int fd, const char *name,
						   struct reader_superblocks *ret_found,
						   struct ancient_error *err);

/* The tests of a slot, for the image in a commit record at `offset`.
 * Errors: as above. */
enum ancient_code ancient_reader_superblock_check(const char *name,
						  const struct ancient_superblock *super,
						  uint64_t offset, struct ancient_error *err);

#endif
