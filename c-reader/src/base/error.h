/* c-reader/base: errors of the library: what is wrong, and the one line of text that says it.
 * Every part of the library that can fail calls these functions. */
#ifndef ANCIENT_READER_ERROR_H
#define ANCIENT_READER_ERROR_H

#include "base/reader.h"

/* Rule numbers, struct ancient_error: the letter's place in "SEVCD" times 100. */
#define READER_S(n) (100u + (n))
#define READER_E(n) (200u + (n))
#define READER_V(n) (300u + (n))
#define READER_C(n) (400u + (n))
#define READER_D(n) (500u + (n))

/* What is wrong; the message is made of it. */
struct reader_fault {
	enum ancient_code code;
	unsigned rule;
	uint64_t offset;
	uint64_t expected;
	uint64_t found;
};

/* Fills in `err` (NULL allowed) and returns the code.  The message is
 * "name: text: detail (rule V2, offset 8200): hint", the detail from `format`. */
enum ancient_code ancient_reader_fail(const char *name, struct ancient_error *err,
				      const struct reader_fault *fault, const char *format, ...)
	READER_PRINTF(4, 5) READER_COLD;

/* A fault with no offset. */
enum ancient_code ancient_reader_refuse(const char *name, struct ancient_error *err,
					enum ancient_code code, const char *format, ...)
	READER_PRINTF(4, 5) READER_COLD;

/* A system call failed with `number`; `what` says which, "open". */
enum ancient_code ancient_reader_fail_system(const char *name, struct ancient_error *err,
					     int number, const char *what);

#endif
