/* c-reader/dump: ancient_value_dump: values without types as JSON (FORMAT, appendix A), in two
 * passes: marks.c finds the blocks that are shared, then the text is written.
 *
 * The walk has a stack of its own.  Blocks whose last field is being written are only a count of
 * brackets to close, so a list of any length takes no stack. */
#include <stdlib.h>

#include "base/error.h"
#include "dump/dump_leaf.h"
#include "dump/marks.h"

#define PROGRESS_EVERY 65536u /* blocks */

struct frame {
	uint64_t next;    /* offset of the next field */
	uint64_t left;    /* fields from there on; 0: only brackets remain */
	uint64_t closers; /* blocks to close when nothing is left */
	bool lazy;
};

struct dump {
	struct dump_output out;
	const struct ancient_file *file;
	struct reader_budget budget;
	struct reader_marks marks;
	struct reader_word_map ids; /* of shared blocks, by offset: {number from 1, 0} */
	struct frame *stack;
	size_t depth, capacity;
	uint64_t blocks; /* written */
};

/* ---- Progress -------------------------------------------------------------------- */

static enum ancient_code on_scan(void *context)
{
	struct dump *d = context;

	return ancient_reader_dump_output_step(&d->out, d->blocks);
}

/* ---- Blocks of values ------------------------------------------------------------ */

static void push(struct dump *d, const struct reader_block *block, bool lazy)
{
	if (d->depth == d->capacity) {
		size_t capacity = d->capacity == 0 ? 256 : 2 * d->capacity;
		struct frame *stack = realloc(d->stack, capacity * sizeof(*stack));
		if (stack == NULL) {
			ancient_reader_dump_output_no_memory(&d->out);
			return;
		}
		d->stack = stack;
		d->capacity = capacity;
	}
	d->stack[d->depth++] = (struct frame){block->offset, block->wosize, 1, lazy};
}

static void open_block(struct dump *d, const struct reader_block *block, uint64_t id)
{
	struct reader_json *json = &d->out.json;
	bool lazy = block->tag == ANCIENT_TAG_FORWARD;

	ancient_reader_json_begin(json, '{');
	if (id != 0)
		ancient_reader_json_unsigned_member(json, "id", id);
	if (lazy) {
		ancient_reader_json_key(json, "lazy");
	} else {
		ancient_reader_json_unsigned_member(json, "tag", block->tag);
		ancient_reader_json_key(json, "fields");
		ancient_reader_json_begin(json, '[');
	}
	push(d, block, lazy);
}

static void close_block(struct reader_json *json, bool lazy)
{
	if (!lazy)
		ancient_reader_json_end(json, ']');
	ancient_reader_json_end(json, '}');
}

static void write_reference(struct reader_json *json, uint64_t id)
{
	ancient_reader_json_begin(json, '{');
	ancient_reader_json_unsigned_member(json, "ref", id);
	ancient_reader_json_end(json, '}');
}

static void enter(struct dump *d, const struct reader_block *block)
{
	struct reader_word_entry *entry;
	uint64_t id = 0;
	bool fresh = true;

	if (++d->blocks % PROGRESS_EVERY == 0)
		ancient_reader_dump_output_note(
			&d->out, ancient_reader_dump_output_step(&d->out, d->blocks));
	if (block->wosize > 0 && reader_bits_get(&d->marks.shared, block->offset)) {
		entry = ancient_reader_word_map_at(&d->ids, block->offset, &d->budget);
		if (entry == NULL) {
			ancient_reader_dump_output_note(
				&d->out, ancient_reader_budget_fail(&d->budget, block->offset,
								    "dump", d->out.err));
			return;
		}
		fresh = entry->value[0] == 0;
		if (fresh)
			entry->value[0] = d->ids.count;
		id = entry->value[0];
	}
	if (!fresh) {
		write_reference(&d->out.json, id);
		return;
	}
	/* Each block is opened once.  Only bytes that change under the dump can make it
	 * twice, and could make it for ever. */
	if (block->wosize > 0 && d->marks.complete) {
		if (!reader_bits_get(&d->marks.seen, block->offset)) {
			ancient_reader_dump_output_note(
				&d->out, ancient_reader_refuse(
						 d->file->name, d->out.err, ANCIENT_E_BAD_BLOCK,
						 "the file changed while it was read"));
			return;
		}
		reader_bits_clear(&d->marks.seen, block->offset);
	}
	open_block(d, block, id);
}

/* ---- The second pass ------------------------------------------------------------- */

static void write_value(struct dump *d, uint64_t word)
{
	struct reader_bigarray array;
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word)) {
		ancient_reader_dump_immediate(&d->out.json, (int64_t)word >> 1);
		return;
	}
	array.tested = false;
	code = reader_gate_array(d->file, word, &block, &array, d->out.err);
	if (code != ANCIENT_OK)
		ancient_reader_dump_output_note(&d->out, code);
	else if (reader_has_values(block.tag))
		enter(d, &block);
	else {
		d->blocks++;
		ancient_reader_dump_leaf(&d->out, &block, &array);
	}
}

/* The top frame has only its brackets left: add them to the frame below, where that is in
 * the same case. */
static void fold(struct dump *d)
{
	struct frame *top = &d->stack[d->depth - 1];

	if (d->depth < 2 || top[-1].left > 0 || top[-1].lazy != top->lazy)
		return;
	top[-1].closers += top->closers;
	d->depth--;
}

static void next_field(struct dump *d)
{
	struct frame *top = &d->stack[d->depth - 1];
	uint64_t word = reader_word(d->file, top->next);

	top->next += ANCIENT_WORD;
	if (--top->left == 0)
		fold(d);
	write_value(d, word);
}

static void write_all(struct dump *d, uint64_t word)
{
	write_value(d, word);
	while (d->depth > 0 && dump_output_good(&d->out)) {
		struct frame *top = &d->stack[d->depth - 1];
		if (top->left > 0)
			next_field(d);
		else if (top->closers-- > 0)
			close_block(&d->out.json, top->lazy);
		else
			d->depth--;
	}
}

enum ancient_code ancient_value_dump(const struct ancient_file *file, struct ancient_value value,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err)
{
	struct dump d = {.file = file};
	enum ancient_code code;

	ancient_reader_dump_output_init(&d.out, file, options, err);
	ancient_reader_budget_init(&d.budget, file);
	ancient_reader_dump_output_note(&d.out, ancient_reader_marks_scan(&d.budget, value.word,
									  options->limit, on_scan,
									  &d, &d.marks, d.out.err));
	if (dump_output_good(&d.out))
		write_all(&d, value.word);
	code = ancient_reader_dump_output_finish(&d.out);
	ancient_reader_marks_done(&d.marks);
	ancient_reader_word_map_done(&d.ids, NULL);
	ancient_reader_budget_done(&d.budget);
	free(d.stack);
	return code;
}
