/* c-reader/lookup: the public ancient_path_get: follows a path like
 * packages["vim"].depends[0].name through typed values, step by step as it reads the text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
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
	return reader_refuse(p->file->name, p->err, ANCIENT_E_ARGUMENT,
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
	    inner->rule != 0) {
		if (p->err != NULL)
			*p->err = *inner;
		return inner->code;
	}
	detail = detail == NULL ? "" : detail + strlen(text);
	detail += detail[0] == ':' ? 2 : 0;
	return reader_fail(p->file->name, p->err, &fault, "at %.*s: %s",
			   at == 0 ? 8 : (int)(at < 80 ? at : 80), at == 0 ? "the root" : p->text,
			   detail);
}

static const struct ancient_type *type_here(const struct path *p)
{
	return &p->schema->types[p->here.type];
}

static enum ancient_code no_value(const struct path *p, struct ancient_error *err, const char *what)
{
	return reader_refuse(p->file->name, err, ANCIENT_E_NO_FIELD, "%.80s is %s",
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
			return typed_bad_shape(p->file, type, p->here.value.word, err,
					       "a value with an end");
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
	if (p->buffer[0] >= 'A' && p->buffer[0] <= 'Z')
		return step_constructor(p, err);
	return ancient_typed_field_named(p->file, p->schema, p->here, p->buffer, &p->here, err);
}

static enum ancient_code step_key(struct path *p, const struct ancient_key *key,
				  struct ancient_error *err)
{
	return ancient_typed_find(p->file, p->schema, p->here, key, &p->here, err);
}

/* The key that an integer in brackets stands for, by the type of the keys. */
static struct ancient_key integer_key(const struct path *p, int64_t number)
{
	switch (p->schema->types[type_here(p)->arguments[0]].kind) {
	case ANCIENT_TYPE_INT32:
		return ancient_key_boxed(ANCIENT_KEY_INT32, number);
	case ANCIENT_TYPE_INT64:
		return ancient_key_boxed(ANCIENT_KEY_INT64, number);
	case ANCIENT_TYPE_NATIVEINT:
		return ancient_key_boxed(ANCIENT_KEY_NATIVEINT, number);
	default:
		return ancient_key_int(number);
	}
}

static enum ancient_code step_index(struct path *p, int64_t number, struct ancient_error *err)
{
	uint32_t index = number < 0 || number > UINT32_MAX ? UINT32_MAX : (uint32_t)number;
	struct ancient_key key;

	switch (type_here(p)->kind) {
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		key = integer_key(p, number);
		return step_key(p, &key, err);
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

/* The number behind a backslash: `digits` of `base`. */
static bool take_code(struct path *p, unsigned digits, unsigned base, char *out)
{
	unsigned value = 0;

	for (unsigned i = 0; i < digits; i++, p->at++) {
		char c = p->text[p->at];
		unsigned digit = c >= '0' && c <= '9'   ? (unsigned)(c - '0')
				 : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10
				 : c >= 'A' && c <= 'F' ? (unsigned)(c - 'A') + 10
							: 99u;
		if (digit >= base)
			return false;
		value = value * base + digit;
	}
	*out = (char)(unsigned char)value;
	return value < 256;
}

static bool take_escape(struct path *p, char *out)
{
	static const char plain[] = "\"\"\\\\''n\nt\tr\rb\b";
	char c = p->text[p->at];

	for (const char *s = plain; *s != '\0'; s += 2)
		if (*s == c) {
			*out = s[1];
			p->at++;
			return true;
		}
	if (c != 'x')
		return take_code(p, 3, 10, out);
	p->at++;
	return take_code(p, 2, 16, out);
}

static enum ancient_code take_string(struct path *p, size_t *ret_length)
{
	size_t length = 0;

	p->at++;
	while (p->text[p->at] != '"') {
		if (p->text[p->at] == '\0')
			return bad_path(p, "'\"'");
		if (p->text[p->at] != '\\') {
			p->buffer[length++] = p->text[p->at++];
			continue;
		}
		p->at++;
		if (!take_escape(p, &p->buffer[length++]))
			return bad_path(p, "an escape of OCaml's");
	}
	p->at++;
	*ret_length = length;
	return ANCIENT_OK;
}

static enum ancient_code take_bracket(struct path *p, struct ancient_error *inner)
{
	size_t start = p->at++, length = 0, digits;
	bool text = p->text[p->at] == '"', negative = p->text[p->at] == '-';
	struct ancient_key key;
	char *end = NULL;
	long long number = 0;
	enum ancient_code code;

	if (text) {
		code = take_string(p, &length);
		if (code != ANCIENT_OK)
			return code;
	} else {
		digits = strspn(p->text + p->at + negative, "0123456789");
		if (digits == 0)
			return bad_path(p, "a number or '\"'");
		number = strtoll(p->text + p->at, &end, 10);
		p->at = (size_t)(end - p->text);
	}
	if (p->text[p->at] != ']')
		return bad_path(p, "']'");
	p->at++;
	code = look_through(p, inner);
	key = ancient_key_string(p->buffer, length);
	if (code == ANCIENT_OK)
		code = text ? step_key(p, &key, inner) : step_index(p, number, inner);
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
	enum ancient_code code = typed_type(file, schema, typed, &type, err);

	if (code != ANCIENT_OK)
		return code;
	p.buffer = malloc(strlen(path) + 1);
	if (p.buffer == NULL)
		return reader_refuse(file->name, err, ANCIENT_E_MEMORY, "path");
	code = follow(&p);
	free(p.buffer);
	if (code == ANCIENT_OK)
		*ret_value = p.here;
	return code;
}
