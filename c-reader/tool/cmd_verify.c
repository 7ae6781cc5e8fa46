/* c-reader/tool: `ancientctl verify`: walks the whole file by FORMAT.md section 10 and says
 * what was checked, or the first fault. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "progress.h"
#include "store.h"

struct outcome {
	struct ancient_error err; /* code ANCIENT_OK: the file is good */
	struct ancient_verify_result result;
	uint64_t generation;
	double seconds;
};

static void verify(const struct tool_request *request, struct outcome *ret_outcome)
{
	struct progress progress;
	const struct ancient_verify_options options = {
		progress_step, &progress,
		request->threads != 0 ? request->threads : ANCIENT_ALL_PROCESSORS};
	struct ancient_file *file;
	struct ancient_info info;
	double start = progress_clock();

	if (store_try_open(request->file, 2, &file, &ret_outcome->err) != ANCIENT_OK)
		return;
	ancient_file_info(file, &info);
	ret_outcome->generation = info.generation;
	progress_begin(&progress, request, PROGRESS_BYTES, false, 0);
	ret_outcome->err.code =
		ancient_file_verify(file, &options, &ret_outcome->result, &ret_outcome->err);
	progress_end(&progress);
	ret_outcome->seconds = progress_clock() - start;
	ancient_file_close(file);
}

static double rate(const struct outcome *outcome)
{
	return outcome->seconds > 0 ? (double)outcome->result.bytes / outcome->seconds : 0;
}

static void print_good(const struct tool_request *request, const struct outcome *outcome)
{
	const struct ancient_verify_result *result = &outcome->result;
	char number[OUTPUT_NUMBER], other[OUTPUT_NUMBER];

	output_text(stdout, request->file, strlen(request->file));
	puts(": good");
	output_row("generation", "%s", output_count(outcome->generation, number));
	output_row("extents", "%s", output_count(result->extents, number));
	output_row("blocks", "%s", output_count(result->blocks, number));
	output_row("pointers", "%s", output_count(result->pointers, number));
	output_row("keys", "%s, %s named", output_count(result->keys, number),
		   output_count(result->names, other));
	output_row("schemas", "%s", output_count(result->schemas, number));
	output_row_size("checked", result->bytes);
	output_row("time", "%.3f s, %s/s", outcome->seconds,
		   output_size((uint64_t)rate(outcome), number));
}

/* What a program, or a person with a hex editor, needs; the message says it in a sentence. */
static void print_fault(const struct tool_request *request, const struct ancient_error *err)
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
}

static void print_good_json(const struct outcome *outcome)
{
	const struct ancient_verify_result *result = &outcome->result;
	struct reader_json json;

	output_json_begin(&json);
	reader_json_key(&json, "ok");
	reader_json_bool(&json, true);
	reader_json_unsigned_member(&json, "generation", outcome->generation);
	reader_json_unsigned_member(&json, "extents", result->extents);
	reader_json_unsigned_member(&json, "blocks", result->blocks);
	reader_json_unsigned_member(&json, "pointers", result->pointers);
	reader_json_unsigned_member(&json, "keys", result->keys);
	reader_json_unsigned_member(&json, "names", result->names);
	reader_json_unsigned_member(&json, "schemas", result->schemas);
	reader_json_unsigned_member(&json, "bytes", result->bytes);
	reader_json_key(&json, "seconds");
	reader_json_decimal(&json, outcome->seconds, 6);
	reader_json_key(&json, "bytes_per_second");
	reader_json_decimal(&json, rate(outcome), 0);
	output_json_end(&json);
}

static void print_fault_json(const struct ancient_error *err)
{
	struct reader_json json;

	output_json_begin(&json);
	reader_json_key(&json, "ok");
	reader_json_bool(&json, false);
	reader_json_string_member(&json, "code", ancient_code_name(err->code));
	reader_json_key(&json, "rule");
	if (err->rule != 0)
		reader_json_string(&json, ancient_rule_name(err->rule));
	else
		reader_json_null(&json);
	reader_json_key(&json, "offset");
	if (err->offset != ANCIENT_NO_OFFSET)
		reader_json_unsigned(&json, err->offset);
	else
		reader_json_null(&json);
	reader_json_unsigned_member(&json, "expected", err->expected);
	reader_json_unsigned_member(&json, "found", err->found);
	reader_json_string_member(&json, "message", err->message);
	output_json_end(&json);
}

enum tool_status cmd_verify(const struct tool_request *request)
{
	struct outcome outcome = {.err = {.code = ANCIENT_OK}};

	verify(request, &outcome);
	if (outcome.err.code == ANCIENT_E_INTERRUPTED)
		return store_failed(&outcome.err);
	if (outcome.err.code == ANCIENT_OK) {
		if (request->json)
			print_good_json(&outcome);
		else
			print_good(request, &outcome);
		return TOOL_GOOD;
	}
	if (request->json)
		print_fault_json(&outcome.err);
	else
		print_fault(request, &outcome.err);
	return store_failed(&outcome.err);
}
