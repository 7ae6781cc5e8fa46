/* c-reader/arrow: types to nodes (node.h): which columns a stream has, and what is in them.
 *
 * Recursion is bounded by ARROW_LEVELS, the nodes by ARROW_NODES; a type that contains itself is
 * found among those that a node is in. */
#include "arrow/plan.h"

#include <stdio.h>
#include <string.h>

#include "arrow/path.h"
#include "arrow/plan_nested.h"
#include "base/error.h"
#include "typed/shape.h"

/* ---- Values ------------------------------------------------------------------------ */

static void set_text(const struct arrow_planner *p, struct arrow_node *node,
		     const struct ancient_type *type)
{
	const bool bytes = type->bytes || p->plan->strings == ANCIENT_ARROW_STRINGS_BYTES;

	ancient_reader_arrow_format(node, ARROW_TEXT, bytes ? "z" : "u", 0);
	node->checked = !bytes;
}

enum ancient_code ancient_reader_arrow_leaf(struct arrow_planner *p, struct arrow_node *node,
					    const struct ancient_type *type)
{
	static const struct {
		enum ancient_type_kind type;
		enum arrow_kind kind;
		const char *format;
		unsigned width;
	} known[] = {
		{ANCIENT_TYPE_UNIT, ARROW_NULL, "n", 0},
		{ANCIENT_TYPE_BOOL, ARROW_BOOL, "b", 1},
		{ANCIENT_TYPE_INT, ARROW_INTEGER, "l", 8},
		{ANCIENT_TYPE_INT64, ARROW_INTEGER, "l", 8},
		{ANCIENT_TYPE_NATIVEINT, ARROW_INTEGER, "l", 8},
		{ANCIENT_TYPE_INT32, ARROW_INTEGER, "i", 4},
		{ANCIENT_TYPE_CHAR, ARROW_INTEGER, "C", 1},
		{ANCIENT_TYPE_FLOAT, ARROW_FLOAT, "g", 8},
		{ANCIENT_TYPE_Z, ARROW_DECIMAL, "d:38,0", 16},
	};

	if (type->kind == ANCIENT_TYPE_STRING || type->kind == ANCIENT_TYPE_BYTES) {
		set_text(p, node, type);
		return ANCIENT_OK;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].type != type->kind)
			continue;
		ancient_reader_arrow_format(node, known[i].kind, known[i].format, known[i].width);
		node->nullable |= known[i].kind == ARROW_NULL;
		return ANCIENT_OK;
	}
	return ancient_reader_arrow_refuse(p, node, ANCIENT_E_WRONG_KIND,
					   "not in Arrow: ", type->name);
}

enum ancient_code ancient_reader_arrow_value(struct arrow_planner *p, struct arrow_node *node,
					     uint32_t type)
{
	enum ancient_code code = ancient_reader_arrow_look_through(p, node, true, false, &type);

	if (code != ANCIENT_OK)
		return code;
	node->type = type;
	for (unsigned i = 0; i < p->depth; i++) {
		if (p->ancestors[i] != type)
			continue;
		if (!p->plan->json)
			return ancient_reader_arrow_refuse(
				p, node, ANCIENT_E_WRONG_KIND,
				"a type that contains itself has no end in Arrow; json gives "
				"what is inside as text: ",
				p->plan->schema->types[type].name);
		ancient_reader_arrow_format(node, ARROW_JSON, "u", 0);
		return ANCIENT_OK;
	}
	if (p->depth == ARROW_LEVELS)
		return ancient_reader_arrow_refuse(p, node, ANCIENT_E_TOO_LARGE,
						   "more levels than Arrow data has here", "");
	p->ancestors[p->depth++] = type;
	code = ancient_reader_arrow_nested(p, node, type);
	p->depth--;
	return code;
}

/* ---- Columns ----------------------------------------------------------------------- */

