/* c-reader/lookup: values as OCaml programs write them, as keys (literal.h).
 *
 * The type says what is read, so that 3 is an int, an int32 or a Z.t, and each error names the type
 * that was expected.  Nesting is bounded, since a function calls itself for each level. */
#include "lookup/literal.h"

#include <stdlib.h>

#include "base/error.h"
#include "lookup/literal_error.h"
#include "lookup/literal_named.h"
#include "lookup/literal_scalar.h"
#include "lookup/literal_sequence.h"

#define DEPTH_MOST 100u

/* ---- Memory ------------------------------------------------------------------------- */

struct literal_memory {
	struct literal_memory *next;
	struct ancient_key keys[];
};

void ancient_reader_literal_init(struct literal *l, const struct ancient_schema *schema,
				 const char *text, size_t length, const char *name,
				 struct ancient_error *err)
{
	*l = (struct literal){
		.text = {text, length, 0}, .schema = schema, .name = name, .err = err};
}

void ancient_reader_literal_done(struct literal *l)
{
	while (l->memory != NULL) {
		struct literal_memory *memory = l->memory;

		l->memory = memory->next;
		free(memory);
	}
}

void *ancient_reader_literal_alloc(struct literal *l, size_t bytes)
{
	struct literal_memory *memory = malloc(sizeof(*memory) + bytes + 1);

	if (memory == NULL) {
		ancient_reader_refuse(l->name, l->err, ANCIENT_E_MEMORY, "key");
		return NULL;
	}
	memory->next = l->memory;
	l->memory = memory;
	return memory->keys;
}

struct ancient_key *ancient_reader_literal_alloc_keys(struct literal *l, size_t count)
{
	return ancient_reader_literal_alloc(l, count * sizeof(struct ancient_key));
}

/* ---- By the type ------------------------------------------------------------------------ */

static enum ancient_code read_value(struct literal *l, const struct ancient_type *type,
				    struct ancient_key *ret_key)
{
	switch (type->kind) {
	case ANCIENT_TYPE_UNIT:
		*ret_key = ancient_key_int(0);
		return ancient_reader_literal_take(&l->text, "(") &&
				       ancient_reader_literal_take(&l->text, ")")
			       ? ANCIENT_OK
			       : ancient_reader_literal_mismatch(l, type);
	case ANCIENT_TYPE_BOOL:
		return ancient_reader_literal_read_bool(l, type, ret_key);
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_Z: /* larger ones have no key */
		return ancient_reader_literal_read_int(l, type, ret_key);
	case ANCIENT_TYPE_CHAR:
		return ancient_reader_literal_read_char(l, type, ret_key);
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return ancient_reader_literal_read_string(l, type, ret_key);
	case ANCIENT_TYPE_FLOAT:
		return ancient_reader_literal_read_float(l, type, ret_key);
	case ANCIENT_TYPE_INT32:
		return ancient_reader_literal_read_boxed(l, type, ANCIENT_KEY_INT32, 32, 'l',
							 ret_key);
	case ANCIENT_TYPE_INT64:
		return ancient_reader_literal_read_boxed(l, type, ANCIENT_KEY_INT64, 64, 'L',
							 ret_key);
	case ANCIENT_TYPE_NATIVEINT:
		return ancient_reader_literal_read_boxed(l, type, ANCIENT_KEY_NATIVEINT, 64, 'n',
							 ret_key);
	case ANCIENT_TYPE_FLOATARRAY:
		return ancient_reader_literal_read_floatarray(l, type, ret_key);
	case ANCIENT_TYPE_TUPLE:
		return ancient_reader_literal_read_tuple(l, type, ret_key);
	case ANCIENT_TYPE_RECORD:
		return ancient_reader_literal_read_record(l, type, ret_key);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return ancient_reader_literal_read_variant(l, type, ret_key);
	case ANCIENT_TYPE_LIST:
		return ancient_reader_literal_read_list(l, type, ret_key);
	case ANCIENT_TYPE_ARRAY:
		return ancient_reader_literal_read_array(l, type, ret_key);
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_RESULT:
	case ANCIENT_TYPE_REF:
		return ancient_reader_literal_read_standard(l, type, ret_key);
	case ANCIENT_TYPE_LAZY:
		return ancient_reader_literal_read(l, type->arguments[0], ret_key);
	default:
		return ancient_reader_refuse(l->name, l->err, ANCIENT_E_WRONG_KIND,
					     "values of type %.200s are not written as literals",
					     type->name);
	}
}

