/* core: what this process has written to a file last, kept in memory.
 *
 * Each small commit begins with a lookup in the nodes that the ones before it have written: a fault
 * for each new page of the mapping.  Here they are without one.
 */
#ifndef CORE_RECENT_NODES_H
#define CORE_RECENT_NODES_H

#include <stdint.h>

struct core_recent_nodes { /* starts as {0} */
	uint8_t *bytes;
	uint64_t start, end; /* offsets in the file */
};

/* Adds `length` bytes that were written at offset `at`, the next commit's; those before them may
 * be forgotten. */
void core_recent_nodes_add(struct core_recent_nodes *recent, uint64_t at, const void *bytes,
			   uint64_t length);

void core_recent_nodes_done(struct core_recent_nodes *recent);

#endif
