/* c-reader/tool: makes the profile of a file (file_profile.h). */
#include "file_profile.h"

#include <stdlib.h>

#include "output.h"
#include "progress.h"
#include "store.h"

enum tool_status file_profile_make(const struct tool_request *request,
				   const struct ancient_file *file,
				   const struct ancient_entry *first, struct profile **ret_profile)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	struct progress progress;
	struct ancient_error err;
	enum ancient_code code;

	*ret_profile = NULL;
	if (profile == NULL) {
		output_error("out of memory");
		return TOOL_UNREADABLE;
	}
	profile->file = file;
	profile->err = &err;
	profile->raw = request->raw;
	profile->samples = request->html != NULL;
	profile->progress = progress_step;
	profile->context = &progress;
	progress_begin(&progress, request, PROGRESS_BYTES, false, 0);
	code = profile_make(profile, first);
	progress_end(&progress);
	if (code != ANCIENT_OK) {
		file_profile_free(profile);
		return store_failed(&err);
	}
	profile->err = NULL;
	profile->context = NULL;
	*ret_profile = profile;
	return TOOL_GOOD;
}

void file_profile_free(struct profile *profile)
{
	if (profile == NULL)
		return;
	profile_done(profile);
	free(profile);
}
