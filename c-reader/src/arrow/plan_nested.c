/* c-reader/arrow: types to nodes: records, variants, lists, maps, and what else has children
 * (plan.h). */
#include "arrow/plan_nested.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrow/dictionary.h"
#include "arrow/plan.h"
#include "typed/shape.h"

/* ---- Records, tuples --------------------------------------------------------------- */

/* A struct of the fields of a record, the parts of a tuple, or, where `kind` is COLUMN_ARGUMENT,
 * the arguments of a constructor. */
static enum ancient_code add_fields(struct arrow_planner *p, struct arrow_node *node, uint32_t type,
				    enum column_step_kind kind, uint32_t constructor)
{
	const struct ancient_type *t = &p->plan->schema->types[type];
	const bool arguments = kind == COLUMN_ARGUMENT;
	const struct ancient_field *fields =
		arguments ? t->constructors[constructor].fields : t->fields;
	const uint32_t count =
		arguments ? t->constructors[constructor].field_count : t->field_count;
	enum ancient_code code = ANCIENT_OK;

	ancient_reader_arrow_format(node, ARROW_STRUCT, "+s", 0);
	for (uint32_t i = 0; i < count && code == ANCIENT_OK; i++) {
		struct arrow_node *child;
		char name[16];
		snprintf(name, sizeof(name), "_%u", i);
		code = ancient_reader_arrow_child(
			p, node, fields[i].name == NULL ? name : fields[i].name,
			t->unboxed ? 0 : kind, arguments ? constructor : i, arguments ? i : 0, type,
			&child);
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_value(p, child, fields[i].type);
	}
	return code;
}

/* ---- Variants ---------------------------------------------------------------------- */

static bool is_constructor(const struct ancient_type *type, const char *name)
{
	for (uint32_t i = 0; i < type->constructor_count; i++)
		if (strcmp(type->constructors[i].name, name) == 0)
			return true;
	return false;
}

/* "tag", with as many underscores before it as no constructor has. */
const char *ancient_reader_arrow_tag_name(const struct ancient_type *type)
{
	static const char longest[] = "________________________________tag";
	const char *name = longest + sizeof(longest) - sizeof("tag");

	while (name > longest && is_constructor(type, name))
		name--;
	return name;
}

enum ancient_code ancient_reader_arrow_tag(struct arrow_planner *p, struct arrow_node *node,
					   uint32_t type)
{
	const struct ancient_type *t = &p->plan->schema->types[type];
	const uint32_t count = ancient_reader_arrow_constructors(t);

	node->type = type;
	if (count > ARROW_VALUES - p->plan->values)
		return ancient_reader_arrow_refuse(p, node, ANCIENT_E_TOO_LARGE,
						   "more than 65536 constructors in all columns",
						   "");
	p->plan->values += count;
	if (count <= INT8_MAX + 1)
		ancient_reader_arrow_format(node, ARROW_DICTIONARY, "c", 1);
	else if (count <= INT16_MAX + 1)
		ancient_reader_arrow_format(node, ARROW_DICTIONARY, "s", 2);
	else
		ancient_reader_arrow_format(node, ARROW_DICTIONARY, "i", 4);
	node->dictionary = ancient_reader_arrow_dictionary_new(t);
	return node->dictionary == NULL ? ancient_reader_arrow_no_memory(p) : ANCIENT_OK;
}

enum ancient_code ancient_reader_arrow_arguments(struct arrow_planner *p, struct arrow_node *node,
						 uint32_t type, uint32_t constructor)
{
	const struct ancient_type *t = &p->plan->schema->types[type];
	const struct ancient_constructor *c = &t->constructors[constructor];
	enum ancient_code code = ANCIENT_OK;

	if (c->field_count == 1 && !c->inline_record) {
		if (!t->unboxed)
			code = ancient_reader_arrow_step(p, node, COLUMN_ARGUMENT, constructor, 0,
							 type);
		return code != ANCIENT_OK ? code
					  : ancient_reader_arrow_value(p, node, c->fields[0].type);
	}
	return add_fields(p, node, type, COLUMN_ARGUMENT, constructor);
}

