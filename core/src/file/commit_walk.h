/* core/file: one commit of a file, from extent header to extent header up to its record, and
 * whether it is complete (FORMAT 4.2).  For what lies behind `used`, and for recovery: no mapping
 * is needed, and nothing is believed. */
#ifndef CORE_COMMIT_WALK_H
#define CORE_COMMIT_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include <ancient/format.h>

#include "file/commit_record.h"

#define CORE_COMMIT_EXTENTS 63u /* that a commit may have beside its record */

struct core_commit_walk {
	int fd;
	uint64_t end; /* no extent reaches past it */
	/* The file's uuid, base and reserve; NULL: any. */
	const struct ancient_superblock *like;
	/* Whose fields hold: of the generation that the commit follows; NULL: unknown. */
	const struct ancient_superblock *before;
	bool contents; /* test their checksums, too (rule E5) */
};

struct core_commit_found {
	bool whole;    /* it ends in an extent that says so */
	bool complete; /* in a record, that is */
	uint64_t generation, end;
	struct core_commit_record record; /* where it is complete */
};

/* What begins at `start`.  false: errno. */
bool ancient_core_commit_at(const struct core_commit_walk *walk, uint64_t start,
			    struct core_commit_found *ret);

/* Where the commit behind one that ends at `used` begins. */
static inline uint64_t core_commit_after(uint64_t used)
{
	return (used + ANCIENT_COMMIT_ALIGN - 1) & ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1);
}

/* Whether a complete commit of the generation after `superblock` begins behind its `used`:
 * *ret_generation, or 0.  Extent headers and the record are looked at, not the contents. false:
 * errno. */
bool ancient_core_commit_follows(int fd, const struct ancient_superblock *superblock,
				 uint64_t *ret_generation);

#endif
