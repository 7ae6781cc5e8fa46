/* c-reader/arrow: making nodes (node.h), for plan.c, plan_nested.c and path.c. */
#include "arrow/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow/dictionary.h"
#include "base/error.h"
#include "schema/schema.h"

enum ancient_code ancient_reader_arrow_no_memory(const struct arrow_planner *p)
{
	return ancient_reader_refuse(p->label, p->err, ANCIENT_E_MEMORY, "columns");
}

/* ---- Nodes ------------------------------------------------------------------------ */

void ancient_reader_arrow_place(const struct arrow_node *node, char *out, size_t capacity)
{
	const struct arrow_node *way[ARROW_LEVELS + 1];
	unsigned count = 0;
	size_t used = 0;

	for (; node != NULL && count <= ARROW_LEVELS; node = node->parent)
		way[count++] = node;
	out[0] = '\0';
	while (count-- > 0 && used < capacity) {
		const struct arrow_node *parent = way[count]->parent;
		int wrote;
		if (parent != NULL && parent->kind == ARROW_LIST)
			wrote = snprintf(out + used, capacity - used, "[*]");
		else
			wrote = snprintf(out + used, capacity - used, "%s%s",
					 parent == NULL ? "" : ".", way[count]->name);
		used = wrote < 0 ? capacity : used + (size_t)wrote;
	}
}

enum ancient_code ancient_reader_arrow_refuse(const struct arrow_planner *p,
					      const struct arrow_node *node, enum ancient_code code,
					      const char *what, const char *name)
{
	char place[200];

	ancient_reader_arrow_place(node, place, sizeof(place));
	return ancient_reader_refuse(p->label, p->err, code, "column %.199s: %s%.80s", place, what,
				     name);
}

static bool add_pointer(struct arrow_node ***list, uint32_t *count, struct arrow_node *node)
{
	/* A power of two is full. */
	if ((*count & (*count - 1)) == 0) {
		size_t room = *count == 0 ? 1 : (size_t)*count * 2;
		struct arrow_node **grown = realloc(*list, room * sizeof(*grown));
		if (grown == NULL)
			return false;
		*list = grown;
	}
	(*list)[(*count)++] = node;
	return true;
}

enum ancient_code ancient_reader_arrow_node(struct arrow_planner *p, struct arrow_node *parent,
					    const char *name, size_t length,
					    struct arrow_node **ret_node)
{
	struct arrow_plan *plan = p->plan;
	struct arrow_node *node;

	if (plan->count == ARROW_NODES)
		return ancient_reader_refuse(
			p->label, p->err, ANCIENT_E_TOO_LARGE,
			"more than %u columns, nested ones included: choose some", ARROW_NODES);
	if (parent != NULL && parent->level + 1 == ARROW_LEVELS)
		return ancient_reader_arrow_refuse(p, parent, ANCIENT_E_TOO_LARGE,
						   "more levels than Arrow data has here", "");
	node = calloc(1, sizeof(*node));
	if (node == NULL || !add_pointer(&plan->nodes, &plan->count, node)) {
		free(node);
		return ancient_reader_arrow_no_memory(p);
	}
	node->name = strndup(name, length);
	node->parent = parent;
	node->level = parent == NULL ? 0 : parent->level + 1;
	plan->levels = node->level >= plan->levels ? node->level + 1 : plan->levels;
	if (node->name == NULL ||
	    !(parent == NULL ? add_pointer(&plan->column, &plan->column_count, node)
			     : add_pointer(&parent->child, &parent->child_count, node)))
		return ancient_reader_arrow_no_memory(p);
	*ret_node = node;
	return ANCIENT_OK;
}

static void free_node(struct arrow_node *node)
{
	ancient_reader_arrow_dictionary_drop(node->dictionary);
	free(node->validity.bytes);
	free(node->offsets.bytes);
	free(node->data.bytes);
	free(node->pending);
	free(node->constructors);
	free(node->steps);
	free(node->child);
	free(node->name);
	free(node);
}

void ancient_reader_arrow_plan_done(struct arrow_plan *plan)
{
	for (uint32_t i = 0; i < plan->count; i++)
		free_node(plan->nodes[i]);
	free(plan->nodes);
	free(plan->column);
	*plan = (struct arrow_plan){0};
}

enum ancient_code ancient_reader_arrow_step(struct arrow_planner *p, struct arrow_node *node,
					    enum column_step_kind kind, uint32_t index,
					    uint32_t argument, uint32_t type)
{
	struct ancient_column_step *grown;

	if (node->step_count == ARROW_STEPS)
		return ancient_reader_arrow_refuse(p, node, ANCIENT_E_TOO_LARGE,
						   "more than 64 steps", "");
	grown = realloc(node->steps, (node->step_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return ancient_reader_arrow_no_memory(p);
	node->steps = grown;
	node->steps[node->step_count++] = (struct ancient_column_step){kind, index, argument, type};
	node->nullable |= kind == COLUMN_OPTION;
	return ANCIENT_OK;
}

/* A child that is reached by one step; kind 0: by none, its word is the parent's. */
enum ancient_code ancient_reader_arrow_child(struct arrow_planner *p, struct arrow_node *parent,
					     const char *name, enum column_step_kind kind,
					     uint32_t index, uint32_t argument, uint32_t type,
					     struct arrow_node **ret_node)
{
	enum ancient_code code = ancient_reader_arrow_node(p, parent, name, strlen(name), ret_node);

	if (code == ANCIENT_OK && kind != 0)
		code = ancient_reader_arrow_step(p, *ret_node, kind, index, argument, type);
	return code;
}

void ancient_reader_arrow_format(struct arrow_node *node, enum arrow_kind kind, const char *format,
				 unsigned width)
{
	node->kind = kind;
	node->width = width;
	snprintf(node->format, sizeof(node->format), "%s", format);
}

/* ---- Options, refs, lazies --------------------------------------------------------- */

/* Whether Arrow's null is already one of the values. */
static bool may_be_null(const struct ancient_schema *schema, uint32_t type)
{
	for (unsigned i = 0; i < ARROW_STEPS; i++) {
		const struct ancient_type *t = &schema->types[type];
		if (t->kind == ANCIENT_TYPE_OPTION || t->kind == ANCIENT_TYPE_UNIT)
			return true;
		if (t->kind != ANCIENT_TYPE_REF && t->kind != ANCIENT_TYPE_LAZY)
			return false;
		type = t->arguments[0];
	}
	return true;
}

enum ancient_code ancient_reader_arrow_look_through(struct arrow_planner *p,
						    struct arrow_node *node, bool options, bool all,
						    uint32_t *type)
{
	const struct ancient_schema *schema = p->plan->schema;

	for (;;) {
		const struct ancient_type *t = &schema->types[*type];
		enum column_step_kind kind;
		enum ancient_code code;
		if (t->kind == ANCIENT_TYPE_REF)
			kind = COLUMN_REF;
		else if (t->kind == ANCIENT_TYPE_LAZY)
			kind = COLUMN_LAZY;
		else if (t->kind == ANCIENT_TYPE_OPTION && options &&
			 (all || !may_be_null(schema, t->arguments[0])))
			kind = COLUMN_OPTION;
		else
			return ANCIENT_OK;
		code = ancient_reader_arrow_step(p, node, kind, 0, 0, *type);
		if (code != ANCIENT_OK)
			return code;
		*type = t->arguments[0];
	}
}
