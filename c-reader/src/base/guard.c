/* c-reader/base: the guard against files that are truncated while they are mapped.  File opening
 * adds a mapping to it; every function that reads a mapping asks it afterwards.
 *
 * A load from a page behind the end of its file raises SIGBUS.  The handler here looks the
 * address up among the guarded mappings, maps read-only zeros over the mapping from that page on,
 * and marks it as torn; the interrupted load then goes on and reads 0.  Every function of the
 * library tests that mark before it returns a result (reader_settle).  A fault at any other
 * address goes to the handler that was installed before.
 *
 * The handler takes no lock and allocates nothing: ranges are kept in slots that are never
 * freed, only used again, and are claimed by compare-and-swap.  So a fork at any moment
 * leaves nothing locked.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/guard.h"

/* ---- Ranges ---------------------------------------------------------------------- */

struct reader_guard {
	atomic_bool taken;
	atomic_bool torn;
	/* `start` is written last and cleared first, and `use` counts the ranges the slot has
	 * held: a handler that reads both before and after `length` and sees the same, start
	 * not 0, has read a pair that belongs together.  The range of a thread that faults in
	 * it does not change meanwhile. */
	atomic_uint use;
	_Atomic(uintptr_t) start;
	_Atomic(size_t) length;
	struct reader_guard *next; /* set before the slot is seen, then constant */
};

static _Atomic(struct reader_guard *) guards;
static _Atomic(uintptr_t) page_bytes;

static struct reader_guard *claim(void)
{
	struct reader_guard *guard;

	for (guard = atomic_load(&guards); guard != NULL; guard = guard->next) {
		bool expected = false;
		if (atomic_compare_exchange_strong(&guard->taken, &expected, true))
			return guard;
	}
	guard = calloc(1, sizeof(*guard));
	if (guard == NULL)
		return NULL;
	atomic_store(&guard->taken, true);
	guard->next = atomic_load(&guards);
	while (!atomic_compare_exchange_weak(&guards, &guard->next, guard))
		;
	return guard;
}

/* Covers the guarded range that holds `address` from its page on.  Signal-safe. */
static bool cover(uintptr_t address)
{
	uintptr_t page = address & ~(atomic_load(&page_bytes) - 1);

	for (struct reader_guard *guard = atomic_load(&guards); guard != NULL;
	     guard = guard->next) {
		unsigned use = atomic_load(&guard->use);
		uintptr_t start = atomic_load(&guard->start);
		size_t length = atomic_load(&guard->length);
		if (start == 0 || atomic_load(&guard->start) != start ||
		    atomic_load(&guard->use) != use || address < start || address - start >= length)
			continue;
		/* To the end of the range: all of it is lost, and a walk that goes on does not
		 * fault at each page. */
		atomic_store(&guard->torn, true);
		return mmap((void *)page, length - (page - start), PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
			    0) != MAP_FAILED;
	}
	return false;
}

/* Whether the end of a guarded range is gone, and not yet covered.  Signal-safe: the kernel
 * tries the load. */
static bool is_any_lost(void)
{
	for (struct reader_guard *guard = atomic_load(&guards); guard != NULL;
	     guard = guard->next) {
		uintptr_t start = atomic_load(&guard->start);
		size_t length = atomic_load(&guard->length);
		char byte;
		const struct iovec here = {&byte, 1};
		const struct iovec last = {(void *)(start + length - 1), 1};

		if (start != 0 && process_vm_readv(getpid(), &here, 1, &last, 1, 0) < 0 &&
		    errno == EFAULT)
			return true;
	}
	return false;
}

/* ---- Handlers -------------------------------------------------------------------- */

/* A program may install a handler over ours that calls ours; installing the same function over
 * theirs would make the two call each other for ever.  So each time ours is found covered, the
 * handler of another level is installed, which calls the one that it covers and never itself. */
#define LEVELS 16

static struct {
	atomic_bool ready; /* `before` is set and will not change */
	atomic_bool taken;
	struct sigaction before;
} levels[LEVELS];

/* The default action.  It is not done here but by the fault itself, when it comes again, so that
 * the core file shows the place of the fault. */
static void take_default(const siginfo_t *info)
{
	struct sigaction fallback = {.sa_handler = SIG_DFL};

	sigemptyset(&fallback.sa_mask);
	sigaction(SIGBUS, &fallback, NULL);
	if (info->si_code <= 0) /* sent by a process: it does not come again by itself */
		raise(SIGBUS);
}

