/* core/store: a copy in memory of the last commits that this process has written to a file. */
#include "store/recent_nodes.h"

#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>

#define CAPACITY ((uint64_t)256 << 10) /* about sixty small commits of a page each */

void ancient_core_recent_nodes_add(struct core_recent_nodes *recent, uint64_t at, const void *bytes,
				   uint64_t length)
{
	uint64_t next =
		(recent->end + ANCIENT_COMMIT_ALIGN - 1) & ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1);

	if (!recent->bytes)
		recent->bytes = calloc(1, CAPACITY);
	if (!recent->bytes || length > CAPACITY) {
		recent->start = recent->end = 0;
		return;
	}
	if (at != next || length > CAPACITY - (at - recent->start))
		recent->start = at;
	/* The gap between two commits keeps old bytes; no node refers to it. */
	memcpy(recent->bytes + (at - recent->start), bytes, length);
	recent->end = at + length;
}

void ancient_core_recent_nodes_done(struct core_recent_nodes *recent)
{
	free(recent->bytes);
	recent->bytes = NULL;
}
