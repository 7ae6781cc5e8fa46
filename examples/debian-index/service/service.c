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
#include "snapshot.h"

#define THREADS 4u
#define IDLE_SECONDS 30u

static const char usage[] =
	"usage: ancient-demo-service [--port N] FILE\n"
	"\n"
	"Serves the package index that ancient-demo-publish wrote into FILE, as JSON, on\n"
	"127.0.0.1. What is published into FILE, or in its place, is served without a restart.\n"
	"\n"
	"  -p, --port N  port; 0, the default, is any free one\n"
	"  -h, --help    this text\n"
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
	struct answer answer;

	(void)version;
	(void)upload;
	(void)upload_size;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		answer_error(MHD_HTTP_METHOD_NOT_ALLOWED, "only GET and HEAD are answered",
			     &answer);
		return send_answer(connection, &answer);
	}
	if (*request == NULL) { /* the first call comes before the request is complete */
		*request = &seen;
		return MHD_YES;
	}
	answer_request(context, path,
		       MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, "q"),
		       &answer);
	return send_answer(connection, &answer);
}

/* Returns the port, 0 on failure. */
static uint16_t start(struct snapshots *snapshots, uint16_t port, struct MHD_Daemon **ret_daemon)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;

	daemon = MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, port, NULL, NULL, on_request,
				  snapshots, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
				  MHD_OPTION_THREAD_POOL_SIZE, THREADS,
				  MHD_OPTION_CONNECTION_TIMEOUT, IDLE_SECONDS, MHD_OPTION_END);
	if (daemon == NULL) {
		fprintf(stderr, "ancient-demo-service: cannot listen on 127.0.0.1:%u: %s\n", port,
			strerror(errno));
		return 0;
	}
	*ret_daemon = daemon;
	info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
	return info != NULL && info->port != 0 ? info->port : port;
}

static int serve(const char *path, uint16_t port)
{
	struct snapshots snapshots;
	struct MHD_Daemon *daemon;
	struct ancient_error err;
	sigset_t ending;
	int number;

	if (snapshots_open(&snapshots, path, &err) != ANCIENT_OK) {
		fprintf(stderr, "ancient-demo-service: %s\n", err.message);
		return 1;
	}
	/* Blocked before the threads begin, so that only sigwait sees them. */
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	port = start(&snapshots, port, &daemon);
	if (port == 0) {
		snapshots_close(&snapshots);
		return 1;
	}
	printf("listening on http://127.0.0.1:%u\n", port);
	fflush(stdout);
	sigwait(&ending, &number);
	MHD_stop_daemon(daemon); /* waits for the requests under way */
	snapshots_close(&snapshots);
	return 0;
}

static bool parse_port(const char *text, uint16_t *ret_port)
{
	char *end;
	unsigned long port;

	errno = 0;
	port = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != 0 || errno != 0 || port > 65535) {
		fprintf(stderr, "ancient-demo-service: --port: expected 0 to 65535, found '%s'\n",
			text);
		return false;
	}
	*ret_port = (uint16_t)port;
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", required_argument, NULL, 'p'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	uint16_t port = 0;
	int option;

	while ((option = getopt_long(argc, argv, "p:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (option != 'p' || !parse_port(optarg, &port))
			return 2;
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return 2;
	}
	return serve(argv[optind], port);
}
