/* core/base: the time of a commit. */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

/* Nanoseconds since 1970-01-01 UTC; where the environment has SOURCE_DATE_EPOCH, that many seconds,
 * so that a build can be repeated to the byte.  0: none is to be recorded. */
uint64_t ancient_core_clock_now(void);

#endif
