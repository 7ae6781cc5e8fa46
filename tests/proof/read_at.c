/* tests/proof: reads at an offset (c-reader/src/base/read_at.c), and what of a file is present
 * (c-reader/src/base/budget.c). */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

/* The kernel: any number of bytes up to those asked for, or an error. */
static ssize_t proof_pread(void *to, size_t bytes)
{
	ssize_t got = (ssize_t)nondet_u64();

	CHECK(__CPROVER_w_ok(to, bytes));
	ASSUME(got >= -1 && (got < 0 || (size_t)got <= bytes));
	return got;
}
/* The buffer has any bytes all the time. */
static void *proof_memset(void *to, size_t bytes)
{
	CHECK(bytes == 0 || __CPROVER_w_ok(to, bytes));
	return to;
}
#define memset(to, byte, bytes) proof_memset(to, bytes)
#define pread(fd, to, bytes, offset) (CHECK((offset) >= 0), proof_pread(to, bytes))
#include "base/read_at.c"

/* ancient_reader_read_at: never behind the buffer.  That it ends is not proved: the kernel may
 * interrupt it for ever.
 * loop: base/read_at.c: ancient_reader_read_at: while (got < bytes)
 * assigns: got
 * invariant: got <= bytes
 * mutant: base/read_at.c: s/\(char \*\)ret \+ got, bytes - got/(char *)ret + got, bytes/ */
void prove_read_at(void)
{
	size_t bytes = nondet_u64(), got;
	void *buffer;

	ASSUME(bytes <= 1ull << 32); /* what callers ask for, and more */
	buffer = __CPROVER_allocate(bytes, 0);
	if (ancient_reader_read_at(3, nondet_u64() % (1ull << 62), buffer, bytes, &got))
		CHECK(got <= bytes);
}