/* Parentheses around a value that is no tuple; those of () are its own. */
static bool is_in_parentheses(const struct literal *l, const struct ancient_type *type)
{
	struct literal_text behind = l->text;

	if (type->kind == ANCIENT_TYPE_TUPLE || type->kind == ANCIENT_TYPE_LAZY ||
	    !ancient_reader_literal_take(&behind, "("))
		return false;
	ancient_reader_literal_skip_spaces(&behind);
	return type->kind != ANCIENT_TYPE_UNIT || ancient_reader_literal_peek(&behind, 0) == '(';
}

enum ancient_code ancient_reader_literal_read(struct literal *l, uint32_t number,
					      struct ancient_key *ret_key)
{
	const struct ancient_type *type = ancient_reader_literal_type(l, number);
	enum ancient_code code;

	if (l->depth == DEPTH_MOST)
		return ancient_reader_refuse(l->name, l->err, ANCIENT_E_TOO_LARGE,
					     "key '%.*s': it is nested more than %u deep",
					     ancient_reader_literal_shown(l),
					     l->text.bytes + l->start, DEPTH_MOST);
	l->depth++;
	ancient_reader_literal_skip_spaces(&l->text);
	if (is_in_parentheses(l, type)) {
		l->text.at++;
		code = ancient_reader_literal_read(l, number, ret_key);
		if (code == ANCIENT_OK)
			code = ancient_reader_literal_expect(l, ")");
	} else {
		code = read_value(l, type, ret_key);
	}
	ancient_reader_literal_skip_spaces(&l->text);
	l->depth--;
	return code;
}

enum ancient_code ancient_reader_literal_end(struct literal *l)
{
	char stop[8] = {'\'', l->stop, '\'', '\0'};

	if (l->stop == '\0' ? l->text.at == l->text.length
			    : ancient_reader_literal_peek(&l->text, 0) == l->stop)
		return ANCIENT_OK;
	return ancient_reader_literal_fail(l, ANCIENT_E_ARGUMENT,
					   l->stop == '\0' ? "the end of the key" : stop, NULL);
}

/* ---- Looking for it ----------------------------------------------------------------------- */

bool ancient_reader_literal_key_type(const struct ancient_type *type, uint32_t *ret_type)
{
	switch (type->kind) {
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		*ret_type = type->arguments[0];
		return true;
	default:
		return false;
	}
}

/* The lookup's message shows strings, whole; anything else is shown as it was written. */
static enum ancient_code no_key(const struct literal *l, const struct ancient_key *key)
{
	const size_t length = l->text.at - l->start;

	if (key->kind == ANCIENT_KEY_STRING)
		return ANCIENT_E_NO_KEY;
	return ancient_reader_refuse(l->name, l->err, ANCIENT_E_NO_KEY, "%.*s%s",
				     (int)(length < 80 ? length : 80), l->text.bytes + l->start,
				     length > 80 ? "..." : "");
}

enum ancient_code ancient_reader_literal_find(struct literal *l, const struct ancient_file *file,
					      struct ancient_typed container,
					      struct ancient_typed *ret_value)
{
	struct ancient_key key;
	enum ancient_code code;
	uint32_t type;

	if (!ancient_reader_literal_key_type(ancient_reader_literal_type(l, container.type), &type))
		return ancient_reader_refuse(l->name, l->err, ANCIENT_E_WRONG_KIND,
					     "a value of type %.200s has no keys",
					     ancient_reader_literal_type(l, container.type)->name);
	code = ancient_reader_literal_read(l, type, &key);
	if (code == ANCIENT_OK)
		code = ancient_reader_literal_end(l);
	if (code != ANCIENT_OK)
		return code;
	code = ancient_typed_find(file, l->schema, container, &key, ret_value, l->err);
	if (code == ANCIENT_E_NO_KEY && l->floats) {
		l->text.at = l->start;
		l->boxed = true;
		code = ancient_reader_literal_read(l, type, &key);
		l->boxed = false;
		if (code == ANCIENT_OK)
			code = ancient_typed_find(file, l->schema, container, &key, ret_value,
						  l->err);
	}
	return code == ANCIENT_E_NO_KEY ? no_key(l, &key) : code;
}
