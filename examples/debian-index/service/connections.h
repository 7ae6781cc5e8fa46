/* examples/debian-index: connections that wait too long: a client that sends the head of a request
 * byte by byte, or takes its answer so, is cut off at a deadline, which the idle timeout of
 * libmicrohttpd, started anew by each byte, is not.  For service.c. */
#ifndef DEMO_CONNECTIONS_H
#define DEMO_CONNECTIONS_H

#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>

struct connections {
	pthread_mutex_t mutex;
	struct connection *first; /* open ones */
	unsigned head_seconds;    /* for the head of a request */
	unsigned answer_seconds;  /* for taking the answer */
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

/* Waits for one of the signals, cutting connections off meanwhile. */
void connections_wait(struct connections *connections, const sigset_t *signals);

#endif
