/* core/verify: commit records, history and waypoints (FORMAT 10, rules E7, E8, S7), for the walk
 * over the extents. */
#ifndef CORE_VERIFY_COMMITS_H
#define CORE_VERIFY_COMMITS_H

#include "file/commit_walk.h"
#include "verify/verify_state.h"

struct core_verify_commits { /* starts as {0} */
	uint64_t history, last_record, newest_record;
	uint64_t sums[1 + CORE_COMMIT_EXTENTS];
	unsigned count;
	uint64_t values, values_end; /* content of the commit's values extent; 0: none */
	bool waypoints;              /* of the commit were met */
};

/* An extent at `offset`, after its own rules were found to hold. */
enum ancient_code ancient_core_verify_commit_part(struct core_verify *v,
						  struct core_verify_commits *commits,
						  uint64_t offset,
						  const struct ancient_extent *extent);

/* After the last extent: S7. */
enum ancient_code ancient_core_verify_commits_end(struct core_verify *v,
						  const struct core_verify_commits *commits);

#endif
