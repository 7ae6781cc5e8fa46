/* c-reader/lookup: the smallest parts of a literal: numbers, characters, strings, names. */
#ifndef ANCIENT_READER_LITERAL_TOKEN_H
#define ANCIENT_READER_LITERAL_TOKEN_H

#include "base/reader.h"

/* The text that is read, and where.  Functions below that return false leave `at` at what they
 * could not read. */
struct literal_text {
	const char *bytes;
	size_t length, at;
};

/* The byte there, or `ahead` bytes behind; 0 behind the end. */
char ancient_reader_literal_peek(const struct literal_text *text, size_t ahead);
void ancient_reader_literal_skip_spaces(struct literal_text *text);
/* The word, spaces skipped before it; false: something else. */
bool ancient_reader_literal_take(struct literal_text *text, const char *word);

/* A name of letters, digits, _ and '; its length, 0 for none. */
size_t ancient_reader_literal_name(const struct literal_text *text);

/* An integer as OCaml writes it, -12, 1_000, 0xFF, with its suffix l, L or n, or 0.
 * Returns false where there is none, or one that 64 bits do not hold. */
bool ancient_reader_literal_integer(struct literal_text *text, int64_t *ret_number,
				    char *ret_suffix);

/* A float, -1.5, 1e3, 0x1p3, nan, infinity, neg_infinity; or an integer. */
bool ancient_reader_literal_float(struct literal_text *text, double *ret_number);

/* 'c', with OCaml's escapes. */
bool ancient_reader_literal_char(struct literal_text *text, unsigned char *ret_char);

/* "text" with OCaml's escapes, or {|text|}, without escapes.  `room` has as many bytes as
 * ancient_reader_literal_string_room says. */
size_t ancient_reader_literal_string_room(const struct literal_text *text);
bool ancient_reader_literal_string(struct literal_text *text, char *room, size_t *ret_length);

#endif
