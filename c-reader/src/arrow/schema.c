/* c-reader/arrow: nodes to struct ArrowSchema (schema.h). */
#include "arrow/schema.h"

#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

static void release(struct ArrowSchema *schema)
{
	for (int64_t i = 0; i < schema->n_children; i++)
		if (schema->children[i]->release != NULL)
			schema->children[i]->release(schema->children[i]);
	if (schema->dictionary != NULL && schema->dictionary->release != NULL)
		schema->dictionary->release(schema->dictionary);
	free(schema->private_data);
	schema->release = NULL;
}

bool ancient_reader_arrow_schema_new(struct ArrowSchema *ret_schema, const char *format,
				     const char *name, int64_t flags, uint64_t children,
				     bool dictionary)
{
	/* In one piece: the children and the dictionary, pointers to the children, the texts. */
	const size_t format_bytes = strlen(format) + 1, name_bytes = strlen(name) + 1;
	struct ArrowSchema *schemas =
		calloc(1, (children + dictionary) * sizeof(*schemas) + children * sizeof(schemas) +
				  format_bytes + name_bytes);
	struct ArrowSchema **pointers;
	char *texts;

	if (schemas == NULL)
		return false;
	pointers = (struct ArrowSchema **)(void *)(schemas + children + dictionary);
	texts = (char *)(pointers + children);
	memcpy(texts, format, format_bytes);
	memcpy(texts + format_bytes, name, name_bytes);
	for (uint64_t i = 0; i < children; i++)
		pointers[i] = &schemas[i];
	*ret_schema = (struct ArrowSchema){
		.format = texts,
		.name = texts + format_bytes,
		.flags = flags,
		.n_children = (int64_t)children,
		.children = children == 0 ? NULL : pointers,
		.dictionary = dictionary ? &schemas[children] : NULL,
		.release = release,
		.private_data = schemas,
	};
	return true;
}

/* Constructors are ordered as they are declared; those of a polymorphic variant, by name. */
static int64_t flags_of(const struct arrow_plan *plan, const struct arrow_node *node)
{
	const bool ordered = node->kind == ARROW_DICTIONARY &&
			     plan->schema->types[node->type].kind != ANCIENT_TYPE_POLYVARIANT;

	return (node->nullable ? ARROW_FLAG_NULLABLE : 0) |
	       (ordered ? ARROW_FLAG_DICTIONARY_ORDERED : 0);
}

/* As deep as the plan. */
static bool make_schema(const struct arrow_plan *plan, const struct arrow_node *node,
			struct ArrowSchema *schema)
{
	if (!ancient_reader_arrow_schema_new(schema, node->format, node->name, flags_of(plan, node),
					     node->child_count, node->kind == ARROW_DICTIONARY))
		return false;
	if (node->kind == ARROW_DICTIONARY &&
	    !ancient_reader_arrow_schema_new(schema->dictionary, "u", "", 0, 0, false))
		return false;
	for (uint32_t i = 0; i < node->child_count; i++)
		if (!make_schema(plan, node->child[i], schema->children[i]))
			return false;
	return true;
}

bool ancient_reader_arrow_schema(const struct arrow_plan *plan, struct ArrowSchema *ret_schema)
{
	struct ArrowSchema schema;

	if (!ancient_reader_arrow_schema_new(&schema, "+s", "", 0, plan->column_count, false))
		return false;
	for (uint32_t i = 0; i < plan->column_count; i++) {
		if (make_schema(plan, plan->column[i], schema.children[i]))
			continue;
		release(&schema);
		return false;
	}
	*ret_schema = schema;
	return true;
}
