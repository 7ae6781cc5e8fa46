/* c-reader/tool: `ancientctl keys`: one line for each key.  A file may have millions, so the
 * directory is walked twice, for the widths and for the lines, and never held in memory. */
#include "tool.h"

#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "store.h"

/* The kind of a root value, and its header. */
struct root {
	enum ancient_code code; /* not ANCIENT_OK: damaged, and the rest is not set */
	enum ancient_kind kind;
	struct ancient_block block; /* of kind block */
};

static struct root inspect_root(const struct ancient_file *file, struct ancient_value value,
				struct ancient_error *err)
{
	struct root root = {0};

	root.code = ancient_value_kind(file, value, &root.kind, err);
	if (root.code == ANCIENT_OK && root.kind == ANCIENT_KIND_BLOCK)
		root.code = ancient_block_get(file, value, &root.block, err);
	return root;
}

static void root_text(const struct root *root, struct ancient_value value, char text[96])
{
	char number[OUTPUT_NUMBER];

	if (root->code != ANCIENT_OK)
		snprintf(text, 96, "damaged (%s)", ancient_code_name(root->code));
	else if (root->kind == ANCIENT_KIND_BLOCK)
		snprintf(text, 96, "block, tag %u, %s field%s", root->block.tag,
			 output_count(root->block.size, number), root->block.size == 1 ? "" : "s");
	else if (root->kind == ANCIENT_KIND_INT)
		snprintf(text, 96, "int %" PRId64, ancient_value_to_int(value));
	else
		snprintf(text, 96, "%s", ancient_kind_name(root->kind));
}

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
	char value[96];

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
	reader_json_unsigned_member(&json, "key", entry->key);
	output_json_name(&json, entry);
	reader_json_unsigned_member(&json, "bytes", entry->bytes);
	reader_json_unsigned_member(&json, "blocks", entry->blocks);
	reader_json_unsigned_member(&json, "generation", entry->generation);
	reader_json_key(&json, "fingerprint");
	if (entry->schema == NULL)
		reader_json_null(&json);
	else
		reader_json_string(&json, output_fingerprint(entry->schema_fingerprint, 16, text));
	if (root->code != ANCIENT_OK) {
		reader_json_string_member(&json, "damaged", ancient_code_name(root->code));
	} else {
		reader_json_string_member(&json, "kind", ancient_kind_name(root->kind));
	}
	if (root->code == ANCIENT_OK && root->kind == ANCIENT_KIND_BLOCK) {
		reader_json_unsigned_member(&json, "tag", root->block.tag);
		reader_json_unsigned_member(&json, "fields", root->block.size);
	}
	output_json_end(&json);
}

/* A damaged root is shown in its line and does not hide the others; the first one's
 * message comes at the end. */
static enum tool_status print_all(const struct ancient_file *file, bool json,
				  const size_t widths[COLUMNS])
{
	struct ancient_error err, damage = {0};
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	enum ancient_code code;

	ancient_cursor_init(file, 0, &cursor);
	while (tool_signal == 0 && !ferror(stdout)) {
		struct root root;

		code = ancient_cursor_next(&cursor, &entry, &err);
		if (code == ANCIENT_E_NO_KEY)
			break;
		if (code != ANCIENT_OK)
			return store_failed(&err);
		root = inspect_root(file, entry.root, &err);
		if (root.code != ANCIENT_OK && damage.code == ANCIENT_OK)
			damage = err;
		if (json)
			print_json(&entry, &root);
		else
			print_row(widths, &entry, &root);
	}
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
