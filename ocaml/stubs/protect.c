/* ocaml/stubs: says which file it was, before the signal, where a program changes a value of a file
 * that is attached with protect.  handles.c names the files.
 *
 * The handler of SIGSEGV reads a table of fixed size without a lock, writes one line, and gives the
 * signal back to whoever had it before: the instruction runs again and faults for him.
 */
#include "protect.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define WATCHES 256

struct ancient_ml_watch {
	uint64_t start; /* 0: free; written last */
	uint64_t end;
	const char *name;
};

static struct ancient_ml_watch watches[WATCHES];
static pthread_mutex_t watches_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before;

static const char *name_of(uint64_t address)
{
	for (size_t i = 0; i < WATCHES; i++) {
		uint64_t start = __atomic_load_n(&watches[i].start, __ATOMIC_ACQUIRE);

		if (start != 0 && address >= start &&
		    address < __atomic_load_n(&watches[i].end, __ATOMIC_ACQUIRE))
			return watches[i].name;
	}
	return NULL;
}

static void say(const char *text)
{
	size_t length = strlen(text);
	ssize_t written = write(STDERR_FILENO, text, length);

	(void)written; /* there is nobody else to tell */
}

static void say_address(uint64_t address)
{
	char text[] = "0x0000000000000000";

	for (size_t i = sizeof(text) - 2; i > 1; i--, address >>= 4)
		text[i] = "0123456789abcdef"[address & 15];
	say(text);
}

static void on_fault(int number, siginfo_t *info, void *context)
{
	uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
	const char *name = info->si_code == SEGV_ACCERR ? name_of(address) : NULL;

	(void)context;
	if (name != NULL) {
		say("ancient: a value of ");
		say(name);
		say(" was changed, at ");
		say_address(address);
		say(": values in files cannot be changed, work on a copy (the file is attached "
		    "with "
		    "~protect:true or ANCIENT_PROTECT=1)\n");
	}
	sigaction(number, &before, NULL);
	if (info->si_code <= 0) /* sent, by a process: no instruction faults again */
		raise(number);
}

/* With watches_lock. */
static void install(void)
{
	static bool installed;
	struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

	if (installed)
		return;
	sigemptyset(&action.sa_mask);
	installed = sigaction(SIGSEGV, &action, &before) == 0;
}

struct ancient_ml_watch *ancient_ml_watch_add(uint64_t start, uint64_t end, const char *name,
					      bool protect)
{
	struct ancient_ml_watch *watch = NULL;

	pthread_mutex_lock(&watches_lock);
	if (protect)
		install();
	for (size_t i = 0; i < WATCHES && watch == NULL; i++) {
		if (watches[i].start == 0)
			watch = &watches[i];
	}
	if (watch != NULL) {
		watch->name = name;
		watch->end = end;
		__atomic_store_n(&watch->start, start, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&watches_lock);
	return watch;
}

void ancient_ml_watch_extend(struct ancient_ml_watch *watch, uint64_t end)
{
	if (watch != NULL)
		__atomic_store_n(&watch->end, end, __ATOMIC_RELEASE);
}

void ancient_ml_watch_drop(struct ancient_ml_watch *watch)
{
	if (watch == NULL)
		return;
	pthread_mutex_lock(&watches_lock);
	__atomic_store_n(&watch->start, 0, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&watches_lock);
}
