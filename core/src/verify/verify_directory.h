/* core/verify: verification of the directories (FORMAT 10, rules D1 to D6). */
#ifndef CORE_VERIFY_DIRECTORY_H
#define CORE_VERIFY_DIRECTORY_H

#include "verify/verify_state.h"

/* Rules D1 to D6, when all extents and blocks are known. */
enum ancient_code ancient_core_verify_directories(struct core_verify *v);

#endif
