/* examples/debian-index: connections that wait too long (connections.h): each has a deadline, and
 * the main thread, which waits for a signal, looks at them once a second. */
#include "connections.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct connection {
	struct connection *next, **link;
	int fd;
	time_t deadline;
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
	pthread_mutex_init(&connections->mutex, NULL);
	connections->first = NULL;
	connections->head_seconds = head_seconds;
	connections->answer_seconds = answer_seconds;
}

void connections_done(struct connections *connections)
{
	pthread_mutex_destroy(&connections->mutex);
}

static void set_deadline(struct connections *connections, struct MHD_Connection *connection,
			 unsigned seconds)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct connection *one = info == NULL ? NULL : info->socket_context;

	if (one == NULL)
		return;
	pthread_mutex_lock(&connections->mutex);
	one->deadline = now() + (time_t)seconds;
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
	add(context, one);
	*socket_context = one;
}

void connections_completed(void *context, struct MHD_Connection *connection, void **request,
			   enum MHD_RequestTerminationCode code)
{
	struct connections *connections = context;

	(void)request;
	(void)code;
	set_deadline(connections, connection, connections->head_seconds);
}

void connections_head_done(struct connections *connections, struct MHD_Connection *connection)
{
	set_deadline(connections, connection, connections->answer_seconds);
}

static void cut_off(struct connections *connections)
{
	const time_t time = now();

	pthread_mutex_lock(&connections->mutex);
	for (struct connection *one = connections->first; one != NULL; one = one->next)
		if (one->deadline <= time)
			shutdown(one->fd, SHUT_RDWR); /* the daemon sees its end */
	pthread_mutex_unlock(&connections->mutex);
}

void connections_wait(struct connections *connections, const sigset_t *signals)
{
	const struct timespec second = {.tv_sec = 1};

	while (sigtimedwait(signals, NULL, &second) < 0)
		cut_off(connections);
}
