/* c-reader/verify: the schema directory (FORMAT 10, rules D1, D2 and D6), a part of verify.c. */
#ifndef ANCIENT_READER_VERIFY_SCHEMAS_H
#define ANCIENT_READER_VERIFY_SCHEMAS_H

#include "verify/verify_state.h"

/* The first fault, or ANCIENT_OK. */
enum ancient_code ancient_reader_verify_schemas(struct reader_verify *v);

#endif
