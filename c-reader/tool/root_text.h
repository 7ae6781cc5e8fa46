/* c-reader/tool: what a root value is: its type and how many elements it has, or its block. */
#ifndef ANCIENT_TOOL_ROOT_TEXT_H
#define ANCIENT_TOOL_ROOT_TEXT_H

#include <ancient_schema.h>

#include "base/json.h"
#include "tool.h"

/* The schema of the entry before, since many entries have the same. */
struct root_types {
	const char *text;
	struct ancient_schema *schema; /* NULL: none, or a text that is no schema */
};

struct root {
	enum ancient_code code; /* not ANCIENT_OK: damaged, and the rest is not set */
	enum ancient_kind kind;
	struct ancient_block block; /* of kind block */
	const char *type;           /* NULL: without types; lives as long as `types` */
	bool counted;
	uint64_t count; /* of bindings or elements */
};

/* Lists, maps and sets are counted by walking, where the entry has at most a million blocks; the
 * count of a table is the one that is stored in it. */
struct root root_look(const struct ancient_file *file, const struct ancient_entry *entry,
		      struct root_types *types, struct ancient_error *err);
void root_types_done(struct root_types *types);

#define ROOT_TEXT 256
void root_text(const struct root *root, struct ancient_value value, char text[ROOT_TEXT]);
void root_members(struct reader_json *json, const struct root *root);

#endif
