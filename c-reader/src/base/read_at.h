/* c-reader/base: reads of a file by its descriptor, for what is looked at before it is mapped. */
#ifndef ANCIENT_READER_READ_AT_H
#define ANCIENT_READER_READ_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads up to `bytes` at `offset`, fewer only at the end of the file; the rest of `ret` is zero.
 * *ret_got: how many were read.  false: errno. */
bool ancient_reader_read_at(int fd, uint64_t offset, void *ret, size_t bytes, size_t *ret_got);

#endif
