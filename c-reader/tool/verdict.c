/* c-reader/tool: a verification by FORMAT.md section 10 (verdict.h). */
#include "verdict.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "progress.h"
#include "store.h"

static bool is_rule(const struct ancient_error *err, const char *rule)
{
	return err->code != ANCIENT_OK && strcmp(ancient_rule_name(err->rule), rule) == 0;
}

void verdict_reach(const struct tool_request *request, struct verdict *ret_verdict)
{
	struct progress progress;
	const struct ancient_verify_options options = {
		.progress = progress_step,
		.context = &progress,
		.threads = request->threads != 0 ? request->threads : ANCIENT_ALL_PROCESSORS};
	struct ancient_file *file;
	struct ancient_info info;
	double start = progress_clock();

	*ret_verdict = (struct verdict){.err = {.code = ANCIENT_OK}};
	if (store_try_open(request, 2, &file, &ret_verdict->err) != ANCIENT_OK)
		return;
	ancient_file_info(file, &info);
	ret_verdict->generation = info.generation;
	progress_begin(&progress, request, PROGRESS_BYTES, false, 0);
	ret_verdict->err.code =
		ancient_file_verify(file, &options, &ret_verdict->result, &ret_verdict->err);
	progress_end(&progress);
	ret_verdict->seconds = progress_clock() - start;
	if (info.generation != info.newest_generation)
		store_warn(file);
	ancient_file_close(file);
}

/* What helps, where that is not a copy of the file from elsewhere. */
static const char *remedy(const struct ancient_error *err)
{
	bool s5 = is_rule(err, "S5");

	if ((s5 && err->found != 0) || err->code == ANCIENT_E_UNRECOVERED)
		return "'ancientctl recover FILE' brings the hidden generation back";
	if (s5)
		return "'ancientctl recover FILE' makes the superblock good again";
	if (is_rule(err, "S1"))
		return "'ancientctl recover FILE' finds what commit records say";
	return NULL;
}

void verdict_print_fault(const struct tool_request *request, const struct ancient_error *err)
{
	output_text(stdout, request->file, strlen(request->file));
	puts(store_status(err->code) == TOOL_BAD_FILE ? ": bad" : ": not verified");
	output_row("fault", "%s: %s", ancient_code_name(err->code), ancient_code_text(err->code));
	if (err->rule != 0)
		output_row("rule", "%s of spec/FORMAT.md, section 10",
			   ancient_rule_name(err->rule));
	if (err->offset != ANCIENT_NO_OFFSET)
		output_row("offset", "%" PRIu64 " (0x%" PRIx64 ")", err->offset, err->offset);
	if (err->rule != 0) {
		output_row("expected", "%" PRIu64 " (0x%" PRIx64 ")", err->expected, err->expected);
		output_row("found", "%" PRIu64 " (0x%" PRIx64 ")", err->found, err->found);
	}
	if (remedy(err) != NULL)
		output_row("what to do", "%s", remedy(err));
}
