/* c-reader/tool: `ancientctl profile`: what is in a file, by type and by path. */
#include "tool.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "output.h"
#include "profile/report.h"
#include "progress.h"
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

static enum tool_status make(const struct tool_request *request, const struct ancient_file *file,
			     const struct ancient_entry *first)
{
	struct profile *profile = calloc(1, sizeof(*profile));
	struct progress progress;
	struct ancient_error err;
	enum tool_status status;
	enum ancient_code code;

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
	status = code == ANCIENT_OK ? report(request, profile) : store_failed(&err);
	profile_done(profile);
	free(profile);
	return status;
}

enum tool_status cmd_profile(const struct tool_request *request)
{
	struct ancient_file *file;
	struct ancient_entry entry;
	enum tool_status status = store_open(request, 2, &file);

	if (status != TOOL_GOOD)
		return status;
	if (is_the_file(request, file))
		status = TOOL_USAGE;
	else if (request->key != NULL)
		status = store_entry(file, request, &entry);
	if (status == TOOL_GOOD)
		status = make(request, file, request->key != NULL ? &entry : NULL);
	ancient_file_close(file);
	return status;
}
