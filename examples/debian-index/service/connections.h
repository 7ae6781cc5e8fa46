/* examples/debian-index: the connections that are open, and when each is to end; for server.c.
 *
 * A client that sends the head of a request byte by byte, or takes its answer so, is cut off at a
 * deadline.  (The idle timeout of libmicrohttpd is started anew by each byte.)  When the service
 * ends, those without a request are closed, and the others are waited for. */
#ifndef DEMO_CONNECTIONS_H
#define DEMO_CONNECTIONS_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdbool.h>

struct connections {
	pthread_mutex_t mutex;
	pthread_cond_t none;      /* no connection is left */
	struct connection *first; /* open ones */
	bool draining;
	unsigned head_seconds;   /* for the head of a request */
	unsigned answer_seconds; /* for taking the answer */
};

void connections_init(struct connections *connections, unsigned head_seconds,
		      unsigned answer_seconds);
/* After the daemon has ended. */
void connections_done(struct connections *connections);

/* MHD_OPTION_NOTIFY_CONNECTION and MHD_OPTION_NOTIFY_COMPLETED: connections begin, end, and wait
 * for their next request. */
void connections_notify(void *connections, struct MHD_Connection *connection, void **socket_context,
			enum MHD_ConnectionNotificationCode code);
void connections_completed(void *connections, struct MHD_Connection *connection, void **request,
			   enum MHD_RequestTerminationCode code);
/* The head of a request has come. */
void connections_head_done(struct connections *connections, struct MHD_Connection *connection);

/* Cuts off those whose deadline has come: to be called once a second. */
void connections_cut_off(struct connections *connections);

/* Lets the requests under way end, for so many seconds at most.  No connections may be accepted any
 * more. */
void connections_drain(struct connections *connections, unsigned seconds);

#endif
