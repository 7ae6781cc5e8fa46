/* c-reader/base: the room that the headers' structs can grow into, and the library's version. */
#ifndef ANCIENT_READER_VERSION_CHECK_H
#define ANCIENT_READER_VERSION_CHECK_H

#include "base/reader.h"

/* ARGUMENT where a program has set what this version of the library does not know. */
enum ancient_code ancient_reader_check_reserved(const char *name, const char *structure,
						const uint64_t *reserved, size_t count,
						struct ancient_error *err);

#define READER_CHECK_RESERVED(name, structure, options, err)                                       \
	ancient_reader_check_reserved(                                                             \
		name, structure, (options)->reserved,                                              \
		sizeof((options)->reserved) / sizeof((options)->reserved[0]), err)

#endif
