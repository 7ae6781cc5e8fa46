/* c-reader/lookup: the smallest parts of a literal (literal_token.h). */
#include "lookup/literal_token.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

char ancient_reader_literal_peek(const struct literal_text *text, size_t ahead)
{
	return ahead < text->length - text->at ? text->bytes[text->at + ahead] : '\0';
}

void ancient_reader_literal_skip_spaces(struct literal_text *text)
{
	while (ancient_reader_literal_peek(text, 0) != '\0' &&
	       strchr(" \t\r\n", ancient_reader_literal_peek(text, 0)) != NULL)
		text->at++;
}

bool ancient_reader_literal_take(struct literal_text *text, const char *word)
{
	size_t length = strlen(word);

	ancient_reader_literal_skip_spaces(text);
	if (length > text->length - text->at || memcmp(text->bytes + text->at, word, length) != 0)
		return false;
	text->at += length;
	return true;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

size_t ancient_reader_literal_name(const struct literal_text *text)
{
	size_t length = 0;

	if (!is_letter(ancient_reader_literal_peek(text, 0)))
		return 0;
	while (is_letter(ancient_reader_literal_peek(text, length)) ||
	       is_digit(ancient_reader_literal_peek(text, length)) ||
	       ancient_reader_literal_peek(text, length) == '\'')
		length++;
	return length;
}

/* ---- Numbers ------------------------------------------------------------------------ */

/* 99 for what is no digit. */
static unsigned digit(char c)
{
	return is_digit(c)            ? (unsigned)(c - '0')
	       : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
	       : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
				      : 99u;
}

/* The base that a number says behind its sign: 0x, 0o, 0b; *ret_bytes is the length of that. */
static unsigned base_of(const struct literal_text *text, size_t at, size_t *ret_bytes)
{
	char mark = ancient_reader_literal_peek(text, at) == '0'
			    ? ancient_reader_literal_peek(text, at + 1)
			    : '\0';

	*ret_bytes = 2;
	if (mark == 'x' || mark == 'X')
		return 16;
	if (mark == 'o' || mark == 'O')
		return 8;
	if (mark == 'b' || mark == 'B')
		return 2;
	*ret_bytes = 0;
	return 10;
}

bool ancient_reader_literal_integer(struct literal_text *text, int64_t *ret_number,
				    char *ret_suffix)
{
	bool negative = ancient_reader_literal_peek(text, 0) == '-';
	size_t at = negative, mark, digits = 0;
	unsigned base = base_of(text, at, &mark);
	uint64_t number = 0;
	char c;

	for (at += mark;
	     digit(c = ancient_reader_literal_peek(text, at)) < base || (c == '_' && digits > 0);
	     at++) {
		if (c == '_')
			continue;
		if (__builtin_mul_overflow(number, base, &number) ||
		    __builtin_add_overflow(number, digit(c), &number))
			return false;
		digits++;
	}
	if (digits == 0 || number > (uint64_t)INT64_MAX + negative)
		return false;
	*ret_suffix = '\0';
	if (c == 'l' || c == 'L' || c == 'n') {
		*ret_suffix = c;
		c = ancient_reader_literal_peek(text, ++at);
	}
	if (is_letter(c) || is_digit(c) || c == '.')
		return false;
	*ret_number = (int64_t)(negative ? 0 - number : number);
	text->at += at;
	return true;
}

bool ancient_reader_literal_float(struct literal_text *text, double *ret_number)
{
	static const struct {
		const char *name;
		double number;
	} names[] = {{"nan", NAN}, {"infinity", INFINITY}, {"neg_infinity", -INFINITY}};
	char copy[512], *end;
	size_t length = 0, name = ancient_reader_literal_name(text);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (name == strlen(names[i].name) &&
		    memcmp(text->bytes + text->at, names[i].name, name) == 0) {
			*ret_number = names[i].number;
			text->at += name;
			return true;
		}
	/* strtod takes more, such as "inf" and spaces: only what begins as a number of OCaml's. */
	if (!is_digit(
		    ancient_reader_literal_peek(text, ancient_reader_literal_peek(text, 0) == '-')))
		return false;
	for (size_t at = 0;; at++) {
		char c = ancient_reader_literal_peek(text, at);
		bool sign = (c == '-' || c == '+') &&
			    (at == 0 ||
			     (at > 0 && strchr("eEpP", ancient_reader_literal_peek(text, at - 1))));

		if (!is_digit(c) && !is_letter(c) && c != '.' && !sign)
			break;
		if (length + 1 == sizeof(copy))
			return false;
		if (c != '_')
			copy[length++] = c;
		name = at + 1; /* bytes of the text */
	}
	copy[length] = '\0';
	*ret_number = strtod(copy, &end);
	if (*end != '\0' || length == 0)
		return false;
	text->at += name;
	return true;
}

/* ---- Characters and strings ------------------------------------------------------------ */

/* `digits` of `base` at `at`. */
static bool take_code(const struct literal_text *text, size_t at, unsigned digits, unsigned base,
		      char *ret_char)
{
	unsigned value = 0;

	for (unsigned i = 0; i < digits; i++) {
		unsigned one = digit(ancient_reader_literal_peek(text, at + i));

		if (one >= base)
			return false;
		value = value * base + one;
	}
	*ret_char = (char)(unsigned char)value;
	return value < 256;
}

/* What follows a backslash. */
static bool take_escape(struct literal_text *text, char *ret_char)
{
	static const char plain[] = "\"\"\\\\''n\nt\tr\rb\b  ";
	char c = ancient_reader_literal_peek(text, 0);
	size_t length = c == 'x' ? 3 : c == 'o' ? 4 : 3;
	bool taken;

	for (const char *s = plain; *s != '\0'; s += 2)
		if (*s == c) {
			*ret_char = s[1];
			text->at++;
			return true;
		}
	taken = c == 'x'   ? take_code(text, 1, 2, 16, ret_char)
		: c == 'o' ? take_code(text, 1, 3, 8, ret_char)
			   : take_code(text, 0, 3, 10, ret_char);
	if (taken)
		text->at += length;
	return taken;
}

bool ancient_reader_literal_char(struct literal_text *text, unsigned char *ret_char)
{
	struct literal_text inside = *text;
	char c;

	if (ancient_reader_literal_peek(&inside, 0) != '\'' || inside.length - inside.at < 3)
		return false;
	c = inside.bytes[inside.at + 1];
	inside.at += 2;
	if (c == '\'' || (c == '\\' && !take_escape(&inside, &c)) ||
	    ancient_reader_literal_peek(&inside, 0) != '\'')
		return false;
	inside.at++;
	*ret_char = (unsigned char)c;
	*text = inside;
	return true;
}

/* {id|text|id}: the length of what it begins with, 0 for something else. */
static size_t quoted_head(const struct literal_text *text)
{
	size_t length = 1;

	if (ancient_reader_literal_peek(text, 0) != '{')
		return 0;
	while ((ancient_reader_literal_peek(text, length) >= 'a' &&
		ancient_reader_literal_peek(text, length) <= 'z') ||
	       ancient_reader_literal_peek(text, length) == '_')
		length++;
	return ancient_reader_literal_peek(text, length) == '|' ? length + 1 : 0;
}

/* Where |id} is, from `at` on. */
static bool find_tail(const struct literal_text *text, size_t at, const char *id, size_t id_length,
		      size_t *ret_at)
{
	for (; at + id_length + 2 <= text->length; at++)
		if (text->bytes[at] == '|' && memcmp(text->bytes + at + 1, id, id_length) == 0 &&
		    text->bytes[at + 1 + id_length] == '}') {
			*ret_at = at;
			return true;
		}
	return false;
}

static bool take_quoted(struct literal_text *text, size_t head, char *room, size_t *ret_length)
{
	const char *id = text->bytes + text->at + 1;
	size_t start = text->at + head, end;

	if (!find_tail(text, start, id, head - 2, &end))
		return false;
	*ret_length = end - start;
	memcpy(room, text->bytes + start, end - start);
	text->at = end + head;
	return true;
}

size_t ancient_reader_literal_string_room(const struct literal_text *text)
{
	size_t at = text->at + 1, head = quoted_head(text), end;

	if (head > 0)
		return find_tail(text, text->at + head, text->bytes + text->at + 1, head - 2, &end)
			       ? end - text->at
			       : 0;
	while (at < text->length && text->bytes[at] != '"')
		at += text->bytes[at] == '\\' ? 2 : 1;
	return at - text->at;
}

bool ancient_reader_literal_string(struct literal_text *text, char *room, size_t *ret_length)
{
	size_t length = 0, head = quoted_head(text);

	if (head > 0)
		return take_quoted(text, head, room, ret_length);
	if (ancient_reader_literal_peek(text, 0) != '"')
		return false;
	for (text->at++; text->at < text->length && text->bytes[text->at] != '"';) {
		if (text->bytes[text->at] != '\\') {
			room[length++] = text->bytes[text->at++];
			continue;
		}
		text->at++;
		if (!take_escape(text, &room[length++]))
			return false;
	}
	if (text->at == text->length)
		return false;
	text->at++;
	*ret_length = length;
	return true;
}
