/* c-reader/schema: makes the type of an expression from the results of its parts (FORMAT 12.3), or
 * finds it where it was made before.  For build.c and build_eval.c. */
#include "schema/build_make.h"

#include <stdlib.h>
#include <string.h>

#include <ancient/format.h>

#include "schema/build_entry.h"
#include "schema/names.h"
#include "schema/schema_text.h"

bool ancient_reader_schema_build_check_values(struct schema_builder *b, uint32_t base, uint32_t at)
{
	for (uint32_t i = base; i < b->values.count; i++)
		if (schema_build_number(&b->values, i) != SCHEMA_NONE &&
		    (schema_build_number(&b->values, i) & SCHEMA_PSEUDO) != 0) {
			ancient_reader_schema_refuse(
				b->text, at,
				"expected a type of values, found one that belongs in a "
				"bigarray's");
			return false;
		}
	return b->text->code == ANCIENT_OK;
}

/* ---- Bigarrays ----------------------------------------------------------------------- */

static int bigarray_kind(const struct schema_builder *b, uint32_t element, uint32_t kind)
{
	static const struct {
		enum ancient_type_kind element;
		enum schema_element word;
		int kind;
	} rows[] = {
		{ANCIENT_TYPE_FLOAT, SCHEMA_ELEMENT_FLOAT16, ANCIENT_BIGARRAY_FLOAT16},
		{ANCIENT_TYPE_FLOAT, SCHEMA_ELEMENT_FLOAT32, ANCIENT_BIGARRAY_FLOAT32},
		{ANCIENT_TYPE_FLOAT, SCHEMA_ELEMENT_FLOAT64, ANCIENT_BIGARRAY_FLOAT64},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT8_SIGNED, ANCIENT_BIGARRAY_INT8_SIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT8_UNSIGNED, ANCIENT_BIGARRAY_INT8_UNSIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT16_SIGNED, ANCIENT_BIGARRAY_INT16_SIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT16_UNSIGNED, ANCIENT_BIGARRAY_INT16_UNSIGNED},
		{ANCIENT_TYPE_INT, SCHEMA_ELEMENT_INT, ANCIENT_BIGARRAY_INT},
		{ANCIENT_TYPE_CHAR, SCHEMA_ELEMENT_INT8_UNSIGNED, ANCIENT_BIGARRAY_CHAR},
		{ANCIENT_TYPE_INT32, SCHEMA_ELEMENT_INT32, ANCIENT_BIGARRAY_INT32},
		{ANCIENT_TYPE_INT64, SCHEMA_ELEMENT_INT64, ANCIENT_BIGARRAY_INT64},
		{ANCIENT_TYPE_NATIVEINT, SCHEMA_ELEMENT_NATIVEINT, ANCIENT_BIGARRAY_NATIVEINT},
		{0, SCHEMA_ELEMENT_COMPLEX32, ANCIENT_BIGARRAY_COMPLEX32},
		{0, SCHEMA_ELEMENT_COMPLEX64, ANCIENT_BIGARRAY_COMPLEX64},
	};
	bool complex = element == SCHEMA_PSEUDO_COMPLEX;

	if (!complex && (element & SCHEMA_PSEUDO) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (kind == (SCHEMA_PSEUDO_ELEMENT | rows[i].word) &&
		    (complex ? rows[i].element == 0
			     : schema_build_type(b, element)->type.kind == rows[i].element))
			return rows[i].kind;
	return -1;
}

static uint32_t make_bigarray(struct schema_builder *b, const struct schema_node *node,
			      uint32_t base)
{
	int kind = bigarray_kind(b, schema_build_number(&b->values, base),
				 schema_build_number(&b->values, base + 1));
	uint32_t layout = schema_build_number(&b->values, base + 2), number;
	bool fresh;

	if (kind < 0 || (layout & ~1u) != SCHEMA_PSEUDO_LAYOUT) {
		ancient_reader_schema_refuse(
			b->text, node->at,
			"expected a bigarray of an element, kind and layout that belong "
			"together");
		return 0;
	}
	ancient_reader_schema_build_start_key(b, ANCIENT_TYPE_BIGARRAY,
					      (uint32_t)kind << 16 | (layout & 1) << 8 |
						      (uint32_t)(node->base + 1));
	number = ancient_reader_schema_build_find_type(b, ANCIENT_TYPE_BIGARRAY, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		struct ancient_type *type = &schema_build_type(b, number)->type;
		type->bigarray_kind = kind;
		type->bigarray_fortran = (layout & 1) != 0;
		type->bigarray_dims = node->base;
	}
	return number;
}

