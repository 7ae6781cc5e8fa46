/* core: room on the disk for what a commit is about to write. */
#ifndef CORE_DISK_SPACE_H
#define CORE_DISK_SPACE_H

#include <ancient/error.h>

/* Whether the process may write up to `to`: past its limit (ulimit -f) a write is a signal.
 * Errors: DISK_FULL. */
enum ancient_code core_disk_space_check(const char *name, uint64_t to, struct ancient_error *err);

/* Makes the bytes [from, to) of the file exist, zero where they are new, so that a full
 * disk is an error now and neither a fault nor a signal later.
 * Errors: DISK_FULL, SYSTEM. */
enum ancient_code core_disk_space_make(int fd, const char *name, uint64_t from, uint64_t to,
				       struct ancient_error *err);

/* Cuts the file to `size` bytes where it is longer. */
enum ancient_code core_disk_space_cut(int fd, const char *name, uint64_t size,
				      struct ancient_error *err);

#endif
