/* c-reader/tool: what ancientctl writes for people, and the sink of dumps.
 *
 * Nothing from a file reaches a terminal but through output_text, json.c or a sink: a
 * hostile name must not move the cursor, set a title or answer back. */
#ifndef ANCIENT_TOOL_OUTPUT_H
#define ANCIENT_TOOL_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* "ancientctl: " and the message, one line, to stderr, control characters escaped. */
void output_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

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

/* Flushes stdout.  0, or the errno of what went wrong with it since the start. */
int output_finish(void);

#endif
