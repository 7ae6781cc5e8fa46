/* examples/debian-index: answers one request of HTTP with JSON; service.c calls it. */
#ifndef ANCIENT_DEMO_ANSWERS_H
#define ANCIENT_DEMO_ANSWERS_H

#include <stddef.h>

#include "snapshot.h"

struct answer {
	unsigned status; /* of HTTP */
	const char *type;
	char *body; /* of malloc, the caller's; NULL: out of memory */
	size_t length;
};

/* path    as decoded, "/package/vim"
 * query   the parameter q, or NULL */
void answer_request(struct snapshots *snapshots, const char *path, const char *query,
		    struct answer *ret_answer);

/* {"error": message} */
void answer_error(unsigned status, const char *message, struct answer *ret_answer);

#endif
