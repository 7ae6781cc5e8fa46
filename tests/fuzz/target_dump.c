/* tests/fuzz: the raw dump.
 *
 * A dump that succeeds is one JSON value in UTF-8, with the characters that appendix A wants
 * escaped escaped, and is no longer than its limit.  Indented or not it is the same but for
 * white space between its parts.  What fails leaves no more than the limit behind it, and a
 * writer that says stop is heard. */
#include "fuzz.h"

#define LIMIT (1u << 18)
#define ROOTS 64u

/* Control characters of both kinds, and the two line separators: appendix A. */
static bool has_raw_controls(const struct fuzz_text *text, bool indent)
{
	const uint8_t *at = (const uint8_t *)text->bytes;

	for (size_t i = 0; i < text->length; i++) {
		size_t left = text->length - i;
		if (at[i] < 0x20 && !(indent && at[i] == '\n'))
			return true;
		if (at[i] == 0x7F || (at[i] == 0xC2 && left > 1 && at[i + 1] < 0xA0))
			return true;
		if (at[i] == 0xE2 && left > 2 && at[i + 1] == 0x80 && (at[i + 2] & ~1) == 0xA8)
			return true;
	}
	return false;
}

/* Takes the white space out that is in no string. */
static void squeeze(struct fuzz_text *text)
{
	bool string = false;
	size_t to = 0;

	for (size_t i = 0; i < text->length; i++) {
		char c = text->bytes[i];
		if (!string && (c == ' ' || c == '\n'))
			continue;
		if (c == '"')
			string = !string;
		text->bytes[to++] = c;
		if (string && c == '\\')
			text->bytes[to++] = text->bytes[++i];
	}
	text->length = to;
}

static bool refuse(void *context, const char *text, size_t length)
{
	fuzz_touch(text, length);
	return ++*(unsigned *)context < 2;
}

static bool dump(const struct ancient_file *file, struct ancient_value value, bool indent,
		 struct fuzz_text *text)
{
	const struct ancient_dump_options options = {
		.write = fuzz_append, .context = text, .indent = indent, .limit = LIMIT};
	enum ancient_code code = ancient_value_dump(file, value, &options, &fuzz_err);

	FUZZ_CHECK(text->length <= LIMIT);
	if (!fuzz_ok(code)) {
		FUZZ_CHECK(code == ANCIENT_E_TOO_LARGE || fuzz_class_of(code) == FUZZ_CORRUPT);
		return false;
	}
	FUZZ_CHECK(text->pieces > 0);
	FUZZ_CHECK(fuzz_is_json(text->bytes, text->length));
	FUZZ_CHECK(!has_raw_controls(text, indent));
	return true;
}

static void check_value(const struct ancient_file *file, struct ancient_value value)
{
	struct fuzz_text line = {0}, lines = {0};
	unsigned written = 0;
	const struct ancient_dump_options stopping = {.write = refuse, .context = &written};
	bool good = dump(file, value, false, &line);

	if (dump(file, value, true, &lines) && good) {
		squeeze(&line);
		squeeze(&lines);
		FUZZ_CHECK(line.length == lines.length &&
			   memcmp(line.bytes, lines.bytes, line.length) == 0);
	}
	if (good) {
		enum ancient_code code = ancient_value_dump(file, value, &stopping, &fuzz_err);
		FUZZ_CHECK(written <= 2);
		FUZZ_CHECK((code == ANCIENT_E_INTERRUPTED) == (written == 2));
	}
	free(line.bytes);
	free(lines.bytes);
}

static void run(const uint8_t *data, size_t size)
{
	struct ancient_file *file = fuzz_file(data, size);
	struct ancient_cursor cursor;
	struct ancient_entry entry;

	if (file == NULL)
		return;
	ancient_cursor_init(file, 0, &cursor);
	for (unsigned met = 0;
	     met < ROOTS && fuzz_ok(ancient_cursor_next(&cursor, &entry, &fuzz_err)); met++)
		check_value(file, entry.root);
	ancient_file_close(file);
}

const struct fuzz_target fuzz_dump = {"dump", run, 0, false};
