/* c-reader/base: UTF-8.  Names must be UTF-8, strings may be, messages are.  Used by verification,
 * by error messages, by the JSON writer and by ancientctl. */
#ifndef ANCIENT_READER_UTF8_H
#define ANCIENT_READER_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the well-formed character that begins at `bytes`, of which `length` > 0 may be
 * read; 0 where none does (overlong forms, surrogates, values past U+10FFFF, pieces). */
size_t ancient_reader_utf8_size(const unsigned char *bytes, size_t length);

/* The same, and the character's number. */
size_t ancient_reader_utf8_decode(const unsigned char *bytes, size_t length,
				  uint32_t *ret_code_point);

/* Whether the well-formed character at `bytes` is a control character (U+0000 to U+001F,
 * U+007F to U+009F) or ends a line (U+2028, U+2029): a terminal may obey it, and a reader of
 * lines may break at it.  *ret_code_point is then its number; otherwise untouched. */
bool ancient_reader_utf8_is_control(const unsigned char *bytes, size_t size,
				    unsigned *ret_code_point);

#endif
