/* c-reader/tool/profile: a profile as tables that fit a terminal of 80 columns (report.h). */
#include "profile/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "profile/rows.h"

#define TEXT_COLUMNS 36 /* of the last column */
#define ROWS 20u        /* of a table, without --all */
#define BAR_COLUMNS 20

struct table {
	const struct profile *profile;
	size_t rows; /* at most */
};

/* ---- Cells ---------------------------------------------------------------------------------- */

/* The begin of the next character. */
static size_t next_character(const char *bytes, size_t length, size_t at)
{
	for (at++; at < length && ((unsigned char)bytes[at] & 0xC0) == 0x80; at++)
		continue;
	return at;
}

/* Cut in front, where it is too long: the end of a path says more. */
static void put_end(const char *bytes, size_t length, size_t columns)
{
	size_t from = 0;

	if (output_text_columns(bytes, length) > columns) {
		while (output_text_columns(bytes + from, length - from) > columns - 3)
			from = next_character(bytes, length, from);
		fputs("...", stdout);
	}
	output_text(stdout, bytes + from, length - from);
}

static void put_begin(const char *bytes, size_t length, size_t columns)
{
	size_t to = 0, next = 0;

	if (output_text_columns(bytes, length) <= columns) {
		output_text(stdout, bytes, length);
		return;
	}
	while (next <= length && output_text_columns(bytes, next) <= columns - 3) {
		to = next;
		next = next_character(bytes, length, next);
	}
	output_text(stdout, bytes, to);
	fputs("...", stdout);
}

static void put_name(const struct profile *profile, uint32_t name, size_t columns)
{
	if (name == 0 || name == UINT32_MAX)
		return;
	put_begin(profile->places.names.name[name].bytes, profile->places.names.name[name].length,
		  columns);
}

static void put_path(const struct profile *profile, uint32_t path)
{
	char *bytes = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&bytes, &length);

	if (out == NULL)
		return;
	profile_paths_write(&profile->places.paths, path, 4 * TEXT_COLUMNS, out);
	if (fclose(out) == 0)
		put_end(bytes, length, TEXT_COLUMNS);
	free(bytes);
}

static void put_title(const char *last)
{
	printf("\n%10s %7s %10s %11s  %s\n", "SIZE", "%", "SHARED", "BLOCKS", last);
}

static void put_size(const struct profile *profile, uint64_t bytes, uint64_t shared,
		     uint64_t blocks)
{
	char size[OUTPUT_NUMBER], part[OUTPUT_NUMBER] = "-", count[OUTPUT_NUMBER] = "-";
	const double percent = 100 * (double)bytes / (double)profile->file->file_bytes;

	output_size(bytes, size);
	if (shared != 0)
		output_size(shared, part);
	if (blocks != 0)
		output_count(blocks, count);
	printf("%10s %6.2f%% %10s %11s  ", size, percent, part, count);
}

static void put_count(const struct profile *profile, const struct profile_count *count)
{
	put_size(profile, profile_bytes(count), count->shared.bytes + count->shared.payload,
		 count->own.blocks + count->shared.blocks);
}

static void put_more(size_t count, size_t shown)
{
	char number[OUTPUT_NUMBER];

	if (count > shown)
		printf("%10s and %s more; --all shows them\n", "",
		       output_count(count - shown, number));
}

/* ---- Tables --------------------------------------------------------------------------------- */

static void put_parts(const struct profile *profile)
{
	put_title("PART OF THE FILE");
	for (enum profile_part part = 0; part < PROFILE_PARTS; part++) {
		if (profile->part[part] == 0)
			continue;
		put_size(profile, profile->part[part],
			 part == PROFILE_SHARED || part == PROFILE_SHARED_PAYLOADS
				 ? profile->part[part]
				 : 0,
			 profile->blocks[part]);
		puts(profile_part_text(part));
	}
	put_size(profile, profile->file->file_bytes, 0, 0);
	puts("the file");
}

static void put_keys(const struct table *table)
{
	const struct profile *profile = table->profile;
	char number[OUTPUT_NUMBER];

	if (profile->keys == 0)
		return;
	put_title("KEY");
	for (size_t i = 0; i < profile->keys && i < table->rows; i++) {
		const struct profile_key *key = &profile->key[i];
		put_count(profile, &key->count);
		put_path(profile, key->path);
		if (key->others != 0)
			printf(", %s", output_count(key->others, number));
		putchar('\n');
	}
	put_more(profile->keys, table->rows);
}

