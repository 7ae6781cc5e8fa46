/* core: how functions of the writer report errors. */
#ifndef CORE_FAIL_H
#define CORE_FAIL_H

#include <stdint.h>

#include <ancient/error.h>

/* Each fills in `err` (NULL allowed) and returns `code`, so that a caller can write
 * "return core_fail(...)".  The message becomes one line whatever its arguments hold. */
enum ancient_code core_fail(struct ancient_error *err, enum ancient_code code, const char *format,
			    ...) __attribute__((format(printf, 3, 4)));

/* The same for a failed system call: ": " and the system's text are appended. */
enum ancient_code core_fail_system(struct ancient_error *err, enum ancient_code code, int system,
				   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The code of a failed write: DISK_FULL, or SYSTEM. */
enum ancient_code core_fail_code(int system);

/* Where and how a file breaks a rule of spec/FORMAT.md section 10. */
struct core_fault {
	enum ancient_code code;
	unsigned rule; /* 0 where none */
	uint64_t offset;
	uint64_t expected;
	uint64_t found;
};

/* "NAME: " and the text; what was expected and found is for `format` to say. */
enum ancient_code core_fail_fault(struct ancient_error *err, struct core_fault fault,
				  const char *format, ...) __attribute__((format(printf, 3, 4)));

/* "NAME: out of memory ..." */
enum ancient_code core_fail_memory(struct ancient_error *err, const char *name);

#endif
