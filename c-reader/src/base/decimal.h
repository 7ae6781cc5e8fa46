/* c-reader/base: decimal digits as a number.  The library does without strtol and its kin: where
 * glibc is 2.38 or later, a compiler takes their C23 forms, which older systems lack, and what was
 * built there would not run here. */
#ifndef ANCIENT_READER_DECIMAL_H
#define ANCIENT_READER_DECIMAL_H

#include <stdint.h>

/* The number that the digits at `at` begin with, or `most` where it is larger; 0 where there is
 * none.  Returns the end of the digits. */
static inline const char *ancient_reader_decimal(const char *at, uint64_t most, uint64_t *ret)
{
	uint64_t number = 0;

	for (; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		number = number > (most - digit) / 10 ? most : number * 10 + digit;
	}
	*ret = number;
	return at;
}

#endif