/* ---- Polymorphic variants ------------------------------------------------------------ */

static int by_name(const void *left, const void *right, void *context)
{
	const struct schema_text *text = context;
	const struct schema_name *a = SCHEMA_ITEM(struct schema_name, text->names,
						  ((const struct schema_tag *)left)->name);
	const struct schema_name *b = SCHEMA_ITEM(struct schema_name, text->names,
						  ((const struct schema_tag *)right)->name);
	int order = memcmp(text->bytes + a->at, text->bytes + b->at,
			   a->length < b->length ? a->length : b->length);

	return order != 0 ? order : (a->length > b->length) - (a->length < b->length);
}

struct schema_tag *ancient_reader_schema_build_sorted_tags(struct schema_builder *b,
							   const struct schema_node *node,
							   uint32_t base)
{
	struct schema_tag *tags = malloc((node->count + 1) * sizeof(*tags));
	uint32_t count = 0;

	if (tags == NULL) {
		ancient_reader_schema_memory(b->text);
		return NULL;
	}
	for (uint32_t i = node->child; i != SCHEMA_NONE; i = schema_build_node(b, i)->next, count++)
		tags[count] = (struct schema_tag){schema_build_node(b, i)->name,
						  schema_build_number(&b->values, base + count)};
	qsort_r(tags, count, sizeof(*tags), by_name, b->text);
	return tags;
}

void ancient_reader_schema_build_fill_poly(struct schema_builder *b, uint32_t number,
					   const struct schema_tag *tags, uint32_t count)
{
	schema_build_type(b, number)->constructor = b->types->cases.count;
	schema_build_type(b, number)->type.constructor_count = count;
	for (uint32_t i = 0; i < count && b->text->code == ANCIENT_OK; i++) {
		struct schema_case *made = ancient_reader_schema_build_add_case(b, tags[i].name);
		if (made == NULL)
			return;
		made->number = ancient_reader_schema_tag_hash(b->text, tags[i].name);
		made->constant = tags[i].value == SCHEMA_NONE;
		made->count = made->constant ? 0 : 1;
		if (!made->constant)
			ancient_reader_schema_build_add_field(b, SCHEMA_NONE, tags[i].value, false);
	}
}

uint32_t ancient_reader_schema_build_poly(struct schema_builder *b, const struct schema_node *node,
					  uint32_t base)
{
	struct schema_tag *tags = ancient_reader_schema_build_sorted_tags(b, node, base);
	uint32_t number = 0;
	bool fresh;

	if (tags != NULL) {
		ancient_reader_schema_build_start_key(b, ANCIENT_TYPE_POLYVARIANT, SCHEMA_NONE);
		for (uint32_t i = 0; i < node->count; i++) {
			ancient_reader_schema_build_add_number(b, &b->scratch, tags[i].name);
			ancient_reader_schema_build_add_number(b, &b->scratch, tags[i].value);
		}
		number = ancient_reader_schema_build_find_type(b, ANCIENT_TYPE_POLYVARIANT, &fresh);
		if (fresh && b->text->code == ANCIENT_OK) {
			schema_build_type(b, number)->type.argument_count = 0;
			ancient_reader_schema_build_fill_poly(b, number, tags, node->count);
		}
	}
	free(tags);
	return number;
}

/* ---- Other types --------------------------------------------------------------------- */

static uint32_t make_simple(struct schema_builder *b, enum ancient_type_kind kind, uint32_t which,
			    uint32_t base)
{
	uint32_t number;
	bool fresh;

	ancient_reader_schema_build_start_key(b, kind, which);
	ancient_reader_schema_build_key_values(b, base);
	number = ancient_reader_schema_build_find_type(b, kind, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		struct ancient_type *type = &schema_build_type(b, number)->type;
		type->bytes =
			kind == ANCIENT_TYPE_BYTES || (kind == ANCIENT_TYPE_STRING && which == 1);
	}
	return number;
}

/* The type has no arguments; where its first would be stands float, for its elements. */
static uint32_t make_floatarray(struct schema_builder *b, uint32_t base)
{
	uint32_t number = make_simple(b, ANCIENT_TYPE_FLOATARRAY, 0, base);
	uint32_t element = make_simple(b, ANCIENT_TYPE_FLOAT, 0, base);

	if (b->text->code == ANCIENT_OK) {
		schema_build_type(b, number)->argument = b->types->arguments.count;
		ancient_reader_schema_build_add_number(b, &b->types->arguments, element);
	}
	return number;
}

