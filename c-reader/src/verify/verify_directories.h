/* c-reader/verify: the directories of keys and of names (FORMAT 10, rules D1 to D5), a part of
 * verify.c. */
#ifndef ANCIENT_READER_VERIFY_DIRECTORIES_H
#define ANCIENT_READER_VERIFY_DIRECTORIES_H

#include "verify/verify_state.h"

/* The first fault, or ANCIENT_OK. */
enum ancient_code ancient_reader_verify_directories(struct reader_verify *v);

#endif
