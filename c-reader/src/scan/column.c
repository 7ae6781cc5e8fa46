/* c-reader/scan: the public ancient_column_init: turns the path of a column into steps, by the
 * types alone, without looking at a value. */
#include <stdio.h>
#include <string.h>

#include "scan/absent_field.h"
#include "scan/scan_types.h"
#include "typed/elements.h"
#include "typed/shape.h"

struct resolver {
	const struct ancient_schema *schema;
	const char *name; /* of the file */
	const char *text;
	size_t at;
	uint32_t here;       /* the type */
	bool ended;          /* by .length */
	int64_t constructor; /* named last, with several arguments or an inline record; or -1 */
	struct ancient_column column;
	struct ancient_error *err;
};

static const struct ancient_type *type_here(const struct resolver *r)
{
	return &r->schema->types[r->here];
}

static enum ancient_code bad_path(const struct resolver *r, const char *expected)
{
	char found[24] = "its end";

	if (r->text[r->at] != '\0')
		snprintf(found, sizeof(found), "'%c'", r->text[r->at]);
	return ancient_reader_refuse(r->name, r->err, ANCIENT_E_ARGUMENT,
				     "column %.100s: expected %s at position %zu, found %s",
				     r->text, expected, r->at + 1, found);
}

static enum ancient_code wrong_type(const struct resolver *r, const char *expected)
{
	return ancient_reader_refuse(r->name, r->err, ANCIENT_E_WRONG_KIND,
				     "column %.100s: expected %s at position %zu, found %.80s",
				     r->text, expected, r->at + 1, type_here(r)->name);
}

static enum ancient_code no_such(const struct resolver *r, enum ancient_code code, const char *what,
				 const char *name, size_t length)
{
	return ancient_reader_refuse(r->name, r->err, code, "column %.100s: %.80s has no %s %.*s",
				     r->text, type_here(r)->name, what,
				     (int)(length < 60 ? length : 60), name);
}

/* ---- Steps ------------------------------------------------------------------------- */

static enum ancient_code add_step(struct resolver *r, enum column_step_kind kind, uint32_t index,
				  uint32_t argument, uint32_t to)
{
	struct ancient_column *column = &r->column;

	if (column->step_count == ANCIENT_COLUMN_STEPS)
		return ancient_reader_refuse(r->name, r->err, ANCIENT_E_TOO_LARGE,
					     "column %.100s: more than %d steps", r->text,
					     ANCIENT_COLUMN_STEPS);
	column->steps[column->step_count++] =
		(struct ancient_column_step){kind, index, argument, r->here};
	r->here = to;
	r->constructor = -1;
	return ANCIENT_OK;
}

/* Adds steps through options, refs and lazies; where `unboxed`, also enters unboxed types. */
static enum ancient_code look_through(struct resolver *r, bool unboxed)
{
	for (;;) {
		const struct ancient_type *type = type_here(r);
		enum ancient_code code;
		if (type->kind == ANCIENT_TYPE_OPTION) {
			r->column.optional = true;
			code = add_step(r, COLUMN_OPTION, 0, 0, type->arguments[0]);
		} else if (type->kind == ANCIENT_TYPE_REF) {
			code = add_step(r, COLUMN_REF, 0, 0, type->arguments[0]);
		} else if (type->kind == ANCIENT_TYPE_LAZY) {
			code = add_step(r, COLUMN_LAZY, 0, 0, type->arguments[0]);
		} else if (type->unboxed && unboxed) {
			r->here = ancient_reader_typed_inside(type);
			continue;
		} else {
			return ANCIENT_OK;
		}
		if (code != ANCIENT_OK)
			return code;
	}
}

/* Argument `index` of the constructor named last. */
static enum ancient_code step_argument(struct resolver *r, uint32_t index)
{
	const struct ancient_type *type = type_here(r);
	const struct ancient_constructor *constructor = &type->constructors[r->constructor];

	if (type->unboxed) { /* one constructor: no choice, and no block */
		r->here = ancient_reader_typed_inside(type);
		r->constructor = -1;
		return ANCIENT_OK;
	}
	return add_step(r, COLUMN_ARGUMENT, (uint32_t)r->constructor, index,
			constructor->fields[index].type);
}

static enum ancient_code step_constructor(struct resolver *r, const char *name, size_t length)
{
	const struct ancient_type *type = type_here(r);
	const struct ancient_constructor *constructor;

