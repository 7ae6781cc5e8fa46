/* examples/debian-index: answers one request of HTTP with JSON; server.c calls it. */
#ifndef DEMO_ANSWERS_H
#define DEMO_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snapshot.h"

struct request {
	const char *path;   /* as decoded, "/package/vim" */
	const char *query;  /* the parameter q, or NULL */
	const char *cached; /* the header If-None-Match, or NULL */
};

struct answer {
	unsigned status; /* of HTTP */
	const char *type;
	char *body; /* of malloc, the caller's; NULL: out of memory */
	size_t length;
	uint64_t snapshot; /* number of the one that it comes from; 0: of none */
	char tag[80];      /* the header ETag: what a cache may keep it by; "": not to be kept */
};

void answer_request(struct snapshots *snapshots, const struct request *request,
		    struct answer *ret_answer);

/* {"error": message} */
void answer_error(unsigned status, const char *message, struct answer *ret_answer);

#endif
