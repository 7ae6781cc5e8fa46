/* c-reader/file: the choice of the superblock in force (FORMAT 3.2), for opening a file. */
#ifndef ANCIENT_READER_SUPERBLOCK_H
#define ANCIENT_READER_SUPERBLOCK_H

#include "base/reader.h"

/* Chooses the superblock that holds (FORMAT 3.2), with one copy of each slot at a time.
 * Reads through `fd`; `length` is that of the file. */
enum ancient_code reader_superblock_choose(int fd, const char *name,
					   struct ancient_superblock *ret_super,
					   uint64_t *ret_length, struct ancient_error *err);

#endif
