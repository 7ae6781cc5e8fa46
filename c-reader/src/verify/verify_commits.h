/* c-reader/verify: commit records, history and waypoints (rules E7, E8, S7), for the walk over the
 * extents. */
#ifndef ANCIENT_READER_VERIFY_COMMITS_H
#define ANCIENT_READER_VERIFY_COMMITS_H

#include "verify/verify_state.h"

/* Extents that a commit may have (FORMAT 4.1). */
#define READER_COMMIT_EXTENTS 63u

struct reader_commits {         /* starts as {0} */
	uint64_t history;       /* of the commits before */
	uint64_t last_record;   /* offset of the record of the commit before; 0: it had none */
	uint64_t newest_record; /* offset of the last record met; 0: none */
	/* Of the commit that the walk is in: the header checksums of its extents, behind the
	 * history. */
	uint64_t sums[1 + READER_COMMIT_EXTENTS];
	unsigned count;
	struct reader_region values; /* its values extent; `end` 0: none */
	bool waypoints;              /* of the commit were met */
};

/* An extent, after its own rules were found to hold. */
enum ancient_code ancient_reader_verify_commit_part(struct reader_verify *v,
						    struct reader_commits *commits, uint64_t at,
						    const struct ancient_extent *head);

/* After the last extent: S7. */
enum ancient_code ancient_reader_verify_commits_end(struct reader_verify *v,
						    const struct reader_commits *commits);

#endif
