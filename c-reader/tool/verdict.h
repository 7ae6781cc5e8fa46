/* c-reader/tool: a verification and what it found, for verify and recover. */
#ifndef ANCIENT_TOOL_VERDICT_H
#define ANCIENT_TOOL_VERDICT_H

#include "tool.h"

struct verdict {
	struct ancient_error err; /* code ANCIENT_OK: the file is good */
	struct ancient_verify_result result;
	uint64_t generation;
	double seconds;
};

/* Opens and verifies the file, with a progress bar.  Warns of a damaged superblock where an older
 * generation is verified, of which S5 is no fault. */
void verdict_reach(const struct tool_request *request, struct verdict *ret_verdict);

/* The fault as rows: what a program, or a person with a hex editor, needs; the message says it in
 * a sentence. */
void verdict_print_fault(const struct tool_request *request, const struct ancient_error *err);

#endif
