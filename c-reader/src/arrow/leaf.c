/* c-reader/arrow: numbers, bools and which constructor, as the values of nodes (append.h). */
#include "arrow/leaf.h"

#include <string.h>

#include "arrow/append.h"
#include "arrow/dictionary.h"
#include "arrow/text.h"
#include "base/error.h"
#include "scan/row.h"
#include "typed/shape.h"

enum ancient_code ancient_reader_arrow_put(struct arrow_build *build, const struct arrow_node *node,
					   struct scan_rows *rows, enum ancient_column_kind kind,
					   void *out, size_t item_bytes)
{
	ancient_reader_scan_rows_put(rows, node->type, out);
	for (size_t i = 0; i < rows->count; i++) {
		char *item = (char *)out + i * item_bytes;
		enum ancient_code code;
		if (rows->state[i] == SCAN_ABSENT)
			memset(item, 0, item_bytes);
		if (rows->state[i] != SCAN_DEFERRED)
			continue;
		rows->state[i] = SCAN_PRESENT;
		code = ancient_reader_scan_row_put(rows->file, rows->schema, kind,
						   arrow_typed(rows, i, node->type), item,
						   &build->err);
		if (code != ANCIENT_OK)
			return code;
	}
	return ANCIENT_OK;
}

/* Room for `count` more items of `width` bytes; NULL: none, and *ret_code says why. */
static uint8_t *room_for(struct arrow_build *build, struct arrow_node *node, size_t count,
			 enum ancient_code *ret_code)
{
	const uint64_t at = node->now.data_length;
	const uint64_t bytes = (uint64_t)count * node->width;

	*ret_code = ANCIENT_E_TOO_LARGE;
	if (!arrow_charge(build, bytes))
		return NULL;
	if (!arrow_reserve(&node->data, at + bytes)) {
		*ret_code = ancient_reader_arrow_no_room(build);
		return NULL;
	}
	*ret_code = ANCIENT_OK;
	node->now.data_length += bytes;
	return node->data.bytes + at;
}

static void narrow(uint8_t *out, unsigned width, const int64_t *integers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		memcpy(out + i * width, &integers[i], width); /* little-endian */
}

/* ---- Integers, floats -------------------------------------------------------------- */

static enum ancient_code append_numbers(struct arrow_build *build, struct arrow_node *node,
					struct scan_rows *rows)
{
	const bool is_float = node->kind == ARROW_FLOAT;
	enum ancient_code code;
	uint8_t *out = room_for(build, node, rows->count, &code);

	if (out == NULL)
		return code;
	if (node->width == 8)
		return ancient_reader_arrow_put(
			build, node, rows, is_float ? ANCIENT_COLUMN_FLOAT : ANCIENT_COLUMN_INT,
			out, 8);
	code = ancient_reader_arrow_put(build, node, rows, ANCIENT_COLUMN_INT, build->integers, 8);
	narrow(out, node->width, build->integers, rows->count);
	return code;
}

static enum ancient_code append_bools(struct arrow_build *build, struct arrow_node *node,
				      struct scan_rows *rows)
{
	uint8_t bools[SCAN_ROWS];
	enum ancient_code code =
		ancient_reader_arrow_put(build, node, rows, ANCIENT_COLUMN_BOOL, bools, 1);

	if (code != ANCIENT_OK)
		return code;
	if (!arrow_reserve(&node->data, arrow_bit_bytes(node->now.length + rows->count)))
		return ancient_reader_arrow_no_room(build);
	ancient_reader_arrow_bits(node->data.bytes, node->now.length, bools, rows->count);
	return ANCIENT_OK;
}

/* Units have nothing to write, but are looked at. */
static enum ancient_code append_units(struct arrow_build *build, struct arrow_node *node,
				      struct scan_rows *rows)
{
	return ancient_reader_arrow_put(build, node, rows, ANCIENT_COLUMN_INT, build->integers, 8);
}

/* ---- Z.t --------------------------------------------------------------------------- */

