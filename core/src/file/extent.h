/* core: extents (FORMAT 4): walk them, seal their headers. */
#ifndef CORE_EXTENT_H
#define CORE_EXTENT_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/fail.h"

struct core_extent_walk {
	const uint8_t *file; /* offset 0 */
	uint64_t used;
	uint64_t next;       /* offset of the next header; start with ANCIENT_FIRST_EXTENT */
	uint32_t kind;       /* of the extent before */
	uint64_t generation; /* of the extent before, 0 at first */
	uint64_t newest;     /* the superblock's generation */
	bool last;           /* the extent before ended its commit; true at first */
};

/* The next extent: ANCIENT_OK, with *ret_offset 0 at the end; otherwise the fault and
 * *ret_what, "expected ...".  The header is a copy, and tested (rules E1 E2 E3): its
 * content lies inside the file.  core_extent_end must follow. */
enum ancient_code core_extent_next(struct core_extent_walk *walk, struct ancient_extent *ret_extent,
				   uint64_t *ret_offset, struct core_fault *ret_fault,
				   const char **ret_what);

/* Steps over the gap behind the extent at `offset` (rule E6). */
enum ancient_code core_extent_end(struct core_extent_walk *walk, uint64_t offset,
				  struct core_fault *ret_fault, const char **ret_what);

/* Whether [offset, offset + bytes) is an 8-aligned piece of the used range. */
static inline bool core_extent_inside(uint64_t offset, uint64_t bytes, uint64_t used)
{
	return offset % 8 == 0 && offset >= ANCIENT_FIRST_EXTENT && bytes <= used &&
	       offset <= used - bytes;
}

/* Bytes from one extent's start to its end, padding included. */
uint64_t core_extent_length(uint64_t content, bool last);

#endif