uint32_t ancient_reader_arrow_spread(const struct arrow_plan *plan)
{
	uint32_t type = plan->pairs ? plan->value_type : plan->key_type;

	for (unsigned i = 0; i < ARROW_STEPS; i++) {
		const struct ancient_type *t = &plan->schema->types[type];
		if (t->kind == ANCIENT_TYPE_RECORD ||
		    (t->kind == ANCIENT_TYPE_TUPLE && !plan->pairs))
			return type;
		if (t->kind != ANCIENT_TYPE_REF && t->kind != ANCIENT_TYPE_LAZY)
			break;
		type = t->arguments[0];
	}
	return SCHEMA_NONE;
}

static enum ancient_code whole(struct arrow_planner *p, const char *name, bool of_key,
			       uint32_t type)
{
	struct arrow_node *node;
	enum ancient_code code = ancient_reader_arrow_node(p, NULL, name, strlen(name), &node);

	if (code != ANCIENT_OK)
		return code;
	node->of_key = of_key;
	return ancient_reader_arrow_value(p, node, type);
}

static enum ancient_code all_columns(struct arrow_planner *p)
{
	const struct arrow_plan *plan = p->plan;
	const uint32_t spread = ancient_reader_arrow_spread(plan);
	const uint32_t rows = plan->pairs ? plan->value_type : plan->key_type;
	const struct ancient_type *type;
	enum ancient_code code = ANCIENT_OK;

	if (plan->pairs)
		code = whole(p, "key", true, plan->key_type);
	if (code == ANCIENT_OK && spread == SCHEMA_NONE)
		code = whole(p, "value", false, rows);
	if (spread == SCHEMA_NONE)
		return code;
	type = &plan->schema->types[spread];
	p->ancestors[p->depth++] = spread;
	for (uint32_t i = 0; i < type->field_count && code == ANCIENT_OK; i++) {
		const char *field = type->fields[i].name;
		struct arrow_node *node = NULL;
		uint32_t at = rows;
		char name[16];
		snprintf(name, sizeof(name), "_%u", i);
		if (field == NULL)
			field = name;
		else if (plan->pairs && strcmp(field, "key") == 0)
			field = "value.key";
		code = ancient_reader_arrow_node(p, NULL, field, strlen(field), &node);
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_look_through(p, node, false, false, &at);
		if (code == ANCIENT_OK && !type->unboxed)
			code = ancient_reader_arrow_step(p, node, COLUMN_FIELD, i, 0, spread);
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_value(p, node, type->fields[i].type);
	}
	p->depth--;
	return code;
}

enum ancient_code ancient_reader_arrow_plan(struct arrow_plan *plan,
					    const struct ancient_file *file,
					    const struct ancient_schema *schema, uint32_t type,
					    const struct ancient_arrow_options *options,
					    struct ancient_error *err)
{
	struct arrow_planner planner = {.plan = plan, .label = file->name, .err = err};
	const struct ancient_type *t;

	plan->file = file;
	plan->schema = schema;
	plan->strings = options->strings;
	plan->json = options->json;
	if (type >= schema->count)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_ARGUMENT,
					     "expected a type below %u, found %u",
					     (unsigned)schema->count, (unsigned)type);
	while (schema->types[type].unboxed)
		type = ancient_reader_typed_inside(&schema->types[type]);
	t = &schema->types[type];
	plan->pairs = t->kind == ANCIENT_TYPE_HASHTBL || t->kind == ANCIENT_TYPE_HASHTABLE ||
		      t->kind == ANCIENT_TYPE_MAP;
	plan->key_type = plan->pairs ? t->arguments[0] : ancient_reader_arrow_element(schema, type);
	plan->value_type = plan->pairs ? t->arguments[1] : SCHEMA_NONE;
	if (plan->key_type == SCHEMA_NONE)
		return ancient_reader_typed_wrong_kind(file, t, "list, array, table, map or set",
						       err);
	return options->columns == NULL ? all_columns(&planner)
					: ancient_reader_arrow_paths(&planner, options);
}
