/* examples/debian-index: the HTTP server, by libmicrohttpd (server.h). */
#include "server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"

#define THREADS 4u
#define CONNECTIONS 512u
#define IDLE_SECONDS 30u
#define ANSWER_SECONDS 60u /* for taking an answer */

/* ---- Answering --------------------------------------------------------------------- */

static void add_headers(struct MHD_Response *response, const struct answer *answer)
{
	char number[24];

	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	if (answer->snapshot != 0) {
		snprintf(number, sizeof number, "%llu", (unsigned long long)answer->snapshot);
		MHD_add_response_header(response, "Ancient-Snapshot", number);
	}
	if (answer->tag[0] != 0)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, answer->tag);
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	if (answer->status == MHD_HTTP_SERVICE_UNAVAILABLE)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (answer->body == NULL)
		return MHD_NO; /* out of memory: the connection is closed */
	/* The answer is a copy, so that no response holds on to a snapshot. */
	response = MHD_create_response_from_buffer(answer->length, answer->body,
						   MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		free(answer->body);
		return MHD_NO;
	}
	add_headers(response, answer);
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
				  const char *path, const char *method, const char *version,
				  const char *upload, size_t *upload_size, void **begun)
{
	static char seen;
	struct server *server = context;
	struct request request = {.path = path};
	struct answer answer;

	(void)version;
	(void)upload;
	if (*begun == NULL)
		connections_head_done(&server->connections, connection);
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		answer_error(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered",
			     &answer);
		return send_answer(connection, &answer);
	}
	if (*begun == NULL) { /* the first call comes before the request is complete */
		*begun = &seen;
		return MHD_YES;
	}
	if (*upload_size != 0) { /* a body, which nothing asks for */
		*upload_size = 0;
		return MHD_YES;
	}
	request.query = MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "q");
	request.cached = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
						     MHD_HTTP_HEADER_IF_NONE_MATCH);
	answer_request(server->snapshots, &request, &answer);
	return send_answer(connection, &answer);
}

/* ---- Beginning and end ------------------------------------------------------------- */

bool server_start(struct server *server, const struct server_settings *settings,
		  struct snapshots *snapshots)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)settings->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const union MHD_DaemonInfo *info;

	server->snapshots = snapshots;
	connections_init(&server->connections, settings->head_seconds, ANSWER_SECONDS);
	/* MHD_USE_ITC: for MHD_quiesce_daemon. */
	server->daemon = MHD_start_daemon(
		MHD_USE_AUTO_INTERNAL_THREAD | MHD_USE_ITC, (uint16_t)settings->port, NULL, NULL,
		on_request, server, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
		MHD_OPTION_THREAD_POOL_SIZE, THREADS, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->per_client,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_NOTIFY_CONNECTION,
		connections_notify, &server->connections, MHD_OPTION_NOTIFY_COMPLETED,
		connections_completed, &server->connections, MHD_OPTION_END);
	if (server->daemon == NULL) {
		connections_done(&server->connections);
		return false;
	}
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	server->port = info != NULL && info->port != 0 ? info->port : (uint16_t)settings->port;
	return true;
}

void server_tick(struct server *server)
{
	connections_cut_off(&server->connections);
}

void server_stop(struct server *server, unsigned seconds)
{
	MHD_socket listening = MHD_quiesce_daemon(server->daemon);

	/* Nobody connects any more.  It is closed when no thread looks at it, as MHD_quiesce_daemon
	 * asks: one that takes it out of its epoll set later would end the process. */
	if (listening != MHD_INVALID_SOCKET)
		shutdown(listening, SHUT_RDWR);
	connections_drain(&server->connections, seconds);
	MHD_stop_daemon(server->daemon); /* breaks off what is left */
	if (listening != MHD_INVALID_SOCKET)
		close(listening);
	connections_done(&server->connections);
}
