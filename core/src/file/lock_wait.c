/* core/file: waits for the lock of a file that another process has.
 *
 * A thread that waits in fcntl(2) can only be stopped by a signal that is delivered to it.  So an
 * application for the lock is made by a thread of its own, on a description of its own, and the
 * thread that wants the lock waits for the application and can give up.  An application that was
 * given up is taken over by the next that wants the same lock, and otherwise ends when the other
 * process lets go of it: there is one for each file at most.
 */
#include "file/lock_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/thread.h"
#include "base/wait.h"

#define TRIES 4 /* before the first application: most commits are short */
#define FIRST_NANOSECONDS 50000L

enum { APPLIED, GRANTED, FAILED };

struct core_application {
	struct core_application *next;
	dev_t device;
	ino_t inode;
	int fd;         /* an open file description of its own */
	bool wanted;    /* a thread waits for it, or has the lock */
	int system;     /* errno, if it FAILED */
	uint32_t state; /* APPLIED, GRANTED or FAILED */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct core_application *applications;

int ancient_core_lock_apply(int fd, int command, short type)
{
	struct flock lock;

	memset(&lock, 0, sizeof lock);
	lock.l_type = type;
	lock.l_whence = SEEK_SET;
	return fcntl(fd, command, &lock);
}

/* With the mutex held. */
static void discard(struct core_application *application)
{
	struct core_application **link = &applications;

	while (*link && *link != application)
		link = &(*link)->next;
	if (*link)
		*link = application->next;
	if (application->fd >= 0)
		close(application->fd); /* which drops the lock */
	free(application);
}

static void *apply(void *context)
{
	struct core_application *application = context;
	int got;

	do
		got = ancient_core_lock_apply(application->fd, F_OFD_SETLKW, F_WRLCK);
	while (got != 0 && errno == EINTR);
	pthread_mutex_lock(&mutex);
	application->system = errno;
	if (application->wanted)
		ancient_core_wake(&application->state, got == 0 ? GRANTED : FAILED);
	else
		discard(application);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

/* With the mutex held: the application for this lock, which is made where there is none; NULL where
 * that fails. */
static struct core_application *want(const struct core_lock *lock, const char *name)
{
	const struct core_turn *turn = &lock->turn;
	struct core_application *a = applications;

	while (a && (a->inode != turn->inode || a->device != turn->device))
		a = a->next;
	if (!a) {
		a = calloc(1, sizeof *a);
		if (!a)
			return NULL;
		a->device = turn->device;
		a->inode = turn->inode;
		a->next = applications;
		applications = a;
		if (ancient_core_lock_open(lock->fd, name, NULL, O_RDWR, &a->fd, NULL) !=
		    ANCIENT_OK)
			a->fd = -1;
		if (a->fd < 0 || !ancient_core_thread_start(NULL, apply, a)) {
			discard(a);
			return NULL;
		}
	}
	a->wanted = true;
	return a;
}

static enum ancient_code fail(const char *name, int system, struct ancient_error *err)
{
	if (system == EINTR)
		return ancient_core_fail(
			err, ANCIENT_E_INTERRUPTED,
			"%s: interrupted by a signal while waiting for another writer", name);
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, system, "%s: cannot be locked",
					name);
}

/* The lock is free, or soon. */
static enum ancient_code try_for_a_while(struct core_lock *lock, const char *name, bool *ret_got,
					 struct ancient_error *err)
{
	long nanoseconds = FIRST_NANOSECONDS;

	for (int tries = 0;; tries++, nanoseconds *= 2) {
		*ret_got = ancient_core_lock_apply(lock->fd, F_OFD_SETLK, F_WRLCK) == 0;
		if (*ret_got || tries == TRIES)
			return ANCIENT_OK;
		if (errno != EAGAIN && errno != EACCES)
			return fail(name, errno, err);
		if (!ancient_core_wait_nanoseconds(nanoseconds))
			return fail(name, EINTR, err);
	}
}

static enum ancient_code wait_in_this_thread(struct core_lock *lock, const char *name,
					     struct ancient_error *err)
{
	if (ancient_core_lock_apply(lock->fd, F_OFD_SETLKW, F_WRLCK) == 0)
		return ANCIENT_OK;
	return fail(name, errno, err);
}

enum ancient_code ancient_core_lock_wait(struct core_lock *lock, const char *name,
					 struct ancient_error *err)
{
	struct core_application *application;
	bool got = false;
	uint32_t state;
	int system = EINTR;
	enum ancient_code code = try_for_a_while(lock, name, &got, err);

	if (code != ANCIENT_OK || got)
		return code;
	pthread_mutex_lock(&mutex);
	application = want(lock, name);
	pthread_mutex_unlock(&mutex);
	if (!application)
		return wait_in_this_thread(lock, name, err);
	ancient_core_wait(&application->state, APPLIED);
	pthread_mutex_lock(&mutex);
	state = application->state;
	if (state == APPLIED) {
		application->wanted = false;
	} else if (state == FAILED) {
		system = application->system;
		discard(application);
	}
	pthread_mutex_unlock(&mutex);
	if (state != GRANTED)
		return fail(name, system, err);
	lock->application = application;
	return ANCIENT_OK;
}

void ancient_core_application_end(struct core_application *application)
{
	pthread_mutex_lock(&mutex);
	discard(application);
	pthread_mutex_unlock(&mutex);
}

void ancient_core_application_before_fork(void)
{
	pthread_mutex_lock(&mutex);
}

/* A lock that is kept alive by a child would outlive its process.  The applications themselves stay
 * in the child: the thread that forked may end one. */
void ancient_core_application_after_fork(bool child)
{
	if (child) {
		for (struct core_application *a = applications; a; a = a->next) {
			if (a->fd >= 0)
				close(a->fd);
			a->fd = -1;
		}
		applications = NULL;
	}
	pthread_mutex_unlock(&mutex);
}
