/* core: UTF-8, for names. */
#ifndef CORE_UTF8_H
#define CORE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many of the bytes are UTF-8 from the start: `length` where all are. */
size_t core_utf8_valid(const uint8_t *bytes, size_t length);

#endif
