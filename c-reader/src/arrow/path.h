/* c-reader/arrow: the columns that the caller names. */
#ifndef ANCIENT_READER_ARROW_PATH_H
#define ANCIENT_READER_ARROW_PATH_H

#include "arrow/node.h"

/* path.c: the columns that the options name. */
enum ancient_code ancient_reader_arrow_paths(struct arrow_planner *planner,
					     const struct ancient_arrow_options *options);

#endif
