/* tests/fuzz: whether a text is JSON (RFC 8259).  Depth costs a byte of memory, no stack. */
#include "fuzz.h"

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What begins at text[at] (text ends in a 0 byte): the place behind it, or 0 for none. */
static size_t string_end(const char *text, size_t at)
{
	if (text[at++] != '"')
		return 0;
	for (; text[at] != '"'; at++) {
		if ((unsigned char)text[at] < 0x20)
			return 0;
		if (text[at] != '\\')
			continue;
		at++;
		if (text[at] == '\0' || strchr("\"\\/bfnrtu", text[at]) == NULL)
			return 0;
		if (text[at] == 'u') {
			if (strspn(text + at + 1, "0123456789abcdefABCDEF") < 4)
				return 0;
			at += 4;
		}
	}
	return at + 1;
}

static size_t digits_end(const char *text, size_t at)
{
	size_t start = at;

	while (is_digit(text[at]))
		at++;
	return at == start ? 0 : at;
}

static size_t number_end(const char *text, size_t at)
{
	at += text[at] == '-';
	at = text[at] == '0' ? at + 1 : digits_end(text, at);
	if (at != 0 && text[at] == '.')
		at = digits_end(text, at + 1);
	if (at != 0 && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		at = digits_end(text, at + (text[at] == '-' || text[at] == '+'));
	}
	return at;
}

static size_t scalar_end(const char *text, size_t at)
{
	static const char *const words[] = {"null", "true", "false"};

	if (text[at] == '"')
		return string_end(text, at);
	for (size_t i = 0; i < 3; i++)
		if (strncmp(text + at, words[i], strlen(words[i])) == 0)
			return at + strlen(words[i]);
	return number_end(text, at);
}

static size_t skip(const char *text, size_t at)
{
	while (is_space(text[at]))
		at++;
	return at;
}

/* Where a value begins that is no member's name: past `"name":` in an object. */
static size_t member(const char *text, size_t at)
{
	at = string_end(text, at);
	if (at == 0)
		return 0;
	at = skip(text, at);
	return text[at] == ':' ? skip(text, at + 1) : 0;
}

/* `open`: room for a byte for each bracket. */
static bool is_value(const char *text, size_t length, char *open)
{
	size_t depth = 0, at = skip(text, 0);

	for (;;) {
		/* a value */
		if (text[at] == '[' || text[at] == '{') {
			open[depth++] = text[at];
			at = skip(text, at + 1);
			if (text[at] != ']' && text[at] != '}') {
				if (open[depth - 1] == '{' && (at = member(text, at)) == 0)
					return false;
				continue;
			}
		} else if ((at = scalar_end(text, at)) == 0) {
			return false;
		}
		/* what follows it */
		for (at = skip(text, at); text[at] == ']' || text[at] == '}';
		     at = skip(text, at + 1))
			if (depth == 0 || open[--depth] != (text[at] == ']' ? '[' : '{'))
				return false;
		if (depth == 0)
			return at == length;
		if (text[at] != ',')
			return false;
		at = skip(text, at + 1);
		if (open[depth - 1] == '{' && (at = member(text, at)) == 0)
			return false;
	}
}

bool fuzz_is_json(const char *text, size_t length)
{
	char *copy = malloc(2 * length + 1);
	bool is;

	FUZZ_CHECK(copy != NULL);
	memcpy(copy, text, length);
	copy[length] = '\0';
	is = fuzz_is_utf8(text, length) && is_value(copy, length, copy + length + 1);
	free(copy);
	return is;
}

bool fuzz_append(void *context, const char *bytes, size_t length)
{
	struct fuzz_text *text = context;

	if (text->room - text->length < length) {
		text->room = 2 * (text->room + length);
		text->bytes = realloc(text->bytes, text->room);
		FUZZ_CHECK(text->bytes != NULL);
	}
	if (length > 0)
		memcpy(text->bytes + text->length, bytes, length);
	text->length += length;
	text->pieces++;
	return true;
}
