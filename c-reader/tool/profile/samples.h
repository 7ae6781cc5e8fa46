/* c-reader/tool/profile: a few values of each path, as short texts, while their types are known. */
#ifndef ANCIENT_TOOL_PROFILE_SAMPLES_H
#define ANCIENT_TOOL_PROFILE_SAMPLES_H

#include "profile/profile.h"

/* Of the places from `from` on, which are of the schema in use, and of the key; NULL: no key.
 * Errors: MEMORY. */
enum ancient_code profile_samples(struct profile *profile, struct profile_key *key, uint32_t from);

#endif
