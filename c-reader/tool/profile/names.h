/* c-reader/tool/profile: texts that are kept once: steps of paths, names of types, and what else
 * would not outlive the schema that it is from. */
#ifndef ANCIENT_TOOL_PROFILE_NAMES_H
#define ANCIENT_TOOL_PROFILE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/word_map.h"

struct profile_name {
	char *bytes; /* a 0 byte follows */
	size_t length;
};

/* Start from {0}. */
struct profile_names {
	struct profile_name *name; /* by number; 0 is "" */
	uint32_t count, capacity;
	struct reader_word_map numbers; /* by hash */
	uint64_t seed;
};

/* The number of a text.  UINT32_MAX: no memory. */
uint32_t profile_names_number(struct profile_names *names, const char *bytes, size_t length);
void profile_names_done(struct profile_names *names);

#endif
