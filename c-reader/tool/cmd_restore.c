/* c-reader/tool: `ancientctl restore`: a commit that makes the keys those of an older generation.
 */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include "options.h"
#include "output.h"
#include "store.h"
#include "writer.h"

static void print(const struct tool_request *request, uint64_t restored,
		  const struct written *written, bool done)
{
	struct reader_json json;
	char one[OUTPUT_NUMBER], two[OUTPUT_NUMBER], three[OUTPUT_NUMBER];

	if (request->json) {
		output_json_begin(&json);
		ancient_reader_json_string_member(&json, "file", request->file);
		ancient_reader_json_unsigned_member(&json, "restored", restored);
		ancient_reader_json_unsigned_member(&json, "generation", written->generation);
		if (done)
			ancient_reader_json_unsigned_member(&json, "keys", written->keys);
		output_json_end(&json);
		return;
	}
	output_text(stdout, request->file, strlen(request->file));
	if (done)
		printf(": generation %s restored as generation %s, with %s key%s\n",
		       output_count(restored, one), output_count(written->generation, two),
		       output_count(written->keys, three), written->keys == 1 ? "" : "s");
	else
		printf(": generation %s is the newest: nothing to restore\n",
		       output_count(restored, one));
}

enum tool_status cmd_restore(const struct tool_request *request)
{
	struct written written;
	struct ancient_error err;
	struct writer writer;
	uint64_t generation;
	enum tool_status status;
	bool newest = false;

	if (!options_generation("GENERATION", request->more[0], &generation))
		return TOOL_USAGE;
	status = writer_begin(request, &writer);
	if (status == TOOL_GOOD) {
		newest = generation == writer_generation(&writer);
		written = (struct written){generation, 0};
	}
	if (status == TOOL_GOOD && !newest &&
	    ancient_commit_restore(writer.commit, generation, &err) != ANCIENT_OK)
		status = store_failed(&err);
	if (status == TOOL_GOOD && !newest)
		status = writer_commit(&writer, &written);
	writer_end(&writer);
	if (status == TOOL_GOOD)
		print(request, generation, &written, !newest);
	return status;
}
