/* c-reader/lookup: the public ancient_path_get: follows a path like
 * packages["vim"].depends[0].name through typed values, step by step as it reads the text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/decimal.h"
#include "lookup/literal.h"
#include "typed/shape.h"

struct path {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	const char *text;
	size_t at;
	struct ancient_typed here;
	struct ancient_error *err;
	char *buffer; /* a name or string key; as long as the path */
};

static enum ancient_code bad_path(const struct path *p, const char *expected)
{
	char found[24] = "its end";

	if (p->text[p->at] != '\0')
		snprintf(found, sizeof(found), "'%c'", p->text[p->at]);
	return ancient_reader_refuse(p->file->name, p->err, ANCIENT_E_ARGUMENT,
				     "path %.100s: expected %s at position %zu, found %s", p->text,
				     expected, p->at + 1, found);
}

/* The error of a step, with the path up to it. */
static enum ancient_code fail_at(const struct path *p, size_t at, const struct ancient_error *inner)
{
	const char *text = ancient_code_text(inner->code);
	const char *detail = strstr(inner->message, text);
	const struct reader_fault fault = {inner->code, inner->rule, inner->offset, inner->expected,
					   inner->found};

	if (inner->code == ANCIENT_E_MEMORY || inner->code == ANCIENT_E_TORN_AWAY ||
	    inner->code == ANCIENT_E_ARGUMENT || inner->rule != 0) {
		if (p->err != NULL)
			*p->err = *inner;
		return inner->code;
	}
	detail = detail == NULL ? "" : detail + strlen(text);
	detail += detail[0] == ':' ? 2 : 0;
	return ancient_reader_fail(p->file->name, p->err, &fault, "at %.*s: %s",
				   at == 0 ? 8 : (int)(at < 80 ? at : 80),
				   at == 0 ? "the root" : p->text, detail);
}

static const struct ancient_type *type_here(const struct path *p)
{
	return &p->schema->types[p->here.type];
}

static enum ancient_code no_value(const struct path *p, struct ancient_error *err, const char *what)
{
	return ancient_reader_refuse(p->file->name, err, ANCIENT_E_NO_FIELD, "%.80s is %s",
				     type_here(p)->name, what);
}

/* Replaces a lazy by its value, a queue by its list, and Some x by x. */
static enum ancient_code look_through(struct path *p, struct ancient_error *err)
{
	uint64_t most = reader_most(p->file, 2);

	for (;;) {
		const struct ancient_type *type = type_here(p);
		enum ancient_code code = ANCIENT_OK;
		bool some = true;
		if (type->kind == ANCIENT_TYPE_LAZY || typed_is_holder(type->kind))
			code = ancient_typed_contents(p->file, p->schema, p->here, &p->here, err);
		else if (type->kind == ANCIENT_TYPE_OPTION)
			code = ancient_typed_option(p->file, p->schema, p->here, &some, &p->here,
						    err);
		else
			return ANCIENT_OK;
		if (code == ANCIENT_OK && !some)
			code = no_value(p, err, "None");
		if (code != ANCIENT_OK)
			return code;
		if (most-- == 0)
			return ancient_reader_typed_bad_shape(p->file, type, p->here.value.word,
							      err, "a value with an end");
	}
}

/* ---- Steps ------------------------------------------------------------------------- */

static enum ancient_code step_contents(struct path *p, struct ancient_error *err)
{
	bool is = false;
	enum ancient_code code;

	switch (type_here(p)->kind) {
	case ANCIENT_TYPE_OPTION:
		code = ancient_typed_option(p->file, p->schema, p->here, &is, &p->here, err);
		return code == ANCIENT_OK && !is ? no_value(p, err, "None") : code;
	case ANCIENT_TYPE_RESULT: {
		struct ancient_typed value;
		code = ancient_typed_result(p->file, p->schema, p->here, &is, &value, err);
		if (code == ANCIENT_OK && !is)
			return no_value(p, err, "an Error");
		if (code == ANCIENT_OK)
			p->here = value;
		return code;
	}
	default:
		return ancient_typed_contents(p->file, p->schema, p->here, &p->here, err);
	}
}

static enum ancient_code step_result(struct path *p, struct ancient_error *err)
{
	struct ancient_typed value;
	bool ok;
	enum ancient_code code =
		ancient_typed_result(p->file, p->schema, p->here, &ok, &value, err);

	if (code != ANCIENT_OK)
		return code;
	if (strcmp(p->buffer, ok ? "Ok" : "Error") != 0)
		return no_value(p, err, ok ? "Ok" : "Error");
	p->here = value;
	return ANCIENT_OK;
}

static enum ancient_code step_constructor(struct path *p, struct ancient_error *err)
{
	const struct ancient_constructor *constructor;
	uint32_t index;
	enum ancient_code code;

	if (type_here(p)->kind == ANCIENT_TYPE_RESULT)
		return step_result(p, err);
	code = ancient_typed_constructor(p->file, p->schema, p->here, &index, err);
	if (code != ANCIENT_OK)
		return code;
	constructor = &type_here(p)->constructors[index];
	if (strcmp(constructor->name, p->buffer) != 0)
		return no_value(p, err, constructor->name);
	if (constructor->field_count != 1 || constructor->inline_record)
		return ANCIENT_OK;
	return ancient_typed_argument(p->file, p->schema, p->here, 0, &p->here, err);
}

static enum ancient_code step_name(struct path *p, struct ancient_error *err)
{
	uint32_t keys;