/* Of a result: the constructors are types, not in `constructors`. */
static enum ancient_code add_results(struct arrow_planner *p, struct arrow_node *node,
				     uint32_t type)
{
	const struct ancient_type *t = &p->plan->schema->types[type];
	enum ancient_code code = ANCIENT_OK;

	for (uint32_t i = 0; i < 2 && code == ANCIENT_OK; i++) {
		struct arrow_node *child;
		code = ancient_reader_arrow_child(p, node,
						  ancient_reader_arrow_constructor_name(t, i),
						  COLUMN_RESULT, i, 0, type, &child);
		if (code != ANCIENT_OK)
			break;
		child->nullable = true;
		child->constructor = i;
		code = ancient_reader_arrow_value(p, child, t->arguments[i]);
	}
	return code;
}

static enum ancient_code add_members(struct arrow_planner *p, struct arrow_node *node,
				     uint32_t type)
{
	const struct ancient_type *t = &p->plan->schema->types[type];
	struct arrow_node *tag;
	enum ancient_code code;

	ancient_reader_arrow_format(node, ARROW_VARIANT, "+s", 0);
	node->type = type;
	node->pending = malloc(sizeof(*node->pending));
	node->constructors = malloc(SCAN_ROWS * sizeof(*node->constructors));
	if (node->pending == NULL || node->constructors == NULL)
		return ancient_reader_arrow_no_memory(p);
	code = ancient_reader_arrow_child(p, node, ancient_reader_arrow_tag_name(t), 0, 0, 0, type,
					  &tag);
	if (code == ANCIENT_OK)
		code = ancient_reader_arrow_tag(p, tag, type);
	if (code == ANCIENT_OK && t->kind == ANCIENT_TYPE_RESULT)
		return add_results(p, node, type);
	for (uint32_t i = 0; i < t->constructor_count && code == ANCIENT_OK; i++) {
		struct arrow_node *child;
		if (t->constructors[i].field_count == 0)
			continue;
		code = ancient_reader_arrow_child(p, node, t->constructors[i].name, 0, 0, 0, type,
						  &child);
		if (code != ANCIENT_OK)
			break;
		child->nullable = true;
		child->constructor = i;
		code = ancient_reader_arrow_arguments(p, child, type, i);
	}
	return code;
}

static enum ancient_code set_variant(struct arrow_planner *p, struct arrow_node *node,
				     uint32_t type)
{
	const struct ancient_type *t = &p->plan->schema->types[type];

	for (uint32_t i = 0; i < t->constructor_count; i++)
		if (t->constructors[i].field_count > 0)
			return add_members(p, node, type);
	return t->kind == ANCIENT_TYPE_RESULT ? add_members(p, node, type)
					      : ancient_reader_arrow_tag(p, node, type);
}

/* ---- Lists, maps ------------------------------------------------------------------- */

uint32_t ancient_reader_arrow_element(const struct ancient_schema *schema, uint32_t type)
{
	const struct ancient_type *t = &schema->types[type];

	if (typed_is_holder(t->kind))
		t = &schema->types[type = t->arguments[0]];
	switch (t->kind) {
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_SET:
		return t->arguments[0];
	case ANCIENT_TYPE_FLOATARRAY: /* schema/build.c adds float as an argument */
		return t->arguments[0];
	default:
		return SCHEMA_NONE;
	}
}

enum ancient_code ancient_reader_arrow_list(struct arrow_planner *p, struct arrow_node *node,
					    struct arrow_node **ret_child)
{
	ancient_reader_arrow_format(node, ARROW_LIST, "+l", 0);
	node->pending = malloc(sizeof(*node->pending));
	if (node->pending == NULL)
		return ancient_reader_arrow_no_memory(p);
	return ancient_reader_arrow_child(p, node, "item", 0, 0, 0, 0, ret_child);
}

/* Whether keys that differ in the file may be equal in Arrow: strings that are replaced. */
static bool may_meet(const struct arrow_node *node, enum ancient_arrow_strings strings)
{
	if (node->kind == ARROW_TEXT)
		return node->checked && strings == ANCIENT_ARROW_STRINGS_REPLACE;
	for (uint32_t i = 0; i < node->child_count; i++)
		if (may_meet(node->child[i], strings))
			return true;
	return false;
}

