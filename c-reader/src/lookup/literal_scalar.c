/* c-reader/lookup: literals of types without parts: numbers, characters, strings. */
#include "lookup/literal_scalar.h"

#include <stdio.h>
#include <string.h>

#include "lookup/literal_error.h"

static enum ancient_code out_of_range(const struct literal *l, const struct ancient_type *type)
{
	char expected[256];

	snprintf(expected, sizeof(expected), "a number that %.200s can be", type->name);
	return ancient_reader_literal_fail(l, ANCIENT_E_WRONG_KIND, expected, NULL);
}

/* bits: of the type; suffix: that OCaml writes behind it, 0 for none, and which may be left out. */
static enum ancient_code read_integer(struct literal *l, const struct ancient_type *type, int bits,
				      char suffix, int64_t *ret_number)
{
	const int64_t most = (int64_t)(((uint64_t)1 << (bits - 1)) - 1);
	struct literal_text before = l->text;
	int64_t number;
	char found;

	if (!ancient_reader_literal_integer(&l->text, &number, &found))
		return strchr("-0123456789", ancient_reader_literal_peek(&l->text, 0)) != NULL &&
				       ancient_reader_literal_peek(&l->text, 0) != '\0'
			       ? out_of_range(l, type)
			       : ancient_reader_literal_mismatch(l, type);
	if (found != '\0' && found != suffix) {
		l->text = before;
		return ancient_reader_literal_mismatch(l, type);
	}
	if (number > most || number < -most - 1) {
		l->text = before;
		return out_of_range(l, type);
	}
	*ret_number = number;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_literal_read_boxed(struct literal *l,
						    const struct ancient_type *type,
						    enum ancient_key_kind kind, int bits,
						    char suffix, struct ancient_key *ret_key)
{
	int64_t number = 0;
	enum ancient_code code = read_integer(l, type, bits, suffix, &number);

	*ret_key = ancient_key_boxed(kind, number);
	return code;
}

enum ancient_code ancient_reader_literal_read_int(struct literal *l,
						  const struct ancient_type *type,
						  struct ancient_key *ret_key)
{
	int64_t number = 0;
	enum ancient_code code = read_integer(l, type, 63, '\0', &number);

	*ret_key = ancient_key_int(number);
	return code;
}

enum ancient_code ancient_reader_literal_read_bool(struct literal *l,
						   const struct ancient_type *type,
						   struct ancient_key *ret_key)
{
	size_t name = ancient_reader_literal_name(&l->text);
	bool yes = name == 4 && ancient_reader_literal_take(&l->text, "true");

	*ret_key = ancient_key_int(yes);
	return yes || (name == 5 && ancient_reader_literal_take(&l->text, "false"))
		       ? ANCIENT_OK
		       : ancient_reader_literal_mismatch(l, type);
}

enum ancient_code ancient_reader_literal_read_char(struct literal *l,
						   const struct ancient_type *type,
						   struct ancient_key *ret_key)
{
	unsigned char c = 0;
	bool taken = ancient_reader_literal_char(&l->text, &c);

	*ret_key = ancient_key_int(c);
	return taken ? ANCIENT_OK : ancient_reader_literal_mismatch(l, type);
}

enum ancient_code ancient_reader_literal_read_string(struct literal *l,
						     const struct ancient_type *type,
						     struct ancient_key *ret_key)
{
	char c = ancient_reader_literal_peek(&l->text, 0);
	size_t length = 0;
	char *room;

	if (c != '"' && c != '{')
		return ancient_reader_literal_mismatch(l, type);
	room = ancient_reader_literal_alloc(l, ancient_reader_literal_string_room(&l->text));
	if (room == NULL)
		return ANCIENT_E_MEMORY;
	if (!ancient_reader_literal_string(&l->text, room, &length))
		return c == '{' ? ancient_reader_literal_mismatch(l, type)
		       : l->text.at == l->text.length
			       ? ancient_reader_literal_fail(l, ANCIENT_E_ARGUMENT, "'\"'", NULL)
			       : ancient_reader_literal_fail(l, ANCIENT_E_ARGUMENT,
							     "an escape of OCaml's", NULL);
	*ret_key = ancient_key_string(room, length);
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_literal_read_float(struct literal *l,
						    const struct ancient_type *type,
						    struct ancient_key *ret_key)
{
	double number = 0;
	bool taken = ancient_reader_literal_float(&l->text, &number);

	*ret_key = ancient_key_float(number);
	return taken ? ANCIENT_OK : ancient_reader_literal_mismatch(l, type);
}
