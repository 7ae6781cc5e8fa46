/* c-reader/tool: `ancientctl dump`: every value as JSON, by its types (ancient_schema.h) or raw
 * (FORMAT.md, A), one key a line. */
#include "tool.h"

#include "output.h"
#include "progress.h"
#include "store.h"

/* Also the context of the library's calls back. */
struct dump {
	const struct ancient_file *file;
	const struct tool_request *request;
	bool indent;
	struct output_sink sink;
	struct progress progress;
};

static bool on_write(void *context, const char *text, size_t length)
{
	struct dump *dump = context;

	return output_sink_write(&dump->sink, text, length);
}

static bool on_progress(void *context, uint64_t done, uint64_t total)
{
	struct dump *dump = context;

	return progress_step(&dump->progress, done, total);
}

/* The members before the value, which the library then writes. */
static void print_head(struct reader_json *json, const struct ancient_entry *entry, bool indent)
{
	ancient_reader_json_init(json, indent ? READER_JSON_INDENTED : READER_JSON_SPACED,
				 output_json_write, stdout);
	ancient_reader_json_begin(json, '{');
	ancient_reader_json_unsigned_member(json, "key", entry->key);
	output_json_name(json, entry);
	ancient_reader_json_key(json, "value");
	ancient_reader_json_flush(json);
}

/* The end of the object; it comes behind a value that the library has written. */
static void print_tail(struct reader_json *json)
{
	json->before = READER_JSON_FOLLOWED;
	output_json_end(json);
}

static enum tool_status dump_entry(struct dump *dump, const struct ancient_entry *entry)
{
	const struct ancient_dump_options options = {
		.write = on_write,
		.context = dump,
		.indent = dump->indent,
		.progress = on_progress,
	};
	struct ancient_schema *schema = store_schema(dump->file, dump->request, entry);
	struct reader_json json;
	struct ancient_error err;
	enum ancient_code code;

	print_head(&json, entry, dump->indent);
	if (schema == NULL)
		code = ancient_value_dump(dump->file, entry->root, &options, &err);
	else
		code = ancient_typed_dump(dump->file, schema,
					  ancient_typed_root(schema, entry->root), &options, &err);
	ancient_schema_close(schema);
	if (code != ANCIENT_OK) {
		progress_end(&dump->progress);
		/* Not after a signal: a reader that waits may never take it. */
		if (tool_signal == 0)
			putchar('\n');
		return store_failed_typed(&err);
	}
	print_tail(&json);
	return TOOL_GOOD;
}

static enum tool_status dump_all(struct dump *dump)
{
	enum tool_status status = TOOL_GOOD;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_error err;
	enum ancient_code code;

	ancient_cursor_init(dump->file, 0, &cursor);
	while (status == TOOL_GOOD && !ferror(stdout)) {
		code = ancient_cursor_next(&cursor, &entry, &err);
		if (code == ANCIENT_E_NO_KEY)
			break;
		if (code != ANCIENT_OK) {
			progress_end(&dump->progress);
			return store_failed(&err);
		}
		status = dump_entry(dump, &entry);
		progress_piece(&dump->progress, entry.blocks);
		if (progress_step(&dump->progress, 0, 0))
			break;
	}
	return status;
}

enum tool_status cmd_dump(const struct tool_request *request)
{
	bool indent = request->indent == TOOL_YES;
	struct dump dump = {
		.request = request,
		.indent = indent,
		.sink = {.out = stdout, .margin = indent ? 2 : 0},
	};
	struct ancient_file *file;
	struct ancient_entry entry;
	struct ancient_info info;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	dump.file = file;
	ancient_file_info(file, &info);
	if (request->key != NULL)
		status = store_entry(file, request, &entry);
	if (status == TOOL_GOOD) {
		progress_begin(&dump.progress, request, PROGRESS_BLOCKS, true, info.block_count);
		status = request->key != NULL ? dump_entry(&dump, &entry) : dump_all(&dump);
		progress_end(&dump.progress);
	}
	ancient_file_close(file);
	return status;
}
