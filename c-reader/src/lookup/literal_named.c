/* c-reader/lookup: literals of records, variants, options, results and refs. */
#include "lookup/literal_named.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "lookup/literal_error.h"
#include "lookup/literal_sequence.h"
#include "typed/shape.h"

/* ---- Records ----------------------------------------------------------------------- */

static uint32_t field_named(const struct literal *l, const struct ancient_field *fields,
			    uint32_t count, size_t length)
{
	for (uint32_t i = 0; i < count; i++)
		if (strlen(fields[i].name) == length &&
		    memcmp(fields[i].name, l->text.bytes + l->text.at, length) == 0)
			return i;
	return count;
}

static enum ancient_code read_field(struct literal *l, const struct ancient_type *type,
				    const struct ancient_field *fields, uint32_t count,
				    struct ancient_key *keys, bool *seen)
{
	size_t length;
	uint32_t index;
	enum ancient_code code;

	ancient_reader_literal_skip_spaces(&l->text);
	length = ancient_reader_literal_name(&l->text);
	index = length == 0 ? count : field_named(l, fields, count, length);
	if (index == count || seen[index]) {
		char expected[256];

		snprintf(expected, sizeof(expected), "%s of type %.180s",
			 index == count ? "the name of a field" : "each field once,", type->name);
		return ancient_reader_literal_fail(l, ANCIENT_E_WRONG_KIND, expected, NULL);
	}
	l->text.at += length;
	code = ancient_reader_literal_expect(l, "=");
	if (code == ANCIENT_OK)
		code = ancient_reader_literal_read(l, fields[index].type, &keys[index]);
	seen[index] = code == ANCIENT_OK;
	return code;
}

/* `{ a = 1; b = 2 }`, all fields, in any order. */
static enum ancient_code read_fields(struct literal *l, const struct ancient_type *type,
				     const struct ancient_field *fields, uint32_t count,
				     struct ancient_key *ret_keys)
{
	bool *seen = ancient_reader_literal_alloc(l, count);
	enum ancient_code code = ANCIENT_OK;

	if (seen == NULL)
		return ANCIENT_E_MEMORY;
	memset(seen, 0, count);
	if (!ancient_reader_literal_take(&l->text, "{"))
		return ancient_reader_literal_mismatch(l, type);
	for (uint32_t met = 0; code == ANCIENT_OK && !ancient_reader_literal_take(&l->text, "}");
	     met++) {
		if (met > 0)
			code = ancient_reader_literal_expect(l, ";");
		if (code == ANCIENT_OK && met > 0 && ancient_reader_literal_take(&l->text, "}"))
			break;
		if (code == ANCIENT_OK)
			code = read_field(l, type, fields, count, ret_keys, seen);
	}
	for (uint32_t i = 0; i < count && code == ANCIENT_OK; i++) {
		char expected[256];

		snprintf(expected, sizeof(expected), "field %.80s of type %.100s before",
			 fields[i].name, type->name);
		if (!seen[i])
			code = ancient_reader_literal_fail(l, ANCIENT_E_WRONG_KIND, expected, NULL);
	}
	return code;
}

enum ancient_code ancient_reader_literal_read_record(struct literal *l,
						     const struct ancient_type *type,
						     struct ancient_key *ret_key)
{
	struct ancient_key *keys = ancient_reader_literal_alloc_keys(l, type->field_count);
	bool floats = type->field_count > 0 && !type->unboxed;
	enum ancient_code code =
		keys == NULL ? ANCIENT_E_MEMORY
			     : read_fields(l, type, type->fields, type->field_count, keys);

	if (code != ANCIENT_OK)
		return code;
	for (uint32_t i = 0; i < type->field_count; i++)
		floats = floats && ancient_reader_typed_is_float(l->schema, type->fields[i].type);
	if (floats)
		return ancient_reader_literal_flatten(l, keys, type->field_count, ret_key);
	*ret_key = type->unboxed ? keys[0] : ancient_key_tuple(keys, type->field_count);
	return ANCIENT_OK;
}

/* ---- Variants ------------------------------------------------------------------------ */

static enum ancient_code no_constructor(const struct literal *l, const struct ancient_type *type,
					size_t length)
{
	char names[160] = "";
	size_t at = 0;

	for (uint32_t i = 0; i < type->constructor_count && at < sizeof(names) - 40; i++)
		at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%.30s", i > 0 ? ", " : "",
				       type->constructors[i].name);
	return ancient_reader_refuse(
		l->name, l->err, ANCIENT_E_WRONG_KIND,
		"key '%.*s': expected a constructor of type %.100s at position %zu: %s%s; "
		"found %.*s",
		ancient_reader_literal_shown(l), l->text.bytes + l->start, type->name,
		l->text.at + 1, names, at < sizeof(names) - 40 ? "" : ", ...",
		(int)(length < 40 ? length : 40), l->text.bytes + l->text.at);
}