/* The magnitude as two words, where it is below 10^38. */
static bool z_words(const struct ancient_z *z, uint64_t *low, uint64_t *high)
{
	static const uint64_t top[2] = {0x098A224000000000ull, 0x4B3B4CA85A86C47Aull}; /* 10^38 */
	uint64_t words[2] = {0, 0};

	if (z->bytes > sizeof(words))
		return false;
	memcpy(words, z->magnitude, z->bytes);
	*low = words[0];
	*high = words[1];
	return *high < top[1] || (*high == top[1] && *low < top[0]);
}

static enum ancient_code append_decimals(struct arrow_build *build, struct arrow_node *node,
					 struct scan_rows *rows)
{
	enum ancient_code code;
	uint8_t *out = room_for(build, node, rows->count, &code);

	for (size_t i = 0; i < rows->count && code == ANCIENT_OK; i++) {
		uint64_t words[2] = {0, 0};
		struct ancient_z z;
		if (arrow_is_there(rows, i)) {
			code = ancient_typed_z(rows->file, rows->schema,
					       arrow_typed(rows, i, node->type), &z, &build->err);
			if (code == ANCIENT_OK && !z_words(&z, &words[0], &words[1]))
				code = ancient_reader_refuse(rows->file->name, &build->err,
							     ANCIENT_E_TOO_LARGE,
							     "an integer of more than 38 digits");
			if (code == ANCIENT_OK && z.negative) {
				words[1] = ~words[1] + (words[0] == 0);
				words[0] = -words[0];
			}
		}
		if (code == ANCIENT_OK)
			memcpy(out + i * sizeof(words), words, sizeof(words));
	}
	return code;
}

enum ancient_code ancient_reader_arrow_append_leaf(struct arrow_build *build,
						   struct arrow_node *node, struct scan_rows *rows)
{
	switch (node->kind) {
	case ARROW_NULL:
		return append_units(build, node, rows);
	case ARROW_BOOL:
		return append_bools(build, node, rows);
	case ARROW_DECIMAL:
		return append_decimals(build, node, rows);
	default:
		return append_numbers(build, node, rows);
	}
}

/* ---- Constructors ------------------------------------------------------------------- */

enum ancient_code ancient_reader_arrow_constructors_of(struct arrow_build *build,
						       const struct arrow_node *node,
						       struct scan_rows *rows, int64_t *out)
{
	const struct ancient_type *type = &rows->schema->types[node->type];

	if (type->kind != ANCIENT_TYPE_RESULT && !type->unboxed) {
		enum ancient_code code = ancient_reader_arrow_put(
			build, node, rows, ANCIENT_COLUMN_CONSTRUCTOR, out, sizeof(*out));
		return code;
	}
	for (size_t i = 0; i < rows->count; i++) {
		struct ancient_typed ignored;
		bool ok = true;
		enum ancient_code code = ANCIENT_OK;
		/* The one constructor of an unboxed type is no block. */
		if (arrow_is_there(rows, i) && !type->unboxed)
			code = ancient_typed_result(rows->file, rows->schema,
						    arrow_typed(rows, i, node->type), &ok, &ignored,
						    &build->err);
		if (code != ANCIENT_OK)
			return code;
		out[i] = !ok;
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_arrow_append_tags(struct arrow_build *build,
						   struct arrow_node *node,
						   const int64_t *constructors, size_t count)
{
	enum ancient_code code = ANCIENT_OK;
	uint8_t *out;

	if (node->kind == ARROW_DICTIONARY) {
		out = room_for(build, node, count, &code);
		if (out != NULL)
			narrow(out, node->width, constructors, count);
		return code;
	}
	for (size_t i = 0; i < count && code == ANCIENT_OK; i++) {
		const struct ancient_type *type = &build->plan.schema->types[node->type];
		const uint32_t c = (uint32_t)constructors[i];
		const char *name = c < ancient_reader_arrow_constructors(type)
					   ? ancient_reader_arrow_constructor_name(type, c)
					   : "";
		code = ancient_reader_arrow_append_bytes(build, node, node->now.length + i, name,
							 strlen(name));
	}
	return code;
}
