/* c-reader/tool: what a schema says of blocks that may be shared (dedup_types.h): what is declared
 * and has no mutable field, and strings.  The same as ocaml/schema/ancient_schema_dedup.ml says. */
#include "dedup_types.h"

#include <stdbool.h>
#include <stdlib.h>

#include <ancient/dedup.h>

#include "schema/schema.h"

#define ROOT_TYPE 1u
#define TAG_WORDS 3u

struct plan {
	const struct ancient_schema *schema;
	uint32_t *words; /* NULL: they are counted only */
	uint32_t used;
	uint32_t *at; /* of each type, its first word */
};

/* The type of the one field of an unboxed record or constructor. */
static uint32_t through_unboxed(const struct ancient_schema *schema, uint32_t number)
{
	const struct ancient_type *type = &schema->types[number];

	while (type->unboxed) {
		number = type->kind == ANCIENT_TYPE_RECORD ? type->fields[0].type
							   : type->constructors[0].fields[0].type;
		type = &schema->types[number];
	}
	return number;
}

static uint32_t type_at(const struct plan *plan, uint32_t number)
{
	return plan->at[through_unboxed(plan->schema, number)];
}

static uint32_t argument(const struct plan *plan, const struct ancient_type *type, uint32_t i)
{
	return type_at(plan, type->arguments[i]);
}

static void put(struct plan *plan, uint32_t word)
{
	if (plan->words)
		plan->words[plan->used] = word;
	plan->used++;
}

/* Sets a word that was put before. */
static void set(struct plan *plan, uint32_t at, uint32_t word)
{
	if (plan->words)
		plan->words[at] = word;
}

static uint32_t blocks_of(const struct ancient_type *type)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < type->constructor_count; i++)
		count += !type->constructors[i].constant;
	return count;
}

/* How many words a type has, its cases apart. */
static uint32_t size_of(const struct ancient_type *type)
{
	switch (type->kind) {
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_LAZY:
		return 2;
	case ANCIENT_TYPE_VARIANT:
		return 2 + blocks_of(type);
	case ANCIENT_TYPE_POLYVARIANT:
		return 2 + TAG_WORDS * blocks_of(type);
	default:
		return 4; /* of a result; others leave some */
	}
}

/* Adds a case, for the tag `tag` of the type whose words begin at `type`. */
static void put_case(struct plan *plan, uint32_t type, uint32_t tag, bool shared, uint32_t count,
		     const uint32_t *types)
{
	set(plan, type, ANCIENT_DEDUP_CASES);
	set(plan, type + 1, tag + 1);
	set(plan, type + 2 + tag, plan->used);
	put(plan, count);
	put(plan, shared);
	for (uint32_t i = 0; i < count; i++)
		put(plan, types[i]);
}

/* The same, with the types of these fields. */
static void put_members(struct plan *plan, uint32_t type, uint32_t tag,
			const struct ancient_field *fields, uint32_t count)
{
	const bool *mutable_fields = plan->schema->mutable_fields + (fields - plan->schema->fields);
	uint32_t shared = plan->used + 1;

	put_case(plan, type, tag, true, 0, NULL);
	set(plan, shared - 1, count);
	for (uint32_t i = 0; i < count; i++) {
		if (mutable_fields[i])
			set(plan, shared, false);
		put(plan, type_at(plan, fields[i].type));
	}
}

static void put_variant(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	uint32_t tag = 0;

	set(plan, at, ANCIENT_DEDUP_CASES);
	set(plan, at + 1, 0);
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const struct ancient_constructor *c = &type->constructors[i];
		if (!c->constant)
			put_members(plan, at, tag++, c->fields, c->field_count);
	}
}

