/* tests/bench: reading one field of a record, from C, where the record is in the cache already.
 *
 * It is asked, a line each (serve.h):
 *
 *   open PATH           the typed file of an array of records
 *   access COUNT        reads one field of each of the first records, COUNT times over, by
 *                       type, inline (ancient_access.h), as generated accessors do; "seconds" of
 *                       processor time, and "sum"
 *   typed COUNT         the same by calls of the library
 *   raw COUNT           the same by position
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient_access.h>

#include "serve.h"

#define RECORDS 1000 /* or as many as there are */

static struct ancient_file *file;
static struct ancient_schema *schema;
static struct ancient_access inline_access;
static struct ancient_typed records[RECORDS];
static uint64_t record_count;
static uint32_t installed_size; /* the field's index */

static void must(enum ancient_code code, const struct ancient_error *err)
{
	if (code != ANCIENT_OK)
		die("ancient", err->message);
}

static void answer_open(char **words)
{
	struct ancient_entry entry;
	struct ancient_error err;
	must(ancient_file_open(words[0], NULL, &file, &err), &err);
	must(ancient_file_entry(file, 0, &entry, &err), &err);
	must(ancient_schema_parse(entry.schema, entry.schema_length, words[0], &schema, &err),
	     &err);
	ancient_access_init(file, schema, &inline_access);
	struct ancient_typed array = ancient_typed_root(schema, entry.root);
	must(ancient_typed_length(file, schema, array, &record_count, &err), &err);
	if (record_count > RECORDS)
		record_count = RECORDS;
	for (uint64_t i = 0; i < record_count; i++)
		must(ancient_typed_item(file, schema, array, i, &records[i], &err), &err);
	const char name[] = "installed_size";
	installed_size =
		(uint32_t)ancient_type_field_index(schema, records[0].type, name, strlen(name));
	puts("{}");
}

static int64_t read_inline(void)
{
	struct ancient_error err;
	int64_t sum = 0, number;
	for (uint64_t i = 0; i < record_count; i++) {
		must(ancient_access_field_int(&inline_access, records[i], installed_size, &number,
					      &err),
		     &err);
		sum += number;
	}
	return sum;
}

static int64_t read_raw(void)
{
	struct ancient_error err;
	struct ancient_block block;
	struct ancient_value size;
	int64_t sum = 0;
	for (uint64_t i = 0; i < record_count; i++) {
		must(ancient_block_get(file, records[i].value, &block, &err), &err);
		must(ancient_block_field(file, &block, installed_size, &size, &err), &err);
		sum += ancient_value_to_int(size);
	}
	return sum;
}

static int64_t read_typed(void)
{
	struct ancient_error err;
	struct ancient_typed size;
	int64_t sum = 0, number;
	for (uint64_t i = 0; i < record_count; i++) {
		must(ancient_typed_field(file, schema, records[i], installed_size, &size, &err),
		     &err);
		must(ancient_typed_int(file, schema, size, &number, &err), &err);
		sum += number;
	}
	return sum;
}

static void timed(int64_t (*read)(void), const char *count)
{
	size_t times = parse_number(count);
	int64_t sum = 0;
	double start = processor_seconds();
	for (size_t i = 0; i < times; i++)
		sum += read();
	printf("{\"seconds\": %.9f, \"sum\": %" PRId64 ", \"records\": %" PRIu64 "}\n",
	       processor_seconds() - start, sum, record_count);
}

static void answer_access(char **words)
{
	timed(read_inline, words[0]);
}

static void answer_raw(char **words)
{
	timed(read_raw, words[0]);
}

static void answer_typed(char **words)
{
	timed(read_typed, words[0]);
}

int main(void)
{
	static const struct command commands[] = {
		{"open", 1, answer_open},
		{"access", 1, answer_access},
		{"raw", 1, answer_raw},
		{"typed", 1, answer_typed},
	};
	serve_commands(commands, sizeof(commands) / sizeof(commands[0]));
	return 0;
}
