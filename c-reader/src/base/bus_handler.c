/* c-reader/base: the process's handler for SIGBUS: it lets the guard mend the loads that are its
 * own, and passes every other fault on to the handler that was installed before.
 *
 * Several copies of this library may be loaded, each with a handler of its own: the shared library,
 * one inside an extension of Python, one in a plugin.  If each installed its handler again whenever
 * it found another's on top, their chain would grow with every open.  So a copy asks the handlers
 * on top of its own what they cover, as long as they are of this library.
 */

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/bus_handler.h"
#include "base/error.h"

static const struct reader_bus_hooks *hooks; /* set before a handler is installed */

/* ---- Other copies of this library ------------------------------------------------- */

/* A handler of any copy blocks exactly these signals while it runs, which tells it from handlers of
 * other origin. */
static const int blocked[] = {SIGSTKFLT, SIGWINCH, SIGURG, SIGPWR};

/* How one copy asks the handler of another what it covers: by a call of it with this code, which no
 * signal has, and with the address of a question.  The same in all versions of the library. */
#define QUESTION_CODE 0x416e63
#define QUESTION_MAGIC 0x616e6369656e7431ull

struct question {
	uint64_t magic;
	struct sigaction before; /* the answer */
	int answered;
};

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

static void answer(unsigned level, void *asked)
{
	struct question *question = asked;

	if (question->magic != QUESTION_MAGIC)
		return;
	question->before = levels[level].before;
	question->answered = 1;
}

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
	return info->si_code <= 0 && info->si_pid == getpid() && hooks->is_any_lost();
}

static void handle(unsigned level, int signal, siginfo_t *info, void *context)
{
	int saved = errno;
	bool sent = info->si_code <= 0;

	if (info->si_code == QUESTION_CODE) {
		answer(level, info->si_addr);
		return;
	}
	if (sent ? !comes_again(info) : !hooks->cover((uintptr_t)info->si_addr))
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

/* ---- What faults come to ------------------------------------------------------------ */

static bool is_of_a_copy(const struct sigaction *action)
{
	sigset_t mask;

	if ((action->sa_flags & SA_SIGINFO) == 0)
		return false;
	sigemptyset(&mask);
	for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		sigaddset(&mask, blocked[i]);
	for (int signal = 1; signal <= SIGRTMAX; signal++)
		if (sigismember(&mask, signal) != sigismember(&action->sa_mask, signal))
			return false;
	return true;
}

/* What the handler of another copy covers.  Returns false if it is not of a copy. */
static bool below(const struct sigaction *action, struct sigaction *ret_before)
{
	struct question question = {.magic = QUESTION_MAGIC};
	siginfo_t info = {.si_signo = SIGBUS, .si_code = QUESTION_CODE};

	if (!is_of_a_copy(action))
		return false;
	info.si_addr = &question;
	action->sa_sigaction(SIGBUS, &info, NULL);
	*ret_before = question.before;
	return question.answered != 0;
}

/* Whether a fault comes to a handler of ours from this one. */
static bool leads_to_ours(const struct sigaction *action)
{
	struct sigaction at = *action;

	/* Each copy has LEVELS handlers; more than so many copies are not expected. */
	for (unsigned i = 0; i < LEVELS * LEVELS; i++) {
		if (is_ours(&at))
			return true;
		if (!below(&at, &at))
			return false;
	}
	return false;
}

/* ---- Installation ------------------------------------------------------------------ */

/* In a program that is linked statically there are none, and nothing is ever unloaded. */
#pragma weak dladdr1
#pragma weak dlopen

static atomic_bool pinned;

/* Keeps the object that holds this code loaded until the process ends. */
static bool pin(void)
{
	struct link_map *map = NULL;
	Dl_info info;

	if (atomic_load(&pinned) || dladdr1 == NULL || dlopen == NULL)
		return true;
	/* The program itself has no name and is never unloaded. */
	if (dladdr1((void *)handlers[0], &info, (void **)&map, RTLD_DL_LINKMAP) != 0 &&
	    map != NULL && map->l_name[0] != 0 &&
	    dlopen(map->l_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE) == NULL)
		return false;
	atomic_store(&pinned, true);
	return true;
}

/* Installs a handler of ours, unless a fault reaches one.  Two threads that do so at once may take
 * two levels, of which the upper calls what the lower covers: that works too. */
static bool install(void)
{
	struct sigaction before, mine = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};

	sigemptyset(&mine.sa_mask);
	for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
		sigaddset(&mine.sa_mask, blocked[i]);
	if (sigaction(SIGBUS, NULL, &before) != 0)
		return false;
	/* Again, where another handler was installed between the two calls of sigaction. */
	for (unsigned i = 0; i < LEVELS && !leads_to_ours(&before); i++) {
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
	return leads_to_ours(&before);
}

enum ancient_code ancient_reader_bus_handler_install(const struct reader_bus_hooks *given,
						     const char *name, struct ancient_error *err)
{
	__atomic_store_n(&hooks, given, __ATOMIC_RELEASE);
	if (!pin())
		return ancient_reader_refuse(
			name, err, ANCIENT_E_SYSTEM,
			"the library that guards the file cannot be kept loaded: %s", dlerror());
	if (!install())
		return ancient_reader_refuse(
			name, err, ANCIENT_E_SYSTEM,
			"no handler for SIGBUS can be installed: other parts of the "
			"program have replaced it %u times",
			LEVELS);
	return ANCIENT_OK;
}
