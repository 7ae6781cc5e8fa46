/* core/file: commit records (FORMAT 4.2): made, tested, and found by their generation. */
#ifndef CORE_COMMIT_RECORD_H
#define CORE_COMMIT_RECORD_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/fail.h"

struct core_commit_record { /* as it lies in the file */
	struct ancient_extent header;
	struct ancient_superblock image;
};

/* Seals `superblock`, whose used and record are those of a record at `offset`, and makes that. */
void ancient_core_commit_record_make(struct core_commit_record *record,
				     struct ancient_superblock *superblock, uint64_t offset);

/* Tests a copy of what lies at `offset`, but for `previous` and `history`.  Of the file's identity
 * (uuid, base, reserve) `like` says what is wanted; NULL: any.  *ret_fault and *ret_what: what is
 * wrong, NULL allowed. */
bool ancient_core_commit_record_test(const struct core_commit_record *record, uint64_t offset,
				     const struct ancient_superblock *like,
				     struct core_fault *ret_fault, const char **ret_what);

/* What lies at `offset`, untested: zeros where the file ends.  false: errno. */
bool ancient_core_commit_record_peek(int fd, uint64_t offset, struct core_commit_record *ret);

/* The superblock that the commit of `generation` left in its record, found along the chain of
 * records or, where that is broken, by the extents' headers.  `newest` is the superblock in force.
 * Errors: NO_GENERATION SYSTEM. */
enum ancient_code ancient_core_commit_record_find(int fd, const char *name,
						  const struct ancient_superblock *newest,
						  uint64_t generation,
						  struct ancient_superblock *ret_image,
						  struct ancient_error *err);

/* The record at `offset`.  Errors: BAD_EXTENT BAD_CHECKSUM SYSTEM. */
enum ancient_code ancient_core_commit_record_read(int fd, const char *name,
						  const struct ancient_superblock *like,
						  uint64_t offset, struct core_commit_record *ret,
						  struct ancient_error *err);

/* The history of a whole file, by the headers of its extents up to superblock->used.
 * Errors: BAD_EXTENT SYSTEM. */
enum ancient_code ancient_core_history_of_file(int fd, const char *name,
					       const struct ancient_superblock *superblock,
					       uint64_t *ret_history, struct ancient_error *err);

/* Makes *history, which is that of the file up to `from`, the end of a commit, that of the file up
 * to superblock->used.  Errors: as above. */
enum ancient_code ancient_core_history_continue(int fd, const char *name, uint64_t from,
						const struct ancient_superblock *superblock,
						uint64_t *history, struct ancient_error *err);

/* 3.5: the history after a commit whose extents have these header checksums.  `sums` has a free
 * word in front. */
uint64_t ancient_core_history_after(uint64_t history, uint64_t *sums, unsigned count);

#endif
