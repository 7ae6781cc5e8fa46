/* c-reader/arrow: strings, bytes and JSON as the values of nodes (append.h).
 *
 * Strings are copied first and looked at in the copy, since another process may change the file
 * meanwhile.  Most are ASCII, so that a batch of them is passed over eight bytes at a time. */
#include "arrow/text.h"

#include <stdlib.h>
#include <string.h>

#include "arrow/append.h"
#include "arrow/leaf.h"
#include "base/error.h"
#include "base/utf8.h"
#include "dump/typed_dump.h"

#define SHORT 64u /* bytes of a string that is not worth a call of memcpy */

/* A string of the view layout: buffer and offset are in `rest` where it is longer than that. */
struct arrow_view {
	int32_t length;
	uint8_t rest[12];
};

/* ---- One value ---------------------------------------------------------------------- */

static bool put_offset(struct arrow_node *node, uint64_t slot, uint64_t end)
{
	const size_t width = node->layout == ARROW_64 ? 8 : 4;

	if (!arrow_reserve(&node->offsets, (slot + 2) * width))
		return false;
	if (slot == 0)
		memset(node->offsets.bytes, 0, width);
	memcpy(node->offsets.bytes + (slot + 1) * width, &end, width);
	return true;
}

/* A view: the bytes themselves where there are up to 12 of them; otherwise the first 4 and where
 * they all are, in buffer 0. */
static bool put_view(struct arrow_node *node, uint64_t slot, const void *bytes, size_t length,
		     uint64_t at)
{
	struct arrow_view view = {.length = (int32_t)length};

	if (!arrow_reserve(&node->offsets, (slot + 1) * sizeof(view)))
		return false;
	if (length <= sizeof(view.rest)) {
		memcpy(view.rest, bytes, length);
	} else {
		const int32_t offset = (int32_t)at;
		memcpy(view.rest, bytes, 4);
		memcpy(view.rest + 8, &offset, sizeof(offset));
	}
	memcpy(node->offsets.bytes + slot * sizeof(view), &view, sizeof(view));
	return true;
}

static bool is_too_long(const struct arrow_node *node, uint64_t more)
{
	return node->layout != ARROW_64 && more > INT32_MAX - node->now.data_length;
}

enum ancient_code ancient_reader_arrow_append_bytes(struct arrow_build *build,
						    struct arrow_node *node, uint64_t slot,
						    const void *bytes, size_t length)
{
	const uint64_t at = node->now.data_length;
	const bool view = node->layout == ARROW_VIEW, short_view = view && length <= 12;
	bool good;

	if (is_too_long(node, length) || !arrow_charge(build, length + (view ? 16 : 4))) {
		build->full = true;
		return ANCIENT_E_TOO_LARGE;
	}
	if (!short_view) {
		if (!arrow_reserve(&node->data, at + length))
			return ancient_reader_arrow_no_room(build);
		if (length > 0)
			memcpy(node->data.bytes + at, bytes, length);
		node->now.data_length += length;
	}
	good = view ? put_view(node, slot, bytes, length, at)
		    : put_offset(node, slot, node->now.data_length);
	return good ? ANCIENT_OK : ancient_reader_arrow_no_room(build);
}

/* ---- UTF-8 -------------------------------------------------------------------------- */

static bool is_ascii(const uint8_t *bytes, size_t length)
{
	uint64_t all = 0, word;
	size_t i = 0;

	for (; length - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, bytes + i, sizeof(word));
		all |= word;
	}
	for (; i < length; i++)
		all |= bytes[i];
	return (all & 0x8080808080808080ull) == 0;
}

/* How many of the bytes are UTF-8, from the first on. */
static size_t well_formed(const uint8_t *bytes, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t size = ancient_reader_utf8_size(bytes + at, length - at);
		if (size == 0)
			break;
		at += size;
	}
	return at;
}

