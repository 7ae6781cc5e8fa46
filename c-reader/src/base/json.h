/* c-reader/base: the one JSON writer: of the library's dumps, of ancientctl and of the example's
 * service.
 *
 *     struct reader_json json;
 *     ancient_reader_json_init(&json, READER_JSON_SPACED, write, context);
 *     ancient_reader_json_begin(&json, '{');
 *     ancient_reader_json_key(&json, "blocks");
 *     ancient_reader_json_unsigned(&json, 42);
 *     ancient_reader_json_end(&json, '}');
 *     ancient_reader_json_flush(&json);
 *
 * The writer puts commas, spaces and new lines; the order of the calls and the brackets are the
 * caller's.  The text follows FORMAT.md, appendix A: the same number and the same string are
 * written the same way everywhere, and no control character is in it, so that it may be sent to
 * a terminal and read by lines. */
#ifndef ANCIENT_READER_JSON_H
#define ANCIENT_READER_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum reader_json_style {
	READER_JSON_COMPACT,  /* {"a":1,"b":2} */
	READER_JSON_SPACED,   /* {"a": 1, "b": 2} */
	READER_JSON_INDENTED, /* a member or element a line */
};

/* Why the writer has stopped.  From then on it drops everything, so that its callers need not
 * ask after each call, only once in each turn of a loop. */
enum reader_json_state {
	READER_JSON_GOOD,
	READER_JSON_FULL,   /* the text would pass `limit`; what is before that was written */
	READER_JSON_FAILED, /* `write` has returned false */
};

/* Takes the next bytes of the text.  False: stop. */
typedef bool reader_json_write(void *context, const char *bytes, size_t length);

struct reader_json {
	reader_json_write *write;
	void *context;
	uint64_t limit; /* bytes; 0, as after init: none */
	enum reader_json_style style;
	enum reader_json_state state;
	/* What is before the place of the next text: an open bracket, the name of a member, a
	 * value. */
	enum { READER_JSON_OPENED, READER_JSON_NAMED, READER_JSON_FOLLOWED } before;
	uint64_t written; /* bytes, flushed or not */
	unsigned level;   /* brackets that are open */
	size_t length;    /* bytes in the buffer */
	char buffer[8192];
};

void ancient_reader_json_init(struct reader_json *json, enum reader_json_style style,
			      reader_json_write *write, void *context);
/* Hands the bytes in the buffer to `write`. */
void ancient_reader_json_flush(struct reader_json *json);

void ancient_reader_json_begin(struct reader_json *json, char bracket);
void ancient_reader_json_end(struct reader_json *json, char bracket);
/* The name of a member; its value comes next. */
void ancient_reader_json_key(struct reader_json *json, const char *name);
/* Makes the string written last the name of a member. */
void ancient_reader_json_colon(struct reader_json *json);

void ancient_reader_json_null(struct reader_json *json);
void ancient_reader_json_bool(struct reader_json *json, bool value);
/* A number; past 2^53 either way a string, since many readers of JSON keep numbers as doubles. */
void ancient_reader_json_int(struct reader_json *json, int64_t number);
void ancient_reader_json_unsigned(struct reader_json *json, uint64_t number);
/* The shortest decimal that reads back as the same double, or "nan", "inf", "-inf". */
void ancient_reader_json_double(struct reader_json *json, double number);
/* A measured quantity, with so many digits behind the point. */
void ancient_reader_json_decimal(struct reader_json *json, double number, int digits);
/* Digits of a number of any length, in quotes or not. */
void ancient_reader_json_digits(struct reader_json *json, const char *digits, bool quoted);

/* Bytes that are not UTF-8 become lone surrogates, \udc80 to \udcff. */
void ancient_reader_json_text(struct reader_json *json, const char *bytes, size_t length);
void ancient_reader_json_string(struct reader_json *json, const char *string);
/* Bytes as a string of two hexadecimal digits each. */
void ancient_reader_json_hex(struct reader_json *json, const unsigned char *bytes, size_t length);

/* Name and value in one. */
void ancient_reader_json_unsigned_member(struct reader_json *json, const char *name,
					 uint64_t number);
void ancient_reader_json_string_member(struct reader_json *json, const char *name,
				       const char *string);

#endif
