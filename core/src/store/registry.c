/* core/store: the registry of attached files, one store for each file and process.
 *
 * It also installs the fork handlers, which need the list of stores: mutexes and commits of the
 * parent's other threads do not exist in the child.
 */
#include "store/registry.h"

#include <string.h>
#include <unistd.h>

#include "base/wait.h"
#include "file/lock_wait.h"
#include "file/turn.h"
#include "memory/copy_space.h"
#include "memory/quarantine.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct ancient_store *stores;
static uint32_t removals;

/* Takes all mutexes, so that no thread is in the middle of a change that the child inherits. */
static void before_fork(void)
{
	pthread_mutex_lock(&mutex);
	for (struct ancient_store *s = stores; s; s = s->next)
		pthread_mutex_lock(&s->mutex);
	ancient_core_turn_before_fork();
	ancient_core_application_before_fork();
	ancient_core_copy_space_lock();
	ancient_core_quarantine_lock();
}

static void after_fork_in_parent(void)
{
	ancient_core_quarantine_unlock();
	ancient_core_copy_space_unlock();
	ancient_core_application_after_fork(false);
	ancient_core_turn_after_fork(false);
	for (struct ancient_store *s = stores; s; s = s->next)
		pthread_mutex_unlock(&s->mutex);
	pthread_mutex_unlock(&mutex);
}

static void after_fork_in_child(void)
{
	struct ancient_store **link = &stores;

	ancient_core_quarantine_forked();
	ancient_core_quarantine_unlock();
	ancient_core_copy_space_unlock();
	ancient_core_application_after_fork(true);
	ancient_core_turn_after_fork(true);
	for (struct ancient_store *s = stores; s; s = s->next) {
		/* The child closes the parent's description for locks: if the parent were killed
		 * during a commit, the child would keep the lock as long as it lives. */
		if (s->lock_fd >= 0)
			close(s->lock_fd);
		s->lock_fd = -1;
		/* A failed flush is reported once to a description that both would share, and the
		 * child knows nothing of those that its parent is told. */
		s->written_end = s->flushed = 0;
		ancient_core_room_ahead_forget(s);
		s->half_relocated = s->half_relocated || s->relocating;
		pthread_mutex_unlock(&s->mutex);
	}
	/* No thread of the child goes on giving up its addresses: nobody is to wait for that. */
	while (*link)
		if ((*link)->leaving)
			*link = (*link)->next;
		else
			link = &(*link)->next;
	pthread_mutex_unlock(&mutex);
}

static void prepare(void)
{
	pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

void ancient_core_registry_prepare(void)
{
	pthread_once(&once, prepare);
}

void ancient_core_registry_lock(void)
{
	ancient_core_registry_prepare();
	pthread_mutex_lock(&mutex);
}

void ancient_core_registry_unlock(void)
{
	pthread_mutex_unlock(&mutex);
}

/* Whether the store, of the right inode, is of the file with this UUID. */
static bool is_file(struct ancient_store *store, const uint8_t *uuid)
{
	bool is;

	pthread_mutex_lock(&store->mutex);
	is = store->empty ||
	     (uuid && memcmp(store->superblock.uuid, uuid, sizeof store->superblock.uuid) == 0);
	pthread_mutex_unlock(&store->mutex);
	return is;
}

struct ancient_store *ancient_core_registry_find(dev_t device, ino_t inode, const uint8_t *uuid)
{
	struct ancient_store *s = stores;

	while (s && (s->hidden || s->device != device || s->inode != inode || !is_file(s, uuid)))
		s = s->next;
	return s;
}

void ancient_core_registry_add(struct ancient_store *store)
{
	store->next = stores;
	stores = store;
}

void ancient_core_registry_remove(struct ancient_store *store)
{
	struct ancient_store **link = &stores;

	while (*link && *link != store)
		link = &(*link)->next;
	if (*link)
		*link = store->next;
	ancient_core_wake(&removals, removals + 1);
}

const uint32_t *ancient_core_registry_removals(void)
{
	return &removals;
}