static void pass_on(const struct sigaction *before, int signal, siginfo_t *info, void *context)
{
	sigset_t mask, old;
	bool informed = (before->sa_flags & SA_SIGINFO) != 0;

	if (!informed && before->sa_handler == SIG_IGN && info->si_code <= 0)
		return;
	if (!informed && (before->sa_handler == SIG_DFL || before->sa_handler == SIG_IGN)) {
		take_default(info);
		return;
	}
	/* With the signal mask that it would have, had the kernel called it. */
	mask = before->sa_mask;
	pthread_sigmask(SIG_BLOCK, &mask, &old);
	if ((before->sa_flags & SA_NODEFER) != 0) {
		sigemptyset(&mask);
		sigaddset(&mask, SIGBUS);
		pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
	}
	if (informed)
		before->sa_sigaction(signal, info, context);
	else
		before->sa_handler(signal);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* Whether a handler over ours has raised the signal again after a fault that ours can cover:
 * Python's faulthandler reports the fault, uninstalls itself and does that.  The load is then
 * tried again, and its fault comes to our handler. */
static bool comes_again(const siginfo_t *info)
{
	return info->si_code <= 0 && info->si_pid == getpid() && is_any_lost();
}

static void handle(unsigned level, int signal, siginfo_t *info, void *context)
{
	int saved = errno;
	bool sent = info->si_code <= 0;

	if (sent ? !comes_again(info) : !cover((uintptr_t)info->si_addr))
		pass_on(&levels[level].before, signal, info, context);
	errno = saved;
}

/* One function a level, so that a handler knows which one it is. */
#define HANDLER(level)                                                                             \
	static void handler_##level(int signal, siginfo_t *info, void *context)                    \
	{                                                                                          \
		handle(level, signal, info, context);                                              \
	}
HANDLER(0)
HANDLER(1)
HANDLER(2)
HANDLER(3)
HANDLER(4)
HANDLER(5)
HANDLER(6)
HANDLER(7)
HANDLER(8)
HANDLER(9)
HANDLER(10)
HANDLER(11)
HANDLER(12)
HANDLER(13)
HANDLER(14)
HANDLER(15)

static void (*const handlers[LEVELS])(int, siginfo_t *, void *) = {
	handler_0,  handler_1,  handler_2,  handler_3,  handler_4,  handler_5,
	handler_6,  handler_7,  handler_8,  handler_9,  handler_10, handler_11,
	handler_12, handler_13, handler_14, handler_15,
};

static bool is_ours(const struct sigaction *action)
{
	if ((action->sa_flags & SA_SIGINFO) == 0)
		return false;
	for (unsigned i = 0; i < LEVELS; i++)
		if (action->sa_sigaction == handlers[i])
			return true;
	return false;
}

static bool same_action(const struct sigaction *a, const struct sigaction *b)
{
	return (a->sa_flags & SA_SIGINFO) == (b->sa_flags & SA_SIGINFO) &&
	       a->sa_handler == b->sa_handler;
}

/* The level that covers `before`: one that already does, or a new one.  LEVELS: no more. */
static unsigned level_over(const struct sigaction *before)
{
	for (unsigned i = 0; i < LEVELS; i++)
		if (atomic_load(&levels[i].ready) && same_action(&levels[i].before, before))
			return i;
	for (unsigned i = 0; i < LEVELS; i++) {
		bool expected = false;
		if (atomic_compare_exchange_strong(&levels[i].taken, &expected, true)) {
			levels[i].before = *before;
			atomic_store(&levels[i].ready, true);
			return i;
		}
	}
	return LEVELS;
}

/* Installs a handler of ours, unless one is installed.  Two threads that do so at once may take two
 * levels, of which the upper calls what the lower covers: that works too. */
static bool install_handler(void)
{
	struct sigaction before, mine = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};

	sigemptyset(&mine.sa_mask);
	if (sigaction(SIGBUS, NULL, &before) != 0)
		return false;
	/* Again, where another handler was installed between the two calls of sigaction. */
	for (unsigned i = 0; i < LEVELS && !is_ours(&before); i++) {
		struct sigaction covered;
		unsigned level = level_over(&before);
		if (level == LEVELS)
			return false;
		mine.sa_sigaction = handlers[level];
		if (sigaction(SIGBUS, &mine, &covered) != 0)
			return false;
		if (same_action(&covered, &before))
			return true;
		before = covered;
	}
	return is_ours(&before);
}

/* ---- Interface ------------------------------------------------------------------- */

enum ancient_code reader_guard_add(const void *start, size_t length, const char *name,
				   struct reader_guard **ret_guard, struct ancient_error *err)
{
	struct reader_guard *guard;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	atomic_store(&page_bytes, page);
	if (!install_handler())
		return reader_refuse(name, err, ANCIENT_E_SYSTEM,
				     "no handler for SIGBUS can be installed: other parts of the "
				     "program have replaced it %u times",
				     LEVELS);
	guard = claim();
	if (guard == NULL)
		return reader_refuse(name, err, ANCIENT_E_MEMORY, "guard");
	atomic_store(&guard->torn, false);
	atomic_fetch_add(&guard->use, 1);
	/* Whole pages: the last one is mapped to its end. */
	atomic_store(&guard->length, (length + page - 1) & ~(page - 1));
	atomic_store(&guard->start, (uintptr_t)start);
	*ret_guard = guard;
	return ANCIENT_OK;
}

void reader_guard_remove(struct reader_guard *guard)
{
	if (guard == NULL)
		return;
	atomic_store(&guard->start, 0);
	atomic_store(&guard->taken, false);
}

const atomic_bool *reader_guard_torn(const struct reader_guard *guard)
{
	static const atomic_bool never;

	return guard == NULL ? &never : &guard->torn;
}

void reader_torn(const struct ancient_file *file, struct ancient_error *err)
{
	reader_refuse(file->name, err, ANCIENT_E_TORN_AWAY,
		      "expected %llu bytes in the mapping, found a page that is gone",
		      (unsigned long long)file->super.used);
}

enum ancient_code ancient_file_stands(const struct ancient_file *file, struct ancient_error *err)
{
	return reader_settle(file, ANCIENT_OK, err);
}
