/* core/index: the published bytes of a file, as lookups and verification read them. */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include <stdint.h>

struct core_pages {
	const uint8_t *file; /* where offset 0 is mapped */
	uint64_t used;       /* bytes from there that may be read */
	const char *name;    /* of the file, for messages */
	/* A copy in memory of the bytes from `recent_start` to `used`; NULL: there is none.
	 * Reading it costs no page fault (store/recent_nodes.h). */
	const uint8_t *recent;
	uint64_t recent_start;
};

#endif
