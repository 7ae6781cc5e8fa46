/* c-reader: what is UTF-8.  Names must be, strings may be, messages are. */
#ifndef ANCIENT_READER_UTF8_H
#define ANCIENT_READER_UTF8_H

#include <stddef.h>

/* Bytes of the well-formed character that begins at `bytes`, of which `length` > 0 may be
 * read; 0 where none does (overlong forms, surrogates, values past U+10FFFF, pieces). */
size_t reader_utf8_size(const unsigned char *bytes, size_t length);

#endif
