/* c-reader/tool: the types that a value was published with, for `get` and `dump`. */
#ifndef ANCIENT_TOOL_TYPED_H
#define ANCIENT_TOOL_TYPED_H

#include <ancient_schema.h>

#include "tool.h"

/* The schema of an entry.  NULL where it has none, where --raw was given, or where its text is not
 * a schema; the last is printed. */
struct ancient_schema *typed_schema(const struct ancient_file *file,
				    const struct tool_request *request,
				    const struct ancient_entry *entry);

/* Prints the error and returns its exit status: a value that is not of its type makes a bad
 * file. */
enum tool_status typed_failed(const struct ancient_error *err);

#endif
