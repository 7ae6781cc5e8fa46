/* core/store: a copy in memory of the last commits that this process has written to a file.
 *
 * A small commit begins with lookups in the directory nodes that the commits before it have
 * written.  Read through the mapping, each new page would cost a fault; this copy has none.  Used
 * by commit.c.
 */
#ifndef CORE_RECENT_NODES_H
#define CORE_RECENT_NODES_H

#include <stdint.h>

struct core_recent_nodes { /* starts as {0} */
	uint8_t *bytes;
	uint64_t start, end; /* offsets in the file */
};

/* Adds `length` bytes that a commit has written at offset `at`.  If they do not follow the bytes
 * before, or do not fit, those are dropped. */
void ancient_core_recent_nodes_add(struct core_recent_nodes *recent, uint64_t at, const void *bytes,
				   uint64_t length);

void ancient_core_recent_nodes_done(struct core_recent_nodes *recent);

#endif
