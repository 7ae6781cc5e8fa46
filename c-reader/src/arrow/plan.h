/* c-reader/arrow: which columns a stream has, by the types alone. */
#ifndef ANCIENT_READER_ARROW_PLAN_H
#define ANCIENT_READER_ARROW_PLAN_H

#include "arrow/node.h"

/* The columns of a value of `type`: all, or those of the options.  What was made before an error
 * stays in the plan, for ancient_reader_arrow_plan_done. */
enum ancient_code ancient_reader_arrow_plan(struct arrow_plan *plan,
					    const struct ancient_file *file,
					    const struct ancient_schema *schema, uint32_t type,
					    const struct ancient_arrow_options *options,
					    struct ancient_error *err);

/* Makes a node one of values of `type`, with all below it. */
enum ancient_code ancient_reader_arrow_value(struct arrow_planner *planner, struct arrow_node *node,
					     uint32_t type);

enum ancient_code ancient_reader_arrow_leaf(struct arrow_planner *planner, struct arrow_node *node,
					    const struct ancient_type *type);

/* The rows' type behind refs and lazies, where its fields are the columns; SCHEMA_NONE. */
uint32_t ancient_reader_arrow_spread(const struct arrow_plan *plan);

#endif
