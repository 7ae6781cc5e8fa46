/* tests/proof: the bodies of model.h, and by contract what is not proved here: XXH3, the C library,
 * the messages of errors. */
#include <stdarg.h>
#include <string.h>

#include <xxhash.h>

#include "base/error.h"
#include "base/guard.h"

uint64_t proof_load(const void *at)
{
	__CPROVER_assert(__CPROVER_r_ok(at, 8), "a word is loaded inside the file");
	__CPROVER_assert(__CPROVER_POINTER_OFFSET(at) % 8 == 0,
			 "a word is loaded at a multiple of 8");
	return nondet_u64();
}

uint64_t XXH3_64bits(const void *bytes, size_t length)
{
	__CPROVER_assert(__CPROVER_r_ok(bytes, length), "what is hashed can be read");
	return nondet_u64();
}

/* ---- The C library ------------------------------------------------------------------ */

int memcmp(const void *left, const void *right, size_t length)
{
	__CPROVER_assert(length == 0 || __CPROVER_r_ok(left, length),
			 "memcmp reads its first range");
	__CPROVER_assert(length == 0 || __CPROVER_r_ok(right, length),
			 "memcmp reads its second range");
	return nondet_int();
}

void *memcpy(void *to, const void *from, size_t length)
{
	__CPROVER_assert(length == 0 || __CPROVER_r_ok(from, length), "memcpy reads its range");
	__CPROVER_assert(length == 0 || __CPROVER_w_ok(to, length), "memcpy writes its range");
	/* What was allocated has any bytes from the start. */
	if (length > 0 && !__CPROVER_DYNAMIC_OBJECT(to))
		__CPROVER_havoc_slice(to, length);
	return to;
}

int snprintf(char *to, size_t length, const char *format, ...)
{
	__CPROVER_assert(length == 0 || __CPROVER_w_ok(to, length), "snprintf writes its range");
	if (length > 0)
		__CPROVER_havoc_slice(to, length);
	return nondet_int();
}

/* Of text that ends: the identifiers in the library. */
int strcmp(const char *left, const char *right)
{
	__CPROVER_assert(__CPROVER_r_ok(left, 1) && __CPROVER_r_ok(right, 1), "strcmp reads text");
	return nondet_int();
}

/* ---- Errors ------------------------------------------------------------------------- */

static enum ancient_code fail(struct ancient_error *err, enum ancient_code code)
{
	__CPROVER_assert(code != ANCIENT_OK, "an error has a code");
	if (err != NULL) {
		__CPROVER_assert(__CPROVER_w_ok(err, sizeof(*err)), "an error can be written");
		err->code = code;
	}
	return code;
}

enum ancient_code ancient_reader_fail(const char *name, struct ancient_error *err,
				      const struct reader_fault *fault, const char *format, ...)
{
	return fail(err, fault->code);
}

enum ancient_code ancient_reader_refuse(const char *name, struct ancient_error *err,
					enum ancient_code code, const char *format, ...)
{
	return fail(err, code);
}

enum ancient_code ancient_reader_fail_system(const char *name, struct ancient_error *err,
					     int number, const char *what)
{
	return fail(err, ANCIENT_E_SYSTEM);
}

void ancient_reader_torn(const struct ancient_file *file, struct ancient_error *err)
{
	fail(err, ANCIENT_E_TORN_AWAY);
}
