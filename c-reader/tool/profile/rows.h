/* c-reader/tool/profile: the order and choice of what reports list. */
#ifndef ANCIENT_TOOL_PROFILE_ROWS_H
#define ANCIENT_TOOL_PROFILE_ROWS_H

#include "profile/profile.h"

struct profile_row {
	uint32_t number; /* of the path, or of the type's name */
	uint64_t bytes;  /* what the order is by */
	struct profile_count count;
};

/* Largest first; NULL: no memory.  Free the result. */
struct profile_row *profile_rows_types(const struct profile *profile, size_t *ret_count);
/* Paths at which there are blocks. */
struct profile_row *profile_rows_paths(const struct profile *profile, size_t *ret_count);

/* Of each path whether it is among the `most` that have most below them; a path's parent then is,
 * too.  NULL: no memory.  Free the result. */
bool *profile_rows_chosen(const struct profile *profile, uint32_t most);

#endif
