/* c-reader/tool: `ancientctl schema`: the OCaml types that values were published with. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "store.h"

static void print_json(const struct ancient_entry *entry)
{
	struct reader_json json;
	char text[OUTPUT_FINGERPRINT];

	output_json_begin(&json);
	ancient_reader_json_unsigned_member(&json, "key", entry->key);
	output_json_name(&json, entry);
	ancient_reader_json_string_member(&json, "fingerprint",
					  output_fingerprint(entry->schema_fingerprint, 16, text));
	ancient_reader_json_key(&json, "schema");
	ancient_reader_json_text(&json, entry->schema, entry->schema_length);
	output_json_end(&json);
}

/* As it is, for a program; on a terminal line by line, without control characters. */
static void print_body(const struct ancient_entry *entry)
{
	const char *at = entry->schema, *end = at + entry->schema_length;

	if (!isatty(STDOUT_FILENO)) {
		fwrite(at, 1, entry->schema_length, stdout);
		if (end[-1] != '\n')
			putchar('\n');
		return;
	}
	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));
		size_t length = (size_t)((line != NULL ? line : end) - at);

		output_text(stdout, at, length);
		putchar('\n');
		at += length + 1;
	}
}

static void print_title(const struct ancient_entry *entry)
{
	printf("(* key %" PRIu64, entry->key);
	if (entry->name != NULL) {
		fputs(", ", stdout);
		output_text(stdout, entry->name, entry->name_length);
	}
	puts(" *)");
}

static enum tool_status none(const char *file, const char *what)
{
	output_error("%s: %s without types: there is no schema to show", file, what);
	return TOOL_ABSENT;
}

static enum tool_status print_one(const struct ancient_file *file,
				  const struct tool_request *request)
{
	struct ancient_entry entry;
	enum tool_status status = store_entry(file, request, &entry);

	if (status != TOOL_GOOD)
		return status;
	if (entry.schema == NULL)
		return none(request->file, "the value was shared");
	if (request->json)
		print_json(&entry);
	else
		print_body(&entry);
	return TOOL_GOOD;
}

/* Every key that has a schema.  Neighbours that share one have their titles above it. */
static enum tool_status print_all(const struct ancient_file *file,
				  const struct tool_request *request)
{
	struct ancient_entry entry, before = {.schema = NULL};
	struct ancient_cursor cursor;
	struct ancient_error err;
	enum ancient_code code = ANCIENT_OK;

	ancient_cursor_init(file, 0, &cursor);
	while (tool_signal == 0 && !ferror(stdout)) {
		code = ancient_cursor_next(&cursor, &entry, &err);
		if (code != ANCIENT_OK)
			break;
		if (entry.schema == NULL)
			continue;
		if (request->json) {
			print_json(&entry);
		} else {
			if (before.schema != NULL && before.schema != entry.schema)
				print_body(&before);
			print_title(&entry);
		}
		before = entry;
	}
	if (before.schema != NULL && !request->json)
		print_body(&before);
	if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
		return store_failed(&err);
	return before.schema != NULL || tool_signal != 0
		       ? TOOL_GOOD
		       : none(request->file, "all values were shared");
}

enum tool_status cmd_schema(const struct tool_request *request)
{
	struct ancient_file *file;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	status = request->key != NULL ? print_one(file, request) : print_all(file, request);
	ancient_file_close(file);
	return status;
}
