/* c-reader/schema: the entries of the builder, and new types.  An entry is known by its key, a list
 * of numbers: what it is, which one, and the arguments; so equal types are made once.  For build.c,
 * build_make.c and build_eval.c. */
#include "schema/build_entry.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "schema/schema_text.h"

void *ancient_reader_schema_build_add(struct schema_builder *b, struct schema_list *list,
				      size_t size)
{
	void *item = ancient_reader_schema_list_add(list, size);

	if (item == NULL)
		ancient_reader_schema_memory(b->text);
	return item;
}

void ancient_reader_schema_build_add_number(struct schema_builder *b, struct schema_list *list,
					    uint32_t number)
{
	uint32_t *item = ancient_reader_schema_build_add(b, list, sizeof(*item));

	if (item != NULL)
		*item = number;
}

/* ---- Entries ------------------------------------------------------------------------- */

static bool same_key(const struct schema_builder *b, const struct schema_entry *entry)
{
	return entry->count == b->scratch.count &&
	       memcmp(SCHEMA_ITEM(uint32_t, b->keys, entry->first), b->scratch.items,
		      entry->count * sizeof(uint32_t)) == 0;
}

static bool grow(struct schema_builder *b)
{
	struct schema_table larger = {.capacity =
					      b->table.capacity == 0 ? 64 : 2 * b->table.capacity,
				      .count = b->table.count};

	larger.slot = calloc(larger.capacity, sizeof(*larger.slot));
	if (larger.slot == NULL)
		return false;
	for (uint32_t i = 0; i < b->table.capacity; i++) {
		uint32_t at = (uint32_t)(b->table.slot[i].key >> 1) & (larger.capacity - 1);
		if (b->table.slot[i].key == 0)
			continue;
		while (larger.slot[at].key != 0)
			at = (at + 1) & (larger.capacity - 1);
		larger.slot[at] = b->table.slot[i];
	}
	free(b->table.slot);
	b->table = larger;
	return true;
}

/* The entry whose key is in `scratch`, where it is new with no result. */
uint32_t ancient_reader_schema_build_find_entry(struct schema_builder *b)
{
	size_t bytes = b->scratch.count * sizeof(uint32_t);
	struct schema_entry *entry;
	uint64_t hash;
	uint32_t i;

	if (b->text->code == ANCIENT_OK && 2 * b->table.count >= b->table.capacity && !grow(b))
		ancient_reader_schema_memory(b->text);
	if (b->text->code != ANCIENT_OK)
		return SCHEMA_NONE;
	hash = XXH3_64bits_withSeed(b->scratch.items, bytes, b->text->seed) | 1;
	for (i = (uint32_t)(hash >> 1) & (b->table.capacity - 1); b->table.slot[i].key != 0;
	     i = (i + 1) & (b->table.capacity - 1))
		if (b->table.slot[i].key == hash &&
		    same_key(b,
			     SCHEMA_ITEM(struct schema_entry, b->entries, b->table.slot[i].value)))
			return b->table.slot[i].value;
	entry = ancient_reader_schema_build_add(b, &b->entries, sizeof(*entry));
	if (entry == NULL)
		return SCHEMA_NONE;
	*entry = (struct schema_entry){b->keys.count, b->scratch.count, SCHEMA_NONE};
	for (uint32_t k = 0; k < b->scratch.count; k++)
		ancient_reader_schema_build_add_number(b, &b->keys,
						       schema_build_number(&b->scratch, k));
	b->table.slot[i] = (struct schema_slot){hash, b->entries.count - 1};
	b->table.count++;
	if (b->entries.count > 2 * SCHEMA_TYPES)
		ancient_reader_schema_refuse(
			b->text, schema_build_node(b, b->text->root)->at,
			"expected at most %u types, found more: instances may have no end",
			SCHEMA_TYPES);
	return b->entries.count - 1;
}

void ancient_reader_schema_build_start_key(struct schema_builder *b, uint32_t what, uint32_t which)
{
	b->scratch.count = 0;
	ancient_reader_schema_build_add_number(b, &b->scratch, what);
	ancient_reader_schema_build_add_number(b, &b->scratch, which);
}

void ancient_reader_schema_build_key_values(struct schema_builder *b, uint32_t base)
{
	for (uint32_t i = base; i < b->values.count; i++)
		ancient_reader_schema_build_add_number(b, &b->scratch,
						       schema_build_number(&b->values, i));
}

/* ---- New types ----------------------------------------------------------------------- */

/* The type of the entry whose key is in `scratch`; *ret_new where it was made now, with the
 * key's arguments. */
uint32_t ancient_reader_schema_build_find_type(struct schema_builder *b,
					       enum ancient_type_kind kind, bool *ret_new)
{
	uint32_t number = ancient_reader_schema_build_find_entry(b), first;
	struct schema_type *type;
	struct schema_entry *entry;

	*ret_new = false;
	if (b->text->code != ANCIENT_OK)
		return 0;
	entry = SCHEMA_ITEM(struct schema_entry, b->entries, number);
	if (entry->result != SCHEMA_NONE)
		return entry->result;
	*ret_new = true;
	entry->result = b->types->types.count;
	first = b->types->arguments.count;
	for (uint32_t i = SCHEMA_KEY_ARGUMENTS; i < b->scratch.count; i++)
		ancient_reader_schema_build_add_number(b, &b->types->arguments,
						       schema_build_number(&b->scratch, i));
	type = ancient_reader_schema_build_add(b, &b->types->types, sizeof(*type));
	if (type == NULL)
		return 0;
	type->type.kind = kind;
	type->type.argument_count = b->scratch.count - SCHEMA_KEY_ARGUMENTS;
	type->argument = first;
	type->key = entry->first;
	type->decl = SCHEMA_NONE;
	if (b->types->types.count > SCHEMA_TYPES)
		ancient_reader_schema_refuse(
			b->text, schema_build_node(b, b->text->root)->at,
			"expected at most %u types, found more: instances may have no end",
			SCHEMA_TYPES);
	return b->types->types.count - 1;
}

static void check_members(struct schema_builder *b)
{
	if (b->types->fields.count + b->types->cases.count > SCHEMA_MEMBERS)
		ancient_reader_schema_refuse(
			b->text, schema_build_node(b, b->text->root)->at,
			"expected at most %u fields and constructors, found more: instances "
			"may have no end",
			SCHEMA_MEMBERS);
}

void ancient_reader_schema_build_add_field(struct schema_builder *b, uint32_t name, uint32_t type,
					   bool is_mutable)
{
	struct schema_field *field =
		ancient_reader_schema_build_add(b, &b->types->fields, sizeof(*field));

	if (field != NULL)
		*field = (struct schema_field){name, type, is_mutable};
	check_members(b);
}

struct schema_case *ancient_reader_schema_build_add_case(struct schema_builder *b, uint32_t name)
{
	struct schema_case *made =
		ancient_reader_schema_build_add(b, &b->types->cases, sizeof(*made));

	if (made != NULL) {
		made->name = name;
		made->field = b->types->fields.count;
	}
	check_members(b);
	return made;
}
