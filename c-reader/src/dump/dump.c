/* c-reader: values as JSON (FORMAT, appendix A), in two passes: which blocks are shared,
 * then the text.  Iterative; blocks whose last field is being written are kept as a count
 * of brackets to close, so a list of any length takes no stack. */
#include <stdlib.h>

#include "dump/dump.h"

#define PROGRESS_EVERY 65536u /* blocks */

struct frame {
	uint64_t next;    /* offset of the next field */
	uint64_t left;    /* fields from there on; 0: only brackets remain */
	uint64_t closers; /* blocks to close when nothing is left */
	bool lazy;
	bool first; /* no field was written yet */
};

struct dump {
	struct reader_text *text;
	const struct ancient_file *file;
	struct reader_marks marks;
	struct reader_ids ids;
	struct frame *stack;
	size_t depth, room;
	uint64_t blocks; /* written */
};

/* ---- Progress -------------------------------------------------------------------- */

static enum ancient_code pause(void *context)
{
	const struct dump *d = context;
	const struct ancient_dump_options *options = d->text->options;

	if (options->progress == NULL ||
	    !options->progress(options->context, d->blocks, d->file->super.block_count))
		return reader_settle(d->file, ANCIENT_OK, d->text->err);
	return reader_refuse(d->file->name, d->text->err, ANCIENT_E_INTERRUPTED, "dump");
}

static void fail(struct dump *d, enum ancient_code code)
{
	if (d->text->code == ANCIENT_OK)
		d->text->code = code;
}

static void fail_memory(struct dump *d)
{
	fail(d, reader_refuse(d->file->name, d->text->err, ANCIENT_E_MEMORY, "dump"));
}

/* ---- Blocks of values ------------------------------------------------------------ */

static void push(struct dump *d, const struct reader_block *block, bool lazy)
{
	if (d->depth == d->room) {
		size_t room = d->room == 0 ? 256 : 2 * d->room;
		struct frame *stack = realloc(d->stack, room * sizeof(*stack));
		if (stack == NULL) {
			fail_memory(d);
			return;
		}
		d->stack = stack;
		d->room = room;
	}
	d->stack[d->depth++] = (struct frame){block->offset, block->wosize, 1, lazy, true};
}

static void open_block(struct dump *d, const struct reader_block *block, uint64_t id)
{
	struct reader_text *text = d->text;
	bool lazy = block->tag == ANCIENT_TAG_FORWARD;

	reader_text_puts(text, "{");
	text->level++;
	reader_text_line(text);
	if (id != 0) {
		reader_text_putf(text, "\"id\": %llu", (unsigned long long)id);
		reader_text_comma(text);
	}
	if (lazy) {
		reader_text_puts(text, "\"lazy\": ");
	} else {
		reader_text_putf(text, "\"tag\": %u", block->tag);
		reader_text_comma(text);
		reader_text_puts(text, "\"fields\": [");
		text->level++;
	}
	push(d, block, lazy);
}

static void close_block(struct reader_text *text, bool lazy, bool empty)
{
	if (!lazy) {
		text->level--;
		if (!empty)
			reader_text_line(text);
		reader_text_puts(text, "]");
	}
	text->level--;
	reader_text_line(text);
	reader_text_puts(text, "}");
}

static void write_reference(struct reader_text *text, uint64_t id)
{
	reader_text_puts(text, "{");
	text->level++;
	reader_text_line(text);
	reader_text_putf(text, "\"ref\": %llu", (unsigned long long)id);
	text->level--;
	reader_text_line(text);
	reader_text_puts(text, "}");
}

static void enter(struct dump *d, const struct reader_block *block)
{
	uint64_t id = 0;
	bool fresh = true;

	if (++d->blocks % PROGRESS_EVERY == 0)
		fail(d, pause(d));
	if (block->wosize > 0 && reader_mark_get(d->marks.shared, block->offset) &&
	    !reader_ids_get(&d->ids, block->offset, &id, &fresh)) {
		fail_memory(d);
		return;
	}
	if (!fresh) {
		write_reference(d->text, id);
		return;
	}
	/* Each block is opened once.  Only bytes that change under the dump can make it
	 * twice, and could make it for ever. */
	if (block->wosize > 0 && d->marks.complete) {
		if (!reader_mark_get(d->marks.seen, block->offset)) {
			fail(d, reader_refuse(d->file->name, d->text->err, ANCIENT_E_BAD_BLOCK,
					      "the file changed while it was read"));
			return;
		}
		reader_mark_put(d->marks.seen, block->offset, false);
	}
	open_block(d, block, id);
}

/* ---- The second pass ------------------------------------------------------------- */

static void write_value(struct dump *d, uint64_t word)
{
	struct reader_block block;
	enum ancient_code code;

	if (!reader_is_pointer(word)) {
		reader_dump_immediate(d->text, (int64_t)word >> 1);
		return;
	}
	code = reader_gate(d->file, word, &block, d->text->err);
	if (code != ANCIENT_OK)
		fail(d, code);
	else if (reader_has_values(block.tag))
		enter(d, &block);
	else {
		d->blocks++;
		reader_dump_leaf(d->text, &block);
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

	if (!top->lazy && !top->first)
		reader_text_comma(d->text);
	else if (!top->lazy)
		reader_text_line(d->text);
	top->first = false;
	top->next += ANCIENT_WORD;
	if (--top->left == 0)
		fold(d);
	write_value(d, word);
}

static void write_all(struct dump *d, uint64_t word)
{
	write_value(d, word);
	while (d->depth > 0 && d->text->code == ANCIENT_OK) {
		struct frame *top = &d->stack[d->depth - 1];
		if (top->left > 0)
			next_field(d);
		else if (top->closers-- > 0)
			close_block(d->text, top->lazy, top->first);
		else
			d->depth--;
	}
	reader_text_flush(d->text);
}

enum ancient_code ancient_value_dump(const struct ancient_file *file, struct ancient_value value,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err)
{
	struct reader_text text = {.file = file, .options = options, .err = err};
	struct dump d = {.text = &text, .file = file};

	text.code = reader_marks_scan(file, value.word, options->limit, pause, &d, &d.marks, err);
	if (text.code == ANCIENT_OK)
		write_all(&d, value.word);
	reader_marks_done(&d.marks);
	reader_ids_done(&d.ids);
	free(d.stack);
	return reader_settle(file, text.code, err);
}
