/* c-reader/tool: a small JSON writer on a stream, used by ancientctl and by the demo.
 *
 *     struct json json = {stdout, false};
 *     json_begin(&json, '{');
 *     json_key(&json, "blocks");
 *     json_unsigned(&json, 42);
 *     json_end(&json, '}');
 *
 * Commas are put by the writer; braces and the order of calls are the caller's.  Errors of
 * the stream stay in the stream (ferror).  The text holds no control character, so that
 * it may be sent to a terminal. */
#ifndef ANCIENT_TOOL_JSON_H
#define ANCIENT_TOOL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Integers past this, either way, are written as strings: what reads JSON often keeps
 * numbers as doubles. */
#define JSON_INTEGER_MAX (UINT64_C(1) << 53)

struct json {
	FILE *out;
	bool comma; /* the next member or element needs one before it */
};

void json_begin(struct json *json, char bracket);
void json_end(struct json *json, char bracket);
void json_key(struct json *json, const char *key);

void json_unsigned(struct json *json, uint64_t number);
void json_signed(struct json *json, int64_t number);
/* A measured quantity, with so many digits behind the point. */
void json_decimal(struct json *json, double number, int digits);
/* The shortest text that reads back as the same double; "nan", "inf", "-inf" as strings. */
void json_double(struct json *json, double number);
void json_bool(struct json *json, bool value);
void json_null(struct json *json);

/* Bytes that are not UTF-8 become lone surrogates, \udc80 to \udcff (FORMAT.md, A). */
void json_text(struct json *json, const char *bytes, size_t length);
void json_string(struct json *json, const char *string);

/* Key and value in one. */
void json_unsigned_member(struct json *json, const char *key, uint64_t number);
void json_string_member(struct json *json, const char *key, const char *string);

#endif
