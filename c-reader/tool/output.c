/* c-reader/tool: what ancientctl writes, for every command (output.h). */
#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/utf8.h"

static bool failures_as_json;

/* errno of the first write to stdout that failed; the stream itself remembers only that one did. */
static int failure;

/* Characters that a terminal obeys instead of showing them: controls, the line and paragraph
 * separators, and those that change the direction of the text. */
static bool is_control(uint32_t code_point)
{
	return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0) ||
	       code_point == 0x61C || code_point == 0x200E || code_point == 0x200F ||
	       (code_point >= 0x2028 && code_point <= 0x202E) ||
	       (code_point >= 0x2066 && code_point <= 0x2069) || code_point == 0xFEFF;
}

/* Writes (where `out` is not NULL) and returns the columns. */
static size_t escape(FILE *out, const char *bytes, size_t length, bool backslashes)
{
	size_t columns = 0;

	for (size_t i = 0; i < length;) {
		uint32_t code_point;
		size_t size = ancient_reader_utf8_decode((const unsigned char *)bytes + i,
							 length - i, &code_point);
		bool escaped = size == 0 || is_control(code_point);

		if (size == 0)
			size = 1;
		if (escaped) {
			for (size_t j = 0; out != NULL && j < size; j++)
				fprintf(out, "\\x%02x", (unsigned char)bytes[i + j]);
			columns += 4 * size;
		} else {
			if (backslashes && bytes[i] == '\\') {
				if (out != NULL)
					fputc('\\', out);
				columns++;
			}
			if (out != NULL)
				fwrite(bytes + i, 1, size, out);
			columns++;
		}
		i += size;
	}
	return columns;
}

void output_text(FILE *out, const char *bytes, size_t length)
{
	escape(out, bytes, length, true);
}

size_t output_text_columns(const char *bytes, size_t length)
{
	return escape(NULL, bytes, length, true);
}

static void message(const char *text)
{
	/* What was printed so far comes first where both go to one terminal. */
	fflush(stdout);
	flockfile(stderr);
	fputs("ancientctl: ", stderr);
	escape(stderr, text, strlen(text), false);
	fputc('\n', stderr);
	funlockfile(stderr);
}

void output_failures_as_json(void)
{
	failures_as_json = true;
}

void output_failure_members(struct reader_json *json, const struct ancient_error *err)
{
	failures_as_json = false;
	ancient_reader_json_key(json, "ok");
	ancient_reader_json_bool(json, false);
	ancient_reader_json_string_member(json, "code", ancient_code_name(err->code));
	ancient_reader_json_key(json, "rule");
	if (err->rule != 0)
		ancient_reader_json_string(json, ancient_rule_name(err->rule));
	else
		ancient_reader_json_null(json);
	ancient_reader_json_key(json, "offset");
	if (err->offset != ANCIENT_NO_OFFSET)
		ancient_reader_json_unsigned(json, err->offset);
	else
		ancient_reader_json_null(json);
	ancient_reader_json_unsigned_member(json, "expected", err->expected);
	ancient_reader_json_unsigned_member(json, "found", err->found);
	ancient_reader_json_string_member(json, "message", err->message);
}

void output_failure(const struct ancient_error *err)
{
	struct reader_json json;

	if (failures_as_json) {
		output_json_begin(&json);
		output_failure_members(&json, err);
		output_json_end(&json);
	}
	message(err->message);
}

void output_error(const char *format, ...)
{
	struct ancient_error err = {.code = ANCIENT_E_ARGUMENT, .offset = ANCIENT_NO_OFFSET};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(err.message, sizeof err.message, format, arguments);
	va_end(arguments);
	output_failure(&err);
}

void output_hint(const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	message(text);
}

const char *output_count(uint64_t number, char text[OUTPUT_NUMBER])
{
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, number);
	size_t to = 0;

	for (size_t i = 0; i < length; i++) {
		if (i != 0 && (length - i) % 3 == 0)
			text[to++] = ',';
		text[to++] = digits[i];
	}
	text[to] = 0;
	return text;
}