static enum ancient_code set_map(struct arrow_planner *p, struct arrow_node *node, uint32_t key,
				 uint32_t value)
{
	struct arrow_node *entries, *child;
	enum ancient_code code;

	ancient_reader_arrow_format(node, ARROW_LIST, "+m", 0);
	node->pending = malloc(2 * sizeof(*node->pending));
	if (node->pending == NULL)
		return ancient_reader_arrow_no_memory(p);
	code = ancient_reader_arrow_child(p, node, "entries", 0, 0, 0, 0, &entries);
	if (code != ANCIENT_OK)
		return code;
	ancient_reader_arrow_format(entries, ARROW_ENTRIES, "+s", 0);
	code = ancient_reader_arrow_child(p, entries, "key", 0, 0, 0, 0, &child);
	if (code == ANCIENT_OK)
		code = ancient_reader_arrow_value(p, child, key);
	if (code != ANCIENT_OK)
		return code;
	if (child->nullable || may_meet(child, p->plan->strings))
		ancient_reader_arrow_format(node, ARROW_LIST, "+l", 0);
	code = ancient_reader_arrow_child(p, entries, "value", 0, 0, 0, 0, &child);
	return code != ANCIENT_OK ? code : ancient_reader_arrow_value(p, child, value);
}

static enum ancient_code set_numbers(struct arrow_planner *p, struct arrow_node *node,
				     const struct ancient_type *type)
{
	static const struct {
		const char *format;
		unsigned width, pair;
	} of[ANCIENT_BIGARRAY_KINDS] = {
		{"f", 4, 0}, {"g", 8, 0}, {"c", 1, 0}, {"C", 1, 0}, {"s", 2, 0},
		{"S", 2, 0}, {"i", 4, 0}, {"l", 8, 0}, {"l", 8, 0}, {"l", 8, 0},
		{"f", 4, 1}, {"g", 8, 1}, {"C", 1, 0}, {"e", 2, 0},
	};
	struct arrow_node *child = node;
	enum ancient_code code;

	if (type->bigarray_kind < 0 || type->bigarray_kind >= (int)ANCIENT_BIGARRAY_KINDS)
		return ancient_reader_arrow_refuse(p, node, ANCIENT_E_WRONG_KIND,
						   "not in Arrow: ", type->name);
	ancient_reader_arrow_format(node, ARROW_NUMBERS, "+l", 0);
	code = ancient_reader_arrow_child(p, node, "item", 0, 0, 0, 0, &child);
	if (code == ANCIENT_OK && of[type->bigarray_kind].pair != 0) {
		ancient_reader_arrow_format(child, ARROW_PAIR, "+w:2", 0);
		code = ancient_reader_arrow_child(p, child, "item", 0, 0, 0, 0, &child);
	}
	if (code == ANCIENT_OK)
		ancient_reader_arrow_format(child, ARROW_RAW, of[type->bigarray_kind].format,
					    of[type->bigarray_kind].width);
	return code;
}

/* ---- All that have children -------------------------------------------------------- */

enum ancient_code ancient_reader_arrow_nested(struct arrow_planner *p, struct arrow_node *node,
					      uint32_t type)
{
	const struct ancient_type *t = &p->plan->schema->types[type];
	struct arrow_node *child;
	enum ancient_code code;
	const uint32_t element = ancient_reader_arrow_element(p->plan->schema, type);

	if (element != SCHEMA_NONE) {
		code = ancient_reader_arrow_list(p, node, &child);
		return code != ANCIENT_OK ? code : ancient_reader_arrow_value(p, child, element);
	}
	switch (t->kind) {
	case ANCIENT_TYPE_RECORD:
	case ANCIENT_TYPE_TUPLE:
		return add_fields(p, node, type, COLUMN_FIELD, 0);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
	case ANCIENT_TYPE_RESULT:
		return set_variant(p, node, type);
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
		return set_map(p, node, t->arguments[0], t->arguments[1]);
	case ANCIENT_TYPE_BIGARRAY:
		return set_numbers(p, node, t);
	case ANCIENT_TYPE_OPTION: /* of what may be null itself */
		code = ancient_reader_arrow_step(p, node, COLUMN_OPTION, 0, 0, type);
		ancient_reader_arrow_format(node, ARROW_STRUCT, "+s", 0);
		if (code == ANCIENT_OK)
			code = ancient_reader_arrow_child(p, node, "value", 0, 0, 0, 0, &child);
		return code != ANCIENT_OK ? code
					  : ancient_reader_arrow_value(p, child, t->arguments[0]);
	default:
		return ancient_reader_arrow_leaf(p, node, t);
	}
}
