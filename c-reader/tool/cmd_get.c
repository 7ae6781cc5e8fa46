/* c-reader/tool: `ancientctl get`: one value, or a part of it, as JSON: by its types
 * (ancient_schema.h) or raw (FORMAT.md, A). */
#include "tool.h"

#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "path.h"
#include "store.h"
#include "value_output.h"
#include "value_range.h"

/* schema   NULL: the value is raw */
static enum tool_status print_value(const struct ancient_file *file,
				    const struct tool_request *request,
				    const struct ancient_schema *schema, struct ancient_typed typed)
{
	struct output_sink sink = value_output_sink(request);
	const struct ancient_dump_options options = {
		.write = output_sink_write,
		.context = &sink,
		.indent = value_output_indent(request),
	};
	struct ancient_error err;
	enum ancient_code code = schema == NULL
					 ? ancient_value_dump(file, typed.value, &options, &err)
					 : ancient_typed_dump(file, schema, typed, &options, &err);

	return value_output_end(&sink, code, &err);
}

/* As the library writes a float (FORMAT.md, A): an element of a float array is no value that it
 * could dump. */
static void print_float(double number, bool indent)
{
	struct reader_json json;

	ancient_reader_json_init(&json, indent ? READER_JSON_INDENTED : READER_JSON_SPACED,
				 output_json_write, stdout);
	ancient_reader_json_begin(&json, '{');
	ancient_reader_json_key(&json, "float");
	ancient_reader_json_double(&json, number);
	output_json_end(&json);
}

static enum tool_status get_raw(const struct ancient_file *file, const struct tool_request *request,
				const struct ancient_entry *entry, const char *path)
{
	struct path_target target = {0};
	enum tool_status status;

	if (!path_check(path))
		return TOOL_USAGE;
	if (value_range_given(request)) {
		output_error("a range is one of a value with types: this one has none");
		return TOOL_USAGE;
	}
	status = path_follow(file, entry->root, path, &target);
	if (status != TOOL_GOOD)
		return status;
	if (!target.is_float)
		return print_value(file, request, NULL, ancient_typed_of(target.value, 0));
	print_float(target.number, value_output_indent(request));
	return TOOL_GOOD;
}

/* Whether the operand is a key of a table, map or set, and no path: it does not begin as one. */
static bool is_key(const struct ancient_schema *schema, struct ancient_typed typed,
		   const char *operand)
{
	enum ancient_type_kind kind = ancient_schema_type(schema, typed.type)->kind;

	return *operand != 0 && *operand != '[' && *operand != '.' &&
	       (kind == ANCIENT_TYPE_HASHTBL || kind == ANCIENT_TYPE_HASHTABLE ||
		kind == ANCIENT_TYPE_MAP || kind == ANCIENT_TYPE_SET);
}

/* A key of strings needs no quotes, which a shell would take away. */
static enum ancient_code find_key(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  const char *operand, struct ancient_typed *ret_typed,
				  struct ancient_error *err)
{
	const struct ancient_type *container = ancient_schema_type(schema, typed.type);
	struct ancient_key key = ancient_key_string(operand, strlen(operand));

	if (value_range_is_text(schema, container->arguments[0], operand))
		return ancient_typed_find(file, schema, typed, &key, ret_typed, err);
	return ancient_typed_at(file, schema, typed, operand, strlen(operand), ret_typed, err);
}

static enum tool_status get_typed(const struct ancient_file *file,
				  const struct tool_request *request,
				  const struct ancient_schema *schema,
				  const struct ancient_entry *entry, const char *path)
{
	struct ancient_typed typed = ancient_typed_root(schema, entry->root);
	struct ancient_error err;
	enum ancient_code code =
		is_key(schema, typed, path)
			? find_key(file, schema, typed, path, &typed, &err)
			: ancient_path_get(file, schema, typed, path, &typed, &err);

	if (code != ANCIENT_OK)
		return store_failed_typed(&err);
	return value_range_given(request) ? value_range_print(file, request, schema, typed)
					  : print_value(file, request, schema, typed);
}

/* KEY and PATH may be one operand: packages["vim"].version.  A name that has such characters itself
 * comes first. */
static enum tool_status entry_and_path(const struct ancient_file *file,
				       const struct tool_request *request,
				       struct ancient_entry *ret_entry, const char **ret_path)
{
	size_t length = strcspn(request->key, ".[");
	struct tool_request split = *request;
	enum tool_status status;
	char *key;

	*ret_path = request->path != NULL ? request->path : "";
	if (request->path != NULL || request->by_name || length == 0 || request->key[length] == 0 ||
	    ancient_file_entry_named(file, request->key, strlen(request->key), ret_entry, NULL) ==
		    ANCIENT_OK)
		return store_entry(file, request, ret_entry);
	key = strndup(request->key, length);
	if (key == NULL) {
		output_error("out of memory");
		return TOOL_UNREADABLE;
	}
	split.key = key;
	*ret_path = request->key + length;
	status = store_entry(file, &split, ret_entry);
	free(key);
	return status;
}

enum tool_status cmd_get(const struct tool_request *request)
{
	struct ancient_schema *schema;
	const char *path;
	struct ancient_entry entry;
	struct ancient_file *file;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	status = entry_and_path(file, request, &entry, &path);
	if (status == TOOL_GOOD) {
		schema = store_schema(file, request, &entry);
		status = schema == NULL ? get_raw(file, request, &entry, path)
					: get_typed(file, request, schema, &entry, path);
		ancient_schema_close(schema);
	}
	ancient_file_close(file);
	return status;
}
