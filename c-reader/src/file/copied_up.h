/* c-reader/file: files of an overlayfs that were copied up after they were opened.  Opening calls
 * it before it trusts a mapping. */
#ifndef ANCIENT_READER_COPIED_UP_H
#define ANCIENT_READER_COPIED_UP_H

#include <stdbool.h>
#include <stdint.h>

/* Whether `start`, `used` bytes of the file at `fd` that were mapped just now, is another file than
 * reading `fd` gives.  Causes no fault. */
bool ancient_reader_copied_up(int fd, const unsigned char *start, uint64_t used);

#endif
