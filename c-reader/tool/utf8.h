/* c-reader/tool: UTF-8, one character at a time, for the two escapers (terminal, JSON). */
#ifndef ANCIENT_TOOL_UTF8_H
#define ANCIENT_TOOL_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the well-formed character at `bytes`, of which `length` > 0 may be read.
 *
 * Returns its bytes, 1 to 4, or 0 where they are not UTF-8. */
size_t utf8_decode(const char *bytes, size_t length, uint32_t *ret_code_point);

#endif
