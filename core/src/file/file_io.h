/* core/file: complete reads and writes at an offset, flushes, and a file's size and links. */
#ifndef CORE_FILE_IO_H
#define CORE_FILE_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct core_file_status {
	uint64_t size;
	uint64_t links; /* hard links */
	dev_t device;
	ino_t inode;
};

/* Returns false on an error, which errno says. */
bool ancient_core_file_status(int fd, struct core_file_status *ret_status);

/* Reads `length` bytes, or fewer if the file ends before.  *ret_got (NULL allowed) is the number
 * read.  Returns false on an error, which errno says. */
bool ancient_core_file_read(int fd, void *bytes, size_t length, uint64_t offset, size_t *ret_got);

/* Writes all parts, one behind the other; changes `parts`.  Returns false on an error, which errno
 * says. */
bool ancient_core_file_write(int fd, struct iovec *parts, int count, uint64_t offset);

/* Flushes a file or folder to the disk.  `data_only`: without attributes that are not needed to
 * read it.  Returns false on an error, which errno says. */
bool ancient_core_file_flush(int fd, bool data_only);

#endif
