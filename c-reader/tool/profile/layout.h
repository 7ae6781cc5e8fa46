/* c-reader/tool/profile: the extents of a file (FORMAT 4), before and after its values are
 * walked. */
#ifndef ANCIENT_TOOL_PROFILE_LAYOUT_H
#define ANCIENT_TOOL_PROFILE_LAYOUT_H

#include "profile/profile.h"

/* An extent, and the padding behind it, up to the next one. */
typedef enum ancient_code profile_extent(struct profile *profile, uint64_t offset,
					 const struct ancient_extent *header, uint64_t padding);

/* All of them, in the order of the file.  Errors: BAD_EXTENT. */
enum ancient_code profile_extents(struct profile *profile, profile_extent *visit);

/* What extents are made of, and where blocks begin. */
enum ancient_code profile_layout(struct profile *profile);
/* What of it no key has led to; the payloads of such bigarrays are added to the others. */
enum ancient_code profile_garbage(struct profile *profile);

static inline bool profile_starts(const struct profile *profile, uint64_t offset)
{
	const uint64_t place = (offset - READER_FIRST_FIELD) / ANCIENT_WORD;

	return profile->starts[place / 64] >> place % 64 & 1;
}

#endif
