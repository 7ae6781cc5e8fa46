/* c-reader/tool: the types that a value was published with, for `get` and `dump`. */
#include "typed.h"

#include "output.h"

struct ancient_schema *typed_schema(const struct ancient_file *file,
				    const struct tool_request *request,
				    const struct ancient_entry *entry)
{
	struct ancient_schema *schema = NULL;
	struct ancient_error err;
	struct ancient_info info;

	if (request->raw || entry->schema == NULL)
		return NULL;
	ancient_file_info(file, &info);
	if (ancient_schema_parse(entry->schema, entry->schema_length, info.name, &schema, &err) !=
	    ANCIENT_OK)
		output_hint("%s; the value is shown without its types", err.message);
	return schema;
}

enum tool_status typed_failed(const struct ancient_error *err)
{
	enum tool_status status = store_failed(err);

	if (err->code == ANCIENT_E_BAD_SHAPE)
		return TOOL_BAD_FILE;
	return err->code == ANCIENT_E_WRONG_KIND ? TOOL_ABSENT : status;
}
