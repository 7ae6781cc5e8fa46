/* c-reader/tool: `ancientctl compact`.  It calls the writer (core), as remove, restore and recover
 * do.  The others call libancient-reader, which never writes. */
#include "tool.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <ancient/store.h>

#include "dedup_types.h"
#include "base/error.h"
#include "output.h"
#include "progress.h"
#include "reclaimable.h"
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
	ancient_reader_json_string_member(&json, "file", request->file);
	ancient_reader_json_key(&json, "compacted");
	ancient_reader_json_bool(&json, true);
	ancient_reader_json_unsigned_member(&json, "bytes_before", compacted->bytes_before);
	ancient_reader_json_unsigned_member(&json, "bytes_after", compacted->bytes_after);
	ancient_reader_json_unsigned_member(&json, "blocks_before", compacted->blocks_before);
	ancient_reader_json_unsigned_member(&json, "blocks_after", compacted->blocks_after);
	ancient_reader_json_unsigned_member(&json, "keys", compacted->keys);
	ancient_reader_json_unsigned_member(&json, "generation", compacted->generation);
	ancient_reader_json_key(&json, "seconds");
	ancient_reader_json_decimal(&json, seconds, 6);
	output_json_end(&json);
}

#define KNOWN 64u /* schemas whose types are kept */

/* What the callbacks of a compaction need: the bar first, as progress_step wants it. */
struct compaction {
	struct progress progress;
	const char *file;
	struct known { /* by where the text lies */
		const char *text;
		uint32_t *types; /* NULL: the text is none that can be read */
	} known[KNOWN];
};

/* The library's callback for types. */
static enum ancient_code find_types(void *context, const struct ancient_schema_text *text,
				    const uint32_t **ret_types, struct ancient_error *err)
{
	struct compaction *compaction = context;
	struct known *known = &compaction->known[(uintptr_t)text->text / 64 % KNOWN];
	struct ancient_schema *schema = NULL;
	enum ancient_code code = ANCIENT_OK;

	if (known->text != text->text) {
		free(known->types);
		known->types = NULL;
		code = ancient_schema_parse(text->text, text->length, compaction->file, &schema,
					    err);
		if (code == ANCIENT_OK)
			known->types = dedup_types_of(schema);
		if (code == ANCIENT_OK && known->types == NULL)
			code = ancient_reader_refuse(compaction->file, err, ANCIENT_E_MEMORY,
						     "for its types");
		ancient_schema_close(schema);
		known->text = text->text;
	}
	*ret_types = known->types;
	return code == ANCIENT_E_BAD_SCHEMA ? ANCIENT_OK : code;
}

static void forget_types(struct compaction *compaction)
{
	for (unsigned i = 0; i < KNOWN; i++)
		free(compaction->known[i].types);
	memset(compaction->known, 0, sizeof(compaction->known));
}

static enum ancient_code compact(struct compaction *compaction, const struct tool_request *request,
				 struct ancient_compacted *ret_compacted, struct ancient_error *err)
{
	const struct ancient_dedup dedup = {.strings = request->dedup_strings};
	const struct ancient_compact_options options = {
		.base = request->base,
		.order = request->breadth_first    ? ANCIENT_ORDER_BREADTH_FIRST
			 : request->elements_first ? ANCIENT_ORDER_ELEMENTS_FIRST
						   : ANCIENT_ORDER_DEPTH_FIRST,
		.progress = progress_step,
		.context = compaction,
		.dedup = request->dedup ? &dedup : NULL,
		.types = find_types,
	};
	enum ancient_code code;

	do { /* a signal that does not end the tool does not end its wait for a writer */
		code = ancient_compact(request->file, &options, ret_compacted, err);
		forget_types(compaction);
	} while (code == ANCIENT_E_INTERRUPTED && tool_signal == 0);
	return code;
}

static double percent_of(uint64_t part, uint64_t whole)
{
	return whole != 0 ? 100 * (double)part / (double)whole : 0;
}

static void print_spared(const struct tool_request *request, uint64_t free, uint64_t used)
{
	struct reader_json json;

	if (!request->json) {
		output_text(stdout, request->file, strlen(request->file));
		printf(": not compacted: %.1f %% can be freed, which is not above %u %%\n",
		       percent_of(free, used), request->above);
		return;
	}
	output_json_begin(&json);
	ancient_reader_json_string_member(&json, "file", request->file);
	ancient_reader_json_key(&json, "compacted");
	ancient_reader_json_bool(&json, false);
	ancient_reader_json_unsigned_member(&json, "used_bytes", used);
	ancient_reader_json_unsigned_member(&json, "reclaimable_bytes", free);
	output_json_end(&json);
}

/* *ret_spared: there is less to free than --if-above asks for, and that was printed. */
static enum tool_status spare(const struct tool_request *request, bool *ret_spared)
{
	struct ancient_file *file;
	struct ancient_info info;
	uint64_t free = 0;
	enum tool_status status = store_open(request, 2, &file);

	if (status != TOOL_GOOD)
		return status;
	ancient_file_info(file, &info);
	status = reclaimable_bytes(request, file, &info, &free);
	*ret_spared = percent_of(free, info.used) <= request->above;
	if (status == TOOL_GOOD && *ret_spared)
		print_spared(request, free, info.used);
	ancient_file_close(file);
	return status;
}

enum tool_status cmd_compact(const struct tool_request *request)
{
	struct compaction compaction = {.file = request->file};
	struct ancient_compacted compacted;
	struct ancient_error err;
	enum ancient_code code;
	bool spared = false;
	double seconds;

	if (request->breadth_first && (request->dedup || request->elements_first)) {
		output_error("%s and --breadth-first exclude each other",
			     request->dedup_strings ? "--dedup-strings"
			     : request->dedup       ? "--dedup"
						    : "--elements-first");
		return TOOL_USAGE;
	}
	if (request->sparingly) {
		enum tool_status status = spare(request, &spared);

		if (status != TOOL_GOOD || spared)
			return status;
	}
	progress_begin(&compaction.progress, request, PROGRESS_BYTES, false, 0);
	code = compact(&compaction, request, &compacted, &err);
	progress_end(&compaction.progress);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	seconds = progress_clock() - compaction.progress.start;
	if (request->json)
		print_json(request, &compacted, seconds);
	else
		print_text(request, &compacted, seconds);
	return TOOL_GOOD;
}
