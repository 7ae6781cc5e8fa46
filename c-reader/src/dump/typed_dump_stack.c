/* c-reader/dump: the values that a typed dump has begun and not ended (typed_dump_stack.h). */
#include "dump/typed_dump_stack.h"

#include <stdlib.h>

#define PROGRESS_EVERY 65536u /* values */

void ancient_reader_typed_dump_note(struct typed_dump *d, enum ancient_code code)
{
	ancient_reader_dump_output_note(&d->out, code);
}

void ancient_reader_typed_dump_step(struct typed_dump *d)
{
	if (++d->values % PROGRESS_EVERY == 0)
		ancient_reader_typed_dump_note(d,
					       ancient_reader_dump_output_step(&d->out, d->values));
}

void ancient_reader_typed_dump_take(struct typed_dump *d, uint64_t offset)
{
	ancient_reader_budget_earn(&d->budget, d->out.json.written - d->earned);
	d->earned = d->out.json.written;
	if (!reader_budget_take(&d->budget, 1))
		ancient_reader_typed_dump_note(
			d, ancient_reader_budget_fail(&d->budget, offset, "dump", d->out.err));
}

void ancient_reader_typed_dump_member(struct typed_dump *d, const char *name)
{
	ancient_reader_json_begin(&d->out.json, '{');
	ancient_reader_json_key(&d->out.json, name);
}

void ancient_reader_typed_dump_reference(struct typed_dump *d, uint32_t levels)
{
	ancient_reader_typed_dump_member(d, "ref");
	ancient_reader_json_int(&d->out.json, levels);
	ancient_reader_json_end(&d->out.json, '}');
}

struct typed_frame *ancient_reader_typed_dump_push(struct typed_dump *d,
						   const struct typed_shape *shape,
						   enum typed_dump_mode mode)
{
	bool block = !shape->flat && reader_is_pointer(shape->word) && !shape->type->unboxed;
	uint32_t level = d->depth == 0 ? 0 : d->stack[d->depth - 1].level;

	level += block && mode != DUMP_NODE;

	if (block) {
		uint32_t outer = ancient_reader_open_blocks_level(&d->open, shape->word);
		if (outer != 0) {
			ancient_reader_typed_dump_reference(d, level - outer);
			return NULL;
		}
		if (!ancient_reader_open_blocks_add(&d->open, shape->word, level))
			ancient_reader_dump_output_no_memory(&d->out);
	}
	if (d->depth == d->capacity && dump_output_good(&d->out)) {
		size_t capacity = d->capacity == 0 ? 64 : 2 * d->capacity;
		struct typed_frame *stack = realloc(d->stack, capacity * sizeof(*stack));
		if (stack == NULL) {
			ancient_reader_dump_output_no_memory(&d->out);
			return NULL;
		}
		d->stack = stack;
		d->capacity = capacity;
	}
	if (!dump_output_good(&d->out))
		return NULL;
	d->stack[d->depth] = (struct typed_frame){.mode = mode,
						  .type = shape->number,
						  .word = block ? shape->word : 1,
						  .first = shape->word,
						  .flat = shape->flat,
						  .block = shape->block,
						  .level = level};
	return &d->stack[d->depth++];
}

void ancient_reader_typed_dump_pop(struct typed_dump *d)
{
	struct typed_frame *top = &d->stack[d->depth - 1];

	for (unsigned i = 0; top->closing[i] != '\0'; i++)
		ancient_reader_json_end(&d->out.json, top->closing[i]);
	if (top->word != 1)
		ancient_reader_open_blocks_remove(&d->open, top->word);
	d->depth--;
}
