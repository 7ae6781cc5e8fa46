/* c-reader/tool: `ancientctl keys`: one line for each key.  A file may have millions, so the
 * directory is walked twice, for the widths and for the lines, and never held in memory. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "root_text.h"
#include "store.h"

enum { KEY, NAME, BYTES, SIZE, BLOCKS, GENERATION, SCHEMA, COLUMNS };

static const char *const titles[COLUMNS] = {"KEY",    "NAME",       "BYTES", "SIZE",
					    "BLOCKS", "GENERATION", "SCHEMA"};

struct row {
	char text[COLUMNS][OUTPUT_FINGERPRINT]; /* but the name */
};

static void row_fill(const struct ancient_entry *entry, struct row *ret_row)
{
	snprintf(ret_row->text[KEY], OUTPUT_NUMBER, "%" PRIu64, entry->key);
	output_count(entry->bytes, ret_row->text[BYTES]);
	output_size(entry->bytes, ret_row->text[SIZE]);
	output_count(entry->blocks, ret_row->text[BLOCKS]);
	output_count(entry->generation, ret_row->text[GENERATION]);
	strcpy(ret_row->text[SCHEMA], "-");
	if (entry->schema != NULL) /* four bytes are enough to tell types apart */
		output_fingerprint(entry->schema_fingerprint, 4, ret_row->text[SCHEMA]);
}

static void widen(size_t widths[COLUMNS], const struct ancient_entry *entry)
{
	struct row row;

	row_fill(entry, &row);
	for (int i = 0; i < COLUMNS; i++) {
		size_t width = i != NAME ? strlen(row.text[i])
			       : entry->name == NULL
				       ? 1
				       : output_text_columns(entry->name, entry->name_length);

		if (width > widths[i])
			widths[i] = width;
	}
}

static void print_title(const size_t widths[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		printf(i == NAME ? "%-*s  " : "%*s  ", (int)widths[i], titles[i]);
	puts("VALUE");
}

static void print_row(const size_t widths[COLUMNS], const struct ancient_entry *entry,
		      const struct root *root)
{
	const char *name = entry->name != NULL ? entry->name : "-";
	size_t length = entry->name != NULL ? entry->name_length : 1;
	struct row row;
	char value[ROOT_TEXT];

	row_fill(entry, &row);
	for (int i = 0; i < COLUMNS; i++) {
		if (i != NAME) {
			printf("%*s  ", (int)widths[i], row.text[i]);
			continue;
		}
		output_text(stdout, name, length);
		printf("%*s  ", (int)(widths[i] - output_text_columns(name, length)), "");
	}
	root_text(root, entry->root, value);
	puts(value);
}

static void print_json(const struct ancient_entry *entry, const struct root *root)
{
	struct reader_json json;
	char text[OUTPUT_FINGERPRINT];

	output_json_begin(&json);
	ancient_reader_json_unsigned_member(&json, "key", entry->key);
	output_json_name(&json, entry);
	ancient_reader_json_unsigned_member(&json, "bytes", entry->bytes);
	ancient_reader_json_unsigned_member(&json, "blocks", entry->blocks);
	ancient_reader_json_unsigned_member(&json, "generation", entry->generation);
	ancient_reader_json_key(&json, "fingerprint");
	if (entry->schema == NULL)
		ancient_reader_json_null(&json);
	else
		ancient_reader_json_string(&json,
					   output_fingerprint(entry->schema_fingerprint, 16, text));
	root_members(&json, root);
	output_json_end(&json);
}

/* A damaged root is shown in its line and does not hide the others; the first one's
 * message comes at the end. */
static enum tool_status print_all(const struct ancient_file *file, bool json,
				  const size_t widths[COLUMNS])
{
	struct ancient_error err, damage = {0};
	struct root_types types = {0};
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	enum ancient_code code;

	ancient_cursor_init(file, 0, &cursor);
	while (tool_signal == 0 && !ferror(stdout)) {
		struct root root;

		code = ancient_cursor_next(&cursor, &entry, &err);
		if (code == ANCIENT_E_NO_KEY)
			break;
		if (code != ANCIENT_OK) {
			root_types_done(&types);
			return store_failed(&err);
		}
		root = root_look(file, &entry, &types, &err);
		if (root.code != ANCIENT_OK && damage.code == ANCIENT_OK)
			damage = err;
		if (json)
			print_json(&entry, &root);
		else
			print_row(widths, &entry, &root);
	}
	root_types_done(&types);
	return damage.code == ANCIENT_OK ? TOOL_GOOD : store_failed(&damage);
}

/* Errors are left to print_all, which shows what comes before them. */
static uint64_t measure(const struct ancient_file *file, size_t widths[COLUMNS])
{
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	uint64_t entries = 0;

	for (int i = 0; i < COLUMNS; i++)
		widths[i] = strlen(titles[i]);
	ancient_cursor_init(file, 0, &cursor);
	while (tool_signal == 0 && ancient_cursor_next(&cursor, &entry, NULL) == ANCIENT_OK) {
		widen(widths, &entry);
		entries++;
	}
	return entries;
}

enum tool_status cmd_keys(const struct tool_request *request)
{
	struct ancient_file *file;
	size_t widths[COLUMNS];
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	if (!request->json && measure(file, widths) > 0)
		print_title(widths);
	status = print_all(file, request->json, widths);
	ancient_file_close(file);
	return status;
}
