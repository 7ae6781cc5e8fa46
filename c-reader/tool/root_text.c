/* c-reader/tool: what a root value is (root_text.h). */
#include "root_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "output.h"

#define COUNTED_MOST 1000000u /* blocks of an entry that may be walked to count */

/* NULL: the entry has no types, or a text that is no schema. */
static const struct ancient_schema *schema_of(const struct ancient_entry *entry,
					      struct root_types *types)
{
	if (entry->schema == types->text)
		return types->schema;
	root_types_done(types);
	types->text = entry->schema;
	if (entry->schema != NULL &&
	    ancient_schema_parse(entry->schema, entry->schema_length, "keys", &types->schema,
				 NULL) != ANCIENT_OK)
		types->schema = NULL;
	return types->schema;
}

void root_types_done(struct root_types *types)
{
	ancient_schema_close(types->schema);
	*types = (struct root_types){0};
}

/* The number of bindings that a table says it has: its first field. */
static bool stored_count(const struct ancient_file *file, const struct root *root,
			 uint64_t *ret_count)
{
	struct ancient_value field;

	if (root->kind != ANCIENT_KIND_BLOCK ||
	    ancient_block_field(file, &root->block, 0, &field, NULL) != ANCIENT_OK ||
	    !ancient_value_is_int(field) || ancient_value_to_int(field) < 0)
		return false;
	*ret_count = (uint64_t)ancient_value_to_int(field);
	return true;
}

static void count(const struct ancient_file *file, const struct ancient_entry *entry,
		  const struct ancient_schema *schema, struct root *root)
{
	switch (ancient_schema_type(schema, ancient_schema_root(schema))->kind) {
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		root->counted = stored_count(file, root, &root->count);
		break;
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		if (entry->blocks > COUNTED_MOST)
			break;
		/* fall through */
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		root->counted =
			ancient_typed_length(file, schema, ancient_typed_root(schema, entry->root),
					     &root->count, NULL) == ANCIENT_OK;
		break;
	default:
		break;
	}
}

struct root root_look(const struct ancient_file *file, const struct ancient_entry *entry,
		      struct root_types *types, struct ancient_error *err)
{
	const struct ancient_schema *schema;
	struct root root = {0};

	root.code = ancient_value_kind(file, entry->root, &root.kind, err);
	if (root.code == ANCIENT_OK && root.kind == ANCIENT_KIND_BLOCK)
		root.code = ancient_block_get(file, entry->root, &root.block, err);
	schema = root.code == ANCIENT_OK ? schema_of(entry, types) : NULL;
	if (schema == NULL)
		return root;
	root.type = ancient_schema_type(schema, ancient_schema_root(schema))->name;
	count(file, entry, schema, &root);
	return root;
}

void root_text(const struct root *root, struct ancient_value value, char text[ROOT_TEXT])
{
	char number[OUTPUT_NUMBER];

	if (root->code != ANCIENT_OK)
		snprintf(text, ROOT_TEXT, "damaged (%s)", ancient_code_name(root->code));
	else if (root->type != NULL && root->counted)
		snprintf(text, ROOT_TEXT, "%.180s, %s", root->type,
			 output_count(root->count, number));
	else if (root->type != NULL)
		snprintf(text, ROOT_TEXT, "%.200s", root->type);
	else if (root->kind == ANCIENT_KIND_BLOCK)
		snprintf(text, ROOT_TEXT, "block, tag %u, %s field%s", root->block.tag,
			 output_count(root->block.size, number), root->block.size == 1 ? "" : "s");
	else if (root->kind == ANCIENT_KIND_INT)
		snprintf(text, ROOT_TEXT, "int %" PRId64, ancient_value_to_int(value));
	else
		snprintf(text, ROOT_TEXT, "%s", ancient_kind_name(root->kind));
}

void root_members(struct reader_json *json, const struct root *root)
{
	if (root->code != ANCIENT_OK) {
		ancient_reader_json_string_member(json, "damaged", ancient_code_name(root->code));
		return;
	}
	ancient_reader_json_string_member(json, "kind", ancient_kind_name(root->kind));
	if (root->kind == ANCIENT_KIND_BLOCK) {
		ancient_reader_json_unsigned_member(json, "tag", root->block.tag);
		ancient_reader_json_unsigned_member(json, "fields", root->block.size);
	}
	if (root->type != NULL)
		ancient_reader_json_string_member(json, "type", root->type);
	if (root->counted)
		ancient_reader_json_unsigned_member(json, "count", root->count);
}
