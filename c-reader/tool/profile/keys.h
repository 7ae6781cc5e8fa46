/* c-reader/tool/profile: the keys of a file, each with its types, and what the directories hold. */
#ifndef ANCIENT_TOOL_PROFILE_KEYS_H
#define ANCIENT_TOOL_PROFILE_KEYS_H

#include "profile/profile.h"

/* Walks what all keys lead to; `first` as for profile_make. */
enum ancient_code profile_keys(struct profile *profile, const struct ancient_entry *first);

#endif
