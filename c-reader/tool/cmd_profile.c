/* c-reader/tool: `ancientctl profile`: what is in a file, by type and by path. */
#include "tool.h"

#include <sys/stat.h>

#include "file_profile.h"
#include "output.h"
#include "profile/report.h"
#include "store.h"

/* A page written over the file that it is about would destroy it. */
static bool is_the_file(const struct tool_request *request, const struct ancient_file *file)
{
	struct stat page;

	if (request->html == NULL || stat(request->html, &page) != 0 ||
	    page.st_dev != file->device || page.st_ino != file->inode)
		return false;
	output_error("%s: is the file itself, expected another for the page", request->html);
	return true;
}

static enum tool_status report(const struct tool_request *request, const struct profile *profile)
{
	enum tool_status status = TOOL_GOOD;

	if (request->html != NULL)
		status = profile_report_html(request, profile);
	if (status == TOOL_GOOD && request->json)
		return profile_report_json(profile);
	if (status == TOOL_GOOD && request->html == NULL)
		profile_report_text(request, profile);
	return status;
}

enum tool_status cmd_profile(const struct tool_request *request)
{
	struct ancient_file *file;
	struct ancient_entry entry;
	struct profile *profile;
	enum tool_status status = store_open(request, 2, &file);

	if (status != TOOL_GOOD)
		return status;
	if (is_the_file(request, file))
		status = TOOL_USAGE;
	else if (request->key != NULL)
		status = store_entry(file, request, &entry);
	if (status == TOOL_GOOD)
		status = file_profile_make(request, file, request->key != NULL ? &entry : NULL,
					   &profile);
	if (status == TOOL_GOOD) {
		status = report(request, profile);
		file_profile_free(profile);
	}
	ancient_file_close(file);
	return status;
}