const char *output_size(uint64_t bytes, char text[OUTPUT_NUMBER])
{
	static const char *const units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
	double size = (double)bytes;
	size_t unit = 0;

	/* 999.95 would be rounded to 1000.0. */
	while (size >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
		size /= 1000;
		unit++;
	}
	if (unit == 0)
		snprintf(text, OUTPUT_NUMBER, "%" PRIu64 " bytes", bytes);
	else
		snprintf(text, OUTPUT_NUMBER, "%.1f %s", size, units[unit]);
	return text;
}

void output_row(const char *label, const char *format, ...)
{
	va_list arguments;

	printf("  %-12s ", label);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void output_row_size(const char *label, uint64_t bytes)
{
	char size[OUTPUT_NUMBER], count[OUTPUT_NUMBER];

	if (bytes < 1000)
		output_row(label, "%s", output_size(bytes, size));
	else
		output_row(label, "%s (%s bytes)", output_size(bytes, size),
			   output_count(bytes, count));
}

void output_json_begin(struct reader_json *json)
{
	ancient_reader_json_init(json, READER_JSON_COMPACT, output_json_write, stdout);
	ancient_reader_json_begin(json, '{');
}

void output_json_end(struct reader_json *json)
{
	ancient_reader_json_end(json, '}');
	ancient_reader_json_flush(json);
	putchar('\n');
}

void output_json_name(struct reader_json *json, const struct ancient_entry *entry)
{
	ancient_reader_json_key(json, "name");
	if (entry->name == NULL)
		ancient_reader_json_null(json);
	else
		ancient_reader_json_text(json, entry->name, entry->name_length);
}

bool output_json_write(void *context, const char *bytes, size_t length)
{
	FILE *out = context;

	return fwrite(bytes, 1, length, out) == length;
}

const char *output_fingerprint(const uint8_t *fingerprint, unsigned bytes,
			       char text[OUTPUT_FINGERPRINT])
{
	for (unsigned i = 0; i < bytes; i++)
		snprintf(text + 2 * i, 3, "%02x", fingerprint[i]);
	return text;
}

/* As many of `length` bytes as `most` allows without cutting a character in two. */
static size_t whole_characters(const char *text, size_t length, uint64_t most)
{
	if (length <= most)
		return length;
	length = (size_t)most;
	while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
		length--;
	return length;
}

/* Lines of an indented dump are moved in by the margin.  (The library has escaped what a
 * terminal would obey.) */
static void put(const struct output_sink *sink, const char *text, size_t length)
{
	const char *end;

	while (sink->margin != 0 && (end = memchr(text, '\n', length)) != NULL) {
		size_t line = (size_t)(end - text) + 1;

		fwrite(text, 1, line, sink->out);
		fprintf(sink->out, "%*s", (int)sink->margin, "");
		text += line;
		length -= line;
	}
	fwrite(text, 1, length, sink->out);
}

bool output_sink_write(void *context, const char *text, size_t length)
{
	struct output_sink *sink = context;
	size_t wanted = length;

	if (sink->limit != 0) {
		length = whole_characters(text, length, sink->limit - sink->written);
		sink->cut = length < wanted;
	}
	sink->written += length;
	put(sink, text, length);
	if (ferror(sink->out) && failure == 0)
		failure = errno;
	return !sink->cut && failure == 0 && tool_signal == 0;
}

enum tool_status output_file(const char *path, const char *text, size_t length)
{
	FILE *out = fopen(path, "we");
	bool good = out != NULL, is_file = false;
	int error = errno;
	struct stat status;

	if (good) {
		is_file = fstat(fileno(out), &status) == 0 && S_ISREG(status.st_mode);
		good = fwrite(text, 1, length, out) == length;
		error = errno;
		if (fclose(out) != 0 && good) {
			good = false;
			error = errno;
		}
		if (!good && is_file)
			unlink(path);
	}
	if (good)
		return TOOL_GOOD;
	output_error("%s: %s", path, strerror(error));
	return TOOL_UNREADABLE;
}

int output_finish(void)
{
	errno = 0;
	if (fflush(stdout) != 0 && failure == 0)
		failure = errno;
	if (failure == 0 && ferror(stdout))
		failure = EIO;
	return failure;
}
