/* examples/debian-index: JSON text in a buffer that grows (json.h). */
#include "json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void json_init(struct json *json)
{
	*json = (struct json){.text = NULL};
}

void json_done(struct json *json)
{
	free(json->text);
}

static void put(struct json *json, const char *bytes, size_t length)
{
	if (length > json->room - json->length) {
		size_t room = 2 * (json->length + length) + 256;
		char *text = json->failed ? NULL : realloc(json->text, room);

		if (text == NULL) {
			json->failed = true;
			return;
		}
		json->text = text;
		json->room = room;
	}
	memcpy(json->text + json->length, bytes, length);
	json->length += length;
}

char *json_take(struct json *json, size_t *ret_length)
{
	put(json, "\n", 1);
	if (json->failed) {
		free(json->text);
		return NULL;
	}
	*ret_length = json->length;
	return json->text;
}

/* What precedes an item: a comma, but for the first. */
static void next(struct json *json)
{
	if (json->comma)
		put(json, ",", 1);
	json->comma = true;
}

void json_begin(struct json *json, char bracket)
{
	next(json);
	put(json, &bracket, 1);
	json->comma = false;
}

void json_end(struct json *json, char bracket)
{
	put(json, &bracket, 1);
	json->comma = true;
}

void json_key(struct json *json, const char *key)
{
	next(json);
	put(json, "\"", 1);
	put(json, key, strlen(key));
	put(json, "\":", 2);
	json->comma = false;
}

/* Bytes of the UTF-8 sequence at `at`, of which there are `left` and at least one; 0: it is none.
 */
static size_t sequence(const unsigned char *at, size_t left)
{
	/* Of the second byte, by the first: no longer forms than needed, no surrogates, nothing
	 * past U+10FFFF. */
	unsigned char low = 0x80, high = 0xbf;
	size_t length = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;

	if (length == 1)
		return 1;
	if (at[0] < 0xc2 || at[0] > 0xf4 || length > left)
		return 0;
	if (at[0] == 0xe0)
		low = 0xa0;
	else if (at[0] == 0xed)
		high = 0x9f;
	else if (at[0] == 0xf0)
		low = 0x90;
	else if (at[0] == 0xf4)
		high = 0x8f;
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	return length;
}

void json_text(struct json *json, const char *bytes, size_t length)
{
	const unsigned char *at = (const unsigned char *)bytes;
	size_t from = 0, i = 0; /* [from, i) is written as it is */

	next(json);
	put(json, "\"", 1);
	while (i < length) {
		size_t whole = sequence(at + i, length - i);
		char escaped[8];

		if (whole > 1 || (whole == 1 && at[i] >= ' ' && at[i] != '"' && at[i] != '\\')) {
			i += whole;
			continue;
		}
		put(json, bytes + from, i - from);
		snprintf(escaped, sizeof escaped, "\\u%s%02x", whole == 0 ? "dc" : "00", at[i]);
		put(json, escaped, 6);
		from = ++i;
	}
	put(json, bytes + from, i - from);
	put(json, "\"", 1);
}

void json_string(struct json *json, const char *string)
{
	json_text(json, string, strlen(string));
}

void json_int(struct json *json, int64_t number)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%" PRId64, number);

	next(json);
	put(json, digits, (size_t)length);
}

void json_unsigned(struct json *json, uint64_t number)
{
	char digits[32];
	int length = snprintf(digits, sizeof digits, "%" PRIu64, number);

	next(json);
	put(json, digits, (size_t)length);
}

void json_null(struct json *json)
{
	next(json);
	put(json, "null", 4);
}
