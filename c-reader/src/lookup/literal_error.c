/* c-reader/lookup: errors of literals: what was expected, by the type, and what the text has. */
#include "lookup/literal_error.h"

#include <stdio.h>

#include "base/error.h"

const struct ancient_type *ancient_reader_literal_type(const struct literal *l, uint32_t type)
{
	return &l->schema->types[type];
}

/* How a value of the type is written, for messages. */
static const char *example(const struct ancient_type *type)
{
	switch (type->kind) {
	case ANCIENT_TYPE_UNIT:
		return "()";
	case ANCIENT_TYPE_BOOL:
		return "true";
	case ANCIENT_TYPE_CHAR:
		return "'c'";
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return "\"text\"";
	case ANCIENT_TYPE_FLOAT:
		return "1.5";
	case ANCIENT_TYPE_TUPLE:
		return "(..., ...)";
	case ANCIENT_TYPE_RECORD:
		return "{ field = ...; ... }";
	case ANCIENT_TYPE_VARIANT:
		return "Constructor, or Constructor (...)";
	case ANCIENT_TYPE_POLYVARIANT:
		return "`Tag, or `Tag (...)";
	case ANCIENT_TYPE_LIST:
		return "[...; ...]";
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		return "[|...; ...|]";
	case ANCIENT_TYPE_OPTION:
		return "None, or Some (...)";
	case ANCIENT_TYPE_RESULT:
		return "Ok (...), or Error (...)";
	case ANCIENT_TYPE_REF:
		return "{ contents = ... }";
	default:
		return "3";
	}
}

/* What the text has there, in words. */
static const char *found_here(const struct literal *l)
{
	char c = ancient_reader_literal_peek(&l->text, 0),
	     next = ancient_reader_literal_peek(&l->text, 1);

	switch (c) {
	case '\0':
		return "its end";
	case '"':
		return "a string";
	case '\'':
		return "a character";
	case '(':
		return next == ')' ? "()" : "a tuple";
	case '{':
		return "a record";
	case '[':
		return next == '|' ? "an array" : "a list";
	case '`':
		return "a polymorphic variant";
	default:
		break;
	}
	if ((c >= '0' && c <= '9') || c == '-')
		return "a number";
	if (c >= 'A' && c <= 'Z')
		return "a constructor";
	return ancient_reader_literal_name(&l->text) > 0 ? "a word" : "something else";
}

/* Bytes of the text that a message shows. */
int ancient_reader_literal_shown(const struct literal *l)
{
	size_t rest = l->text.length - l->start;

	return (int)(rest < 80 ? rest : 80);
}

enum ancient_code ancient_reader_literal_fail(const struct literal *l, enum ancient_code code,
					      const char *expected, const char *how)
{
	return ancient_reader_refuse(l->name, l->err, code,
				     "key '%.*s': expected %.200s%s%s at position %zu, found %s",
				     ancient_reader_literal_shown(l), l->text.bytes + l->start,
				     expected, how == NULL ? "" : ", written as ",
				     how == NULL ? "" : how, l->text.at + 1, found_here(l));
}

enum ancient_code ancient_reader_literal_mismatch(const struct literal *l,
						  const struct ancient_type *type)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "a value of type %.200s", type->name);
	/* A text that ends too early is a mistake in the text. */
	return ancient_reader_literal_fail(l,
					   ancient_reader_literal_peek(&l->text, 0) == '\0'
						   ? ANCIENT_E_ARGUMENT
						   : ANCIENT_E_WRONG_KIND,
					   expected, example(type));
}

enum ancient_code ancient_reader_literal_expect(struct literal *l, const char *word)
{
	char expected[64];

	if (ancient_reader_literal_take(&l->text, word))
		return ANCIENT_OK;
	snprintf(expected, sizeof(expected), "'%.20s'", word);
	return ancient_reader_literal_fail(l, ANCIENT_E_ARGUMENT, expected, NULL);
}