	if (type->kind == ANCIENT_TYPE_RESULT) {
		bool ok = length == 2 && memcmp(name, "Ok", 2) == 0;
		if (!ok && (length != 5 || memcmp(name, "Error", 5) != 0))
			return no_such(r, ANCIENT_E_NO_FIELD, "constructor", name, length);
		r->column.optional = true;
		return add_step(r, COLUMN_RESULT, !ok, 0, type->arguments[!ok]);
	}
	if (type->kind != ANCIENT_TYPE_VARIANT && type->kind != ANCIENT_TYPE_POLYVARIANT)
		return wrong_type(r, "a variant");
	r->constructor = ancient_type_constructor_index(r->schema, r->here, name, length);
	if (r->constructor < 0)
		return no_such(r, ANCIENT_E_NO_FIELD, "constructor", name, length);
	constructor = &type->constructors[r->constructor];
	if (constructor->field_count == 0)
		return wrong_type(r, "a constructor with arguments");
	r->column.optional |= type->constructor_count > 1;
	return constructor->field_count == 1 && !constructor->inline_record ? step_argument(r, 0)
									    : ANCIENT_OK;
}

static bool has_elements(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_LIST || kind == ANCIENT_TYPE_ARRAY ||
	       kind == ANCIENT_TYPE_FLOATARRAY || typed_is_holder(kind);
}

static bool has_length(enum ancient_type_kind kind)
{
	switch (kind) {
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
	case ANCIENT_TYPE_BIGARRAY:
		return true;
	default:
		return has_elements(kind);
	}
}

/* The type of the elements of a list, array or set, or of what holds one. */
static uint32_t element_here(const struct resolver *r)
{
	uint32_t element = ancient_reader_typed_element(r->schema, r->here);

	return typed_is_holder(type_here(r)->kind)
		       ? ancient_reader_typed_element(r->schema, element)
		       : element;
}

/* [*] */
static enum ancient_code step_each(struct resolver *r)
{
	uint32_t element;

	if (r->column.many)
		return bad_path(r, "one [*], since a column has no lists of lists");
	if (r->constructor >= 0 ||
	    (!has_elements(type_here(r)->kind) && type_here(r)->kind != ANCIENT_TYPE_SET))
		return wrong_type(r, "a list, array or set");
	element = element_here(r);
	r->column.many = true;
	r->column.optional = false; /* a row without the list has no values */
	r->column.each = r->column.step_count;
	return add_step(r, COLUMN_EACH, 0, element, element);
}

/* Element `index` of a list or array, where there are so many. */
static enum ancient_code step_item(struct resolver *r, const char *digits, size_t length)
{
	uint64_t index = 0;

	for (size_t i = 0; i < length; i++) {
		index = index * 10 + (uint64_t)(digits[i] - '0');
		if (index > UINT32_MAX)
			return bad_path(r, "a number below 2^32");
	}
	r->column.optional = true;
	return add_step(r, COLUMN_ITEM, (uint32_t)index, 0, element_here(r));
}

static enum ancient_code step_field(struct resolver *r, const char *name, size_t length)
{
	const struct ancient_type *type = type_here(r);
	const struct ancient_constructor *constructor =
		r->constructor < 0 ? NULL : &type->constructors[r->constructor];
	const struct ancient_field *fields =
		constructor == NULL ? type->fields : constructor->fields;
	uint32_t count = constructor == NULL ? type->field_count : constructor->field_count;
	uint32_t i = 0;

	if (constructor == NULL && length == 6 && memcmp(name, "length", 6) == 0 &&
	    has_length(type->kind)) {
		r->ended = true;
		return add_step(r, COLUMN_LENGTH, 0, 0, r->here);
	}
	if (constructor == NULL && type->kind != ANCIENT_TYPE_RECORD)
		return wrong_type(r, has_length(type->kind) ? "a record, or .length" : "a record");
	while (i < count && (fields[i].name == NULL || strlen(fields[i].name) != length ||
			     memcmp(fields[i].name, name, length) != 0))
		i++;
	if (i == count)
		return ancient_reader_absent_field(r->name, r->text, type_here(r), fields, count,
						   name, length, r->err);
	if (constructor != NULL)
		return step_argument(r, i);
	if (!type->unboxed)
		return add_step(r, COLUMN_FIELD, i, 0, fields[i].type);
	r->here = ancient_reader_typed_inside(type);
	return ANCIENT_OK;
}

static enum ancient_code step_index(struct resolver *r, const char *digits, size_t length)
{
	const struct ancient_type *type = type_here(r);
	uint32_t count = r->constructor < 0 ? type->field_count
					    : type->constructors[r->constructor].field_count;
	uint64_t index = 0;

	if (r->constructor < 0 && has_elements(type->kind))
		return step_item(r, digits, length);
	if (r->constructor < 0 && type->kind != ANCIENT_TYPE_TUPLE)
		return wrong_type(r, "a tuple, list or array");
	for (size_t i = 0; i < length && index < count; i++)
		index = index * 10 + (uint64_t)(digits[i] - '0');
	if (index >= count)
		return no_such(r, ANCIENT_E_NO_INDEX, "part", digits, length);
	if (r->constructor >= 0)
		return step_argument(r, (uint32_t)index);
	return add_step(r, COLUMN_FIELD, (uint32_t)index, 0, type->fields[index].type);
}

