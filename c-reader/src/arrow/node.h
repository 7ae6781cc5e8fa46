/* c-reader/arrow: making nodes, for the files that plan. */
#ifndef ANCIENT_READER_ARROW_NODE_H
#define ANCIENT_READER_ARROW_NODE_H

#include "arrow/arrow_types.h"

/* What plan.c and path.c make nodes with. */
struct arrow_planner {
	struct arrow_plan *plan;
	const char *label;                /* of the file */
	uint32_t ancestors[ARROW_LEVELS]; /* types that the next node is in */
	unsigned depth;
	struct ancient_error *err;
};

/* A column, or a child of `parent`; its name is copied. */
enum ancient_code ancient_reader_arrow_node(struct arrow_planner *planner,
					    struct arrow_node *parent, const char *name,
					    size_t length, struct arrow_node **ret_node);

enum ancient_code ancient_reader_arrow_step(struct arrow_planner *planner, struct arrow_node *node,
					    enum column_step_kind kind, uint32_t index,
					    uint32_t argument, uint32_t type);

/* A child that is reached by one step; kind 0: by none, its word is the parent's. */
enum ancient_code ancient_reader_arrow_child(struct arrow_planner *planner,
					     struct arrow_node *parent, const char *name,
					     enum column_step_kind kind, uint32_t index,
					     uint32_t argument, uint32_t type,
					     struct arrow_node **ret_node);

void ancient_reader_arrow_format(struct arrow_node *node, enum arrow_kind kind, const char *format,
				 unsigned width);

/* Passes over refs and lazies, and options where `options`, and those of what may be null itself
 * where `all`; *type becomes the type behind them. */
enum ancient_code ancient_reader_arrow_look_through(struct arrow_planner *planner,
						    struct arrow_node *node, bool options, bool all,
						    uint32_t *type);

void ancient_reader_arrow_plan_done(struct arrow_plan *plan);

/* Where a node is: "depends[*].name". */
void ancient_reader_arrow_place(const struct arrow_node *node, char *out, size_t capacity);

/* An error that names the column: WHAT, NAME. */
enum ancient_code ancient_reader_arrow_refuse(const struct arrow_planner *planner,
					      const struct arrow_node *node, enum ancient_code code,
					      const char *what, const char *name);

enum ancient_code ancient_reader_arrow_no_memory(const struct arrow_planner *planner);

#endif
