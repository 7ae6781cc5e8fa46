/* c-reader/arrow: columns that the caller names by paths: "origin.host", "depends[*].name".  Each
 * path is followed by the types alone, and makes one column of its own, which has its name. */
#include "arrow/path.h"

#include <string.h>

#include "arrow/plan.h"
#include "arrow/plan_nested.h"
#include "base/error.h"
#include "scan/absent_field.h"
#include "typed/shape.h"

struct walker {
	struct arrow_planner *planner;
	const struct ancient_schema *schema;
	const char *text;
	size_t at;
	struct arrow_node *node; /* the column, or the elements of a list in it */
	uint32_t type;           /* here */
	int64_t constructor;     /* named last, with several arguments or an inline record; or -1 */
};

static const struct ancient_type *type_here(const struct walker *w)
{
	return &w->schema->types[w->type];
}

static enum ancient_code refuse(const struct walker *w, enum ancient_code code, const char *what)
{
	return ancient_reader_refuse(w->planner->label, w->planner->err, code,
				     "column %.100s: %s at position %zu, of %.80s", w->text, what,
				     w->at + 1, type_here(w)->name);
}

/* ---- Steps ------------------------------------------------------------------------ */

static enum ancient_code take_argument(struct walker *w, uint32_t index)
{
	const struct ancient_type *type = type_here(w);
	const struct ancient_constructor *c = &type->constructors[w->constructor];
	enum ancient_code code = ANCIENT_OK;

	if (!type->unboxed)
		code = ancient_reader_arrow_step(w->planner, w->node, COLUMN_ARGUMENT,
						 (uint32_t)w->constructor, index, w->type);
	w->type = c->fields[index].type;
	w->constructor = -1;
	return code;
}

static enum ancient_code take_constructor(struct walker *w, const char *name, size_t length)
{
	const struct ancient_type *type = type_here(w);
	const struct ancient_constructor *c;

	w->node->nullable = true;
	if (type->kind == ANCIENT_TYPE_RESULT) {
		const bool ok = length == 2 && memcmp(name, "Ok", 2) == 0;
		const uint32_t from = w->type;
		if (!ok && (length != 5 || memcmp(name, "Error", 5) != 0))
			return refuse(w, ANCIENT_E_NO_FIELD, "no such constructor");
		w->type = type->arguments[!ok];
		return ancient_reader_arrow_step(w->planner, w->node, COLUMN_RESULT, !ok, 0, from);
	}
	w->constructor = ancient_type_constructor_index(w->schema, w->type, name, length);
	if (w->constructor < 0)
		return refuse(w, ANCIENT_E_NO_FIELD, "no such constructor");
	c = &type->constructors[w->constructor];
	if (c->field_count == 0)
		return refuse(w, ANCIENT_E_WRONG_KIND, "a constructor without arguments");
	return c->field_count == 1 && !c->inline_record ? take_argument(w, 0) : ANCIENT_OK;
}

/* The number of "_2"; -1. */
static int64_t part_number(const char *name, size_t length)
{
	int64_t number = 0;

	if (length < 2 || length > 9 || name[0] != '_')
		return -1;
	for (size_t i = 1; i < length; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		number = number * 10 + (name[i] - '0');
	}
	return number;
}

/* A field of a record, a part of a tuple, or an argument of the constructor named before. */
static enum ancient_code take_field(struct walker *w, const char *name, size_t length)
{
	const struct ancient_type *type = type_here(w);
	const struct ancient_constructor *c =
		w->constructor < 0 ? NULL : &type->constructors[w->constructor];
	const struct ancient_field *fields = c == NULL ? type->fields : c->fields;
	const uint32_t count = c == NULL ? type->field_count : c->field_count;
	const int64_t part = part_number(name, length);
	const uint32_t from = w->type;
	uint32_t i = 0;

	while (i < count && (fields[i].name == NULL ? (int64_t)i != part
						    : strlen(fields[i].name) != length ||
							      memcmp(fields[i].name, name, length)))
		i++;
	if (i == count)
		return ancient_reader_absent_field(w->planner->label, w->text, type, fields, count,
						   name, length, w->planner->err);
	if (c != NULL)
		return take_argument(w, i);
	w->type = fields[i].type;
	if (type->unboxed)
		return ANCIENT_OK;
	return ancient_reader_arrow_step(w->planner, w->node, COLUMN_FIELD, i, 0, from);
}

static bool is_variant(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_VARIANT || type->kind == ANCIENT_TYPE_POLYVARIANT ||
	       type->kind == ANCIENT_TYPE_RESULT;
}

