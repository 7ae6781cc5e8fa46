/* core/base: error reports.  Every function of the writer that can fail fills in a struct
 * ancient_error through these functions and returns the code. */
#ifndef CORE_FAIL_H
#define CORE_FAIL_H

#include <stdint.h>

#include <ancient/error.h>

/* Each function fills in `err`, if that is not NULL, and returns `code`, so that a caller can write
 * "return ancient_core_fail(...)".  Control characters in the message become '?'. */
enum ancient_code ancient_core_fail(struct ancient_error *err, enum ancient_code code,
				    const char *format, ...) __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: ": " and strerror(system) are appended. */
enum ancient_code ancient_core_fail_system(struct ancient_error *err, enum ancient_code code,
					   int system, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The code for errno of a failed write: DISK_FULL or SYSTEM. */
enum ancient_code ancient_core_fail_code(int system);

/* A broken rule of spec/FORMAT.md section 10. */
struct core_fault {
	enum ancient_code code;
	unsigned rule; /* 0: none */
	uint64_t offset;
	uint64_t expected;
	uint64_t found;
};

/* The same for a broken rule.  `format` must itself name the file and say what was expected and
 * found. */
enum ancient_code ancient_core_fail_fault(struct ancient_error *err, struct core_fault fault,
					  const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* MEMORY: "NAME: out of memory". */
enum ancient_code ancient_core_fail_memory(struct ancient_error *err, const char *name);

#endif
