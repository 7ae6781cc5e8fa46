/* c-reader/arrow: nodes that have children, and variants. */
#ifndef ANCIENT_READER_ARROW_PLAN_NESTED_H
#define ANCIENT_READER_ARROW_PLAN_NESTED_H

#include "arrow/node.h"

/* The same without looking through options, of types that have children, and of others. */
enum ancient_code ancient_reader_arrow_nested(struct arrow_planner *planner,
					      struct arrow_node *node, uint32_t type);

/* ... a list, of a child that is still to be made something. */
enum ancient_code ancient_reader_arrow_list(struct arrow_planner *planner, struct arrow_node *node,
					    struct arrow_node **ret_child);

/* ... one of which constructor a variant is, or of a constructor's arguments. */
enum ancient_code ancient_reader_arrow_tag(struct arrow_planner *planner, struct arrow_node *node,
					   uint32_t type);

enum ancient_code ancient_reader_arrow_arguments(struct arrow_planner *planner,
						 struct arrow_node *node, uint32_t type,
						 uint32_t constructor);

/* Whether the sequence or set `type` is a list, and what its elements are; SCHEMA_NONE. */
uint32_t ancient_reader_arrow_element(const struct ancient_schema *schema, uint32_t type);

const char *ancient_reader_arrow_tag_name(const struct ancient_type *type);

#endif
