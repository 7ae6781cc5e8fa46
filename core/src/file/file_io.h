/* core: whole reads and writes at an offset. */
#ifndef CORE_FILE_IO_H
#define CORE_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

struct core_file_status {
	uint64_t size;
	uint64_t links; /* names that the file has */
};

/* false: errno. */
bool core_file_status(int fd, struct core_file_status *ret_status);

/* Reads up to `length` bytes; stops early only at the end of the file, and then *ret_got
 * (NULL allowed) says how many came.  false: errno. */
bool core_file_read(int fd, void *bytes, size_t length, uint64_t offset, size_t *ret_got);

/* Writes all parts, one after the other; changes `parts`.  false: errno. */
bool core_file_write(int fd, struct iovec *parts, int count, uint64_t offset);

#endif