static int by_tag(const void *left, const void *right)
{
	const uint32_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

static void put_tags(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	uint32_t entry = at + 2;

	set(plan, at, ANCIENT_DEDUP_TAGS);
	set(plan, at + 1, blocks_of(type));
	for (uint32_t i = 0; i < type->constructor_count; i++) {
		const struct ancient_constructor *c = &type->constructors[i];
		if (c->constant)
			continue;
		set(plan, entry, (uint32_t)(c->number * 2 + 1));
		set(plan, entry + 1, ANCIENT_DEDUP_ANY);
		set(plan, entry + 2, type_at(plan, c->fields[0].type));
		entry += TAG_WORDS;
	}
	if (plan->words)
		qsort(plan->words + at + 2, blocks_of(type), TAG_WORDS * sizeof(uint32_t), by_tag);
}

/* New words for a type that the schema does not name. */
static uint32_t add_type(struct plan *plan, uint32_t count)
{
	uint32_t at = plan->used;

	for (uint32_t i = 0; i < count; i++)
		put(plan, ANCIENT_DEDUP_ANY);
	return at;
}

/* Buckets are an array of cells, which are mutable. */
static void put_table(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	uint32_t buckets = add_type(plan, 2), cell = add_type(plan, 3);
	const uint32_t fields[] = {ANCIENT_DEDUP_ANY, buckets, ANCIENT_DEDUP_ANY,
				   ANCIENT_DEDUP_ANY};
	const uint32_t cells[] = {argument(plan, type, 0), argument(plan, type, 1), cell};

	set(plan, buckets, ANCIENT_DEDUP_ARRAY);
	set(plan, buckets + 1, cell);
	put_case(plan, cell, 0, false, 3, cells);
	put_case(plan, at, 0, false, 4, fields);
}

/* Cells of a queue are mutable, those of a stack are a list. */
static void put_queue(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	const struct ancient_type *list = &plan->schema->types[type->arguments[0]];
	uint32_t cell = add_type(plan, 3);
	const uint32_t fields[] = {ANCIENT_DEDUP_ANY, cell, cell};
	const uint32_t cells[] = {argument(plan, list, 0), cell};

	put_case(plan, cell, 0, false, 2, cells);
	put_case(plan, at, 0, false, 3, fields);
}

static void put_holder(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	uint32_t inside = argument(plan, type, 0);
	const uint32_t stack[] = {inside, ANCIENT_DEDUP_ANY};
	const uint32_t dynarray[] = {ANCIENT_DEDUP_ANY, inside, ANCIENT_DEDUP_ANY};

	if (type->kind == ANCIENT_TYPE_STACK)
		put_case(plan, at, 0, false, 2, stack);
	else
		put_case(plan, at, 0, false, 3, dynarray);
}

static void put_tree(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	uint32_t key = argument(plan, type, 0);
	uint32_t value = type->argument_count > 1 ? argument(plan, type, 1) : ANCIENT_DEDUP_ANY;
	const uint32_t map[] = {at, key, value, at, ANCIENT_DEDUP_ANY};
	const uint32_t set_[] = {at, key, at, ANCIENT_DEDUP_ANY};

	if (type->kind == ANCIENT_TYPE_MAP)
		put_case(plan, at, 0, false, 5, map);
	else
		put_case(plan, at, 0, false, 4, set_);
}

static void put_applied(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	uint32_t first = argument(plan, type, 0), second;
	const uint32_t cell[] = {first, at};

	switch (type->kind) {
	case ANCIENT_TYPE_LIST:
		put_case(plan, at, 0, true, 2, cell);
		return;
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_REF:
		put_case(plan, at, 0, type->kind == ANCIENT_TYPE_OPTION, 1, &first);
		return;
	case ANCIENT_TYPE_RESULT:
		second = argument(plan, type, 1);
		put_case(plan, at, 0, true, 1, &first);
		put_case(plan, at, 1, true, 1, &second);
		return;
	default: /* array, lazy */
		set(plan, at,
		    type->kind == ANCIENT_TYPE_LAZY ? ANCIENT_DEDUP_LAZY : ANCIENT_DEDUP_ARRAY);
		set(plan, at + 1, first);
	}
}

static void put_type(struct plan *plan, uint32_t at, const struct ancient_type *type)
{
	switch (type->kind) {
	case ANCIENT_TYPE_STRING:
		set(plan, at, ANCIENT_DEDUP_STRING);
		return;
	case ANCIENT_TYPE_BYTES:
		set(plan, at, ANCIENT_DEDUP_KEEP);
		return;
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		put_members(plan, at, 0, type->fields, type->field_count);
		return;
	case ANCIENT_TYPE_VARIANT:
		put_variant(plan, at, type);
		return;
	case ANCIENT_TYPE_POLYVARIANT:
		put_tags(plan, at, type);
		return;
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_RESULT:
	case ANCIENT_TYPE_REF:
	case ANCIENT_TYPE_LAZY:
		put_applied(plan, at, type);
		return;
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		put_table(plan, at, type);
		return;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		put_tree(plan, at, type);
		return;
	case ANCIENT_TYPE_QUEUE:
		put_queue(plan, at, type);
		return;
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		put_holder(plan, at, type);
		return;
	default:
		set(plan, at, ANCIENT_DEDUP_ANY);
	}
}

static void put_types(struct plan *plan)
{
	const struct ancient_schema *schema = plan->schema;

	for (uint32_t i = 0; i < schema->count; i++)
		if (!schema->types[i].unboxed)
			put_type(plan, plan->at[i], &schema->types[i]);
}

/* The root's words come first, then those of the others; cases lie behind all of them. */
static void place(struct plan *plan)
{
	const struct ancient_schema *schema = plan->schema;
	uint32_t root = through_unboxed(schema, schema->root);

	plan->at[root] = ROOT_TYPE;
	plan->used = ROOT_TYPE + size_of(&schema->types[root]);
	for (uint32_t i = 0; i < schema->count; i++) {
		if (i == root)
			continue;
		plan->at[i] = plan->used;
		plan->used += size_of(&schema->types[i]);
	}
}

uint32_t *dedup_types_of(const struct ancient_schema *schema)
{
	struct plan plan = {.schema = schema};
	uint32_t placed;

	plan.at = calloc(schema->count + 1u, sizeof(*plan.at));
	if (plan.at == NULL)
		return NULL;
	place(&plan);
	placed = plan.used;
	put_types(&plan);
	plan.words = calloc(plan.used, sizeof(*plan.words));
	plan.used = placed;
	if (plan.words != NULL)
		put_types(&plan);
	free(plan.at);
	return plan.words;
}
