/* c-reader: the text of a dump on its way out (text.h). */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/guard.h"
#include "base/number_text.h"
#include "base/utf8.h"
#include "dump/text.h"

/* Lines further in are not indented further: the text of a deep value stays linear in its
 * size. */
#define LEVELS_SHOWN 100u

/* A string goes out in pieces of about this size, cut between characters. */
#define PIECE 512u

void reader_text_flush(struct reader_text *text)
{
	if (text->code == ANCIENT_OK)
		text->code = reader_settle(text->file, ANCIENT_OK, text->err);
	if (text->code != ANCIENT_OK || text->length == 0)
		return;
	if (!text->options->write(text->options->context, text->buffer, text->length))
		text->code =
			reader_refuse(text->file->name, text->err, ANCIENT_E_INTERRUPTED, "dump");
	text->length = 0;
}

void reader_text_put(struct reader_text *text, const char *bytes, size_t length)
{
	const uint64_t limit = text->options->limit;

	if (text->code != ANCIENT_OK)
		return;
	if (limit != 0 && length > limit - text->written) {
		reader_text_flush(text);
		if (text->code == ANCIENT_OK)
			text->code = reader_refuse(text->file->name, text->err, ANCIENT_E_TOO_LARGE,
						   "the text passes %llu bytes",
						   (unsigned long long)limit);
		return;
	}
	if (length > sizeof(text->buffer) - text->length)
		reader_text_flush(text);
	if (text->code != ANCIENT_OK)
		return;
	text->written += length;
	/* Pieces are far smaller than the buffer, but for the digits of a long integer. */
	while (length > sizeof(text->buffer)) {
		memcpy(text->buffer, bytes, sizeof(text->buffer));
		text->length = sizeof(text->buffer);
		bytes += sizeof(text->buffer);
		length -= sizeof(text->buffer);
		reader_text_flush(text);
		if (text->code != ANCIENT_OK)
			return;
	}
	memcpy(text->buffer + text->length, bytes, length);
	text->length += length;
}

void reader_text_puts(struct reader_text *text, const char *string)
{
	reader_text_put(text, string, strlen(string));
}

void reader_text_putf(struct reader_text *text, const char *format, ...)
{
	char piece[128];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(piece, sizeof(piece), format, arguments);
	va_end(arguments);
	reader_text_puts(text, piece);
}

void reader_text_line(struct reader_text *text)
{
	static const char spaces[2 * LEVELS_SHOWN + 1] = "\n";
	char line[sizeof(spaces)];
	size_t level = text->level < LEVELS_SHOWN ? text->level : LEVELS_SHOWN;

	if (!text->options->indent)
		return;
	line[0] = '\n';
	memset(line + 1, ' ', 2 * level);
	reader_text_put(text, line, 1 + 2 * level);
}

void reader_text_comma(struct reader_text *text)
{
	reader_text_put(text, ", ", text->options->indent ? 1 : 2);
	reader_text_line(text);
}

/* ---- Strings --------------------------------------------------------------------- */

/* The escape of a character that cannot stand for itself, or of one byte that belongs to
 * none (`size` is 0); NULL: it can. */
static const char *escape(const unsigned char *bytes, size_t size, char room[8])
{
	static const char shorts[] = "\bb\tt\nn\ff\rr\"\"\\\\";
	unsigned code_point = 0xDC00u + bytes[0];

	for (const char *s = shorts; *s != '\0'; s += 2)
		if (bytes[0] == (unsigned char)s[0]) {
			snprintf(room, 8, "\\%c", s[1]);
			return room;
		}
	if (size != 0 && !reader_utf8_is_control(bytes, size, &code_point))
		return NULL;
	snprintf(room, 8, "\\u%04x", code_point & 0xFFFFu);
	return room;
}

void reader_text_string(struct reader_text *text, const char *bytes, size_t length)
{
	char run[PIECE + 8], room[8];
	size_t filled = 0;

	reader_text_put(text, "\"", 1);
	while (length > 0 && text->code == ANCIENT_OK) {
		/* Copied before it is looked at: the bytes may be another's to change. */
		unsigned char character[4];
		size_t have = length < 4 ? length : 4;
		memcpy(character, bytes, have);
		size_t size = reader_utf8_size(character, have);
		const char *escaped = escape(character, size, room);
		size_t step = size == 0 ? 1 : size;

		if (escaped != NULL)
			filled += (size_t)snprintf(run + filled, 8, "%s", escaped);
		else {
			memcpy(run + filled, character, size);
			filled += size;
		}
		if (filled >= PIECE) {
			reader_text_put(text, run, filled);
			filled = 0;
		}
		bytes += step;
		length -= step;
	}
	reader_text_put(text, run, filled);
	reader_text_put(text, "\"", 1);
}

/* ---- Numbers --------------------------------------------------------------------- */

void reader_text_double(struct reader_text *text, double value)
{
	char number[READER_DOUBLE_TEXT];

	if (isnan(value))
		reader_text_puts(text, "\"nan\"");
	else if (isinf(value))
		reader_text_puts(text, value > 0 ? "\"inf\"" : "\"-inf\"");
	else {
		reader_double_text(value, number);
		reader_text_puts(text, number);
	}
}

void reader_text_int(struct reader_text *text, int64_t value)
{
	const int64_t exact = (int64_t)1 << 53;
	const char *quote = value > exact || value < -exact ? "\"" : "";

	reader_text_putf(text, "%s%lld%s", quote, (long long)value, quote);
}