/* *ret_tag: the path ends here, with which constructor it is. */
static enum ancient_code take_name(struct walker *w, bool *ret_tag)
{
	const char *name = w->text + w->at;
	const size_t length = strcspn(name, ".[");
	enum ancient_code code;

	if (length == 0)
		return refuse(w, ANCIENT_E_ARGUMENT, "expected a name");
	if (w->constructor >= 0) {
		code = take_field(w, name, length);
	} else {
		const char *tag;
		code = ancient_reader_arrow_look_through(w->planner, w->node, true, true, &w->type);
		if (code != ANCIENT_OK)
			return code;
		tag = ancient_reader_arrow_tag_name(type_here(w));
		if (!is_variant(type_here(w)))
			code = take_field(w, name, length);
		else if (name[length] == '\0' && length == strlen(tag) &&
			 memcmp(name, tag, length) == 0)
			*ret_tag = true;
		else
			code = take_constructor(w, name, length);
	}
	w->at += length;
	return code;
}

/* "[*]": the elements of a list. */
static enum ancient_code take_elements(struct walker *w)
{
	struct arrow_node *list = w->node;
	uint32_t element;
	enum ancient_code code;

	if (strncmp(w->text + w->at, "[*]", 3) != 0 || w->constructor >= 0)
		return refuse(w, ANCIENT_E_ARGUMENT, "expected [*] of a list, array or set");
	code = ancient_reader_arrow_look_through(w->planner, list, true, true, &w->type);
	if (code != ANCIENT_OK)
		return code;
	element = ancient_reader_arrow_element(w->schema, w->type);
	if (element == SCHEMA_NONE)
		return refuse(w, ANCIENT_E_WRONG_KIND, "expected a list, array or set");
	list->type = w->type;
	code = ancient_reader_arrow_list(w->planner, list, &w->node);
	w->type = element;
	w->at += 3;
	return code;
}

/* ---- One path ---------------------------------------------------------------------- */

/* Where the path begins: from a key, or from a value. */
static enum ancient_code begin(struct walker *w)
{
	const struct arrow_plan *plan = w->planner->plan;
	const size_t length = strcspn(w->text, ".[");
	const bool spread = ancient_reader_arrow_spread(plan) != SCHEMA_NONE;
	const bool value = length == 5 && memcmp(w->text, "value", 5) == 0;

	w->type = plan->pairs ? plan->value_type : plan->key_type;
	if (length == 0)
		return refuse(w, ANCIENT_E_ARGUMENT, "expected a name");
	if (plan->pairs && length == 3 && memcmp(w->text, "key", 3) == 0) {
		w->node->of_key = true;
		w->type = plan->key_type;
		w->at = 3;
	} else if (!spread && value) {
		w->at = 5;
	} else if (!spread) {
		return refuse(w, ANCIENT_E_NO_FIELD,
			      plan->pairs ? "expected key or value" : "expected value");
	} else if (plan->pairs && strncmp(w->text, "value.key", 9) == 0 &&
		   strchr(".[", w->text[9]) != NULL) {
		w->at = 6;
	}
	return ANCIENT_OK;
}

static enum ancient_code follow(struct walker *w)
{
	bool tag = false;
	enum ancient_code code = begin(w);

	while (code == ANCIENT_OK && w->text[w->at] != '\0') {
		if (w->text[w->at] == '[') {
			code = take_elements(w);
			continue;
		}
		w->at += w->text[w->at] == '.';
		code = take_name(w, &tag);
	}
	if (code != ANCIENT_OK)
		return code;
	if (tag)
		return ancient_reader_arrow_tag(w->planner, w->node, w->type);
	if (w->constructor >= 0)
		return ancient_reader_arrow_arguments(w->planner, w->node, w->type,
						      (uint32_t)w->constructor);
	return ancient_reader_arrow_value(w->planner, w->node, w->type);
}

enum ancient_code ancient_reader_arrow_paths(struct arrow_planner *planner,
					     const struct ancient_arrow_options *options)
{
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < options->column_count && code == ANCIENT_OK; i++) {
		struct walker w = {.planner = planner,
				   .schema = planner->plan->schema,
				   .text = options->columns[i],
				   .constructor = -1};
		for (size_t j = 0; j < i; j++)
			if (strcmp(options->columns[i], options->columns[j]) == 0)
				return ancient_reader_refuse(planner->label, planner->err,
							     ANCIENT_E_ARGUMENT,
							     "column %.100s: named twice", w.text);
		code = ancient_reader_arrow_node(planner, NULL, w.text, strlen(w.text), &w.node);
		if (code == ANCIENT_OK)
			code = follow(&w);
	}
	return code;
}
