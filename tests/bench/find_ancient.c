/* tests/bench: looking keys up in an ancient file, by type and by position; and the records of
 * one, for the other ways.  See find.h. */
#include "find.h"

#include <stdlib.h>
#include <string.h>

#include <ancient_access.h>

#include "serve.h"

#define BATCH 256 /* keys for one call */

static struct ancient_file *file;
static struct ancient_schema *schema;
static struct ancient_access inline_access;
static struct ancient_typed table;
static uint32_t installed_size; /* the field's index */

static void must(enum ancient_code code, const struct ancient_error *err)
{
	if (code != ANCIENT_OK)
		die("ancient", err->message);
}

static void open_file(const char *path)
{
	struct ancient_entry entry;
	struct ancient_error err;
	must(ancient_file_open(path, NULL, &file, &err), &err);
	must(ancient_file_entry(file, 0, &entry, &err), &err);
	must(ancient_schema_parse(entry.schema, entry.schema_length, path, &schema, &err), &err);
	ancient_access_init(file, schema, &inline_access);
	table = ancient_typed_root(schema, entry.root);
	uint32_t record = ancient_schema_type(schema, table.type)->arguments[1];
	const char name[] = "installed_size";
	int64_t index = ancient_type_field_index(schema, record, name, strlen(name));
	if (index < 0)
		die(path, "its records have no installed_size");
	installed_size = (uint32_t)index;
}

/* ---- Finding -------------------------------------------------------------------- */

static inline int64_t size_of(struct ancient_typed record)
{
	struct ancient_error err;
	int64_t number;
	must(ancient_access_field_int(&inline_access, record, installed_size, &number, &err), &err);
	return number;
}

static int64_t find_by_type(const struct key *keys, size_t count)
{
	struct ancient_error err;
	struct ancient_typed record;
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		struct ancient_key key = ancient_key_string(keys[i].bytes, keys[i].length);
		must(ancient_typed_find(file, schema, table, &key, &record, &err), &err);
		sum += size_of(record);
	}
	return sum;
}

/* In batches, each found in one call. */
static int64_t find_in_batches(const struct key *keys, size_t count)
{
	static struct ancient_key batch[BATCH];
	static struct ancient_typed records[BATCH];
	static bool found[BATCH];
	struct ancient_error err;
	int64_t sum = 0;
	for (size_t start = 0, size; start < count; start += size) {
		size = count - start < BATCH ? count - start : BATCH;
		for (size_t i = 0; i < size; i++)
			batch[i] =
				ancient_key_string(keys[start + i].bytes, keys[start + i].length);
		must(ancient_typed_find_many(file, schema, table, batch, size, records, found, NULL,
					     &err),
		     &err);
		for (size_t i = 0; i < size; i++)
			sum += size_of(records[i]);
	}
	return sum;
}

static int64_t find_by_position(const struct key *keys, size_t count)
{
	struct ancient_error err;
	struct ancient_value record, size;
	struct ancient_block block;
	int64_t sum = 0;
	for (size_t i = 0; i < count; i++) {
		must(ancient_hashtbl_find_string(file, table.value, keys[i].bytes, keys[i].length,
						 &record, &err),
		     &err);
		must(ancient_block_get(file, record, &block, &err), &err);
		must(ancient_block_field(file, &block, installed_size, &size, &err), &err);
		sum += ancient_value_to_int(size);
	}
	return sum;
}

const struct finder find_typed = {"ancient", NULL, open_file, find_by_type};
const struct finder find_many = {"many", NULL, open_file, find_in_batches};
const struct finder find_raw = {"raw", NULL, open_file, find_by_position};

/* ---- Records -------------------------------------------------------------------- */

static struct ancient_typed field(struct ancient_typed record, const char *name)
{
	struct ancient_error err;
	struct ancient_typed value;
	must(ancient_typed_field_named(file, schema, record, name, &value, &err), &err);
	return value;
}

static struct key text(struct ancient_typed value)
{
	struct ancient_error err;
	struct key text;
	must(ancient_typed_string(file, schema, value, &text.bytes, &text.length, &err), &err);
	return text;
}

static struct key joined(struct ancient_typed list)
{
	struct ancient_error err;
	struct ancient_iterator it;
	struct ancient_typed name;
	enum ancient_code code;
	char *bytes = NULL;
	size_t length = 0;
	must(ancient_iterator_init(file, schema, list, &it, &err), &err);
	while ((code = ancient_iterator_next(&it, &name, NULL, &err)) == ANCIENT_OK) {
		struct key more = text(name);
		bytes = realloc(bytes, length + more.length + 1);
		if (bytes == NULL)
			die("records", "out of memory");
		memcpy(bytes + length, more.bytes, more.length);
		bytes[length + more.length] = ',';
		length += more.length + 1;
	}
	if (code != ANCIENT_E_NO_INDEX)
		must(code, &err);
	return (struct key){bytes == NULL ? "" : bytes, bytes == NULL ? 0 : length - 1};
}

static struct record record_of(struct ancient_typed value)
{
	struct ancient_error err;
	struct record record = {
		.name = text(field(value, "name")),
		.version = text(field(value, "version")),
		.section = text(field(value, "section")),
		.summary = text(field(value, "summary")),
		.depends = joined(field(value, "depends")),
	};
	must(ancient_typed_int(file, schema, field(value, "installed_size"), &record.installed_size,
			       &err),
	     &err);
	must(ancient_typed_float(file, schema, field(value, "weight"), &record.weight, &err), &err);
	return record;
}

static int by_name(const void *left, const void *right)
{
	const struct key *a = &((const struct record *)left)->name;
	const struct key *b = &((const struct record *)right)->name;
	size_t common = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->bytes, b->bytes, common);
	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

struct record *find_records(const char *path, size_t *ret_count)
{
	struct ancient_error err;
	struct ancient_iterator it;
	struct ancient_typed name, value;
	uint64_t count, filled = 0;
	open_file(path);
	must(ancient_typed_length(file, schema, table, &count, &err), &err);
	struct record *records = calloc(count, sizeof(*records));
	if (records == NULL)
		die(path, "no room for its records");
	must(ancient_iterator_init(file, schema, table, &it, &err), &err);
	while (filled < count && ancient_iterator_next(&it, &name, &value, &err) == ANCIENT_OK)
		records[filled++] = record_of(value);
	qsort(records, filled, sizeof(*records), by_name);
	*ret_count = filled;
	return records;
}