/* The arguments of a constructor, behind its name. */
static enum ancient_code read_arguments(struct literal *l, const struct ancient_type *type,
					const struct ancient_constructor *constructor,
					struct ancient_key *ret_keys)
{
	const struct ancient_field *fields = constructor->fields;

	ancient_reader_literal_skip_spaces(&l->text);
	if (constructor->inline_record)
		return read_fields(l, type, fields, constructor->field_count, ret_keys);
	if (constructor->field_count == 1)
		return ancient_reader_literal_read(l, fields[0].type, ret_keys);
	if (!ancient_reader_literal_take(&l->text, "("))
		return ancient_reader_literal_fail(l, ANCIENT_E_WRONG_KIND,
						   "the constructor's arguments", "(..., ...)");
	return ancient_reader_literal_read_parts(l, fields, constructor->field_count, ret_keys);
}

static enum ancient_code read_constructor(struct literal *l, const struct ancient_type *type,
					  const struct ancient_constructor *constructor,
					  struct ancient_key *ret_key)
{
	bool tagged = type->kind == ANCIENT_TYPE_POLYVARIANT;
	struct ancient_key *keys;

	*ret_key = ancient_key_int(constructor->number);
	if (constructor->constant)
		return ANCIENT_OK;
	keys = ancient_reader_literal_alloc_keys(l, constructor->field_count + 1u);
	if (keys == NULL)
		return ANCIENT_E_MEMORY;
	keys[0] = *ret_key;
	*ret_key = tagged ? ancient_key_tuple(keys, constructor->field_count + 1u)
			  : ancient_key_block((unsigned)constructor->number, keys,
					      constructor->field_count);
	if (type->unboxed) {
		enum ancient_code code = read_arguments(l, type, constructor, keys);

		*ret_key = keys[0];
		return code;
	}
	return read_arguments(l, type, constructor, keys + tagged);
}

/* The name, and modules before it, Pos.Noun, which say nothing more than the type. */
enum ancient_code ancient_reader_literal_read_variant(struct literal *l,
						      const struct ancient_type *type,
						      struct ancient_key *ret_key)
{
	size_t length;

	if (type->kind == ANCIENT_TYPE_POLYVARIANT && !ancient_reader_literal_take(&l->text, "`"))
		return ancient_reader_literal_mismatch(l, type);
	length = ancient_reader_literal_name(&l->text);
	while (type->kind == ANCIENT_TYPE_VARIANT && length > 0 &&
	       ancient_reader_literal_peek(&l->text, length) == '.') {
		l->text.at += length + 1;
		length = ancient_reader_literal_name(&l->text);
	}
	if (length == 0)
		return ancient_reader_literal_mismatch(l, type);
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const struct ancient_constructor *constructor = &type->constructors[i];

		if (strlen(constructor->name) != length ||
		    memcmp(constructor->name, l->text.bytes + l->text.at, length) != 0)
			continue;
		l->text.at += length;
		return read_constructor(l, type, constructor, ret_key);
	}
	return no_constructor(l, type, length);
}

/* A block of one field, behind the name of what it is. */
static enum ancient_code read_wrapped(struct literal *l, uint32_t type, unsigned tag,
				      struct ancient_key *ret_key)
{
	struct ancient_key *key = ancient_reader_literal_alloc_keys(l, 1);

	if (key == NULL)
		return ANCIENT_E_MEMORY;
	*ret_key = ancient_key_block(tag, key, 1);
	return ancient_reader_literal_read(l, type, key);
}

static bool take_name(struct literal *l, const char *name)
{
	return ancient_reader_literal_name(&l->text) == strlen(name) &&
	       ancient_reader_literal_take(&l->text, name);
}

enum ancient_code ancient_reader_literal_read_standard(struct literal *l,
						       const struct ancient_type *type,
						       struct ancient_key *ret_key)
{
	enum ancient_code code;

	switch (type->kind) {
	case ANCIENT_TYPE_OPTION:
		*ret_key = ancient_key_int(0);
		if (take_name(l, "None"))
			return ANCIENT_OK;
		return take_name(l, "Some") ? read_wrapped(l, type->arguments[0], 0, ret_key)
					    : ancient_reader_literal_mismatch(l, type);
	case ANCIENT_TYPE_RESULT:
		if (take_name(l, "Ok"))
			return read_wrapped(l, type->arguments[0], 0, ret_key);
		return take_name(l, "Error") ? read_wrapped(l, type->arguments[1], 1, ret_key)
					     : ancient_reader_literal_mismatch(l, type);
	default: /* a ref */
		if (!ancient_reader_literal_take(&l->text, "{") ||
		    !ancient_reader_literal_take(&l->text, "contents"))
			return ancient_reader_literal_mismatch(l, type);
		code = ancient_reader_literal_expect(l, "=");
		if (code == ANCIENT_OK)
			code = read_wrapped(l, type->arguments[0], 0, ret_key);
		return code == ANCIENT_OK ? ancient_reader_literal_expect(l, "}") : code;
	}
}
