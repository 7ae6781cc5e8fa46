/* examples/debian-index: the HTTP server, by libmicrohttpd: threads that answer, limits for each
 * client, an end that lets answers be finished. */
#ifndef DEMO_SERVER_H
#define DEMO_SERVER_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#include "connections.h"
#include "snapshot.h"

struct server_settings {
	unsigned port;         /* of 127.0.0.1; 0: any free one */
	unsigned head_seconds; /* for the head of a request, however slowly it comes */
	unsigned per_client;   /* connections that one address may have at a time */
};

struct server {
	struct MHD_Daemon *daemon;
	struct snapshots *snapshots;
	struct connections connections;
	uint16_t port;
};

/* false: errno says why.  Its threads take over which signals are blocked. */
bool server_start(struct server *server, const struct server_settings *settings,
		  struct snapshots *snapshots);

/* To be called once a second: cuts off clients that are too slow. */
void server_tick(struct server *server);

/* Accepts nothing any more, waits for answers under way, for `seconds` at most, and ends. */
void server_stop(struct server *server, unsigned seconds);

#endif
