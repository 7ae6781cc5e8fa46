/* c-reader/tool: `ancientctl get`: one value, or a part of it, as JSON: by its types
 * (ancient_schema.h) or raw (FORMAT.md, A). */
#include "tool.h"

#include <stdlib.h>
#include <unistd.h>

#include "output.h"
#include "path.h"
#include "store.h"

/* Bytes shown on a terminal unless asked for more: a few screens. */
#define TERMINAL_LIMIT 8000

static bool wants_indent(const struct tool_request *request)
{
	return request->indent == TOOL_YES ||
	       (request->indent == TOOL_DEFAULT && isatty(STDOUT_FILENO));
}

/* schema   NULL: the value is raw */
static enum tool_status print_value(const struct ancient_file *file,
				    const struct tool_request *request,
				    const struct ancient_schema *schema, struct ancient_typed typed)
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
		.indent = wants_indent(request),
	};
	struct ancient_error err;
	enum ancient_code code = schema == NULL
					 ? ancient_value_dump(file, typed.value, &options, &err)
					 : ancient_typed_dump(file, schema, typed, &options, &err);

	if (tool_signal != 0)
		return TOOL_GOOD; /* main ends by it */
	putchar('\n');
	if (code == ANCIENT_OK)
		return TOOL_GOOD;
	if (!sink.cut)
		return store_failed_typed(&err);
	output_hint("cut after %llu bytes: --all shows the whole value, --limit BYTES more of it",
		    (unsigned long long)sink.limit);
	return TOOL_GOOD;
}

/* As the library writes a float (FORMAT.md, A): an element of a float array is no value that it
 * could dump. */
static void print_float(double number, bool indent)
{
	struct reader_json json;

	reader_json_init(&json, indent ? READER_JSON_INDENTED : READER_JSON_SPACED,
			 output_json_write, stdout);
	reader_json_begin(&json, '{');
	reader_json_key(&json, "float");
	reader_json_double(&json, number);
	output_json_end(&json);
}

static enum tool_status get_raw(const struct ancient_file *file, const struct tool_request *request,
				const struct ancient_entry *entry, const char *path)
{
	struct path_target target = {0};
	enum tool_status status;

	if (!path_check(path))
		return TOOL_USAGE;
	status = path_follow(file, entry->root, path, &target);
	if (status != TOOL_GOOD)
		return status;
	if (!target.is_float)
		return print_value(file, request, NULL, ancient_typed_of(target.value, 0));
	print_float(target.number, wants_indent(request));
	return TOOL_GOOD;
}

static enum tool_status get_typed(const struct ancient_file *file,
				  const struct tool_request *request,
				  const struct ancient_schema *schema,
				  const struct ancient_entry *entry, const char *path)
{
	struct ancient_typed typed = ancient_typed_root(schema, entry->root);
	struct ancient_error err;

	if (ancient_path_get(file, schema, typed, path, &typed, &err) != ANCIENT_OK)
		return store_failed_typed(&err);
	return print_value(file, request, schema, typed);
}

enum tool_status cmd_get(const struct tool_request *request)
{
	const char *path = request->path != NULL ? request->path : "";
	struct ancient_schema *schema;
	struct ancient_entry entry;
	struct ancient_file *file;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	status = store_entry(file, request, &entry);
	if (status == TOOL_GOOD) {
		schema = store_schema(file, request, &entry);
		status = schema == NULL ? get_raw(file, request, &entry, path)
					: get_typed(file, request, schema, &entry, path);
		ancient_schema_close(schema);
	}
	ancient_file_close(file);
	return status;
}
