/* c-reader/tool: `ancientctl recover`: superblocks made good from the commit records, by the writer
 * (core); then the file is verified. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include <ancient/store.h>

#include "output.h"
#include "store.h"
#include "verdict.h"

static void print_done(const struct tool_request *request,
		       const struct ancient_recovered *recovered)
{
	char one[OUTPUT_NUMBER], two[OUTPUT_NUMBER];

	output_text(stdout, request->file, strlen(request->file));
	output_count(recovered->generation, one);
	if (recovered->lost != 0)
		printf(": generation %s had lost a part that was never flushed; what is whole is "
		       "in "
		       "force as generation %s\n",
		       output_count(recovered->lost, two), one);
	else if (recovered->damaged == 0)
		printf(": both superblocks are good, generation %s: nothing to recover\n", one);
	else if (recovered->recovered != 0)
		printf(": generation %s brought back from its commit record, and in force as "
		       "generation %s\n",
		       output_count(recovered->recovered, two), one);
	else
		printf(": the damaged superblock is good again; no key has changed, generation %s "
		       "is in force\n",
		       one);
}

static void print_json(const struct tool_request *request,
		       const struct ancient_recovered *recovered, const struct verdict *verdict)
{
	struct reader_json json;

	output_json_begin(&json);
	ancient_reader_json_string_member(&json, "file", request->file);
	ancient_reader_json_unsigned_member(&json, "damaged_superblocks", recovered->damaged);
	ancient_reader_json_key(&json, "recovered");
	if (recovered->recovered != 0)
		ancient_reader_json_unsigned(&json, recovered->recovered);
	else
		ancient_reader_json_null(&json);
	ancient_reader_json_key(&json, "lost");
	if (recovered->lost != 0)
		ancient_reader_json_unsigned(&json, recovered->lost);
	else
		ancient_reader_json_null(&json);
	ancient_reader_json_unsigned_member(&json, "generation", recovered->generation);
	if (verdict->err.code != ANCIENT_OK) {
		output_failure_members(&json, &verdict->err);
	} else {
		ancient_reader_json_key(&json, "ok");
		ancient_reader_json_bool(&json, true);
	}
	output_json_end(&json);
}

static void print_verdict(const struct tool_request *request, const struct verdict *verdict)
{
	char one[OUTPUT_NUMBER], two[OUTPUT_NUMBER];

	if (verdict->err.code != ANCIENT_OK) {
		verdict_print_fault(request, &verdict->err);
		return;
	}
	output_text(stdout, request->file, strlen(request->file));
	printf(": good, %s key%s, %s\n", output_count(verdict->result.keys, one),
	       verdict->result.keys == 1 ? "" : "s", output_size(verdict->result.bytes, two));
}

enum tool_status cmd_recover(const struct tool_request *request)
{
	struct ancient_recovered recovered;
	struct ancient_error err;
	struct verdict verdict;
	enum ancient_code code;

	do /* a signal that does not end the tool does not end its wait for a writer */
		code = ancient_recover(request->file, request->drop_lost, &recovered, &err);
	while (code == ANCIENT_E_INTERRUPTED && tool_signal == 0);
	if (code != ANCIENT_OK)
		return store_failed(&err);
	if (!request->json)
		print_done(request, &recovered);
	verdict_reach(request, &verdict);
	if (verdict.err.code == ANCIENT_E_INTERRUPTED)
		return store_failed(&verdict.err);
	if (request->json)
		print_json(request, &recovered, &verdict);
	else
		print_verdict(request, &verdict);
	return verdict.err.code == ANCIENT_OK ? TOOL_GOOD : store_failed(&verdict.err);
}
