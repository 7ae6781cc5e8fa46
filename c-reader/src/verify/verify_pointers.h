/* c-reader/verify: the pointers of all blocks (FORMAT 10, rules V1 and V7), a part of verify.c. */
#ifndef ANCIENT_READER_VERIFY_POINTERS_H
#define ANCIENT_READER_VERIFY_POINTERS_H

#include "verify/verify_state.h"

/* The first fault, or ANCIENT_OK. */
enum ancient_code ancient_reader_verify_pointers(struct reader_verify *v);

#endif
