/* c-reader/tool/profile: a profile as text, as JSON, and as a page for a browser. */
#ifndef ANCIENT_TOOL_PROFILE_REPORT_H
#define ANCIENT_TOOL_PROFILE_REPORT_H

#include "profile/profile.h"
#include "tool.h"

/* Tables of at most 80 columns, their longest part cut unless --all was given. */
void profile_report_text(const struct tool_request *request, const struct profile *profile);

/* One object on a line of stdout. */
enum tool_status profile_report_json(const struct profile *profile);

/* The page, into the file that was asked for; prints why where that fails. */
enum tool_status profile_report_html(const struct tool_request *request,
				     const struct profile *profile);

/* The object as a text in memory; free it.  NULL: no memory.
 *
 * rows   what lists of keys, paths, types and commits are cut to; 0: whole lists.  Cut, a path is a
 *        step from its parent, with samples, and the schemas stand beside the keys. */
char *profile_report_object(const struct profile *profile, uint32_t rows, size_t *ret_length);

#endif
