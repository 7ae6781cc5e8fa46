/* c-reader/tool: what the options of the command line said. */
#ifndef ANCIENT_TOOL_OPTIONS_H
#define ANCIENT_TOOL_OPTIONS_H

#include "tool.h"

/* Options that not every command takes, as a set. */
enum {
	TAKES_JSON = 1 << 0,
	TAKES_INDENT = 1 << 1,
	TAKES_LIMIT = 1 << 2,
	TAKES_NAME = 1 << 3,
	TAKES_PROGRESS = 1 << 4,
	TAKES_CODEGEN = 1 << 5, /* --lang --schema --output */
	TAKES_RAW = 1 << 6,
	TAKES_COMPACT = 1 << 7, /* --base --breadth-first --dedup --dedup-strings --if-above */
	TAKES_RECLAIMABLE = 1 << 8,
	TAKES_THREADS = 1 << 9,
	TAKES_ALL = 1 << 10,
	TAKES_GENERATION = 1 << 11,
	TAKES_DROP_LOST = 1 << 12,
	TAKES_PREFIX = 1 << 13,
	TAKES_RANGE = 1 << 14, /* --from --after --to --before --first --last */
	TAKES_HTML = 1 << 15,
};

#define TAKES 16

/* The command line as parsed, before it is known whether the command takes these options. */
struct parsed {
	struct tool_request request;
	int given;                    /* TAKES_ bits of the options met */
	const char *option_of[TAKES]; /* by bit: the option as written, for messages */
	bool help, version;
};

/* Reads the options and moves the operands behind them, from argv[optind] on.  False: wrong usage,
 * and why was printed. */
bool options_parse(int argc, char **argv, struct parsed *ret_parsed);

/* A generation, from 1 on; `what` names it in the message. */
bool options_generation(const char *what, const char *text, uint64_t *ret_generation);

#endif
