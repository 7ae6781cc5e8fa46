/* c-reader/tool: 'get' of a part of a map or set: --from, --to, --prefix, --first, --last. */
#ifndef ANCIENT_TOOL_VALUE_RANGE_H
#define ANCIENT_TOOL_VALUE_RANGE_H

#include <ancient_schema.h>

#include "tool.h"

/* Whether the request asks for a part. */
bool value_range_given(const struct tool_request *request);

/* Whether an operand is the bytes of a key as they are, and no literal: keys are strings, and it
 * has no quotes. */
bool value_range_is_text(const struct ancient_schema *schema, uint32_t key_type,
			 const char *operand);

/* Prints the part as the whole would be printed. */
enum tool_status value_range_print(const struct ancient_file *file,
				   const struct tool_request *request,
				   const struct ancient_schema *schema, struct ancient_typed typed);

#endif
