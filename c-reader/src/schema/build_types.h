/* c-reader/schema: what the files build*.c share: the builder with its stacks and entries.  Types,
 * and the accessors of its lists. */
#ifndef ANCIENT_READER_SCHEMA_BUILD_TYPES_H
#define ANCIENT_READER_SCHEMA_BUILD_TYPES_H

#include "schema/schema_types.h"

/* Results that are no types: the words that occur in a bigarray's type only. */
#define SCHEMA_PSEUDO 0x80000000u
#define SCHEMA_PSEUDO_ELEMENT (SCHEMA_PSEUDO | 0x100u)
#define SCHEMA_PSEUDO_LAYOUT (SCHEMA_PSEUDO | 0x200u)
#define SCHEMA_PSEUDO_COMPLEX (SCHEMA_PSEUDO | 0x300u)

enum { SCHEMA_KEY_ALIAS = 100 }; /* otherwise enum ancient_type_kind */
#define SCHEMA_KEY_ARGUMENTS 2u  /* their place in a key */

/* An expression being evaluated. */
struct schema_frame {
	uint32_t node, env; /* env: where in `keys` the values of the parameters are */
	uint32_t next;      /* the child to evaluate next */
	uint32_t base;      /* of its children's values */
	uint32_t entry;     /* of the alias that this is, once it is known */
	bool inside;        /* the right-hand side of that alias, or a container's key, is next */
};

/* What a declaration, or a row of the table of 12.3, gives for certain arguments. */
struct schema_entry {
	uint32_t first, count; /* key */
	uint32_t result;
};

struct schema_builder {
	struct schema_text *text;
	struct schema_types *types;
	struct schema_list keys, entries, frames, values, scratch;
	struct schema_table table;
	uint32_t steps;
	bool bytes;
};

struct schema_tag {
	uint32_t name, value;
};

static inline uint32_t schema_build_number(const struct schema_list *list, uint32_t index)
{
	return *SCHEMA_ITEM(uint32_t, *list, index);
}

static inline const struct schema_node *schema_build_node(const struct schema_builder *b,
							  uint32_t number)
{
	return SCHEMA_ITEM(struct schema_node, b->text->nodes, number);
}

static inline struct schema_type *schema_build_type(const struct schema_builder *b, uint32_t number)
{
	return SCHEMA_ITEM(struct schema_type, b->types->types, number);
}

#endif