/* ---- The text ---------------------------------------------------------------------- */

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '\'';
}

static enum ancient_code take_index(struct resolver *r)
{
	size_t start = r->at + 1, length = strspn(r->text + start, "0123456789");
	enum ancient_code code;

	if (strncmp(r->text + start, "*]", 2) == 0) {
		code = step_each(r);
		r->at += 3;
		return code;
	}
	r->at = start + length;
	if (length == 0)
		return bad_path(r, "a number or *");
	if (r->text[r->at] != ']')
		return bad_path(r, "']'");
	r->at = start;
	code = step_index(r, r->text + start, length);
	r->at = start + length + 1;
	return code;
}

static enum ancient_code take_name(struct resolver *r)
{
	const char *name;
	size_t length = 0;
	enum ancient_code code;

	r->at += r->text[r->at] == '.';
	name = r->text + r->at;
	while (in_name(name[length]))
		length++;
	if (length == 0)
		return bad_path(r, "a name");
	code = name[0] >= 'A' && name[0] <= 'Z' ? step_constructor(r, name, length)
						: step_field(r, name, length);
	r->at += length;
	return code;
}

static enum ancient_code follow(struct resolver *r)
{
	while (r->text[r->at] != '\0') {
		char c = r->text[r->at];
		enum ancient_code code = ANCIENT_OK;
		if (r->constructor < 0)
			code = look_through(r, false);
		if (code != ANCIENT_OK)
			return code;
		if (r->ended)
			return bad_path(r, "its end after .length");
		if (c != '[' && c != '.' && r->at != 0)
			return bad_path(r, "'.' or '['");
		code = c == '[' ? take_index(r) : take_name(r);
		if (code != ANCIENT_OK)
			return code;
	}
	if (r->ended)
		return ANCIENT_OK;
	if (r->constructor >= 0)
		return bad_path(r, "an argument of the constructor");
	return look_through(r, true);
}

static enum ancient_code set_kind(struct resolver *r)
{
	struct ancient_column *column = &r->column;

	column->type = r->here;
	column->item_bytes = 8;
	column->kind = ANCIENT_COLUMN_INT;
	if (r->ended)
		return ANCIENT_OK;
	switch (type_here(r)->kind) {
	case ANCIENT_TYPE_UNIT:
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_CHAR:
	case ANCIENT_TYPE_INT32:
	case ANCIENT_TYPE_INT64:
	case ANCIENT_TYPE_NATIVEINT:
	case ANCIENT_TYPE_Z:
		column->kind = ANCIENT_COLUMN_INT;
		return ANCIENT_OK;
	case ANCIENT_TYPE_BOOL:
		column->kind = ANCIENT_COLUMN_BOOL;
		column->item_bytes = 1;
		return ANCIENT_OK;
	case ANCIENT_TYPE_FLOAT:
		column->kind = ANCIENT_COLUMN_FLOAT;
		return ANCIENT_OK;
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		column->kind = ANCIENT_COLUMN_STRING;
		column->item_bytes = sizeof(struct ancient_bytes);
		return ANCIENT_OK;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		column->kind = ANCIENT_COLUMN_CONSTRUCTOR;
		return ANCIENT_OK;
	default:
		return wrong_type(r, "a number, string or variant");
	}
}

enum ancient_code ancient_column_init(const struct ancient_scan *scan, bool of_key,
				      const char *path, struct ancient_column *ret_column,
				      struct ancient_error *err)
{
	const struct ancient_iterator *it = &scan->iterator;
	bool table = it->kind == ANCIENT_TYPE_HASHTBL || it->kind == ANCIENT_TYPE_HASHTABLE ||
		     it->kind == ANCIENT_TYPE_MAP;
	uint32_t from = table && !of_key ? it->value_type : it->key_type;
	struct resolver r = {.schema = it->schema,
			     .name = it->file->name,
			     .text = path,
			     .here = from,
			     .constructor = -1,
			     .column = {.schema = it->schema, .from = from, .of_key = of_key},
			     .err = err};
	enum ancient_code code;

	if (of_key && !table)
		return ancient_reader_refuse(
			r.name, err, ANCIENT_E_ARGUMENT,
			"column %.100s: expected a table or map, for its keys, found "
			"%.80s",
			path, it->schema->types[it->type].name);
	code = follow(&r);
	if (code == ANCIENT_OK)
		code = set_kind(&r);
	if (code == ANCIENT_OK)
		*ret_column = r.column;
	return code;
}
