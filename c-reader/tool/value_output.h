/* c-reader/tool: how 'get' prints a value: how much of it, in one line or many, and how that ends.
 */
#ifndef ANCIENT_TOOL_VALUE_OUTPUT_H
#define ANCIENT_TOOL_VALUE_OUTPUT_H

#include "output.h"
#include "tool.h"

/* Whether the text has one member a line. */
bool value_output_indent(const struct tool_request *request);

/* Stdout, cut where --limit or a terminal's says. */
struct output_sink value_output_sink(const struct tool_request *request);

/* The end of the line, and what is to be said: `code` and `err` are the library's. */
enum tool_status value_output_end(const struct output_sink *sink, enum ancient_code code,
				  const struct ancient_error *err);

#endif
