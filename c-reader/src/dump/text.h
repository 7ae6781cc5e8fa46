/* c-reader: the text of a dump on its way out: buffered, limited, and JSON's small parts. */
#ifndef ANCIENT_READER_TEXT_H
#define ANCIENT_READER_TEXT_H

#include "base/reader.h"

/* After the first failure every further piece is dropped and `code` says why, so that
 * those who write need not ask after each piece, only once in each turn of a loop. */
struct reader_text {
	const struct ancient_file *file;
	const struct ancient_dump_options *options;
	struct ancient_error *err;
	enum ancient_code code;
	uint64_t written; /* bytes, flushed or not */
	size_t length;    /* bytes in the buffer */
	unsigned level;   /* of indentation */
	char buffer[8192];
};

/* A piece: written whole or, where it would pass the limit, not at all. */
void reader_text_put(struct reader_text *text, const char *bytes, size_t length);
void reader_text_puts(struct reader_text *text, const char *string);
void reader_text_putf(struct reader_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void reader_text_flush(struct reader_text *text);

/* Behind '{', '[' or ',' and before '}' or ']': a new line at the level now in force, where
 * the caller wants indentation; otherwise nothing, and a space behind a comma. */
void reader_text_line(struct reader_text *text);
void reader_text_comma(struct reader_text *text);

/* A JSON string in quotes; bytes that are no UTF-8 become lone surrogates (appendix A). */
void reader_text_string(struct reader_text *text, const char *bytes, size_t length);
/* A number, or the text "nan", "inf", "-inf". */
void reader_text_double(struct reader_text *text, double value);
/* A number, or past 2^53 a text. */
void reader_text_int(struct reader_text *text, int64_t value);

#endif
