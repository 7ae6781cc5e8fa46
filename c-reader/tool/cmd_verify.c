/* c-reader/tool: `ancientctl verify`: walks the whole file by FORMAT.md section 10 and says
 * what was checked, or the first fault. */
#include "tool.h"

#include <string.h>

#include "output.h"
#include "store.h"
#include "verdict.h"

static double rate(const struct verdict *verdict)
{
	return verdict->seconds > 0 ? (double)verdict->result.bytes / verdict->seconds : 0;
}

static void print_good(const struct tool_request *request, const struct verdict *verdict)
{
	const struct ancient_verify_result *result = &verdict->result;
	char number[OUTPUT_NUMBER], other[OUTPUT_NUMBER];

	output_text(stdout, request->file, strlen(request->file));
	puts(": good");
	output_row("generation", "%s", output_count(verdict->generation, number));
	output_row("extents", "%s", output_count(result->extents, number));
	output_row("blocks", "%s", output_count(result->blocks, number));
	output_row("pointers", "%s", output_count(result->pointers, number));
	output_row("keys", "%s, %s named", output_count(result->keys, number),
		   output_count(result->names, other));
	output_row("schemas", "%s", output_count(result->schemas, number));
	output_row_size("checked", result->bytes);
	output_row("time", "%.3f s, %s/s", verdict->seconds,
		   output_size((uint64_t)rate(verdict), number));
}

static void print_good_json(const struct verdict *verdict)
{
	const struct ancient_verify_result *result = &verdict->result;
	struct reader_json json;

	output_json_begin(&json);
	ancient_reader_json_key(&json, "ok");
	ancient_reader_json_bool(&json, true);
	ancient_reader_json_unsigned_member(&json, "generation", verdict->generation);
	ancient_reader_json_unsigned_member(&json, "extents", result->extents);
	ancient_reader_json_unsigned_member(&json, "blocks", result->blocks);
	ancient_reader_json_unsigned_member(&json, "pointers", result->pointers);
	ancient_reader_json_unsigned_member(&json, "keys", result->keys);
	ancient_reader_json_unsigned_member(&json, "names", result->names);
	ancient_reader_json_unsigned_member(&json, "schemas", result->schemas);
	ancient_reader_json_unsigned_member(&json, "bytes", result->bytes);
	ancient_reader_json_key(&json, "seconds");
	ancient_reader_json_decimal(&json, verdict->seconds, 6);
	ancient_reader_json_key(&json, "bytes_per_second");
	ancient_reader_json_decimal(&json, rate(verdict), 0);
	output_json_end(&json);
}

enum tool_status cmd_verify(const struct tool_request *request)
{
	struct verdict verdict;

	verdict_reach(request, &verdict);
	if (verdict.err.code == ANCIENT_E_INTERRUPTED)
		return store_failed(&verdict.err);
	if (verdict.err.code == ANCIENT_OK) {
		if (request->json)
			print_good_json(&verdict);
		else
			print_good(request, &verdict);
		return TOOL_GOOD;
	}
	if (!request->json)
		verdict_print_fault(request, &verdict.err);
	return store_failed(&verdict.err);
}
