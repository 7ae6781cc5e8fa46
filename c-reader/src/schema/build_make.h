/* c-reader/schema: making one type, for the files build*.c. */
#ifndef ANCIENT_READER_SCHEMA_BUILD_MAKE_H
#define ANCIENT_READER_SCHEMA_BUILD_MAKE_H

#include "schema/build_types.h"

/* Fails where a result from `base` on is a word of a bigarray's type. */
bool ancient_reader_schema_build_check_values(struct schema_builder *b, uint32_t base, uint32_t at);

/* The type that a node stands for, whose children's results begin at `base`. */
uint32_t ancient_reader_schema_build_builtin(struct schema_builder *b,
					     const struct schema_node *node, uint32_t base);
uint32_t ancient_reader_schema_build_tuple(struct schema_builder *b, uint32_t base);
uint32_t ancient_reader_schema_build_poly(struct schema_builder *b, const struct schema_node *node,
					  uint32_t base);

/* The instance of declaration `which` for the arguments from `base` on. */
uint32_t ancient_reader_schema_build_instance(struct schema_builder *b, uint32_t which,
					      uint32_t base);
/* The same of a functor's container; the last result is that of its key. */
uint32_t ancient_reader_schema_build_container(struct schema_builder *b, uint32_t which,
					       uint32_t base);

/* The tags of a polymorphic variant with their results, from `base` on, in order of their names,
 * for free(); NULL: no memory. */
struct schema_tag *ancient_reader_schema_build_sorted_tags(struct schema_builder *b,
							   const struct schema_node *node,
							   uint32_t base);
void ancient_reader_schema_build_fill_poly(struct schema_builder *b, uint32_t number,
					   const struct schema_tag *tags, uint32_t count);

#endif
