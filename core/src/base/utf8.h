/* core/base: UTF-8 validation, for names of keys and texts of schemas. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length of the longest valid prefix; `length` if all bytes are valid. */
size_t ancient_core_utf8_valid(const uint8_t *bytes, size_t length);

#endif
