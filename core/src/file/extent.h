/* core/file: the walk over a file's extents (FORMAT 4).  Called by verification and by
 * relocation. */
#ifndef CORE_EXTENT_H
#define CORE_EXTENT_H

#include <stdbool.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/fail.h"

struct core_extent_walk {
	const uint8_t *file; /* where offset 0 is mapped */
	uint64_t used;
	uint64_t next;       /* offset of the next header; ANCIENT_FIRST_EXTENT at the start */
	uint32_t kind;       /* of the extent before */
	uint64_t generation; /* of the extent before; 0 at the start */
	uint64_t newest;     /* generation of the superblock in force */
	bool last;           /* the extent before was its commit's last; true at the start */
	bool later;          /* of a later minor version: it may have kinds unknown here */
};

/* Reads the next extent header, tests it (rules E1 E2 E3) and copies it to *ret_extent: its content
 * lies inside the file.  *ret_offset is 0 at the end of the file.  Call ancient_core_extent_end
 * before the next header.  On an error, *ret_fault and *ret_what (a text without the numbers)
 * describe it. Errors: BAD_EXTENT. */
enum ancient_code ancient_core_extent_next(struct core_extent_walk *walk,
					   struct ancient_extent *ret_extent, uint64_t *ret_offset,
					   struct core_fault *ret_fault, const char **ret_what);

/* Skips the padding behind the extent at `offset`, and tests that another header fits or the file
 * ends (rule E6).
 * Errors: BAD_EXTENT. */
enum ancient_code ancient_core_extent_end(struct core_extent_walk *walk, uint64_t offset,
					  struct core_fault *ret_fault, const char **ret_what);

/* Whether [offset, offset + bytes) lies in the used range, behind the superblocks, with `offset` a
 * multiple of 8. */
static inline bool core_extent_inside(uint64_t offset, uint64_t bytes, uint64_t used)
{
	return offset % 8 == 0 && offset >= ANCIENT_FIRST_EXTENT && bytes <= used &&
	       offset <= used - bytes;
}

/* Whether it is the header of an extent at `offset` (rule E1) that ends at `end` or before: what a
 * walk without a mapping goes by. */
bool ancient_core_extent_header_stands(const struct ancient_extent *header, uint64_t offset,
				       uint64_t end);

/* Where the next extent of the commit begins, behind one that ends at `end`. */
static inline uint64_t core_extent_behind(uint64_t end)
{
	return (end + ANCIENT_EXTENT_ALIGN - 1) & ~(uint64_t)(ANCIENT_EXTENT_ALIGN - 1);
}

/* The length of an extent with this content: header, content and padding.  The last extent of a
 * commit has no padding. */
uint64_t ancient_core_extent_length(uint64_t content, bool last);

#endif
