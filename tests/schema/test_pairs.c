/* tests/schema: each value of tests/interop/schemas.ancient, read by C as each type of
 * tests/interop/schemas.txt: a value of the type is dumped whole, any other is an error
 * about its first wrong block.
 *
 *   test_pairs schemas.txt schemas.ancient
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient_reader.h>
#include <ancient_schema.h>

#define MOST 64

static struct {
	char name[256];
	struct ancient_schema *schema;
} types[MOST];
static uint64_t count, failures;

static void fail(const char *name, const char *as, const char *what)
{
	printf("%s as %s: %s\n", name, as, what);
	failures++;
}

/* A case's text ends where its encoding begins. */
static bool load_types(const char *path)
{
	static char line[1 << 15], text[1 << 16];
	struct ancient_error err;
	size_t length = 0;
	FILE *table = fopen(path, "r");

	if (table == NULL)
		return false;
	while (count < MOST && fgets(line, sizeof(line), table) != NULL) {
		if (strncmp(line, "# ", 2) == 0) {
			line[strcspn(line, "\n")] = '\0';
			snprintf(types[count].name, sizeof(types[count].name), "%.255s", line + 2);
			length = 0;
		} else if (strncmp(line, "= ", 2) == 0 && length > 0) {
			if (ancient_schema_parse(text, length, types[count].name,
						 &types[count].schema, &err) != ANCIENT_OK)
				fail(types[count].name, "a text", err.message);
			length = 0;
			count++;
		} else if (line[0] != '%' && line[0] != '=' && line[0] != '\n' &&
			   length + strlen(line) < sizeof(text)) {
			strcpy(text + length, line);
			length += strlen(line);
		}
	}
	fclose(table);
	return true;
}

static bool write_nowhere(void *context, const char *bytes, size_t length)
{
	(void)bytes;
	*(uint64_t *)context += length;
	return true;
}

static bool is_same(uint64_t a, uint64_t b)
{
	uint8_t x[16], y[16];

	ancient_schema_fingerprint(types[a].schema, x);
	ancient_schema_fingerprint(types[b].schema, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

/* What else can be asked of any value; the answers are those of the dump. */
static void ask(struct ancient_file *file, const struct ancient_schema *schema,
		struct ancient_typed value)
{
	struct ancient_typed part;
	struct ancient_error err;
	int64_t number;
	double real;

	for (uint32_t i = 0; i < 3; i++)
		(void)ancient_typed_field(file, schema, value, i, &part, &err);
	(void)ancient_typed_field_named(file, schema, value, "size", &part, &err);
	(void)ancient_typed_int(file, schema, value, &number, &err);
	(void)ancient_typed_float(file, schema, value, &real, &err);
	(void)ancient_path_get(file, schema, value, "[\"vim\"].depends[0].name", &part, &err);
	(void)ancient_path_get(file, schema, value, "[1]", &part, &err);
}

static bool read_as(struct ancient_file *file, uint64_t key, uint64_t type)
{
	const struct ancient_schema *schema = types[type].schema;
	struct ancient_value root;
	struct ancient_typed value;
	struct ancient_error err;
	uint64_t written = 0;
	const struct ancient_dump_options options = {
		.write = write_nowhere, .context = &written, .limit = 1000000};
	enum ancient_code code = ancient_file_get(file, key, &root, &err);

	if (code == ANCIENT_OK) {
		value = ancient_typed_root(schema, root);
		ask(file, schema, value);
		code = ancient_typed_dump(file, schema, value, &options, &err);
	}
	if (code != ANCIENT_OK && code != ANCIENT_E_BAD_SHAPE)
		fail(types[key].name, types[type].name, err.message);
	if (code == ANCIENT_E_BAD_SHAPE && is_same(key, type))
		fail(types[key].name, types[type].name, err.message);
	return code == ANCIENT_OK;
}

int main(int argc, char **argv)
{
	struct ancient_file *file;
	struct ancient_error err;
	uint64_t agreed = 0, pairs = 0;

	if (argc != 3 || !load_types(argv[1])) {
		fprintf(stderr, "usage: test_pairs schemas.txt schemas.ancient\n");
		return 99;
	}
	if (failures > 0 || ancient_file_open(argv[2], NULL, &file, &err) != ANCIENT_OK)
		return 1;
	for (uint64_t key = 0; key < count; key++)
		for (uint64_t type = 0; type < count; type++, pairs++)
			agreed += read_as(file, key, type);
	ancient_file_close(file);
	for (uint64_t i = 0; i < count; i++)
		ancient_schema_close(types[i].schema);
	printf("%llu pairs, %llu agreed, %llu failures\n", (unsigned long long)pairs,
	       (unsigned long long)agreed, (unsigned long long)failures);
	/* each is of its own type; most are of few others */
	return failures == 0 && count >= 30 && agreed >= count && agreed < 3 * count ? 0 : 1;
}