static enum ancient_code not_text(struct arrow_build *build, uint8_t byte, size_t at)
{
	return ancient_reader_refuse(
		build->plan.file->name, &build->err, ANCIENT_E_WRONG_KIND,
		"expected UTF-8, found the byte 0x%02x at %zu of a string; strings can be had as "
		"\"bytes\", or with \"replace\"",
		byte, at);
}

/* A string in which what is no UTF-8 becomes U+FFFD, each byte of it. */
static enum ancient_code append_replaced(struct arrow_build *build, struct arrow_node *node,
					 uint64_t slot, const uint8_t *bytes, size_t length)
{
	struct arrow_buffer text = {0};
	enum ancient_code code = ANCIENT_OK;
	size_t used = 0;

	for (size_t at = 0; at < length && code == ANCIENT_OK;) {
		size_t good = well_formed(bytes + at, length - at);
		/* `full` before the memory is asked for. */
		if (used + good + 3 > build->most) {
			build->full = true;
			code = ANCIENT_E_TOO_LARGE;
		} else if (!arrow_reserve(&text, used + good + 3)) {
			code = ancient_reader_arrow_no_room(build);
		} else {
			memcpy(text.bytes + used, bytes + at, good); /* there is room for 3 more */
			used += good;
			at += good;
			if (at < length) {
				memcpy(text.bytes + used, "\xEF\xBF\xBD", 3);
				used += 3;
				at++;
			}
		}
	}
	if (code == ANCIENT_OK)
		code = ancient_reader_arrow_append_bytes(build, node, slot,
							 used == 0 ? "" : (char *)text.bytes, used);
	free(text.bytes);
	return code;
}

/* ---- Strings ------------------------------------------------------------------------ */

/* A string that is not in the batch yet, tested. */
static enum ancient_code append_checked(struct arrow_build *build, struct arrow_node *node,
					uint64_t slot, const struct ancient_bytes *string)
{
	const bool replace = build->plan.strings == ANCIENT_ARROW_STRINGS_REPLACE;
	struct arrow_buffer copy = {0};
	enum ancient_code code;
	size_t good;

	/* Before the memory is asked for. */
	if (is_too_long(node, string->length) || string->length > build->most - build->bytes) {
		build->full = true;
		return ANCIENT_E_TOO_LARGE;
	}
	if (!arrow_reserve(&copy, string->length + 1))
		return ancient_reader_arrow_no_room(build);
	memcpy(copy.bytes, string->bytes, string->length);
	good = well_formed(copy.bytes, string->length);
	if (good == string->length)
		code = ancient_reader_arrow_append_bytes(build, node, slot, copy.bytes, good);
	else if (replace)
		code = append_replaced(build, node, slot, copy.bytes, string->length);
	else
		code = not_text(build, copy.bytes[good], good);
	free(copy.bytes);
	return code;
}

static enum ancient_code append_one_by_one(struct arrow_build *build, struct arrow_node *node,
					   size_t count)
{
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < count && code == ANCIENT_OK; i++) {
		const struct ancient_bytes *string = &build->strings[i];
		const uint64_t slot = node->now.length + i;
		if (string->length == 0)
			code = ancient_reader_arrow_append_bytes(build, node, slot, "", 0);
		else if (node->checked)
			code = append_checked(build, node, slot, string);
		else
			code = ancient_reader_arrow_append_bytes(build, node, slot, string->bytes,
								 string->length);
	}
	return code;
}

/* All strings of a batch behind each other, and their offsets.  There is room for 8 bytes more, so
 * that short ones are copied word by word: the blocks of strings are whole words. */
static void copy_all(const struct arrow_build *build, struct arrow_node *node, size_t count)
{
	uint8_t *data = node->data.bytes, *offsets = node->offsets.bytes;
	uint64_t end = node->now.data_length;

	for (size_t i = 0; i < count; i++) {
		const struct ancient_bytes *string = &build->strings[i];
		const uint64_t slot = node->now.length + i + 1;
		if (string->length <= SHORT)
			for (size_t j = 0; j < string->length; j += 8)
				memcpy(data + end + j, string->bytes + j, 8);
		else
			memcpy(data + end, string->bytes, string->length);
		end += string->length;
		if (node->layout == ARROW_64)
			memcpy(offsets + slot * 8, &end, 8);
		else
			memcpy(offsets + slot * 4, &end, 4);
	}
	node->now.data_length = end;
}

