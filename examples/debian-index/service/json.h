/* examples/debian-index: JSON text in a buffer that grows; answers.c writes with it.
 *
 *     struct json json;
 *     json_init(&json);
 *     json_begin(&json, '{');
 *     json_key(&json, "name");
 *     json_text(&json, bytes, length);
 *     json_end(&json, '}');
 *     body = json_take(&json, &length);   // NULL: out of memory at some point
 *
 * Commas are set by the functions.  Nothing has to be tested before json_take. */
#ifndef DEMO_JSON_H
#define DEMO_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
	char *text; /* of malloc; not terminated */
	size_t length, room;
	bool comma; /* before the next item */
	bool failed;
};

void json_init(struct json *json);
void json_done(struct json *json); /* of one that was not taken */

/* The text, which the caller frees, with a newline at its end. */
char *json_take(struct json *json, size_t *ret_length);

void json_begin(struct json *json, char bracket); /* '{' or '[' */
void json_end(struct json *json, char bracket);
void json_key(struct json *json, const char *key); /* of a member: plain ASCII */

/* OCaml's strings are bytes: what is not UTF-8 is written as \udc80 to \udcff, a byte each, which
 * Python's "surrogateescape" turns back. */
void json_text(struct json *json, const char *bytes, size_t length);
void json_string(struct json *json, const char *string); /* ends in a 0 byte */
void json_int(struct json *json, int64_t number);
void json_unsigned(struct json *json, uint64_t number);
void json_null(struct json *json);

#endif
