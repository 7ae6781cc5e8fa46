/* c-reader/tool: what compaction would free, for info and compact.  Without `request->dedup` to the
 * byte; with it what equal blocks take is added, of a large file about. */
#ifndef ANCIENT_TOOL_RECLAIMABLE_H
#define ANCIENT_TOOL_RECLAIMABLE_H

#include "tool.h"

/* A walk of all values of the file, with a progress bar; with `request->dedup` a profile, too.
 * Prints an error and returns its status. */
enum tool_status reclaimable_bytes(const struct tool_request *request,
				   const struct ancient_file *file, const struct ancient_info *info,
				   uint64_t *ret_bytes);

#endif
