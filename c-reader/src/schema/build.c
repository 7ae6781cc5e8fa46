/* c-reader/schema: from declarations to types (FORMAT 12.3, 12.5): every expression that the root
 * needs is evaluated, equal ones once; then the fields of each instance, in the order in which
 * they were made, until there are no new ones.  For schema.c. */
#include "schema/build.h"

#include <stdlib.h>

#include "schema/build_entry.h"
#include "schema/build_eval.h"
#include "schema/build_make.h"
#include "schema/names.h"
#include "schema/schema_text.h"

/* ---- Instances ----------------------------------------------------------------------- */

/* A field or argument of the text, whose type is the value of this number. */
static void add_member(struct schema_builder *b, uint32_t number, uint32_t value)
{
	const struct schema_member *member =
		SCHEMA_ITEM(struct schema_member, b->text->members, number);

	ancient_reader_schema_build_add_field(
		b, member->name, schema_build_number(&b->values, value), member->is_mutable);
}

static void fill_record(struct schema_builder *b, uint32_t number, const struct schema_decl *decl,
			uint32_t env)
{
	for (uint32_t i = 0; i < decl->count && b->text->code == ANCIENT_OK; i++)
		ancient_reader_schema_build_evaluate(
			b,
			SCHEMA_ITEM(struct schema_member, b->text->members, decl->first + i)->node,
			env);
	if (b->text->code != ANCIENT_OK)
		return;
	schema_build_type(b, number)->field = b->types->fields.count;
	schema_build_type(b, number)->type.field_count = decl->count;
	for (uint32_t i = 0; i < decl->count && b->text->code == ANCIENT_OK; i++)
		add_member(b, decl->first + i, i);
}

static const struct schema_constructor *constructor_at(const struct schema_builder *b,
						       uint32_t number)
{
	return SCHEMA_ITEM(struct schema_constructor, b->text->constructors, number);
}

static void fill_variant(struct schema_builder *b, uint32_t number, const struct schema_decl *decl,
			 uint32_t env)
{
	uint32_t constants = 0, tags = 0, value = 0;

	for (uint32_t i = 0; i < decl->count; i++) {
		const struct schema_constructor *c = constructor_at(b, decl->first + i);
		for (uint32_t k = 0; k < c->count && b->text->code == ANCIENT_OK; k++)
			ancient_reader_schema_build_evaluate(
				b,
				SCHEMA_ITEM(struct schema_member, b->text->members, c->first + k)
					->node,
				env);
	}
	schema_build_type(b, number)->constructor = b->types->cases.count;
	schema_build_type(b, number)->type.constructor_count = decl->count;
	for (uint32_t i = 0; i < decl->count && b->text->code == ANCIENT_OK; i++) {
		const struct schema_constructor *c = constructor_at(b, decl->first + i);
		struct schema_case *made = ancient_reader_schema_build_add_case(b, c->name);
		if (made == NULL)
			return;
		made->constant = c->count == 0;
		made->inline_record = c->inline_record;
		made->number = made->constant ? constants++ : tags++;
		made->count = c->count;
		for (uint32_t k = 0; k < c->count && b->text->code == ANCIENT_OK; k++)
			add_member(b, c->first + k, value++);
	}
}

static void fill_declared_poly(struct schema_builder *b, uint32_t number,
			       const struct schema_node *node, uint32_t env)
{
	struct schema_tag *tags;

	for (uint32_t i = node->child; i != SCHEMA_NONE && b->text->code == ANCIENT_OK;
	     i = schema_build_node(b, i)->next) {
		if (schema_build_node(b, i)->child == SCHEMA_NONE)
			ancient_reader_schema_build_add_number(b, &b->values, SCHEMA_NONE);
		else
			ancient_reader_schema_build_evaluate(b, schema_build_node(b, i)->child,
							     env);
	}
	tags = b->text->code == ANCIENT_OK ? ancient_reader_schema_build_sorted_tags(b, node, 0)
					   : NULL;
	if (tags != NULL)
		ancient_reader_schema_build_fill_poly(b, number, tags, node->count);
	free(tags);
}

static void fill_instance(struct schema_builder *b, uint32_t number)
{
	uint32_t which = schema_build_type(b, number)->decl;
	uint32_t env = schema_build_type(b, number)->key + SCHEMA_KEY_ARGUMENTS;
	const struct schema_decl *decl;

	if (which == SCHEMA_NONE)
		return;
	decl = SCHEMA_ITEM(struct schema_decl, b->text->decls, which);
	b->values.count = 0;
	if (decl->kind == SCHEMA_DECL_RECORD)
		fill_record(b, number, decl, env);
	else if (decl->kind == SCHEMA_DECL_VARIANT)
		fill_variant(b, number, decl, env);
	else if (decl->kind == SCHEMA_DECL_POLY)
		fill_declared_poly(b, number, schema_build_node(b, decl->node), env);
}

/* The type inside an unboxed or lazy type, whose values are values of this one; SCHEMA_NONE. */
static uint32_t same_block(const struct schema_builder *b, uint32_t number)
{
	const struct schema_type *type = schema_build_type(b, number);
	uint32_t field = type->field;

	if (type->type.kind == ANCIENT_TYPE_LAZY)
		return schema_build_number(&b->types->arguments, type->argument);
	if (!type->type.unboxed)
		return SCHEMA_NONE;
	if (type->type.kind == ANCIENT_TYPE_VARIANT)
		field = SCHEMA_ITEM(struct schema_case, b->types->cases, type->constructor)->field;
	return SCHEMA_ITEM(struct schema_field, b->types->fields, field)->type;
}

/* Refuses a type that contains only itself through unboxed and lazy: readers loop through both. */
static void check_unboxed(struct schema_builder *b)
{
	uint32_t count = b->types->types.count;
	uint32_t *seen = calloc(count + 1, sizeof(*seen)); /* by which walk, from 1 */

	if (seen == NULL)
		ancient_reader_schema_memory(b->text);
	for (uint32_t i = 0; i < count && b->text->code == ANCIENT_OK; i++) {
		uint32_t at = i;
		while (at != SCHEMA_NONE && seen[at] == 0) {
			seen[at] = i + 1;
			at = same_block(b, at);
		}
		if (at != SCHEMA_NONE && seen[at] == i + 1)
			ancient_reader_schema_refuse(
				b->text, schema_build_node(b, b->text->root)->at,
				"expected types with an end, found one that is only itself "
				"through [@@unboxed]");
	}
	free(seen);
}

void ancient_reader_schema_build(struct schema_text *text, bool bytes, struct schema_types *types)
{
	struct schema_builder b = {.text = text, .types = types, .bytes = bytes};

	ancient_reader_schema_build_evaluate(&b, text->root, 0);
	if (text->code == ANCIENT_OK)
		types->root = schema_build_number(&b.values, 0);
	for (uint32_t i = 0; i < types->types.count && text->code == ANCIENT_OK; i++)
		fill_instance(&b, i);
	if (text->code == ANCIENT_OK)
		check_unboxed(&b);
	free(b.keys.items);
	free(b.entries.items);
	free(b.frames.items);
	free(b.values.items);
	free(b.scratch.items);
	free(b.table.slot);
}

void ancient_reader_schema_types_done(struct schema_types *types)
{
	free(types->types.items);
	free(types->arguments.items);
	free(types->fields.items);
	free(types->cases.items);
}
