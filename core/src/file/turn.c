/* core/file: turns: what one thread of the process at a time does with a file, in the order in
 * which they ask.  The lock of a file (file/lock.c) is between processes; before a thread asks for
 * it, it takes its turn among the threads of its own.  Attach and relocation take turns too.
 *
 * A signal handler or a callback may run in a thread that has a turn (a compaction's, say) and ask
 * for another one.  So a thread that would wait for itself, through any number of others, gets
 * DEADLOCK.
 */
#include "file/turn.h"

#include <stddef.h>

#include "base/fail.h"
#include "base/wait.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct core_turn *taken;
static unsigned forks; /* that made this process out of the first */

static struct core_turn *who_has(const struct core_turn *turn)
{
	struct core_turn *t = taken;

	while (t && (t->kind != turn->kind || t->inode != turn->inode || t->device != turn->device))
		t = t->next;
	return t;
}

/* Whoever has the turn that this thread waits for, or NULL. */
static const struct core_turn *who_keeps(pthread_t thread)
{
	for (const struct core_turn *t = taken; t; t = t->next)
		for (const struct core_turn *q = t->queue; q; q = q->next)
			if (pthread_equal(q->thread, thread))
				return t;
	return NULL;
}

/* Whether whoever has the turn is this thread, or waits for it through others. */
static bool waits_for_me(const struct core_turn *holder)
{
	while (holder && !pthread_equal(holder->thread, pthread_self()))
		holder = who_keeps(holder->thread);
	return holder != NULL;
}

static void join_queue(struct core_turn *holder, struct core_turn *turn)
{
	struct core_turn **link = &holder->queue;

	while (*link)
		link = &(*link)->next;
	*link = turn;
}

static void leave_queue(struct core_turn *turn)
{
	struct core_turn **link = &who_has(turn)->queue;

	while (*link != turn)
		link = &(*link)->next;
	*link = turn->next;
}

/* With the mutex held, which it lets go. */
static enum ancient_code wait_behind(struct core_turn *holder, struct core_turn *turn,
				     const char *name, struct ancient_error *err)
{
	bool granted;

	join_queue(holder, turn);
	pthread_mutex_unlock(&mutex);
	if (ancient_core_wait(&turn->granted, 0))
		return ANCIENT_OK;
	pthread_mutex_lock(&mutex);
	granted = turn->granted;
	if (!granted)
		leave_queue(turn);
	pthread_mutex_unlock(&mutex);
	if (granted)
		return ANCIENT_OK;
	return ancient_core_fail(err, ANCIENT_E_INTERRUPTED,
				 "%s: interrupted by a signal while waiting for another thread",
				 name);
}

enum ancient_code ancient_core_turn_take(struct core_turn *turn, enum core_turn_kind kind,
					 dev_t device, ino_t inode, const char *name,
					 struct ancient_error *err)
{
	struct core_turn *holder;

	*turn = (struct core_turn){.kind = kind,
				   .device = device,
				   .inode = inode,
				   .thread = pthread_self(),
				   .forks = forks};
	pthread_mutex_lock(&mutex);
	holder = who_has(turn);
	if (holder && !waits_for_me(holder))
		return wait_behind(holder, turn, name, err);
	if (!holder) {
		turn->next = taken;
		taken = turn;
	}
	pthread_mutex_unlock(&mutex);
	if (!holder)
		return ANCIENT_OK;
	return ancient_core_fail(
		err, ANCIENT_E_DEADLOCK,
		"%s: the call from within which this one is made works on the file and "
		"waits for it: call it when that has returned",
		name);
}

void ancient_core_turn_end(struct core_turn *turn)
{
	struct core_turn **link = &taken, *first;

	pthread_mutex_lock(&mutex);
	first = turn->queue;
	while (*link && *link != turn)
		link = &(*link)->next;
	/* It is not there if it is lost. */
	if (*link && first) {
		first->queue = first->next;
		first->next = turn->next;
		*link = first;
		ancient_core_wake(&first->granted, 1);
	} else if (*link) {
		*link = turn->next;
	}
	pthread_mutex_unlock(&mutex);
}

bool ancient_core_turn_is_lost(const struct core_turn *turn)
{
	return turn->forks != forks;
}

void ancient_core_turn_before_fork(void)
{
	pthread_mutex_lock(&mutex);
}

void ancient_core_turn_after_fork(bool child)
{
	if (child) {
		taken = NULL;
		forks++;
	}
	pthread_mutex_unlock(&mutex);
}
