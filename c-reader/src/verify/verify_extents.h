/* c-reader/verify: the extents and the blocks of a file (FORMAT 10, rules E1 to E6, V2 to V8), a
 * part of verify.c. */
#ifndef ANCIENT_READER_VERIFY_EXTENTS_H
#define ANCIENT_READER_VERIFY_EXTENTS_H

#include "verify/verify_state.h"

/* The first fault, or ANCIENT_OK. */
enum ancient_code ancient_reader_verify_extents(struct reader_verify *v);

#endif
