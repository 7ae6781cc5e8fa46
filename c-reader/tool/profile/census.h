/* c-reader/tool/profile: the blocks that keys lead to, counted once, each at its place. */
#ifndef ANCIENT_TOOL_PROFILE_CENSUS_H
#define ANCIENT_TOOL_PROFILE_CENSUS_H

#include "profile/profile.h"

#define PROFILE_STEP (1u << 20) /* bytes of work between two looks at progress */

/* Walks what a root's word leads to and was not walked yet; `entry` is the root's place. */
enum ancient_code profile_census(struct profile *profile, uint32_t entry, uint64_t word);

/* Whether a block was met. */
bool profile_census_met(struct profile *profile, const struct reader_block *block);
/* Its place, where it has fields and was met, and whether it is shared. */
uint32_t profile_census_place(const struct profile *profile, uint64_t offset, bool *ret_shared);

#endif
