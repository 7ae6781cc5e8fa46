/* core/base: waits for other threads of the process, by futex(2).
 *
 * A signal ends a wait.  The kernel interrupts the thread that it was delivered to.  A signal that
 * came just before the wait, or to a thread that does not look, is found by asking the caller of
 * the library (ancient_signals_set) twice a CHECK apart: whoever was interrupted handles it first.
 */
#include "base/wait.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <ancient/store.h>

#define CHECK_NANOSECONDS 50000000L

static struct ancient_signals signals;

void ancient_signals_set(const struct ancient_signals *set)
{
	signals = *set;
}

static bool is_pending(void)
{
	return signals.pending && signals.pending();
}

bool ancient_core_wait(const uint32_t *word, uint32_t seen)
{
	const struct timespec check = {.tv_nsec = CHECK_NANOSECONDS};
	bool before = false;

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == seen) {
		bool pending;

		if (syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, seen, &check, NULL, 0) == 0 ||
		    errno == EAGAIN)
			continue;
		if (errno != ETIMEDOUT)
			return __atomic_load_n(word, __ATOMIC_ACQUIRE) != seen;
		pending = is_pending();
		if (pending && before)
			return __atomic_load_n(word, __ATOMIC_ACQUIRE) != seen;
		before = pending;
	}
	return true;
}

void ancient_core_wake(uint32_t *word, uint32_t now)
{
	__atomic_store_n(word, now, __ATOMIC_RELEASE);
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

bool ancient_core_wait_nanoseconds(long nanoseconds)
{
	const struct timespec time = {.tv_nsec = nanoseconds};

	return nanosleep(&time, NULL) == 0;
}

bool ancient_core_wait_handle_signals(void)
{
	return is_pending() && signals.handle && signals.handle();
}
