/* c-reader/tool: what the files of ancientctl share.
 *
 * main.c reads the command line into a struct tool_request and calls one cmd_*.c, which
 * prints by output.c and progress.c, and returns an exit status. */
#ifndef ANCIENT_TOOL_H
#define ANCIENT_TOOL_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <ancient_reader.h>

enum tool_status {
	TOOL_GOOD = 0,
	TOOL_BAD_FILE = 1,
	TOOL_USAGE = 2,
	TOOL_ABSENT = 3,
	TOOL_UNREADABLE = 4,
};

enum tool_choice {
	TOOL_DEFAULT, /* what fits: a terminal or a pipe, short work or long */
	TOOL_YES,
	TOOL_NO,
};

/* get: a part of a map or set; NULL and 0 where absent. */
struct tool_range {
	const char *from, *to; /* keys as OCaml writes them */
	bool from_excluded, to_excluded;
	uint64_t first, last; /* so many bindings */
};

struct tool_request {
	const char *command; /* NULL: none given */
	const char *file;    /* the operands, NULL where absent */
	const char *key;
	const char *path;
	char **more; /* the operands behind the file */
	size_t more_count;
	bool json;
	bool by_name; /* `key` is a name though it looks like a number */
	enum tool_choice indent;
	enum tool_choice progress;
	bool all;
	bool raw;            /* without types */
	uint64_t limit;      /* bytes, or lines of the log; 0: not given */
	uint64_t generation; /* 0: the newest */
	bool reclaimable;    /* info */
	bool drop_lost;      /* recover */
	const char *html;    /* profile: the file of the page; NULL where absent */
	unsigned threads;    /* verify, recover; 0: not given */
	/* compact: */
	uint64_t base; /* 0: not given */
	bool breadth_first, elements_first;
	bool dedup, dedup_strings;
	bool sparingly; /* only where more than `above` percent can be freed */
	unsigned above;
	const char *prefix; /* codegen: of names; get: of keys; NULL where absent */
	struct tool_range range;
	/* codegen; NULL where absent: */
	const char *lang, *output, *schema;
	bool drop_modules; /* all of them, from names */
};

/* Set by SIGINT, SIGTERM and SIGPIPE: long work stops at its next step and erases its progress bar,
 * and main ends by the same signal, so that a shell sees it. */
extern volatile sig_atomic_t tool_signal;

enum tool_status cmd_info(const struct tool_request *request);
enum tool_status cmd_keys(const struct tool_request *request);
enum tool_status cmd_get(const struct tool_request *request);
enum tool_status cmd_dump(const struct tool_request *request);
enum tool_status cmd_schema(const struct tool_request *request);
enum tool_status cmd_codegen(const struct tool_request *request);
enum tool_status cmd_log(const struct tool_request *request);
enum tool_status cmd_profile(const struct tool_request *request);
enum tool_status cmd_verify(const struct tool_request *request);
enum tool_status cmd_compact(const struct tool_request *request);
enum tool_status cmd_remove(const struct tool_request *request);
enum tool_status cmd_restore(const struct tool_request *request);
enum tool_status cmd_recover(const struct tool_request *request);

#endif
