/* c-reader/lookup: literals of lists, arrays and tuples. */
#include "lookup/literal_sequence.h"

#include <string.h>

#include "lookup/literal_error.h"
#include "lookup/literal_scalar.h"
#include "typed/shape.h"

enum ancient_code ancient_reader_literal_flatten(struct literal *l, const struct ancient_key *keys,
						 size_t count, struct ancient_key *ret_key)
{
	double *numbers;

	l->floats = true;
	if (l->boxed) {
		*ret_key = ancient_key_tuple(keys, count);
		return ANCIENT_OK;
	}
	numbers = ancient_reader_literal_alloc(l, count * sizeof(*numbers));
	if (numbers == NULL)
		return ANCIENT_E_MEMORY;
	for (size_t i = 0; i < count; i++)
		numbers[i] = keys[i].as.number;
	*ret_key = ancient_key_floats(numbers, count);
	return ANCIENT_OK;
}

/* Keys of values that are read one by one, until it is known how many there are. */
struct growing {
	struct ancient_key *keys;
	size_t count, room;
};

static struct ancient_key *one_more(struct literal *l, struct growing *g)
{
	if (g->count == g->room) {
		size_t room = g->room == 0 ? 8 : g->room * 2;
		struct ancient_key *keys = ancient_reader_literal_alloc_keys(l, room);

		if (keys == NULL)
			return NULL;
		if (g->count > 0)
			memcpy(keys, g->keys, g->count * sizeof(*keys));
		g->keys = keys;
		g->room = room;
	}
	return &g->keys[g->count++];
}

/* `a; b; c` up to the closing word. */
static enum ancient_code read_elements(struct literal *l, uint32_t type, const char *close,
				       struct growing *ret_elements)
{
	*ret_elements = (struct growing){0};
	while (!ancient_reader_literal_take(&l->text, close)) {
		struct ancient_key *key;
		enum ancient_code code = ANCIENT_OK;

		if (ret_elements->count > 0)
			code = ancient_reader_literal_expect(l, ";");
		if (code == ANCIENT_OK && ancient_reader_literal_take(&l->text, close))
			break;
		key = code == ANCIENT_OK ? one_more(l, ret_elements) : NULL;
		if (code == ANCIENT_OK && key == NULL)
			code = ANCIENT_E_MEMORY;
		if (code == ANCIENT_OK)
			code = ancient_reader_literal_read(l, type, key);
		if (code != ANCIENT_OK)
			return code;
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_literal_read_list(struct literal *l,
						   const struct ancient_type *type,
						   struct ancient_key *ret_key)
{
	struct ancient_key list = ancient_key_int(0), *cells;
	struct growing elements;
	enum ancient_code code;

	if (ancient_reader_literal_peek(&l->text, 1) == '|' ||
	    !ancient_reader_literal_take(&l->text, "["))
		return ancient_reader_literal_mismatch(l, type);
	code = read_elements(l, type->arguments[0], "]", &elements);
	if (code != ANCIENT_OK)
		return code;
	cells = ancient_reader_literal_alloc_keys(l, 2 * elements.count);
	if (cells == NULL)
		return ANCIENT_E_MEMORY;
	for (size_t i = elements.count; i-- > 0;) {
		cells[2 * i] = elements.keys[i];
		cells[2 * i + 1] = list;
		list = ancient_key_tuple(&cells[2 * i], 2);
	}
	*ret_key = list;
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_literal_read_floatarray(struct literal *l,
							 const struct ancient_type *type,
							 struct ancient_key *ret_key)
{
	struct growing elements = {0};
	struct ancient_key *key;
	enum ancient_code code = ANCIENT_OK;

	if (!ancient_reader_literal_take(&l->text, "[|"))
		return ancient_reader_literal_mismatch(l, type);
	while (code == ANCIENT_OK && !ancient_reader_literal_take(&l->text, "|]")) {
		if (elements.count > 0)
			code = ancient_reader_literal_expect(l, ";");
		ancient_reader_literal_skip_spaces(&l->text);
		key = code == ANCIENT_OK ? one_more(l, &elements) : NULL;
		if (key != NULL)
			code = ancient_reader_literal_read_float(l, type, key);
		else if (code == ANCIENT_OK)
			code = ANCIENT_E_MEMORY;
	}
	if (code != ANCIENT_OK)
		return code;
	return ancient_reader_literal_flatten(l, elements.keys, elements.count, ret_key);
}

enum ancient_code ancient_reader_literal_read_array(struct literal *l,
						    const struct ancient_type *type,
						    struct ancient_key *ret_key)
{
	struct growing elements;
	enum ancient_code code;

	if (!ancient_reader_literal_take(&l->text, "[|"))
		return ancient_reader_literal_mismatch(l, type);
	code = read_elements(l, type->arguments[0], "|]", &elements);
	if (code != ANCIENT_OK)
		return code;
	if (elements.count > 0 && ancient_reader_typed_is_float(l->schema, type->arguments[0]))
		return ancient_reader_literal_flatten(l, elements.keys, elements.count, ret_key);
	*ret_key = ancient_key_tuple(elements.keys, elements.count);
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_literal_read_parts(struct literal *l,
						    const struct ancient_field *fields,
						    uint32_t count, struct ancient_key *ret_keys)
{
	enum ancient_code code = ANCIENT_OK;

	for (uint32_t i = 0; i < count && code == ANCIENT_OK; i++) {
		if (i > 0)
			code = ancient_reader_literal_expect(l, ",");
		if (code == ANCIENT_OK)
			code = ancient_reader_literal_read(l, fields[i].type, &ret_keys[i]);
	}
	return code == ANCIENT_OK ? ancient_reader_literal_expect(l, ")") : code;
}

enum ancient_code ancient_reader_literal_read_tuple(struct literal *l,
						    const struct ancient_type *type,
						    struct ancient_key *ret_key)
{
	struct ancient_key *keys;

	if (!ancient_reader_literal_take(&l->text, "("))
		return ancient_reader_literal_mismatch(l, type);
	keys = ancient_reader_literal_alloc_keys(l, type->field_count);
	if (keys == NULL)
		return ANCIENT_E_MEMORY;
	*ret_key = ancient_key_tuple(keys, type->field_count);
	return ancient_reader_literal_read_parts(l, type->fields, type->field_count, keys);
}