/* Tests the strings that were copied to `start`. */
static enum ancient_code check_all(struct arrow_build *build, struct arrow_node *node, size_t count,
				   uint64_t start)
{
	uint64_t at = start;

	if (!node->checked || is_ascii(node->data.bytes + start, node->now.data_length - start))
		return ANCIENT_OK;
	for (size_t i = 0; i < count; i++) {
		const uint8_t *bytes = node->data.bytes + at;
		const size_t length = build->strings[i].length, good = well_formed(bytes, length);
		if (good < length && build->plan.strings == ANCIENT_ARROW_STRINGS_REPLACE) {
			node->now.data_length = start;
			return append_one_by_one(build, node, count);
		}
		if (good < length)
			return not_text(build, bytes[good], good);
		at += length;
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_arrow_append_text(struct arrow_build *build,
						   struct arrow_node *node, struct scan_rows *rows)
{
	const size_t count = rows->count, width = node->layout == ARROW_64 ? 8 : 4;
	const uint64_t start = node->now.data_length;
	uint64_t bytes = 0;
	enum ancient_code code =
		ancient_reader_arrow_put(build, node, rows, ANCIENT_COLUMN_STRING, build->strings,
					 sizeof(build->strings[0]));

	if (code != ANCIENT_OK || node->layout == ARROW_VIEW)
		return code != ANCIENT_OK ? code : append_one_by_one(build, node, count);
	for (size_t i = 0; i < count; i++)
		bytes += build->strings[i].length;
	if (is_too_long(node, bytes) || !arrow_charge(build, bytes + count * width)) {
		build->full = true;
		return ANCIENT_E_TOO_LARGE;
	}
	if (!arrow_reserve(&node->data, start + bytes + 8) ||
	    !put_offset(node, node->now.length + count - 1, 0))
		return ancient_reader_arrow_no_room(build);
	if (node->now.length == 0)
		memset(node->offsets.bytes, 0, width);
	copy_all(build, node, count);
	return check_all(build, node, count, start);
}

/* ---- JSON ---------------------------------------------------------------------------- */

struct json_text {
	struct arrow_build *build;
	struct arrow_buffer text;
	size_t used;
	enum ancient_code code;
};

static bool take_json(void *context, const char *text, size_t length)
{
	struct json_text *json = context;

	if (length > json->build->most - json->build->bytes - json->used) {
		json->build->full = true;
		json->code = ANCIENT_E_TOO_LARGE;
	} else if (!arrow_reserve(&json->text, json->used + length)) {
		json->code = ancient_reader_arrow_no_room(json->build);
	} else {
		memcpy(json->text.bytes + json->used, text, length);
		json->used += length;
	}
	return json->code == ANCIENT_OK;
}

enum ancient_code ancient_reader_arrow_append_json(struct arrow_build *build,
						   struct arrow_node *node,
						   const struct scan_rows *rows)
{
	struct json_text json = {.build = build};
	const struct ancient_dump_options options = {.write = take_json, .context = &json};
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < rows->count && code == ANCIENT_OK; i++) {
		json.used = 0;
		if (arrow_is_there(rows, i))
			code = ancient_reader_typed_dump(&build->budget, rows->file, rows->schema,
							 arrow_typed(rows, i, node->type), &options,
							 &build->err);
		if (json.code != ANCIENT_OK)
			code = json.code;
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_append_bytes(
				build, node, node->now.length + i,
				json.used == 0 ? "" : (const char *)json.text.bytes, json.used);
	}
	free(json.text.bytes);
	return code;
}
