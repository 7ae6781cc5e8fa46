/* c-reader/tool: what compaction would free (reclaimable.h). */
#include "reclaimable.h"

#include "progress.h"
#include "store.h"

enum tool_status reclaimable_bytes(const struct tool_request *request,
				   const struct ancient_file *file, const struct ancient_info *info,
				   uint64_t *ret_bytes)
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
