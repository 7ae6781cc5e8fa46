/* c-reader/tool: a small JSON writer on a stream. */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static void element(struct json *json)
{
	if (json->comma)
		fputc(',', json->out);
	json->comma = true;
}

void json_begin(struct json *json, char bracket)
{
	element(json);
	fputc(bracket, json->out);
	json->comma = false;
}

void json_end(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->comma = true;
}

void json_key(struct json *json, const char *key)
{
	json_string(json, key);
	fputc(':', json->out);
	json->comma = false;
}

void json_unsigned(struct json *json, uint64_t number)
{
	const char *quote = number > JSON_INTEGER_MAX ? "\"" : "";

	element(json);
	fprintf(json->out, "%s%" PRIu64 "%s", quote, number, quote);
}

void json_signed(struct json *json, int64_t number)
{
	bool large = number > (int64_t)JSON_INTEGER_MAX || number < -(int64_t)JSON_INTEGER_MAX;
	const char *quote = large ? "\"" : "";

	element(json);
	fprintf(json->out, "%s%" PRId64 "%s", quote, number, quote);
}

void json_decimal(struct json *json, double number, int digits)
{
	element(json);
	fprintf(json->out, "%.*f", digits, number);
}

void json_double(struct json *json, double number)
{
	char text[32];

	if (isnan(number)) {
		json_string(json, "nan");
		return;
	}
	if (isinf(number)) {
		json_string(json, number > 0 ? "inf" : "-inf");
		return;
	}
	/* 17 digits always read back as the same double; mostly fewer do. */
	for (int precision = 1; precision <= 17; precision++) {
		snprintf(text, sizeof text, "%.*g", precision, number);
		if (strtod(text, NULL) == number)
			break;
	}
	element(json);
	fputs(text, json->out);
}

void json_bool(struct json *json, bool value)
{
	element(json);
	fputs(value ? "true" : "false", json->out);
}

void json_null(struct json *json)
{
	element(json);
	fputs("null", json->out);
}

static void escaped(FILE *out, uint32_t code_point)
{
	switch (code_point) {
	case '"':
		fputs("\\\"", out);
		break;
	case '\\':
		fputs("\\\\", out);
		break;
	case '\n':
		fputs("\\n", out);
		break;
	case '\t':
		fputs("\\t", out);
		break;
	default:
		fprintf(out, "\\u%04" PRIx32, code_point);
	}
}

/* As in the library's dumps: neither control characters nor what ends a line. */
static bool stands_for_itself(uint32_t code_point)
{
	if (code_point < 0x7F)
		return code_point >= 0x20 && code_point != '"' && code_point != '\\';
	return code_point >= 0xA0 && code_point != 0x2028 && code_point != 0x2029;
}

void json_text(struct json *json, const char *bytes, size_t length)
{
	size_t plain = 0; /* start of the bytes that go out as they are */

	element(json);
	fputc('"', json->out);
	for (size_t i = 0; i < length;) {
		uint32_t code_point;
		size_t size = utf8_decode(bytes + i, length - i, &code_point);

		if (size == 0) {
			code_point = 0xDC00u + (unsigned char)bytes[i];
			size = 1;
		} else if (stands_for_itself(code_point)) {
			i += size;
			continue;
		}
		fwrite(bytes + plain, 1, i - plain, json->out);
		escaped(json->out, code_point);
		i += size;
		plain = i;
	}
	fwrite(bytes + plain, 1, length - plain, json->out);
	fputc('"', json->out);
}

void json_string(struct json *json, const char *string)
{
	json_text(json, string, strlen(string));
}

void json_unsigned_member(struct json *json, const char *key, uint64_t number)
{
	json_key(json, key);
	json_unsigned(json, number);
}

void json_string_member(struct json *json, const char *key, const char *string)
{
	json_key(json, key);
	json_string(json, string);
}
