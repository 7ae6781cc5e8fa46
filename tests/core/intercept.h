/* tests/core: the writer's system calls and allocations, and the reader's, counted, made to fail,
 * or watched.
 *
 * The linker sends them here (--wrap, see tests/meson.build).  Nothing happens while `armed` is
 * false, and calls on other descriptors than `fd` are never watched.
 */
#ifndef INTERCEPT_H
#define INTERCEPT_H

#include <stdbool.h>
#include <stdint.h>

enum intercept_call {
	CALL_PWRITEV,
	CALL_FALLOCATE,
	CALL_FTRUNCATE,
	CALL_FDATASYNC,
	CALL_MMAP,
	CALL_MPROTECT,
	CALL_PREAD,
	CALL_FSTAT,
	CALL_FCNTL,
	CALL_OPEN,
	CALL_OPENAT,
	CALL_RENAME,
	CALL_UNLINK,
	CALL_FSYNC,
	CALL_THREAD,
	CALL_MALLOC,
	CALL_CALLOC,
	CALL_REALLOC,
	CALLS,
	CALL_ANY = CALLS, /* in `fail`: of whatever kind, with an error that is usual for it */
};

extern const char *const intercept_names[CALLS];

/* Blocks of memory that were allocated and not freed, armed or not. */
long intercept_live(void);

struct intercept {
	bool armed;
	uint64_t count[CALLS + 1];

	/* The call of this kind and number (from 0) fails with `error`, and all after it where
	 * `for_good`; after half of its bytes where it writes and `half`. */
	enum intercept_call fail;
	uint64_t fail_at; /* UINT64_MAX: none */
	int error;
	bool for_good, half;
	bool failed; /* it was reached */

	/* A fallocate of more bytes than this is interrupted, where it is not 0. */
	uint64_t longest;

	/* The disk is full past this offset of any file, where it is not 0. */
	uint64_t room;

	/* How many processors there seem to be, where it is not 0. */
	unsigned processors;

	/* Before each call but those for memory; NULL: nobody is asked. */
	void (*step)(enum intercept_call call);

	/* In place of fsync and fdatasync: 0 or an error; NULL: the call itself. */
	int (*flush)(int fd);

	/* Another file description has this number; NULL: nobody is told. */
	void (*opened)(int fd);

	/* Around calls that change a file or its mapping; NULL: nobody watches.  `result` is
	 * what the call returned. */
	void (*before)(enum intercept_call call, int fd, uint64_t offset, uint64_t length);
	void (*after)(enum intercept_call call, int fd, uint64_t offset, uint64_t length,
		      bool worked);
};

extern struct intercept intercept;

/* Forgets all of it and arms. */
void intercept_start(void);

#endif
