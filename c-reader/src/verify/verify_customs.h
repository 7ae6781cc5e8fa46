/* c-reader/verify: the identifiers of custom blocks (FORMAT 10, rules C1 and C2), a part of
 * verify.c. */
#ifndef ANCIENT_READER_VERIFY_CUSTOMS_H
#define ANCIENT_READER_VERIFY_CUSTOMS_H

#include "verify/verify_state.h"

/* The first fault, or ANCIENT_OK. */
enum ancient_code ancient_reader_verify_customs(struct reader_verify *v);

#endif
