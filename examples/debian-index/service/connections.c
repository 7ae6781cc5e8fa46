/* examples/debian-index: the connections that are open, and when each is to end (connections.h). */
#include "connections.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct connection {
	struct connection *next, **link;
	int fd;
	time_t deadline;
	bool busy; /* with a request whose head has come */
};

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

void connections_init(struct connections *connections, unsigned head_seconds,
		      unsigned answer_seconds)
{
	pthread_condattr_t attributes;

	pthread_mutex_init(&connections->mutex, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&connections->none, &attributes);
	pthread_condattr_destroy(&attributes);
	connections->first = NULL;
	connections->draining = false;
	connections->head_seconds = head_seconds;
	connections->answer_seconds = answer_seconds;
}

void connections_done(struct connections *connections)
{
	pthread_cond_destroy(&connections->none);
	pthread_mutex_destroy(&connections->mutex);
}

/* The daemon sees the end of the connection, and closes it.  Under the mutex. */
static void cut(struct connection *one)
{
	shutdown(one->fd, SHUT_RDWR);
}

/* A request has begun, or has ended. */
static void set_busy(struct connections *connections, struct MHD_Connection *connection, bool busy)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *one = info == NULL ? NULL : info->socket_context;

	if (one == NULL)
		return;
	pthread_mutex_lock(&connections->mutex);
	one->busy = busy;
	one->deadline =
		now() + (time_t)(busy ? connections->answer_seconds : connections->head_seconds);
	if (connections->draining && !busy)
		cut(one);
	pthread_mutex_unlock(&connections->mutex);
}

static void add(struct connections *connections, struct connection *one)
{
	one->deadline = now() + (time_t)connections->head_seconds;
	pthread_mutex_lock(&connections->mutex);
	one->next = connections->first;
	one->link = &connections->first;
	if (one->next != NULL)
		one->next->link = &one->next;
	connections->first = one;
	pthread_mutex_unlock(&connections->mutex);
}

static void drop(struct connections *connections, struct connection *one)
{
	pthread_mutex_lock(&connections->mutex);
	*one->link = one->next;
	if (one->next != NULL)
		one->next->link = one->link;
	if (connections->first == NULL)
		pthread_cond_signal(&connections->none);
	pthread_mutex_unlock(&connections->mutex);
	free(one);
}

void connections_notify(void *context, struct MHD_Connection *connection, void **socket_context,
			enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info;
	struct connection *one = *socket_context;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		/* Its descriptor is closed afterwards, so that none is cut off in its place. */
		if (one != NULL)
			drop(context, one);
		*socket_context = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	one = info == NULL ? NULL : malloc(sizeof(*one));
	if (one == NULL)
		return; /* the idle timeout is left */
	one->fd = info->connect_fd;
	one->busy = false;
	add(context, one);
	*socket_context = one;
}

void connections_completed(void *context, struct MHD_Connection *connection, void **request,
			   enum MHD_RequestTerminationCode code)
{
	(void)request;
	(void)code;
	set_busy(context, connection, false);
}

void connections_head_done(struct connections *connections, struct MHD_Connection *connection)
{
	set_busy(connections, connection, true);
}

void connections_cut_off(struct connections *connections)
{
	const time_t time = now();

	pthread_mutex_lock(&connections->mutex);
	for (struct connection *one = connections->first; one != NULL; one = one->next)
		if (one->deadline <= time)
			cut(one);
	pthread_mutex_unlock(&connections->mutex);
}

void connections_drain(struct connections *connections, unsigned seconds)
{
	const struct timespec until = {.tv_sec = now() + (time_t)seconds};
	int code = 0;

	pthread_mutex_lock(&connections->mutex);
	connections->draining = true;
	for (struct connection *one = connections->first; one != NULL; one = one->next)
		if (!one->busy)
			cut(one);
	while (connections->first != NULL && code == 0)
		code = pthread_cond_timedwait(&connections->none, &connections->mutex, &until);
	pthread_mutex_unlock(&connections->mutex);
}
