/* core: how every function of the writer and of the readers says what went wrong.
 *
 * A function returns ANCIENT_OK or the code of its error, and fills in the caller's
 * struct ancient_error where one was passed (NULL is allowed everywhere).  Results
 * through ret_ parameters are untouched on failure.
 */
#ifndef ANCIENT_ERROR_H
#define ANCIENT_ERROR_H

#include <stdint.h>

#include <ancient/machine.h>

enum ancient_code {
	ANCIENT_OK = 0,
#define ANCIENT_ERROR(code, number, class, python, text) ANCIENT_E_##code = number,
#include "errors.def"
#undef ANCIENT_ERROR
};

#define ANCIENT_NO_OFFSET UINT64_MAX

struct ancient_error {
	enum ancient_code code;
	int system;        /* errno where a system call failed, otherwise 0 */
	unsigned rule;     /* broken rule of spec/FORMAT.md section 10: letter's place in "SEVCD"
			      times 100 plus its number (V3 is 303); 0 where none */
	uint64_t offset;   /* where in the file, or ANCIENT_NO_OFFSET */
	uint64_t expected; /* meaning as the message says; 0 where it names neither */
	uint64_t found;
	char message[512]; /* one line, UTF-8, no newline: the file, expected, found, where,
			      and what to do; always terminated */
};

#endif
