/* tests/bench: reading a file that is larger than memory (huge.py): tables of records
 * (Input.table), each under a key of its own, 0 and up.
 *
 * It is asked, a line each (serve.h):
 *
 *   get PATH KEY            gets the value under KEY
 *   find PATH KEYS TABLES   looks up each line of the file KEYS in one of so many tables; "sum" of
 *                           the attribute read
 *   scan PATH KEY           two columns of the table under KEY; "rows"
 *   verify PATH THREADS     ancient_file_verify
 *
 * Each opens the file itself; "seconds" by the clock are from there on.  The file stays open, so
 * that what it takes of memory can be looked at from outside.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient_columns.h>
#include <ancient_lookup.h>

#include "serve.h"

#define ROWS 1024 /* of a scan in one call */

static struct ancient_file *file;
static struct ancient_schema *schema;
static uint32_t installed_size; /* the field's index */

static void must(enum ancient_code code, const struct ancient_error *err)
{
	if (code != ANCIENT_OK)
		die("ancient", err->message);
}

static void open_file(const char *path)
{
	struct ancient_error err;
	must(ancient_file_open(path, NULL, &file, &err), &err);
}

/* The table under a key; all of them have one type. */
static struct ancient_typed table_at(uint64_t key)
{
	static const char *text;
	const char name[] = "installed_size";
	struct ancient_entry entry;
	struct ancient_error err;
	must(ancient_file_entry(file, key, &entry, &err), &err);
	if (schema == NULL) {
		text = entry.schema;
		must(ancient_schema_parse(text, entry.schema_length, "bench_huge", &schema, &err),
		     &err);
		uint32_t table = ancient_typed_root(schema, entry.root).type;
		uint32_t record = ancient_schema_type(schema, table)->arguments[1];
		installed_size =
			(uint32_t)ancient_type_field_index(schema, record, name, strlen(name));
	}
	if (entry.schema != text && strcmp(entry.schema, text) != 0)
		die("bench_huge", "the tables are of several types");
	return ancient_typed_root(schema, entry.root);
}

static void answer_get(char **words)
{
	struct ancient_error err;
	struct ancient_value root;
	enum ancient_kind kind;
	double start = clock_seconds();
	open_file(words[0]);
	must(ancient_file_get(file, parse_number(words[1]), &root, &err), &err);
	must(ancient_value_kind(file, root, &kind, &err), &err);
	printf("{\"seconds\": %.9f}\n", clock_seconds() - start);
}

static int64_t find(struct ancient_typed table, const char *name, size_t length)
{
	struct ancient_key key = ancient_key_string(name, length);
	struct ancient_error err;
	struct ancient_typed record, size;
	int64_t number;
	must(ancient_typed_find(file, schema, table, &key, &record, &err), &err);
	must(ancient_typed_field(file, schema, record, installed_size, &size, &err), &err);
	must(ancient_typed_int(file, schema, size, &number, &err), &err);
	return number;
}

static void answer_find(char **words)
{
	size_t tables = parse_number(words[2]), room = 0;
	FILE *keys = fopen(words[1], "re");
	char *line = NULL;
	int64_t sum = 0;
	ssize_t length;
	if (keys == NULL || tables == 0)
		die(words[1], keys == NULL ? strerror(errno) : "no tables");
	double start = clock_seconds();
	open_file(words[0]);
	/* Tables far from each other: 7919 is a prime. */
	for (uint64_t i = 0; (length = getline(&line, &room, keys)) > 0; i++)
		sum += find(table_at(i * 7919 % tables), line, (size_t)length - 1);
	printf("{\"seconds\": %.9f, \"sum\": %" PRId64 "}\n", clock_seconds() - start, sum);
	free(line);
	fclose(keys);
}

static void answer_scan(char **words)
{
	static int64_t sizes[ROWS];
	static double weights[ROWS];
	struct ancient_error err;
	struct ancient_scan scan;
	struct ancient_column columns[2];
	size_t rows = ROWS, count = 0;
	double start = clock_seconds();
	open_file(words[0]);
	struct ancient_typed table = table_at(parse_number(words[1]));
	must(ancient_scan_init(file, schema, table, false, &scan, &err), &err);
	must(ancient_column_init(&scan, false, "installed_size", &columns[0], &err), &err);
	must(ancient_column_init(&scan, false, "weight", &columns[1], &err), &err);
	columns[0].data = sizes;
	columns[1].data = weights;
	for (; rows == ROWS; count += rows)
		must(ancient_scan_next(&scan, columns, 2, ROWS, &rows, &err), &err);
	printf("{\"seconds\": %.9f, \"rows\": %zu}\n", clock_seconds() - start, count);
}

static void answer_verify(char **words)
{
	struct ancient_verify_options options = {.threads = (unsigned)parse_number(words[1])};
	struct ancient_error err;
	double start = clock_seconds();
	open_file(words[0]);
	must(ancient_file_verify(file, &options, NULL, &err), &err);
	printf("{\"seconds\": %.9f}\n", clock_seconds() - start);
}

int main(void)
{
	static const struct command commands[] = {
		{"get", 2, answer_get},
		{"find", 3, answer_find},
		{"scan", 2, answer_scan},
		{"verify", 2, answer_verify},
	};
	serve_commands(commands, sizeof(commands) / sizeof(commands[0]));
	return 0;
}