/* Its argument is the list or array in it. */
static uint32_t make_holder(struct schema_builder *b, enum ancient_type_kind kind, uint32_t base)
{
	*SCHEMA_ITEM(uint32_t, b->values, base) = make_simple(
		b, kind == ANCIENT_TYPE_DYNARRAY ? ANCIENT_TYPE_ARRAY : ANCIENT_TYPE_LIST, 0, base);
	return make_simple(b, kind, 0, base);
}

uint32_t ancient_reader_schema_build_tuple(struct schema_builder *b, uint32_t base)
{
	uint32_t number, count = b->values.count - base;
	bool fresh;

	ancient_reader_schema_build_start_key(b, ANCIENT_TYPE_TUPLE, 0);
	ancient_reader_schema_build_key_values(b, base);
	number = ancient_reader_schema_build_find_type(b, ANCIENT_TYPE_TUPLE, &fresh);
	if (!fresh || b->text->code != ANCIENT_OK)
		return number;
	schema_build_type(b, number)->type.argument_count = 0;
	schema_build_type(b, number)->field = b->types->fields.count;
	schema_build_type(b, number)->type.field_count = count;
	for (uint32_t i = 0; i < count && b->text->code == ANCIENT_OK; i++)
		ancient_reader_schema_build_add_field(
			b, SCHEMA_NONE, schema_build_number(&b->values, base + i), false);
	return number;
}

uint32_t ancient_reader_schema_build_builtin(struct schema_builder *b,
					     const struct schema_node *node, uint32_t base)
{
	switch (node->builtin) {
	case SCHEMA_BUILTIN_BASE:
		if (node->base == ANCIENT_TYPE_FLOATARRAY)
			return make_floatarray(b, base);
		return make_simple(b, (enum ancient_type_kind)node->base,
				   node->base == ANCIENT_TYPE_STRING && node->bytes && b->bytes,
				   base);
	case SCHEMA_BUILTIN_APPLIED:
		if (!ancient_reader_schema_build_check_values(b, base, node->at))
			return 0;
		return make_simple(b, (enum ancient_type_kind)node->base, 0, base);
	case SCHEMA_BUILTIN_HOLDER:
		if (!ancient_reader_schema_build_check_values(b, base, node->at))
			return 0;
		return make_holder(b, (enum ancient_type_kind)node->base, base);
	case SCHEMA_BUILTIN_BIGARRAY:
		return make_bigarray(b, node, base);
	case SCHEMA_BUILTIN_ELEMENT:
		return SCHEMA_PSEUDO_ELEMENT | (uint32_t)node->base;
	case SCHEMA_BUILTIN_LAYOUT:
		return SCHEMA_PSEUDO_LAYOUT | (uint32_t)node->base;
	default:
		return SCHEMA_PSEUDO_COMPLEX;
	}
}

uint32_t ancient_reader_schema_build_instance(struct schema_builder *b, uint32_t which,
					      uint32_t base)
{
	const struct schema_decl *decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, which);
	enum ancient_type_kind kind = decl->kind == SCHEMA_DECL_RECORD ? ANCIENT_TYPE_RECORD
				      : decl->kind == SCHEMA_DECL_VARIANT
					      ? ANCIENT_TYPE_VARIANT
					      : ANCIENT_TYPE_POLYVARIANT;
	uint32_t number;
	bool fresh;

	ancient_reader_schema_build_start_key(b, kind, which);
	ancient_reader_schema_build_key_values(b, base);
	number = ancient_reader_schema_build_find_type(b, kind, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		schema_build_type(b, number)->decl = which;
		schema_build_type(b, number)->type.unboxed = decl->unboxed;
	}
	return number;
}

uint32_t ancient_reader_schema_build_container(struct schema_builder *b, uint32_t which,
					       uint32_t base)
{
	const struct schema_decl *decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, which);
	uint32_t number, last = b->values.count - 1;
	bool fresh;

	ancient_reader_schema_build_start_key(b, decl->container, decl->standard);
	ancient_reader_schema_build_add_number(b, &b->scratch,
					       schema_build_number(&b->values, last));
	for (uint32_t i = base; i < last; i++)
		ancient_reader_schema_build_add_number(b, &b->scratch,
						       schema_build_number(&b->values, i));
	number = ancient_reader_schema_build_find_type(b, decl->container, &fresh);
	if (fresh && b->text->code == ANCIENT_OK) {
		schema_build_type(b, number)->type.standard = decl->standard;
		schema_build_type(b, number)->decl = which;
	}
	return number;
}
