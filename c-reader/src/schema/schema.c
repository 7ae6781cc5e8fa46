/* c-reader/schema: the public ancient_schema_* and ancient_type_*: parsing a text step by step,
 * references, and questions about types. */
#include "schema/schema.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <xxhash.h>

#include "schema/build.h"
#include "schema/encode.h"
#include "schema/names.h"
#include "schema/parse.h"
#include "schema/schema_text.h"
#include "schema/show.h"

/* ---- Parsing ----------------------------------------------------------------------- */

static void schema_free(struct ancient_schema *schema)
{
	if (schema == NULL)
		return;
	free(schema->text);
	free(schema->encoding);
	free(schema->label);
	free(schema->strings);
	free(schema->types);
	free(schema->arguments);
	free(schema->fields);
	free(schema->mutable_fields);
	free(schema->constructors);
	free(schema->order);
	free(schema->constants);
	free(schema);
}

static void take_fingerprint(struct ancient_schema *schema)
{
	XXH128_canonical_t canonical;

	XXH128_canonicalFromHash(&canonical,
				 XXH3_128bits(schema->encoding, schema->encoding_length));
	memcpy(schema->fingerprint, canonical.digest, sizeof(schema->fingerprint));
}

/* [@ancient.bytes] does not enter the fingerprint, so with it types are built twice. */
static void make_types(struct schema_text *text, struct ancient_schema *schema)
{
	struct schema_types plain = {0}, shown = {0};

	ancient_reader_schema_build(text, false, &plain);
	if (text->code == ANCIENT_OK)
		ancient_reader_schema_encode(text, &plain, &schema->encoding,
					     &schema->encoding_length);
	if (text->code == ANCIENT_OK && text->has_bytes)
		ancient_reader_schema_build(text, true, &shown);
	if (text->code == ANCIENT_OK)
		ancient_reader_schema_show(text, text->has_bytes ? &shown : &plain, schema);
	if (text->code == ANCIENT_OK)
		take_fingerprint(schema);
	ancient_reader_schema_types_done(&plain);
	ancient_reader_schema_types_done(&shown);
}

static void check_bytes(struct schema_text *text)
{
	const char *zero = memchr(text->bytes, 0, text->length);

	if (zero != NULL)
		ancient_reader_schema_refuse(text, (uint32_t)(zero - text->bytes),
					     "expected OCaml type declarations, found a 0 byte");
}

static struct ancient_schema *new_schema(const char *text, size_t length, const char *label)
{
	struct ancient_schema *schema = calloc(1, sizeof(*schema));

	if (schema == NULL)
		return NULL;
	atomic_init(&schema->references, 1);
	schema->label = strdup(label);
	schema->text = malloc(length + 1);
	if (schema->label == NULL || schema->text == NULL) {
		schema_free(schema);
		return NULL;
	}
	if (length > 0)
		memcpy(schema->text, text, length);
	schema->text[length] = '\0';
	schema->length = length;
	return schema;
}

enum ancient_code ancient_schema_parse(const char *text, size_t length, const char *name,
				       struct ancient_schema **ret_schema,
				       struct ancient_error *err)
{
	const char *label = name == NULL ? "schema" : name;
	struct ancient_schema *schema;
	struct schema_text t;

	if (length > SCHEMA_TEXT_MAX)
		return ancient_reader_refuse(label, err, ANCIENT_E_BAD_SCHEMA,
					     "expected at most %u bytes, found %llu",
					     SCHEMA_TEXT_MAX, (unsigned long long)length);
	schema = new_schema(text, length, label);
	if (schema == NULL)
		return ancient_reader_refuse(label, err, ANCIENT_E_MEMORY, "schema");
	t = (struct schema_text){.bytes = schema->text,
				 .length = (uint32_t)length,
				 .label = schema->label,
				 .err = err};
	/* Any number that the author of the text cannot know; early at boot, an address. */
	if (getrandom(&t.seed, sizeof(t.seed), GRND_NONBLOCK) != sizeof(t.seed))
		t.seed = (uintptr_t)schema;
	check_bytes(&t);
	if (t.code == ANCIENT_OK)
		ancient_reader_schema_parse(&t);
	if (t.code == ANCIENT_OK)
		ancient_reader_schema_resolve(&t);
	if (t.code == ANCIENT_OK)
		make_types(&t, schema);
	ancient_reader_schema_text_done(&t);
	if (t.code != ANCIENT_OK) {
		schema_free(schema);
		return t.code;
	}
	*ret_schema = schema;
	return ANCIENT_OK;
}

struct ancient_schema *ancient_schema_ref(struct ancient_schema *schema)
{
	atomic_fetch_add_explicit(&schema->references, 1, memory_order_relaxed);
	return schema;
}

void ancient_schema_close(struct ancient_schema *schema)
{
	if (schema != NULL &&
	    atomic_fetch_sub_explicit(&schema->references, 1, memory_order_acq_rel) == 1)
		schema_free(schema);
}

/* ---- Questions --------------------------------------------------------------------- */

const char *ancient_schema_text(const struct ancient_schema *schema, size_t *ret_length)
{
	if (ret_length != NULL)
		*ret_length = schema->length;
	return schema->text;
}

void ancient_schema_fingerprint(const struct ancient_schema *schema, uint8_t ret_fingerprint[16])
{
	memcpy(ret_fingerprint, schema->fingerprint, sizeof(schema->fingerprint));
}

const char *ancient_schema_encoding(const struct ancient_schema *schema, size_t *ret_length)
{
	if (ret_length != NULL)
		*ret_length = schema->encoding_length;
	return schema->encoding;
}

uint32_t ancient_schema_root(const struct ancient_schema *schema)
{
	return schema->root;
}

uint32_t ancient_schema_type_count(const struct ancient_schema *schema)
{
	return schema->count;
}

const struct ancient_type *ancient_schema_type(const struct ancient_schema *schema, uint32_t type)
{
	return type < schema->count ? &schema->types[type] : NULL;
}

static bool is_name(const char *have, const char *name, size_t length)
{
	return have != NULL && strncmp(have, name, length) == 0 && have[length] == '\0';
}

int64_t ancient_type_field_index(const struct ancient_schema *schema, uint32_t type,
				 const char *name, size_t length)
{
	const struct ancient_type *t = ancient_schema_type(schema, type);

	for (uint32_t i = 0; t != NULL && i < t->field_count; i++)
		if (is_name(t->fields[i].name, name, length))
			return i;
	return -1;
}

int64_t ancient_type_constructor_index(const struct ancient_schema *schema, uint32_t type,
				       const char *name, size_t length)
{
	const struct ancient_type *t = ancient_schema_type(schema, type);

	for (uint32_t i = 0; t != NULL && i < t->constructor_count; i++)
		if (is_name(t->constructors[i].name, name, length))
			return i;
	return -1;
}
