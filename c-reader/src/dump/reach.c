/* c-reader/dump: the stack of the walk through all blocks that a value leads to (reach.h). */
#include "dump/reach.h"

#include <stdlib.h>

#include "base/error.h"

enum ancient_code ancient_reader_reach_exceeded(const struct reader_reach *reach, uint64_t offset)
{
	return ancient_reader_budget_fail(reach->budget, offset, reach->what, reach->err);
}

enum ancient_code ancient_reader_reach_push(struct reader_reach *reach,
					    const struct reader_block *block, uint32_t state)
{
	if (reach->depth == reach->capacity) {
		size_t capacity = reach->capacity == 0 ? 256 : 2 * reach->capacity;
		struct reader_reach_frame *stack = NULL;
		if (!ancient_reader_budget_hold(reach->budget,
						(capacity - reach->capacity) * sizeof(*stack)))
			return ancient_reader_reach_exceeded(reach, block->offset);
		stack = realloc(reach->stack, capacity * sizeof(*stack));
		if (stack == NULL)
			return ancient_reader_refuse(reach->budget->file->name, reach->err,
						     ANCIENT_E_MEMORY, "%s", reach->what);
		reach->stack = stack;
		reach->capacity = capacity;
	}
	reach->stack[reach->depth++] =
		(struct reader_reach_frame){block->offset, block->wosize, state, 0};
	return ANCIENT_OK;
}

void ancient_reader_reach_done(struct reader_reach *reach)
{
	ancient_reader_budget_release(reach->budget, reach->capacity * sizeof(*reach->stack));
	free(reach->stack);
	reach->stack = NULL;
	reach->depth = reach->capacity = 0;
}
