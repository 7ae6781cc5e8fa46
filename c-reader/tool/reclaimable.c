/* c-reader/tool: what compaction would free (reclaimable.h). */
#include "reclaimable.h"

#include "file_profile.h"
#include "progress.h"
#include "store.h"

static enum tool_status garbage(const struct tool_request *request, const struct ancient_file *file,
				const struct ancient_info *info, uint64_t *ret_bytes)
{
	struct progress progress;
	const struct ancient_verify_options options = {.progress = progress_step,
						       .context = &progress};
	struct ancient_error err;
	enum ancient_code code;
	uint64_t live = 0;

	progress_begin(&progress, request, PROGRESS_BYTES, false, 0);
	code = ancient_file_live_bytes(file, &options, &live, &err);
	progress_end(&progress);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	*ret_bytes = live < info->used ? info->used - live : 0;
	return TOOL_GOOD;
}

static enum tool_status equal_blocks(const struct tool_request *request,
				     const struct ancient_file *file, uint64_t *ret_bytes)
{
	struct profile *profile;
	enum tool_status status = file_profile_make(request, file, NULL, &profile);

	if (status != TOOL_GOOD)
		return status;
	*ret_bytes = profile->equals.bytes;
	if (request->dedup_strings)
		*ret_bytes += profile->equal_strings.bytes;
	file_profile_free(profile);
	return TOOL_GOOD;
}

enum tool_status reclaimable_bytes(const struct tool_request *request,
				   const struct ancient_file *file, const struct ancient_info *info,
				   uint64_t *ret_bytes)
{
	uint64_t free = 0, equal = 0;
	enum tool_status status = garbage(request, file, info, &free);

	if (status == TOOL_GOOD && request->dedup)
		status = equal_blocks(request, file, &equal);
	if (status == TOOL_GOOD)
		*ret_bytes = free + equal;
	return status;
}
