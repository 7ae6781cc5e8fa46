/* c-reader/schema: entries and new types, for the files build*.c. */
#ifndef ANCIENT_READER_SCHEMA_BUILD_ENTRY_H
#define ANCIENT_READER_SCHEMA_BUILD_ENTRY_H

#include "schema/build_types.h"

/* Adds an item to a list of the builder; NULL, and the failure, where there is no memory. */
void *ancient_reader_schema_build_add(struct schema_builder *b, struct schema_list *list,
				      size_t size);
void ancient_reader_schema_build_add_number(struct schema_builder *b, struct schema_list *list,
					    uint32_t number);

/* Begins a key in b->scratch: what it is, and which. */
void ancient_reader_schema_build_start_key(struct schema_builder *b, uint32_t what, uint32_t which);
/* Adds the results from `base` on to it. */
void ancient_reader_schema_build_key_values(struct schema_builder *b, uint32_t base);

/* The entry of the key in b->scratch; a new one has no result. */
uint32_t ancient_reader_schema_build_find_entry(struct schema_builder *b);

/* The type of the key in b->scratch; *ret_new where it was made now, with the key's arguments. */
uint32_t ancient_reader_schema_build_find_type(struct schema_builder *b,
					       enum ancient_type_kind kind, bool *ret_new);

/* Adds a field, or a constructor, to the type that was made last. */
void ancient_reader_schema_build_add_field(struct schema_builder *b, uint32_t name, uint32_t type,
					   bool is_mutable);
struct schema_case *ancient_reader_schema_build_add_case(struct schema_builder *b, uint32_t name);

#endif
