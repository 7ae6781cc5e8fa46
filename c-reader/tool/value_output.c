/* c-reader/tool: how 'get' prints a value (value_output.h). */
#include "value_output.h"

#include <unistd.h>

#include "store.h"

/* Bytes shown on a terminal unless asked for more: a few screens. */
#define TERMINAL_LIMIT 8000

bool value_output_indent(const struct tool_request *request)
{
	return request->indent == TOOL_YES ||
	       (request->indent == TOOL_DEFAULT && isatty(STDOUT_FILENO));
}

struct output_sink value_output_sink(const struct tool_request *request)
{
	const bool terminal = isatty(STDOUT_FILENO);

	return (struct output_sink){
		.out = stdout,
		.limit = request->limit != 0         ? request->limit
			 : terminal && !request->all ? TERMINAL_LIMIT
						     : 0,
	};
}

enum tool_status value_output_end(const struct output_sink *sink, enum ancient_code code,
				  const struct ancient_error *err)
{
	if (tool_signal != 0)
		return TOOL_GOOD; /* main ends by it */
	putchar('\n');
	if (code == ANCIENT_OK)
		return TOOL_GOOD;
	if (!sink->cut)
		return store_failed_typed(err);
	output_hint("cut after %llu bytes: --all shows the whole value, --limit BYTES more of it",
		    (unsigned long long)sink->limit);
	return TOOL_GOOD;
}