static void put_rows(const struct table *table, struct profile_row *rows, size_t count,
		     bool of_paths)
{
	const struct profile *profile = table->profile;

	if (rows == NULL || count == 0) {
		free(rows);
		return;
	}
	put_title(of_paths ? "PATH" : "TYPE");
	for (size_t i = 0; i < count && i < table->rows; i++) {
		put_count(profile, &rows[i].count);
		if (of_paths)
			put_path(profile, rows[i].number);
		else
			put_name(profile, rows[i].number, TEXT_COLUMNS);
		putchar('\n');
	}
	put_more(count, table->rows);
	free(rows);
}

static void put_strings(const struct profile *profile)
{
	char size[OUTPUT_NUMBER], count[OUTPUT_NUMBER], from[OUTPUT_NUMBER], to[OUTPUT_NUMBER];
	uint64_t most = 0;

	for (unsigned i = 0; i < PROFILE_LENGTHS; i++)
		if (profile->strings[i].count > most)
			most = profile->strings[i].count;
	if (most == 0)
		return;
	printf("\n%10s %19s  %s\n", "SIZE", "STRINGS", "LENGTH");
	for (unsigned i = 0; i < PROFILE_LENGTHS; i++) {
		const struct profile_strings *strings = &profile->strings[i];
		uint64_t low = i == 0 ? 0 : 1ull << (i - 1), high = i == 0 ? 0 : low * 2 - 1;
		int bar = (int)((double)strings->count / (double)most * BAR_COLUMNS + 0.5);
		if (strings->count == 0)
			continue;
		printf("%10s %19s  ", output_size(strings->bytes, size),
		       output_count(strings->count, count));
		output_count(low, from);
		if (low == high)
			printf("%-23s", from);
		else
			printf("%s to %-*s", from, (int)(19 - strlen(from)),
			       output_count(high, to));
		for (int column = 0; column < bar; column++)
			putchar('#');
		putchar('\n');
	}
}

static void put_garbage(const struct table *table)
{
	const struct profile *profile = table->profile;
	char text[PROFILE_CLASS_TEXT];

	if (profile->part[PROFILE_DEAD] == 0)
		return;
	put_title("GARBAGE");
	for (unsigned i = 0; i < PROFILE_CLASSES; i++) {
		const struct profile_size *dead = &profile->dead[i];
		if (dead->blocks == 0)
			continue;
		put_size(profile, dead->bytes + dead->payload, 0, dead->blocks);
		puts(profile_class_text(i, text));
	}
	printf("\n%10s %10s %10s  %s\n", "SIZE", "VALUES", "GARBAGE", "COMMIT");
	for (size_t i = profile->commits; i-- > 0;) {
		const struct profile_commit *commit = &profile->commit[i];
		char size[OUTPUT_NUMBER], live[OUTPUT_NUMBER], dead[OUTPUT_NUMBER];
		if (profile->commits - i > table->rows) {
			put_more(profile->commits, table->rows);
			break;
		}
		printf("%10s %10s %10s  generation %" PRIu64 "%s\n",
		       output_size(commit->bytes, size), output_size(commit->live, live),
		       output_size(commit->dead, dead), commit->generation,
		       commit->commits > 1 ? " and before" : "");
	}
}

/* Blocks that others stand for, and what takes them away. */
static void put_equal(const char *label, uint64_t bytes, const char *option)
{
	char number[OUTPUT_NUMBER], size[OUTPUT_NUMBER];

	output_row(label, "%s (%s bytes), which 'compact %s' frees", output_size(bytes, size),
		   output_count(bytes, number), option);
}

void profile_report_text(const struct tool_request *request, const struct profile *profile)
{
	const struct table table = {profile, request->all ? SIZE_MAX : ROWS};
	struct profile_row *rows;
	size_t count;

	output_text(stdout, request->file, strlen(request->file));
	putchar('\n');
	output_row("generation", "%" PRIu64, profile->file->super.generation);
	output_row_size("file", profile->file->file_bytes);
	if (profile->holes != 0)
		output_row_size("in holes", profile->holes);
	output_row_size("headers", profile->block_headers);
	output_row_size("string ends", profile->string_padding);
	if (profile->equals.bytes != 0)
		put_equal("equals", profile->equals.bytes, "--dedup");
	if (profile->equal_strings.bytes != 0)
		put_equal("and strings", profile->equal_strings.bytes, "--dedup-strings");
	put_parts(profile);
	put_keys(&table);
	rows = profile_rows_paths(profile, &count);
	put_rows(&table, rows, count, true);
	rows = profile_rows_types(profile, &count);
	put_rows(&table, rows, count, false);
	put_strings(profile);
	put_garbage(&table);
}
