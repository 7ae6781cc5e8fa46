/* c-reader/tool: paths such as "[3][0]" from a root into a value without types. */
#ifndef ANCIENT_TOOL_PATH_H
#define ANCIENT_TOOL_PATH_H

#include <stdbool.h>

#include "tool.h"

struct path_target {
	struct ancient_value value;
	bool is_float; /* an element of a float array, which is no value of its own */
	double number;
};

/* Whether the text is a path; otherwise says what is wrong with it.  Each step is an index
 * from 0 in brackets; no step at all is the root itself. */
bool path_check(const char *path);

/* Goes from `root` along a path that passed path_check, through forced lazies; prints why
 * where that fails. */
enum tool_status path_follow(const struct ancient_file *file, struct ancient_value root,
			     const char *path, struct path_target *ret_target);

#endif
