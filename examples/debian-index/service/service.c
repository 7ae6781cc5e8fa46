/* examples/debian-index: ancient-demo-service, an HTTP service that answers from a mapped file.
 *
 * It shows what a C program does with libancient-reader: open a file once, look things up in
 * place for every request, take up what is published later.  What is in which file: README.md, one
 * folder up.  This one has the command line, and the order of beginning and end. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reload.h"
#include "server.h"
#include "snapshot.h"

#define GRACE_SECONDS 10u /* for answers under way when the service ends */

struct settings {
	struct server_settings server;
	struct reload_settings reload;
};

static const struct settings defaults = {
	.server = {.port = 0, .head_seconds = 10, .per_client = 64},
	.reload = {.interval = 100, .prefetch = true, .verify = false},
};

static const char usage[] =
	"usage: ancient-demo-service [OPTION ...] FILE\n"
	"\n"
	"Serves the package index that ancient-demo-publish wrote into FILE, as JSON, on\n"
	"127.0.0.1. What is published into FILE, or in its place, is served without a restart.\n"
	"\n"
	"  -p, --port N          port; 0, the default, is any free one\n"
	"  -i, --interval MS     look for something newer after so many milliseconds; 100\n"
	"  -v, --verify          verify a new file before it is served: one that is damaged is\n"
	"                        not served at all\n"
	"  -n, --no-prefetch     do not read a new file into memory before it is served\n"
	"  -t, --head-seconds N  seconds in which the head of a request must have come; 10\n"
	"  -c, --per-client N    connections that one address may have at a time; 64\n"
	"  -h, --help            this text\n"
	"\n"
	"Prints \"listening on http://127.0.0.1:PORT\" when it is ready. SIGTERM ends it, after\n"
	"the answers under way.\n";

/* Until a signal comes that ends the service. */
static void run(struct server *server, const sigset_t *ending)
{
	const struct timespec second = {.tv_sec = 1};

	while (sigtimedwait(ending, NULL, &second) < 0)
		server_tick(server);
}

static int serve(const char *path, const struct settings *settings)
{
	struct snapshots snapshots;
	struct reload reload;
	struct server server;
	struct ancient_error err;
	sigset_t ending;
	int status = 1;

	if (reload_init(&reload, path, &settings->reload, &snapshots, &err) != ANCIENT_OK) {
		fprintf(stderr, "ancient-demo-service: %s\n", err.message);
		return 1;
	}
	/* Blocked before the threads begin, so that only sigtimedwait sees them.  SIGBUS must not
	 * be: it is how the library learns of a file that was truncated. */
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ending, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (!reload_start(&reload)) {
		fprintf(stderr, "ancient-demo-service: no thread: %s\n", strerror(errno));
	} else {
		if (!server_start(&server, &settings->server, &snapshots)) {
			fprintf(stderr, "ancient-demo-service: cannot listen on 127.0.0.1:%u: %s\n",
				settings->server.port, strerror(errno));
		} else {
			printf("listening on http://127.0.0.1:%u\n", server.port);
			fflush(stdout);
			run(&server, &ending);
			server_stop(&server, GRACE_SECONDS);
			status = 0;
		}
		reload_stop(&reload);
	}
	snapshots_done(&snapshots);
	return status;
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

/* false: wrong usage, and the user was told. */
static bool parse_option(int option, struct settings *settings)
{
	switch (option) {
	case 'p':
		return parse_number("--port", optarg, 0, &settings->server.port);
	case 'i':
		return parse_number("--interval", optarg, 1, &settings->reload.interval);
	case 't':
		return parse_number("--head-seconds", optarg, 1, &settings->server.head_seconds);
	case 'c':
		return parse_number("--per-client", optarg, 1, &settings->server.per_client);
	case 'n':
		settings->reload.prefetch = false;
		return true;
	case 'v':
		settings->reload.verify = true;
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"port", required_argument, NULL, 'p'},
		{"interval", required_argument, NULL, 'i'},
		{"verify", no_argument, NULL, 'v'},
		{"no-prefetch", no_argument, NULL, 'n'},
		{"head-seconds", required_argument, NULL, 't'},
		{"per-client", required_argument, NULL, 'c'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct settings settings = defaults;
	int option;

	while ((option = getopt_long(argc, argv, "p:i:vnt:c:h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (!parse_option(option, &settings))
			return 2;
	}
	if (argc - optind != 1) {
		fputs(usage, stderr);
		return 2;
	}
	return serve(argv[optind], &settings);
}
