/* c-reader/tool: the profile of a file, for `profile` and for compactions that ask what equal
 * blocks take. */
#ifndef ANCIENT_TOOL_FILE_PROFILE_H
#define ANCIENT_TOOL_FILE_PROFILE_H

#include "profile/profile.h"
#include "tool.h"

/* Makes it, with a progress bar; prints an error and returns its status, and NULL.
 *
 * first   the key that is walked first (profile_make); NULL: none */
enum tool_status file_profile_make(const struct tool_request *request,
				   const struct ancient_file *file,
				   const struct ancient_entry *first, struct profile **ret_profile);

/* NULL is allowed. */
void file_profile_free(struct profile *profile);

#endif
