/* c-reader/tool: what ancientctl writes: for people, for programs (JSON), and the sink of dumps.
 *
 * Text from a file reaches a terminal only through output_text, the library's JSON writer or a
 * sink: a hostile name must not move the cursor, set a title or make the terminal answer. */
#ifndef ANCIENT_TOOL_OUTPUT_H
#define ANCIENT_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <ancient_reader.h>

#include "base/json.h"
#include "tool.h"

/* From now on the first failure is also an object on stdout, for a program that reads JSON:
 * {"ok":false,"code":"NO_KEY","rule":null,"offset":null,"expected":0,"found":0,"message":"..."}. */
void output_failures_as_json(void);

/* "ancientctl: " and the message, one line, to stderr, control characters escaped.  As an object
 * its code is ARGUMENT. */
void output_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for an error of the library. */
void output_failure(const struct ancient_error *err);

/* The members of such an object, for a command whose own object says what has failed: then there
 * is no other. */
void output_failure_members(struct reader_json *json, const struct ancient_error *err);

/* A second line that says what to do, in the same form. */
void output_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Text from a file or a command line: control and direction characters and bytes that are
 * not UTF-8 as \xNN, backslashes doubled, so that it can be told apart. */
void output_text(FILE *out, const char *bytes, size_t length);

/* Columns output_text takes (a wide character counted as one). */
size_t output_text_columns(const char *bytes, size_t length);

#define OUTPUT_NUMBER 32
/* "16,723,104"; returns `text`. */
const char *output_count(uint64_t number, char text[OUTPUT_NUMBER]);
/* "459.1 MB", decimal units, so that it reads like the exact number beside it. */
const char *output_size(uint64_t bytes, char text[OUTPUT_NUMBER]);

/* One line of a description: "  label       value". */
void output_row(const char *label, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for "459.1 MB (459,123,456 bytes)". */
void output_row_size(const char *label, uint64_t bytes);

/* One JSON object on a line of stdout: its begin, and its end with the new line. */
void output_json_begin(struct reader_json *json);
void output_json_end(struct reader_json *json);
/* The member `name` of an entry: null where it has none. */
void output_json_name(struct reader_json *json, const struct ancient_entry *entry);
/* For ancient_reader_json_init: the context is a FILE. */
bool output_json_write(void *context, const char *bytes, size_t length);

/* A fingerprint's first `bytes` bytes, at most 16, in hexadecimal; returns `text`. */
#define OUTPUT_FINGERPRINT 33
const char *output_fingerprint(const uint8_t *fingerprint, unsigned bytes,
			       char text[OUTPUT_FINGERPRINT]);

/* Where dumps go: a stream, with an end and a left margin. */
struct output_sink {
	FILE *out;
	uint64_t limit;   /* bytes; 0: none */
	uint64_t written; /* margin not counted */
	unsigned margin;  /* spaces after each newline */
	bool cut;         /* the limit was met */
};

/* For struct ancient_dump_options: the context is a struct output_sink.  False where the
 * limit is met, the stream fails or a signal came. */
bool output_sink_write(void *context, const char *text, size_t length);

/* Writes a whole file.  One that cannot be written whole is removed, so that nobody uses it, but
 * for devices; prints why. */
enum tool_status output_file(const char *path, const char *text, size_t length);

/* Flushes stdout.  0, or the errno of what went wrong with it since the start. */
int output_finish(void);

#endif
