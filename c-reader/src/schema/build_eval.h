/* c-reader/schema: evaluating a type expression, for build.c. */
#ifndef ANCIENT_READER_SCHEMA_BUILD_EVAL_H
#define ANCIENT_READER_SCHEMA_BUILD_EVAL_H

#include "schema/build_types.h"

/* Evaluates an expression, and leaves its result on top of b->values.
 *
 * env   where in b->keys the results of its parameters are */
void ancient_reader_schema_build_evaluate(struct schema_builder *b, uint32_t node, uint32_t env);

#endif
