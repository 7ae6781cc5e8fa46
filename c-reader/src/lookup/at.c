/* c-reader/lookup: the public ancient_typed_at and ancient_literal_...: keys as texts. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "lookup/literal.h"
#include "typed/shape.h"

struct ancient_literal {
	struct literal read;
	struct ancient_key key;
	char text[];
};

enum ancient_code ancient_literal_parse(const struct ancient_schema *schema, uint32_t type,
					const char *text, size_t length,
					struct ancient_literal **ret_literal,
					struct ancient_error *err)
{
	struct ancient_literal *literal;
	enum ancient_code code;

	if (type >= schema->count)
		return ancient_reader_refuse("literal", err, ANCIENT_E_ARGUMENT,
					     "expected a type below %u, found %u", schema->count,
					     type);
	literal = malloc(sizeof(*literal) + length + 1);
	if (literal == NULL)
		return ancient_reader_refuse("literal", err, ANCIENT_E_MEMORY, "key");
	memcpy(literal->text, text, length);
	ancient_reader_literal_init(&literal->read, schema, literal->text, length, "literal", err);
	code = ancient_reader_literal_read(&literal->read, type, &literal->key);
	if (code == ANCIENT_OK)
		code = ancient_reader_literal_end(&literal->read);
	literal->read.err = NULL;
	if (code == ANCIENT_OK)
		*ret_literal = literal;
	else
		ancient_literal_free(literal);
	return code;
}

const struct ancient_key *ancient_literal_key(const struct ancient_literal *literal)
{
	return &literal->key;
}

void ancient_literal_free(struct ancient_literal *literal)
{
	if (literal == NULL)
		return;
	ancient_reader_literal_done(&literal->read);
	free(literal);
}

enum ancient_code ancient_typed_at(const struct ancient_file *file,
				   const struct ancient_schema *schema, struct ancient_typed typed,
				   const char *text, size_t length, struct ancient_typed *ret_value,
				   struct ancient_error *err)
{
	const struct ancient_type *type;
	struct literal literal;
	enum ancient_code code = ancient_reader_typed_type(file, schema, typed, &type, err);

	if (code != ANCIENT_OK)
		return code;
	ancient_reader_literal_init(&literal, schema, text, length, file->name, err);
	code = ancient_reader_literal_find(&literal, file, typed, ret_value);
	ancient_reader_literal_done(&literal);
	return code;
}
