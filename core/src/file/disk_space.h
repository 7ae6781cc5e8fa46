/* core/file: allocates disk space before a commit writes, and truncates a file.  Called by commits,
 * by compaction, and when a file is created. */
#ifndef CORE_DISK_SPACE_H
#define CORE_DISK_SPACE_H

#include <ancient/error.h>

/* Checks that RLIMIT_FSIZE (ulimit -f) allows a file of `to` bytes: a write past it would raise
 * SIGXFSZ.
 * Errors: DISK_FULL. */
enum ancient_code ancient_core_disk_space_check(const char *name, uint64_t to,
						struct ancient_error *err);

/* Allocates the bytes [from, to) of the file; new ones read as zero.  A full disk is then an error
 * here, and neither a fault in a mapping nor a signal later.
 * Errors: DISK_FULL, SYSTEM. */
enum ancient_code ancient_core_disk_space_make(int fd, const char *name, uint64_t from, uint64_t to,
					       struct ancient_error *err);

/* Truncates the file to `size` bytes if it is longer.  Errors: SYSTEM. */
enum ancient_code ancient_core_disk_space_cut(int fd, const char *name, uint64_t size,
					      struct ancient_error *err);

#endif
