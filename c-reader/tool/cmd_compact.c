/* c-reader/tool: `ancientctl compact`.  It calls the writer (core), as remove, restore and recover
 * do.  The others call libancient-reader, which never writes. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include <ancient/store.h>

#include "output.h"
#include "progress.h"
#include "store.h"

static void print_text(const struct tool_request *request,
		       const struct ancient_compacted *compacted, double seconds)
{
	uint64_t before = compacted->bytes_before, after = compacted->bytes_after;
	char number[OUTPUT_NUMBER], other[OUTPUT_NUMBER];

	output_text(stdout, request->file, strlen(request->file));
	puts(": compacted");
	output_row_size("before", before);
	output_row_size("after", after);
	output_row_size("reclaimed", before > after ? before - after : 0);
	output_row("keys", "%s", output_count(compacted->keys, number));
	output_row("blocks", "%s of %s", output_count(compacted->blocks_after, number),
		   output_count(compacted->blocks_before, other));
	output_row("generation", "%s", output_count(compacted->generation, number));
	output_row("time", "%.3f s", seconds);
}

static void print_json(const struct tool_request *request,
		       const struct ancient_compacted *compacted, double seconds)
{
	struct reader_json json;

	output_json_begin(&json);
	reader_json_string_member(&json, "file", request->file);
	reader_json_unsigned_member(&json, "bytes_before", compacted->bytes_before);
	reader_json_unsigned_member(&json, "bytes_after", compacted->bytes_after);
	reader_json_unsigned_member(&json, "blocks_before", compacted->blocks_before);
	reader_json_unsigned_member(&json, "blocks_after", compacted->blocks_after);
	reader_json_unsigned_member(&json, "keys", compacted->keys);
	reader_json_unsigned_member(&json, "generation", compacted->generation);
	reader_json_key(&json, "seconds");
	reader_json_decimal(&json, seconds, 6);
	output_json_end(&json);
}

enum tool_status cmd_compact(const struct tool_request *request)
{
	struct progress progress;
	const struct ancient_compact_options options = {
		.base = request->base,
		.order = request->breadth_first ? ANCIENT_ORDER_BREADTH_FIRST
						: ANCIENT_ORDER_DEPTH_FIRST,
		.progress = progress_step,
		.context = &progress,
	};
	struct ancient_compacted compacted;
	struct ancient_error err;
	enum ancient_code code;
	double seconds;

	progress_begin(&progress, request, PROGRESS_BYTES, false, 0);
	do /* a signal that does not end the tool does not end its wait for a writer */
		code = ancient_compact(request->file, &options, &compacted, &err);
	while (code == ANCIENT_E_INTERRUPTED && tool_signal == 0);
	progress_end(&progress);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	seconds = progress_clock() - progress.start;
	if (request->json)
		print_json(request, &compacted, seconds);
	else
		print_text(request, &compacted, seconds);
	return TOOL_GOOD;
}
