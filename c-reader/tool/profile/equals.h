/* c-reader/tool/profile: what `compact --dedup` would gain: blocks that are equal to others. */
#ifndef ANCIENT_TOOL_PROFILE_EQUALS_H
#define ANCIENT_TOOL_PROFILE_EQUALS_H

#include "profile/profile.h"

/* Fills in `equals` and `equal_strings`, once the keys were walked. */
enum ancient_code profile_equals(struct profile *profile);

#endif
