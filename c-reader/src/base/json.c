/* c-reader/base: the one JSON writer (json.h). */
#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/double_text.h"
#include "base/utf8.h"

/* Lines further in are not indented further: the text of a deep value stays linear in its
 * size. */
#define LEVELS_SHOWN 100u

/* A string goes out in pieces of about this size, cut between characters. */
#define PIECE 512u

#define INTEGER_MAX (UINT64_C(1) << 53)

/* ---- Bytes ------------------------------------------------------------------------- */

void ancient_reader_json_init(struct reader_json *json, enum reader_json_style style,
			      reader_json_write *write, void *context)
{
	json->write = write;
	json->context = context;
	json->limit = 0;
	json->style = style;
	json->state = READER_JSON_GOOD;
	json->before = READER_JSON_NAMED; /* a first value needs neither comma nor line */
	json->written = 0;
	json->level = 0;
	json->length = 0;
}

void ancient_reader_json_flush(struct reader_json *json)
{
	size_t length = json->length;

	json->length = 0;
	if (json->state != READER_JSON_FAILED && length > 0 &&
	    !json->write(json->context, json->buffer, length))
		json->state = READER_JSON_FAILED;
}

/* A piece of text: written whole or, where it would pass the limit, not at all. */
static void put(struct reader_json *json, const char *bytes, size_t length)
{
	if (json->state != READER_JSON_GOOD)
		return;
	if (json->limit != 0 && length > json->limit - json->written) {
		ancient_reader_json_flush(json);
		if (json->state == READER_JSON_GOOD)
			json->state = READER_JSON_FULL;
		return;
	}
	json->written += length;
	/* Pieces are far smaller than the buffer, but for the digits of a long integer. */
	while (length > sizeof(json->buffer) - json->length) {
		size_t fits =
			length < sizeof(json->buffer) ? 0 : sizeof(json->buffer) - json->length;
		memcpy(json->buffer + json->length, bytes, fits);
		json->length += fits;
		bytes += fits;
		length -= fits;
		ancient_reader_json_flush(json);
		if (json->state != READER_JSON_GOOD)
			return;
	}
	memcpy(json->buffer + json->length, bytes, length);
	json->length += length;
}

static void put_string(struct reader_json *json, const char *string)
{
	put(json, string, strlen(string));
}

/* ---- Between values ---------------------------------------------------------------- */

static void put_line(struct reader_json *json)
{
	char line[1 + 2 * LEVELS_SHOWN];
	size_t level = json->level < LEVELS_SHOWN ? json->level : LEVELS_SHOWN;

	if (json->style != READER_JSON_INDENTED)
		return;
	line[0] = '\n';
	memset(line + 1, ' ', 2 * level);
	put(json, line, 1 + 2 * level);
}

/* What goes before a value or a name, so that it is one of its own. */
static void separate(struct reader_json *json)
{
	if (json->before == READER_JSON_FOLLOWED)
		put(json, ", ", json->style == READER_JSON_SPACED ? 2 : 1);
	if (json->before != READER_JSON_NAMED)
		put_line(json);
	json->before = READER_JSON_FOLLOWED;
}

void ancient_reader_json_begin(struct reader_json *json, char bracket)
{
	separate(json);
	put(json, &bracket, 1);
	json->level++;
	json->before = READER_JSON_OPENED;
}

void ancient_reader_json_end(struct reader_json *json, char bracket)
{
	json->level--;
	if (json->before == READER_JSON_FOLLOWED)
		put_line(json);
	put(json, &bracket, 1);
	json->before = READER_JSON_FOLLOWED;
}

void ancient_reader_json_key(struct reader_json *json, const char *name)
{
	ancient_reader_json_string(json, name);
	ancient_reader_json_colon(json);
}

void ancient_reader_json_colon(struct reader_json *json)
{
	put(json, ": ", json->style == READER_JSON_COMPACT ? 1 : 2);
	json->before = READER_JSON_NAMED;
}

/* ---- Numbers ----------------------------------------------------------------------- */

void ancient_reader_json_null(struct reader_json *json)
{
	separate(json);
	put_string(json, "null");
}

void ancient_reader_json_bool(struct reader_json *json, bool value)
{
	separate(json);
	put_string(json, value ? "true" : "false");
}

