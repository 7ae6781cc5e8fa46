/* examples/debian-index: ancient-demo-service, an HTTP service that answers from a mapped file.
 *
 * It shows what a C program does with libancient-reader: open the file once, look things up in
 * place for every request, reopen when something newer is published.  This file holds the
 * command line, the HTTP server (libmicrohttpd) and the shutdown by a signal. */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "connections.h"
#include "snapshot.h"

#define THREADS 4u
#define IDLE_SECONDS 30u
#define HEAD_SECONDS 10u   /* for the head of a request, however slowly it comes */
#define ANSWER_SECONDS 60u /* for taking an answer */
#define CONNECTIONS 512u
#define CONNECTIONS_A_CLIENT 64u

/* What the command line says. */
struct settings {
	uint16_t port;
	unsigned head_seconds, a_client;
};

/* What requests need. */
struct service {
	struct snapshots snapshots;
	struct connections connections;
};

static const char usage[] =
	"usage: ancient-demo-service [--port N] [--head-seconds N] [--per-client N] FILE\n"
	"\n"
	"Serves the package index that ancient-demo-publish wrote into FILE, as JSON, on\n"
	"127.0.0.1. What is published into FILE, or in its place, is served without a restart.\n"
	"\n"
	"  -p, --port N          port; 0, the default, is any free one\n"
	"  -t, --head-seconds N  seconds in which the head of a request must have come; 10\n"
	"  -c, --per-client N    connections that one address may have at a time; 64\n"
	"  -h, --help            this text\n"
	"\n"
	"Prints \"listening on http://127.0.0.1:PORT\" when it is ready. SIGTERM ends it.\n";

static enum MHD_Result send_answer(struct MHD_Connection *connection, struct answer *answer)
{
	struct MHD_Response *response;
	enum MHD_Result result;

	if (answer->body == NULL)
		return MHD_NO; /* out of memory: the connection is closed */
	response = MHD_create_response_from_buffer(answer->length, answer->body,
						   MHD_RESPMEM_MUST_FREE);
	if (response == NULL) {
		free(answer->body);
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer->type);
	if (answer->status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD");
	result = MHD_queue_response(connection, answer->status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
				  const char *path, const char *method, const char *version,
				  const char *upload, size_t *upload_size, void **request)
{
	static char seen;
	struct service *service = context;
	struct answer answer;

	(void)version;
	(void)upload;
	(void)upload_size;
	if (*request == NULL)
		connections_head_done(&service->connections, connection);
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		answer_error(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered",
			     &answer);
		return send_answer(connection, &answer);
	}
	if (*request == NULL) { /* the first call comes before the request is complete */
		*request = &seen;
		return MHD_YES;
	}
	answer_request(&service->snapshots, path,
		       MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "q"),
		       &answer);
	return send_answer(connection, &answer);
}

/* Returns the port, 0 on failure. */
static uint16_t start(struct service *service, const struct settings *settings,
		      struct MHD_Daemon **ret_daemon)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(settings->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;

	daemon = MHD_start_daemon(
		MHD_USE_AUTO_INTERNAL_THREAD, settings->port, NULL, NULL, on_request, service,
		MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address, MHD_OPTION_THREAD_POOL_SIZE,
		THREADS, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, settings->a_client,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_NOTIFY_CONNECTION,
		connections_notify, &service->connections, MHD_OPTION_NOTIFY_COMPLETED,
		connections_completed, &service->connections, MHD_OPTION_END);
	if (daemon == NULL) {
		fprintf(stderr, "ancient-demo-service: cannot listen on 127.0.0.1:%u: %s\n",
			settings->port, strerror(errno));
		return 0;
	}
	*ret_daemon = daemon;
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info != NULL && info->port != 0 ? info->port : settings->port;
}

static int serve(const char *path, const struct settings *settings)
{
	struct service service;
	struct MHD_Daemon *daemon;
	struct ancient_error err;
	sigset_t ending;
	uint16_t port;

	if (snapshots_open(&service.snapshots, path, &err) != ANCIENT_OK) {
		fprintf(stderr, "ancient-demo-service: %s\n", err.message);
		return 1;
	}
	/* Blocked before the threads begin, so that only sigwait sees them. */
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	connections_init(&service.connections, settings->head_seconds, ANSWER_SECONDS);
	port = start(&service, settings, &daemon);
	if (port == 0) {
		connections_done(&service.connections);
		snapshots_close(&service.snapshots);
		return 1;
	}
	printf("listening on http://127.0.0.1:%u\n", port);
	fflush(stdout);
	connections_wait(&service.connections, &ending);
	MHD_stop_daemon(daemon); /* waits for the requests under way */
	connections_done(&service.connections);
	snapshots_close(&service.snapshots);
	return 0;
}

static bool parse_number(const char *option, const char *text, unsigned least, unsigned *ret_number)
{
	char *end;
	unsigned long number;

	errno = 0;
	number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || number < least ||
	    number > 65535) {
		fprintf(stderr, "ancient-demo-service: %s: expected %u to 65535, found '%s'\n",
			option, least, text);
		return false;
	}
	*ret_number = (unsigned)number;
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", required_argument, NULL, 'p'},
		{"head-seconds", required_argument, NULL, 't'},
		{"per-client", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct settings settings = {0, HEAD_SECONDS, CONNECTIONS_A_CLIENT};
	unsigned port = 0;
	int option;

	while ((option = getopt_long(argc, argv, "p:t:c:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (option == '?' || (option == 'p' && !parse_number("--port", optarg, 0, &port)) ||
		    (option == 't' &&
		     !parse_number("--head-seconds", optarg, 1, &settings.head_seconds)) ||
		    (option == 'c' && !parse_number("--per-client", optarg, 1, &settings.a_client)))
			return 2;
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return 2;
	}
	settings.port = (uint16_t)port;
	return serve(argv[optind], &settings);
}
