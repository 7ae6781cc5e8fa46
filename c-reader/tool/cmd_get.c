/* c-reader/tool: `ancientctl get`: one value, or a part of it, as JSON (FORMAT.md, A). */
#include "tool.h"

#include <stdlib.h>
#include <unistd.h>

#include "json.h"
#include "output.h"
#include "path.h"

/* Bytes shown on a terminal unless asked for more: a few screens. */
#define TERMINAL_LIMIT 8000

static enum tool_status print_value(const struct ancient_file *file,
				    const struct tool_request *request, struct ancient_value value)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct output_sink sink = {
		.out = stdout,
		.limit = request->limit != 0         ? request->limit
			 : terminal && !request->all ? TERMINAL_LIMIT
						     : 0,
	};
	const struct ancient_dump_options options = {
		.write = output_sink_write,
		.context = &sink,
		.indent = request->indent == TOOL_YES ||
			  (request->indent == TOOL_DEFAULT && terminal),
	};
	struct ancient_error err;
	enum ancient_code code = ancient_value_dump(file, value, &options, &err);

	if (tool_signal != 0)
		return TOOL_GOOD; /* main ends by it */
	putchar('\n');
	if (code == ANCIENT_OK)
		return TOOL_GOOD;
	if (!sink.cut)
		return store_failed(&err);
	output_hint("cut after %llu bytes: --all shows the whole value, --limit BYTES more of it",
		    (unsigned long long)sink.limit);
	return TOOL_GOOD;
}

static void print_float(double number)
{
	struct json json = {stdout, false};

	json_begin(&json, '{');
	json_key(&json, "float");
	json_double(&json, number);
	json_end(&json, '}');
	putchar('\n');
}

enum tool_status cmd_get(const struct tool_request *request)
{
	struct path_target target = {0};
	struct ancient_entry entry;
	struct ancient_file *file;
	const char *path = request->path != NULL ? request->path : "";
	enum tool_status status;

	if (!path_check(path))
		return TOOL_USAGE;
	status = store_open(request, 0, &file);
	if (status != TOOL_GOOD)
		return status;
	status = store_entry(file, request, &entry);
	if (status == TOOL_GOOD)
		status = path_follow(file, entry.root, path, &target);
	if (status == TOOL_GOOD && target.is_float)
		print_float(target.number);
	else if (status == TOOL_GOOD)
		status = print_value(file, request, target.value);
	ancient_file_close(file);
	return status;
}