void ancient_reader_json_digits(struct reader_json *json, const char *digits, bool quoted)
{
	separate(json);
	put(json, "\"", quoted);
	put_string(json, digits);
	put(json, "\"", quoted);
}

void ancient_reader_json_int(struct reader_json *json, int64_t number)
{
	bool exact = number <= (int64_t)INTEGER_MAX && number >= -(int64_t)INTEGER_MAX;
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRId64, number);
	ancient_reader_json_digits(json, digits, !exact);
}

void ancient_reader_json_unsigned(struct reader_json *json, uint64_t number)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%" PRIu64, number);
	ancient_reader_json_digits(json, digits, number > INTEGER_MAX);
}

void ancient_reader_json_double(struct reader_json *json, double number)
{
	char text[READER_DOUBLE_TEXT];

	if (isnan(number)) {
		ancient_reader_json_digits(json, "nan", true);
	} else if (isinf(number)) {
		ancient_reader_json_digits(json, number > 0 ? "inf" : "-inf", true);
	} else {
		ancient_reader_double_text(number, text);
		ancient_reader_json_digits(json, text, false);
	}
}

void ancient_reader_json_decimal(struct reader_json *json, double number, int digits)
{
	char text[400]; /* of the largest double, with some digits behind the point */

	snprintf(text, sizeof(text), "%.*f", digits, number);
	ancient_reader_json_digits(json, text, false);
}

/* ---- Strings ----------------------------------------------------------------------- */

/* The escape of a character that has to be escaped, or of one byte that is no UTF-8 (`size` is 0).
 * NULL: the character is written as it is. */
static const char *escape(const unsigned char *bytes, size_t size, char text[8])
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	unsigned code_point = 0xDC00u + bytes[0];

	for (const char *s = shorts; *s != '\0'; s += 2)
		if (bytes[0] == (unsigned char)s[0]) {
			snprintf(text, 8, "\\%c", s[1]);
			return text;
		}
	if (size != 0 && !ancient_reader_utf8_is_control(bytes, size, &code_point))
		return NULL;
	snprintf(text, 8, "\\u%04x", code_point & 0xFFFFu);
	return text;
}

void ancient_reader_json_text(struct reader_json *json, const char *bytes, size_t length)
{
	char run[PIECE + 8], text[8];
	size_t filled = 0;

	separate(json);
	put(json, "\"", 1);
	while (length > 0 && json->state == READER_JSON_GOOD) {
		/* Copied before it is looked at: another process may change the bytes. */
		unsigned char character[4];
		size_t have = length < 4 ? length : 4;
		memcpy(character, bytes, have);
		size_t size = ancient_reader_utf8_size(character, have);
		const char *escaped = escape(character, size, text);
		size_t step = size == 0 ? 1 : size;

		if (escaped != NULL) {
			filled += (size_t)snprintf(run + filled, 8, "%s", escaped);
		} else {
			memcpy(run + filled, character, size);
			filled += size;
		}
		if (filled >= PIECE) {
			put(json, run, filled);
			filled = 0;
		}
		bytes += step;
		length -= step;
	}
	put(json, run, filled);
	put(json, "\"", 1);
}

void ancient_reader_json_string(struct reader_json *json, const char *string)
{
	ancient_reader_json_text(json, string, strlen(string));
}

void ancient_reader_json_hex(struct reader_json *json, const unsigned char *bytes, size_t length)
{
	separate(json);
	put(json, "\"", 1);
	for (size_t i = 0; i < length && json->state == READER_JSON_GOOD; i++) {
		char digits[3];
		snprintf(digits, sizeof(digits), "%02x", bytes[i]);
		put(json, digits, 2);
	}
	put(json, "\"", 1);
}

/* ---- Members ----------------------------------------------------------------------- */

void ancient_reader_json_unsigned_member(struct reader_json *json, const char *name,
					 uint64_t number)
{
	ancient_reader_json_key(json, name);
	ancient_reader_json_unsigned(json, number);
}

void ancient_reader_json_string_member(struct reader_json *json, const char *name,
				       const char *string)
{
	ancient_reader_json_key(json, name);
	ancient_reader_json_string(json, string);
}
