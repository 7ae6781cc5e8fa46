/* c-reader/base: whether a load would raise a signal: the page of a file that was cut off, for one.
 * May be called in a handler. */
#ifndef ANCIENT_READER_CAN_LOAD_H
#define ANCIENT_READER_CAN_LOAD_H

#include <errno.h>
#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* The kernel loads the word that `at` lies in, and answers EFAULT.  futex(2) is asked, and not
 * process_vm_readv(2), since no sandbox refuses it. */
static inline bool reader_can_load(const void *at)
{
	const uintptr_t word = (uintptr_t)at & ~(uintptr_t)3;
	const struct timespec none = {0};

	return syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, 0, &none, NULL, 0) == 0 ||
	       errno != EFAULT;
}

#endif
