/* c-reader/tool: a commit to a file, for remove and restore. */
#ifndef ANCIENT_TOOL_WRITER_H
#define ANCIENT_TOOL_WRITER_H

#include <ancient/store.h>

#include "tool.h"

struct writer {
	const char *name;
	int fd;
	struct ancient_store *store;   /* NULL: not attached */
	struct ancient_commit *commit; /* NULL: none is under way */
};

/* What a commit left. */
struct written {
	uint64_t generation, keys;
};

/* Attaches the file, which must be one already, waits for its lock and begins a commit.  On failure
 * prints the message and returns the exit status.  In every case end with writer_end. */
enum tool_status writer_begin(const struct tool_request *request, struct writer *ret_writer);

/* The newest generation, on which the commit stands. */
uint64_t writer_generation(const struct writer *writer);

/* Commits, and flushes to the disk.  On failure as above. */
enum tool_status writer_commit(struct writer *writer, struct written *ret_written);

/* Gives a commit up that is under way, and detaches. */
void writer_end(struct writer *writer);

#endif
