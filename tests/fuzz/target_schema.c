/* tests/fuzz: parsing schemas.
 *
 * Any text gives a schema, or BAD_SCHEMA with the line and column of a place in the text.  A
 * schema keeps its text; parsed again it has the same encoding, and its fingerprint is the
 * XXH3-128 of that.  Its types lead to types, and every member is found by its name. */
#include "fuzz.h"

#include <xxhash.h>

#include <ancient_schema.h>

static void check_refusal(enum ancient_code code, const char *text, size_t size)
{
	uint64_t line = 1;

	FUZZ_CHECK(code == ANCIENT_E_BAD_SCHEMA || code == ANCIENT_E_MEMORY);
	if (code == ANCIENT_E_MEMORY || fuzz_err.expected == 0)
		return; /* of the text as a whole */
	FUZZ_CHECK(fuzz_err.offset <= size);
	for (size_t i = 0; i < fuzz_err.offset; i++)
		line += text[i] == '\n';
	FUZZ_CHECK(fuzz_err.expected == line);
	FUZZ_CHECK(fuzz_err.found >= 1 && fuzz_err.found <= fuzz_err.offset + 1);
}

static void check_fields(const struct ancient_schema *schema, const struct ancient_field *fields,
			 uint32_t count, bool named)
{
	for (uint32_t i = 0; i < count; i++) {
		FUZZ_CHECK(ancient_schema_type(schema, fields[i].type) != NULL);
		FUZZ_CHECK((fields[i].name != NULL) == named);
	}
}

static void check_type(const struct ancient_schema *schema, uint32_t number)
{
	const struct ancient_type *type = ancient_schema_type(schema, number);
	bool record = type->kind == ANCIENT_TYPE_RECORD;

	FUZZ_CHECK(type->name[0] != '\0');
	FUZZ_CHECK(ancient_type_kind_name(type->kind)[0] != '\0');
	for (uint32_t i = 0; i < type->argument_count; i++)
		FUZZ_CHECK(ancient_schema_type(schema, type->arguments[i]) != NULL);
	check_fields(schema, type->fields, type->field_count, record);
	for (uint32_t i = 0; record && i < type->field_count && i < 100; i++)
		FUZZ_CHECK(ancient_type_field_index(schema, number, type->fields[i].name,
						    strlen(type->fields[i].name)) == i);
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const struct ancient_constructor *c = &type->constructors[i];
		check_fields(schema, c->fields, c->field_count, c->inline_record);
		FUZZ_CHECK(c->constant == (c->field_count == 0));
		if (i < 100)
			FUZZ_CHECK(ancient_type_constructor_index(schema, number, c->name,
								  strlen(c->name)) == i);
	}
}

static void check_schema(const struct ancient_schema *schema, const char *text, size_t size)
{
	size_t length, encoded;
	const char *kept = ancient_schema_text(schema, &length);
	const char *encoding = ancient_schema_encoding(schema, &encoded);
	uint8_t fingerprint[16];
	XXH128_canonical_t hash;

	FUZZ_CHECK(length == size && memcmp(kept, text, size) == 0 && kept[size] == '\0');
	FUZZ_CHECK(encoded > 0 && strlen(encoding) == encoded);
	XXH128_canonicalFromHash(&hash, XXH3_128bits(encoding, encoded));
	ancient_schema_fingerprint(schema, fingerprint);
	FUZZ_CHECK(memcmp(hash.digest, fingerprint, sizeof(fingerprint)) == 0);
	FUZZ_CHECK(ancient_schema_root(schema) < ancient_schema_type_count(schema));
	FUZZ_CHECK(ancient_schema_type(schema, ancient_schema_type_count(schema)) == NULL);
	for (uint32_t i = 0; i < ancient_schema_type_count(schema); i++)
		check_type(schema, i);
}

static void run(const uint8_t *data, size_t size)
{
	struct ancient_schema *schema = NULL, *again = NULL;
	/* Of its own size, so that a byte read too many is seen. */
	char *text = malloc(size > 0 ? size : 1);
	uint8_t one[16], other[16];
	enum ancient_code code;

	FUZZ_CHECK(text != NULL);
	if (size > 0)
		memcpy(text, data, size);
	code = ancient_schema_parse(text, size, "fuzz", &schema, &fuzz_err);
	if (!fuzz_ok(code)) {
		check_refusal(code, text, size);
		FUZZ_CHECK(schema == NULL);
		free(text);
		return;
	}
	check_schema(schema, text, size);
	FUZZ_CHECK(ancient_schema_parse(ancient_schema_text(schema, NULL), size, NULL, &again,
					&fuzz_err) == ANCIENT_OK);
	ancient_schema_fingerprint(schema, one);
	ancient_schema_fingerprint(again, other);
	FUZZ_CHECK(memcmp(one, other, sizeof(one)) == 0);
	FUZZ_CHECK(strcmp(ancient_schema_encoding(schema, NULL),
			  ancient_schema_encoding(again, NULL)) == 0);
	ancient_schema_close(ancient_schema_ref(again));
	ancient_schema_close(again);
	ancient_schema_close(schema);
	free(text);
}

const struct fuzz_target fuzz_schema = {"schema", run, 0, true};
