/* core/mark: what one copy in memory needs for itself and leaves to the next.
 *
 * Threads copy at the same time, and none waits for another's copy: there are as many slots as
 * there were copies at once.
 */
#include "mark/mark_slot.h"

#include <pthread.h>
#include <stdlib.h>

#include "copy/copy.h"
#include "memory/filler.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct core_mark_slot *slots; /* that nobody has */

static void before_fork(void)
{
	pthread_mutex_lock(&mutex);
	ancient_core_filler_lock();
}

/* In the child, the slots of threads that were copying are lost, with what is left of their arenas.
 */
static void after_fork(void)
{
	ancient_core_filler_unlock();
	pthread_mutex_unlock(&mutex);
}

static void prepare(void)
{
	pthread_atfork(before_fork, after_fork, after_fork);
}

struct core_mark_slot *ancient_core_mark_slot_take(void)
{
	struct core_mark_slot *slot;

	pthread_once(&once, prepare);
	pthread_mutex_lock(&mutex);
	slot = slots;
	if (slot)
		slots = slot->next;
	pthread_mutex_unlock(&mutex);
	if (slot)
		return slot;
	slot = calloc(1, sizeof *slot);
	if (slot && !ancient_core_copier_init(&slot->copier, NULL)) {
		free(slot);
		return NULL;
	}
	return slot;
}

/* If memory is out, what is left of the arena is lost. */
void ancient_core_mark_slot_put(struct core_mark_slot *slot)
{
	if (!ancient_core_copier_reset(&slot->copier)) {
		ancient_core_copier_done(&slot->copier);
		free(slot);
		return;
	}
	pthread_mutex_lock(&mutex);
	slot->next = slots;
	slots = slot;
	pthread_mutex_unlock(&mutex);
}
