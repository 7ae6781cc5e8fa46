/* c-reader/tool: `ancientctl log`: what each commit did, the newest first, from the commit records.
 * The records are walked twice, for the widths and for the lines, and never held in memory. */
#include "tool.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "output.h"
#include "store.h"
#include "time_text.h"

enum { GENERATION, TIME, AGE, PUBLISHED, REMOVED, KEYS, ADDED, SIZE, COLUMNS };

/* Short, so that a line fits 80 columns. */
static const char *const titles[COLUMNS] = {"GEN",   "TIME", "AGE",   "+KEYS",
					    "-KEYS", "KEYS", "ADDED", "SIZE"};

struct row {
	char text[COLUMNS][OUTPUT_NUMBER];
};

static_assert(TIME_TEXT <= OUTPUT_NUMBER, "a time fits a column");

static void row_fill(const struct ancient_commit_info *commit, uint64_t now, struct row *ret_row)
{
	output_count(commit->generation, ret_row->text[GENERATION]);
	time_text_iso(commit->time, ret_row->text[TIME]);
	time_text_age(commit->time, now, ret_row->text[AGE]);
	output_count(commit->published, ret_row->text[PUBLISHED]);
	output_count(commit->removed, ret_row->text[REMOVED]);
	output_count(commit->key_count, ret_row->text[KEYS]);
	output_size(commit->bytes, ret_row->text[ADDED]);
	output_size(commit->used, ret_row->text[SIZE]);
}

/* The lines of the log: at most `limit`, and 0 for all. */
struct lines {
	struct ancient_log log;
	uint64_t left, now;
};

static struct lines lines_begin(const struct ancient_file *file, const struct tool_request *request,
				uint64_t now)
{
	struct lines lines = {.left = request->limit != 0 ? request->limit : UINT64_MAX,
			      .now = now};

	ancient_log_init(file, &lines.log);
	return lines;
}

/* NO_GENERATION at the end, or where there are enough. */
static enum ancient_code lines_next(struct lines *lines, struct ancient_commit_info *ret_commit,
				    struct ancient_error *err)
{
	if (lines->left == 0 || tool_signal != 0 || ferror(stdout))
		return ANCIENT_E_NO_GENERATION;
	lines->left--;
	return ancient_log_next(&lines->log, ret_commit, err);
}

/* Errors are left to print_all, which shows what comes before them. */
static bool measure(struct lines lines, size_t widths[COLUMNS])
{
	struct ancient_commit_info commit;
	bool any = false;

	for (int i = 0; i < COLUMNS; i++)
		widths[i] = strlen(titles[i]);
	while (lines_next(&lines, &commit, NULL) == ANCIENT_OK) {
		struct row row;

		row_fill(&commit, lines.now, &row);
		for (int i = 0; i < COLUMNS; i++)
			if (strlen(row.text[i]) > widths[i])
				widths[i] = strlen(row.text[i]);
		any = true;
	}
	return any;
}

static void print_cells(const size_t widths[COLUMNS], const char *const cells[COLUMNS])
{
	for (int i = 0; i < COLUMNS; i++)
		printf("%*s%s", (int)widths[i], cells[i], i + 1 < COLUMNS ? "  " : "\n");
}

static void print_row(const size_t widths[COLUMNS], const struct ancient_commit_info *commit,
		      uint64_t now)
{
	const char *cells[COLUMNS];
	struct row row;

	row_fill(commit, now, &row);
	for (int i = 0; i < COLUMNS; i++)
		cells[i] = row.text[i];
	print_cells(widths, cells);
}

static void print_json(const struct ancient_commit_info *commit, uint64_t now)
{
	struct reader_json json;

	output_json_begin(&json);
	ancient_reader_json_unsigned_member(&json, "generation", commit->generation);
	time_text_members(&json, commit->time, now);
	ancient_reader_json_unsigned_member(&json, "published", commit->published);
	ancient_reader_json_unsigned_member(&json, "removed", commit->removed);
	ancient_reader_json_unsigned_member(&json, "keys", commit->key_count);
	ancient_reader_json_unsigned_member(&json, "bytes_added", commit->bytes);
	ancient_reader_json_unsigned_member(&json, "used_bytes", commit->used);
	output_json_end(&json);
}

/* widths   NULL: JSON */
static enum tool_status print_all(struct lines lines, const char *name, const size_t *widths)
{
	struct ancient_commit_info commit;
	struct ancient_error err;
	enum ancient_code code;

	while ((code = lines_next(&lines, &commit, &err)) == ANCIENT_OK) {
		if (widths != NULL)
			print_row(widths, &commit, lines.now);
		else
			print_json(&commit, lines.now);
	}
	if (code != ANCIENT_E_NO_GENERATION)
		return store_failed(&err);
	if (lines.log.record == 0 && lines.log.older != 0 && tool_signal == 0)
		output_hint("%s: the log ends here: generation %" PRIu64
			    " was made by a writer of format 1.0 or 1.1, which leaves no record",
			    name, lines.log.older);
	return TOOL_GOOD;
}

enum tool_status cmd_log(const struct tool_request *request)
{
	struct ancient_file *file;
	size_t widths[COLUMNS];
	struct lines lines;
	enum tool_status status = store_open(request, 0, &file);

	if (status != TOOL_GOOD)
		return status;
	lines = lines_begin(file, request, time_text_now());
	if (!request->json && measure(lines, widths))
		print_cells(widths, titles);
	status = print_all(lines, request->file, request->json ? NULL : widths);
	ancient_file_close(file);
	return status;
}
