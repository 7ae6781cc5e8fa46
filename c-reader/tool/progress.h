/* c-reader/tool: the progress bar of verify, compact and dump.
 *
 * On stderr, only where that is a terminal and, unless asked for, only when the work has
 * taken more than a second; erased at the end. */
#ifndef ANCIENT_TOOL_PROGRESS_H
#define ANCIENT_TOOL_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool.h"

enum progress_unit {
	PROGRESS_BYTES,
	PROGRESS_BLOCKS,
};

struct progress {
	const char *what; /* "verify" */
	enum progress_unit unit;
	bool enabled;
	uint64_t before; /* done by earlier pieces of the work */
	uint64_t total;  /* of all pieces; 0: as the library says */
	double start;    /* seconds of the monotonic clock */
	double due;      /* when to draw next */
	size_t drawn;    /* columns on the screen */
};

/* Seconds of the monotonic clock. */
double progress_clock(void);

/* stdout_busy   the work writes to stdout: no bar where that is a terminal too, since the
 *               two would overwrite each other
 * total         of the work, where it is in several pieces; 0: as the library says */
void progress_begin(struct progress *progress, const struct tool_request *request,
		    enum progress_unit unit, bool stdout_busy, uint64_t total);

/* For the options of verify and dump: the context is a struct progress.  True (stop) once
 * a signal came. */
bool progress_step(void *context, uint64_t done, uint64_t total);

/* A piece of `done` units is finished; the next one counts from 0 again. */
void progress_piece(struct progress *progress, uint64_t done);

/* Erases the bar.  Before any other output. */
void progress_end(struct progress *progress);

#endif
