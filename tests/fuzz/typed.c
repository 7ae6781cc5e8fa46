/* tests/fuzz: splits an input into a schema and a file; see typed.h. */
#include "typed.h"

#define ROOTS 32u
#define LIMIT (1u << 16)

bool fuzz_typed_ok(enum ancient_code code)
{
	if (fuzz_ok(code))
		return true;
	FUZZ_CHECK(fuzz_class_of(code) == FUZZ_CALLER || fuzz_class_of(code) == FUZZ_ABSENT ||
		   fuzz_class_of(code) == FUZZ_CORRUPT || code == ANCIENT_E_MEMORY);
	return false;
}

void fuzz_each_root(const uint8_t *data, size_t size, unsigned texts,
		    void (*visit)(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed root,
				  void *context),
		    void *context)
{
	size_t text = fuzz_file_start(data, size, texts - 1);
	size_t start = fuzz_file_start(data, size, texts);
	struct ancient_schema *schema;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_file *file;

	if (start <= text ||
	    !fuzz_ok(ancient_schema_parse((const char *)data + text, start - 1 - text, "fuzz",
					  &schema, &fuzz_err)))
		return;
	file = fuzz_file(data + start, size - start);
	if (file != NULL) {
		ancient_cursor_init(file, 0, &cursor);
		for (unsigned i = 0;
		     i < ROOTS && ancient_cursor_next(&cursor, &entry, &fuzz_err) == ANCIENT_OK;
		     i++)
			visit(file, schema, ancient_typed_root(schema, entry.root), context);
	}
	ancient_file_close(file);
	ancient_schema_close(schema);
}

void fuzz_typed_dump(const struct ancient_file *file, const struct ancient_schema *schema,
		     struct ancient_typed typed)
{
	for (unsigned indent = 0; indent < 2; indent++) {
		struct fuzz_text text = {0};
		const struct ancient_dump_options options = {.write = fuzz_append,
							     .context = &text,
							     .indent = indent != 0,
							     .limit = LIMIT};
		enum ancient_code code =
			ancient_typed_dump(file, schema, typed, &options, &fuzz_err);
		FUZZ_CHECK(text.length <= LIMIT);
		if (fuzz_typed_ok(code))
			FUZZ_CHECK(fuzz_is_json(text.bytes, text.length));
		free(text.bytes);
	}
}
