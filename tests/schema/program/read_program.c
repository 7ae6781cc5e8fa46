/* tests/schema: answers of C on the file of main.ml: each path on the command line, as JSON.
 *
 *   read_program program.ancient PATH ...
 */
#include <stdio.h>

#include <ancient_schema.h>

static bool print(void *context, const char *text, size_t length)
{
	return fwrite(text, 1, length, context) == length;
}

int main(int argc, char **argv)
{
	const struct ancient_dump_options options = {.write = print, .context = stdout};
	struct ancient_file *file;
	struct ancient_schema *schema;
	struct ancient_entry entry;
	struct ancient_typed part;
	struct ancient_error err;

	if (argc < 2 || ancient_file_open(argv[1], NULL, &file, &err) != ANCIENT_OK ||
	    ancient_file_entry(file, 0, &entry, &err) != ANCIENT_OK ||
	    ancient_schema_parse(entry.schema, entry.schema_length, argv[1], &schema, &err) !=
		    ANCIENT_OK)
		return 1;
	for (int i = 2; i < argc; i++) {
		struct ancient_typed root = ancient_typed_root(schema, entry.root);

		if (ancient_path_get(file, schema, root, argv[i], &part, &err) == ANCIENT_OK &&
		    ancient_typed_dump(file, schema, part, &options, &err) == ANCIENT_OK)
			puts("");
		else
			puts(err.message);
	}
	ancient_schema_close(schema);
	ancient_file_close(file);
	return 0;
}