	if (p->buffer[0] >= 'A' && p->buffer[0] <= 'Z')
		return step_constructor(p, err);
	if (ancient_reader_literal_key_type(type_here(p), &keys))
		return ancient_reader_refuse(
			p->file->name, err, ANCIENT_E_WRONG_KIND,
			"%.80s has keys and no fields: a key is written [\"vim\"], or [3]",
			type_here(p)->name);
	return ancient_typed_field_named(p->file, p->schema, p->here, p->buffer, &p->here, err);
}

static enum ancient_code step_index(struct path *p, int64_t number, struct ancient_error *err)
{
	uint32_t index = number < 0 || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;

	switch (type_here(p)->kind) {
	case ANCIENT_TYPE_TUPLE:
		return ancient_typed_field(p->file, p->schema, p->here, index, &p->here, err);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return ancient_typed_argument(p->file, p->schema, p->here, index, &p->here, err);
	default:
		return ancient_typed_item(p->file, p->schema, p->here,
					  number < 0 ? UINT64_MAX : (uint64_t)number, &p->here,
					  err);
	}
}

/* ---- The text ---------------------------------------------------------------------- */

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '\'';
}

/* The key of a binding, up to the bracket that ends it. */
static enum ancient_code take_key(struct path *p, struct ancient_error *inner)
{
	struct literal literal;
	struct ancient_typed found;
	enum ancient_code code;

	ancient_reader_literal_init(&literal, p->schema, p->text, strlen(p->text), p->file->name,
				    inner);
	literal.start = literal.text.at = p->at;
	literal.stop = ']';
	code = ancient_reader_literal_find(&literal, p->file, p->here, &found);
	p->at = literal.text.at;
	ancient_reader_literal_done(&literal);
	if (code == ANCIENT_OK)
		p->here = found;
	return code;
}

/* False: the path has a mistake, which was reported. */
static bool take_index(struct path *p, int64_t *ret_index, enum ancient_code *ret_code)
{
	bool negative = p->text[p->at] == '-';
	uint64_t magnitude;

	if (p->text[p->at + negative] < '0' || p->text[p->at + negative] > '9')
		return *ret_code = bad_path(p, "a number"), false;
	p->at = (size_t)(ancient_reader_decimal(p->text + p->at + negative, INT64_MAX, &magnitude) -
			 p->text);
	*ret_index = negative ? -(int64_t)magnitude : (int64_t)magnitude;
	if (p->text[p->at] != ']')
		return *ret_code = bad_path(p, "']'"), false;
	return true;
}

static enum ancient_code take_bracket(struct path *p, struct ancient_error *inner)
{
	size_t start = p->at++;
	enum ancient_code code = look_through(p, inner);
	int64_t index = 0;
	uint32_t keys;

	if (code != ANCIENT_OK)
		return fail_at(p, start, inner);
	if (ancient_reader_literal_key_type(type_here(p), &keys)) {
		code = take_key(p, inner);
	} else {
		if (!take_index(p, &index, &code))
			return code;
		code = step_index(p, index, inner);
	}
	p->at += code == ANCIENT_OK;
	return code == ANCIENT_OK ? ANCIENT_OK : fail_at(p, start, inner);
}

static enum ancient_code take_name(struct path *p, size_t start, struct ancient_error *inner)
{
	size_t length = 0;
	enum ancient_code code;

	while (in_name(p->text[p->at]))
		p->buffer[length++] = p->text[p->at++];
	p->buffer[length] = '\0';
	if (length == 0)
		return bad_path(p, "a name");
	/* .Some is allowed, though an option is looked through without it. */
	if (strcmp(p->buffer, "Some") == 0 && type_here(p)->kind == ANCIENT_TYPE_OPTION) {
		code = step_contents(p, inner);
	} else {
		code = look_through(p, inner);
		if (code == ANCIENT_OK)
			code = step_name(p, inner);
	}
	return code == ANCIENT_OK ? ANCIENT_OK : fail_at(p, start, inner);
}

static enum ancient_code follow(struct path *p)
{
	enum ancient_code code = ANCIENT_OK;

	while (code == ANCIENT_OK && p->text[p->at] != '\0') {
		struct ancient_error inner;
		size_t start = p->at;
		if (p->text[p->at] == '[') {
			code = take_bracket(p, &inner);
		} else if (p->text[p->at] == '.' && p->text[p->at + 1] == '!') {
			p->at += 2;
			code = step_contents(p, &inner);
			if (code != ANCIENT_OK)
				code = fail_at(p, start, &inner);
		} else if (p->text[p->at] == '.' || p->at == 0) {
			p->at += p->text[p->at] == '.';
			code = take_name(p, start, &inner);
		} else {
			return bad_path(p, "'.' or '['");
		}
	}
	return code;
}

enum ancient_code ancient_path_get(const struct ancient_file *file,
				   const struct ancient_schema *schema, struct ancient_typed typed,
				   const char *path, struct ancient_typed *ret_value,
				   struct ancient_error *err)
{
	struct path p = {.file = file, .schema = schema, .text = path, .here = typed, .err = err};
	const struct ancient_type *type;
	enum ancient_code code = ancient_reader_typed_type(file, schema, typed, &type, err);

	if (code != ANCIENT_OK)
		return code;
	p.buffer = malloc(strlen(path) + 1);
	if (p.buffer == NULL)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "path");
	code = follow(&p);
	free(p.buffer);
	if (code == ANCIENT_OK)
		*ret_value = p.here;
	return code;
}
