/* tests/fuzz: keys as texts.
 *
 * Input: a schema, a 0 byte, a text.  The text is a key of a type of the schema, the same one with
 * blanks around it, and parentheses where it is no tuple, or an error of the manual of
 * ancient_literal_parse, which changes nothing. */
#include "fuzz.h"

#include <ancient_schema.h>

#define TYPES 40u /* of a schema, that the text is read as */

static struct ancient_literal *parse(const struct ancient_schema *schema, uint32_t type,
				     const char *text, size_t length)
{
	struct ancient_literal *literal = NULL;

	if (!fuzz_ok(ancient_literal_parse(schema, type, text, length, &literal, &fuzz_err))) {
		FUZZ_CHECK(literal == NULL);
		FUZZ_CHECK(fuzz_err.code == ANCIENT_E_ARGUMENT ||
			   fuzz_err.code == ANCIENT_E_WRONG_KIND ||
			   fuzz_err.code == ANCIENT_E_TOO_LARGE ||
			   fuzz_err.code == ANCIENT_E_MEMORY);
		return NULL;
	}
	FUZZ_CHECK(literal != NULL);
	return literal;
}

static bool same_bits(const double *one, const double *other, size_t count)
{
	return count == 0 || memcmp(one, other, count * sizeof(*one)) == 0;
}

/* No deeper than the 100 levels of a literal. */
static bool same(const struct ancient_key *one, const struct ancient_key *other)
{
	if (one->kind != other->kind || one->count != other->count || one->tag != other->tag)
		return false;
	switch (one->kind) {
	case ANCIENT_KEY_STRING:
		return memcmp(one->as.bytes, other->as.bytes, one->count) == 0;
	case ANCIENT_KEY_FLOAT:
		return same_bits(&one->as.number, &other->as.number, 1);
	case ANCIENT_KEY_FLOATS:
		return same_bits(one->as.numbers, other->as.numbers, one->count);
	case ANCIENT_KEY_BLOCK:
		for (size_t i = 0; i < one->count; i++)
			if (!same(&one->as.fields[i], &other->as.fields[i]))
				return false;
		return true;
	case ANCIENT_KEY_VALUE:
		return false; /* there is no file */
	default:
		return one->as.integer == other->as.integer;
	}
}

static void check_hash(const struct ancient_key *one, const struct ancient_key *other)
{
	uint32_t hash = 1, again = 2;

	FUZZ_CHECK(ancient_key_hash(NULL, one, 7, &hash, &fuzz_err) == ANCIENT_OK);
	FUZZ_CHECK(ancient_key_hash(NULL, other, 7, &again, &fuzz_err) == ANCIENT_OK);
	FUZZ_CHECK(hash == again);
}

static bool is_tuple(const struct ancient_schema *schema, uint32_t number)
{
	const struct ancient_type *type = ancient_schema_type(schema, number);

	while (type->kind == ANCIENT_TYPE_LAZY)
		type = ancient_schema_type(schema, type->arguments[0]);
	return type->kind == ANCIENT_TYPE_TUPLE;
}

/* `wrapped` is the text with blanks and parentheses around it. */
static void check_type(const struct ancient_schema *schema, uint32_t type, const char *text,
		       size_t length, const char *wrapped)
{
	struct ancient_literal *literal = parse(schema, type, text, length), *other;

	if (literal == NULL)
		return;
	if (is_tuple(schema, type)) {
		ancient_literal_free(literal);
		return;
	}
	other = parse(schema, type, wrapped, length + 4);
	if (other == NULL) {
		FUZZ_CHECK(fuzz_err.code == ANCIENT_E_TOO_LARGE ||
			   fuzz_err.code == ANCIENT_E_MEMORY);
	} else {
		FUZZ_CHECK(same(ancient_literal_key(literal), ancient_literal_key(other)));
		check_hash(ancient_literal_key(literal), ancient_literal_key(other));
	}
	ancient_literal_free(other);
	ancient_literal_free(literal);
}

static void run(const uint8_t *data, size_t size)
{
	const size_t start = fuzz_file_start(data, size, 1), length = size - start;
	const char *text = (const char *)data + start;
	struct ancient_schema *schema = NULL;
	char *wrapped;

	if (start == 0 || start == size ||
	    !fuzz_ok(ancient_schema_parse((const char *)data, start - 1, "fuzz", &schema,
					  &fuzz_err)))
		return;
	wrapped = malloc(length + 4);
	FUZZ_CHECK(wrapped != NULL);
	memcpy(wrapped, " (", 2);
	memcpy(wrapped + 2, text, length);
	memcpy(wrapped + 2 + length, ")\n", 2);
	for (uint32_t i = 0; i < ancient_schema_type_count(schema) && i < TYPES; i++)
		check_type(schema, i, text, length, wrapped);
	free(wrapped);
	ancient_schema_close(schema);
}

const struct fuzz_target fuzz_literal = {"literal", run, 1, true};
