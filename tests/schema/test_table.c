/* tests/schema: the C reader computes for each text in tests/interop/schemas.txt the encoding and
 * the fingerprint that the table has, as the OCaml library does.
 *
 *   test_table schemas.txt
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ancient_schema.h>

static char text[1 << 16], name[256];
static size_t length;
static const struct ancient_schema *schema;
static struct ancient_schema *parsed;
static int cases, marks, failures;

static void fail(const char *what, const char *expected, const char *found)
{
	printf("%s: %s: expected %s, found %s\n", name, what, expected, found);
	failures++;
}

static void parse(void)
{
	struct ancient_error err;

	if (ancient_schema_parse(text, length, name, &parsed, &err) != ANCIENT_OK) {
		fail("text", "a schema", err.message);
		parsed = NULL;
	}
	schema = parsed;
}

/* The first mark of a case is its encoding, the second its fingerprint. */
static void check_mark(const char *expected)
{
	char hex[33] = "";
	uint8_t fingerprint[16];

	if (marks++ == 0)
		parse();
	if (schema == NULL)
		return;
	if (marks == 1) {
		const char *encoding = ancient_schema_encoding(schema, NULL);
		if (strcmp(encoding, expected) != 0)
			fail("encoding", expected, encoding);
		return;
	}
	ancient_schema_fingerprint(schema, fingerprint);
	for (size_t i = 0; i < sizeof(fingerprint); i++)
		snprintf(hex + 2 * i, 3, "%02x", fingerprint[i]);
	if (strcmp(hex, expected) != 0)
		fail("fingerprint", expected, hex);
	ancient_schema_close(parsed);
	parsed = NULL;
	schema = NULL;
}

static void take_line(char *line)
{
	if (strncmp(line, "# ", 2) == 0) {
		snprintf(name, sizeof(name), "%.255s", line + 2);
		length = 0;
		marks = 0;
		cases++;
	} else if (strncmp(line, "= ", 2) == 0) {
		check_mark(line + 2);
	} else if (line[0] != '%' && line[0] != '\0' && length + strlen(line) + 1 < sizeof(text)) {
		length += (size_t)sprintf(text + length, "%s\n", line);
	}
}

int main(int argc, char **argv)
{
	static char line[1 << 15];
	FILE *table = argc == 2 ? fopen(argv[1], "r") : NULL;

	if (table == NULL) {
		fprintf(stderr, "usage: test_table schemas.txt\n");
		return 99;
	}
	while (fgets(line, sizeof(line), table) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		take_line(line);
	}
	fclose(table);
	printf("%d cases, %d failures\n", cases, failures);
	return failures == 0 && cases >= 30 ? 0 : 1;
}
