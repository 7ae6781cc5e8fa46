/* c-reader/dump: ancient_typed_dump: typed values as JSON (ancient_schema.h, Dump): goes on, step
 * by step, with the value on top of the stack (typed_dump_stack.h), which holds those that are
 * begun and not ended.  A list takes one frame, however long it is. */
#include "dump/typed_dump.h"

#include <stdlib.h>

#include "base/error.h"
#include "dump/typed_dump_value.h"
#include "typed/bucket.h"
#include "typed/elements.h"
#include "typed/fields.h"

static void step_fields(struct typed_dump *d, struct typed_frame *top)
{
	const struct ancient_field *field;
	struct ancient_typed part;
	uint32_t type;

	if (top->next == top->end) {
		ancient_reader_typed_dump_pop(d);
		return;
	}
	field = top->fields == NULL ? NULL : &top->fields[top->next];
	type = field == NULL ? top->parts[top->next] : field->type;
	if (d->schema->types[top->type].unboxed)
		part = (struct ancient_typed){{top->first}, type, top->flat};
	else
		part = ancient_reader_typed_part(d->file, &top->block, top->next + top->skip, type);
	top->next++;
	if (top->object && field != NULL)
		ancient_reader_json_key(&d->out.json, field->name);
	ancient_reader_typed_dump_value(d, part);
}

static void step_elements(struct typed_dump *d, struct typed_frame *top)
{
	struct ancient_typed part;

	if (top->next == top->end) {
		ancient_reader_typed_dump_pop(d);
		return;
	}
	part = ancient_reader_typed_part(d->file, &top->block, top->next++,
					 ancient_reader_typed_element(d->schema, top->type));
	ancient_reader_typed_dump_value(d, part);
}

static void step_cells(struct typed_dump *d, struct typed_frame *top)
{
	const struct ancient_type *type = &d->schema->types[top->type];
	struct reader_block cell;
	struct ancient_typed part;
	enum ancient_code code;

	if (top->end-- == 0) {
		if (top->next != 1)
			ancient_reader_typed_dump_reference(d, 1);
		ancient_reader_typed_dump_pop(d);
		return;
	}
	code = typed_cell(d->file, type, top->next, 2, "0 or a block of tag 0 and size 2", &cell,
			  d->out.err);
	ancient_reader_typed_dump_note(d, code);
	if (code != ANCIENT_OK)
		return;
	part = ancient_reader_typed_part(d->file, &cell, 0, type->arguments[0]);
	top->next = reader_field(d->file, &cell, 1);
	ancient_reader_typed_dump_value(d, part);
}

/* A binding: `"key": ` and the value, or a pair. */
static void write_binding(struct typed_dump *d, struct typed_frame *owner,
			  const struct typed_shape *pair)
{
	const struct ancient_type *type = pair->type;
	bool object = owner->object;
	struct typed_frame *frame;

	if (object) {
		ancient_reader_typed_dump_value(
			d, ancient_reader_typed_part(d->file, &pair->block, 0, type->arguments[0]));
		ancient_reader_json_colon(&d->out.json);
	}
	frame = ancient_reader_typed_dump_push(d, pair, object ? DUMP_ONE : DUMP_FIELDS);
	if (frame == NULL)
		return;
	frame->parts[0] = type->arguments[object ? 1 : 0];
	frame->parts[1] = type->arguments[1];
	frame->skip = object ? 1 : 0;
	frame->end = object ? 1 : 2;
	if (!object) {
		frame->closing[0] = ']';
		ancient_reader_json_begin(&d->out.json, '[');
	}
}

/* The pair of a key and a value that lie behind one another in a cell or node. */
static struct typed_shape pair_shape(const struct typed_dump *d, uint32_t type,
				     struct reader_block block)
{
	block.offset += block.wosize == TYPED_CONS_FIELDS ? 0 : ANCIENT_WORD;
	return (struct typed_shape){
		.number = type, .type = &d->schema->types[type], .word = 1, .block = block};
}

/* ancient_reader_typed_bucket_hides, but keys that cannot be compared hide nothing. */
static bool is_hidden(struct typed_dump *d, const struct typed_frame *top,
		      const struct typed_bucket *mine)
{
	bool hidden = false;
	enum ancient_code code = ancient_reader_typed_bucket_hides(
		&d->budget, &d->schema->types[top->type], top->first, mine->word,
		reader_field(d->file, &mine->cell, TYPED_CONS_KEY), &hidden, d->out.err);

	ancient_reader_typed_dump_note(d, code == ANCIENT_E_WRONG_KIND ? ANCIENT_OK : code);
	return code == ANCIENT_OK && hidden;
}

static void step_table(struct typed_dump *d, struct typed_frame *top)
{
	const struct ancient_type *type = &d->schema->types[top->type];
	struct typed_bucket bucket;
	enum typed_bucket_step step;
	struct typed_shape pair;

	ancient_reader_typed_dump_take(d, top->block.offset);
	while (top->next == 1 && top->skip < top->end && dump_output_good(&d->out)) {
		ancient_reader_typed_dump_take(d, top->block.offset);
		bucket = typed_bucket_at(reader_field(d->file, &top->block, top->skip++));
		top->next = top->first = bucket.next;
		top->chain = bucket.chain;
	}
	if (!dump_output_good(&d->out))
		return;
	if (top->next == 1) {
		ancient_reader_typed_dump_pop(d);
		return;
	}
	bucket = (struct typed_bucket){.next = top->next, .chain = top->chain};
	step = typed_bucket_next(d->file, &bucket);
	if (step == TYPED_BUCKET_RING) {
		ancient_reader_typed_dump_note(
			d, ancient_reader_typed_bad_shape(d->file, type, bucket.word, d->out.err,
							  "a bucket with an end"));
		return;
	}
	if (step != TYPED_BUCKET_CELL) {
		ancient_reader_typed_dump_note(d, ancient_reader_typed_bucket_fail(d->file, type,
										   &bucket, step,
										   "", d->out.err));
		return;
	}
	top->next = bucket.next;
	top->chain = bucket.chain;
	if (is_hidden(d, top, &bucket) || !dump_output_good(&d->out))
		return;
	pair = pair_shape(d, top->type, bucket.cell);
	write_binding(d, top, &pair);
}

/* `root`: the tree's own block, which is open as the tree itself.  It is met again only below
 * itself. */
static void push_node(struct typed_dump *d, size_t owner, uint64_t word, bool root)
{
	uint32_t number = d->stack[owner].type;
	const struct ancient_type *type = &d->schema->types[number];
	bool map = type->kind == ANCIENT_TYPE_MAP;
	struct typed_shape shape = {.number = number, .type = type, .word = word};
	struct typed_frame *frame;
	enum ancient_code code = typed_cell(
		d->file, type, word, map ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS,
		map ? "0 or a block of tag 0 and size 5" : "0 or a block of tag 0 and size 4",
		&shape.block, d->out.err);

	if (code == ANCIENT_OK && !root && ancient_reader_open_blocks_level(&d->open, word) != 0)
		code = ancient_reader_typed_bad_shape(d->file, type, word, d->out.err,
						      "a tree with an end");
	ancient_reader_typed_dump_note(d, code);
	if (code != ANCIENT_OK)
		return;
	if (root)
		shape.word = 1;
	frame = ancient_reader_typed_dump_push(d, &shape, DUMP_NODE);
	if (frame == NULL)
		return;
	frame->owner = owner;
}

/* Left, the node itself, right. */
static void step_node(struct typed_dump *d, struct typed_frame *top)
{
	const struct ancient_type *type = &d->schema->types[top->type];
	bool map = type->kind == ANCIENT_TYPE_MAP;
	struct reader_block node = top->block;
	size_t owner = top->owner;
	uint64_t word;

	switch (top->next++) {
	case 0:
		word = reader_field(d->file, &node, TYPED_MAP_LEFT);
		if (word != 1)
			push_node(d, owner, word, false);
		return;
	case 1:
		if (map) {
			struct typed_shape pair = pair_shape(d, top->type, node);
			write_binding(d, &d->stack[owner], &pair);
		} else {
			ancient_reader_typed_dump_value(
				d, ancient_reader_typed_part(d->file, &node, TYPED_SET_KEY,
							     type->arguments[0]));
		}
		return;
	case 2:
		word = reader_field(d->file, &node, map ? TYPED_MAP_RIGHT : TYPED_SET_RIGHT);
		if (word != 1)
			push_node(d, owner, word, false);
		return;
	default:
		ancient_reader_typed_dump_pop(d);
	}
}

static void step_tree(struct typed_dump *d, struct typed_frame *top)
{
	uint64_t word = top->next;

	top->next = 1;
	if (word != 1)
		push_node(d, d->depth - 1, word, true);
	else
		ancient_reader_typed_dump_pop(d);
}

static void step(struct typed_dump *d)
{
	struct typed_frame *top = &d->stack[d->depth - 1];

	switch (top->mode) {
	case DUMP_FIELDS:
	case DUMP_ONE:
		step_fields(d, top);
		break;
	case DUMP_ELEMENTS:
		step_elements(d, top);
		break;
	case DUMP_CELLS:
		step_cells(d, top);
		break;
	case DUMP_TABLE:
		step_table(d, top);
		break;
	case DUMP_TREE:
		step_tree(d, top);
		break;
	case DUMP_NODE:
		step_node(d, top);
		break;
	}
}

enum ancient_code
ancient_reader_typed_dump(struct reader_budget *budget, const struct ancient_file *file,
			  const struct ancient_schema *schema, struct ancient_typed typed,
			  const struct ancient_dump_options *options, struct ancient_error *err)
{
	struct typed_dump *d = calloc(1, sizeof(*d));
	const struct ancient_type *type;
	enum ancient_code code = ancient_reader_typed_type(file, schema, typed, &type, err);

	if (d == NULL)
		code = ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "dump");
	if (code != ANCIENT_OK) {
		free(d);
		return code;
	}
	ancient_reader_dump_output_init(&d->out, file, options, err);
	d->file = file;
	d->schema = schema;
	d->budget = *budget;
	ancient_reader_open_blocks_init(&d->open);
	ancient_reader_typed_dump_value(d, typed);
	while (d->depth > 0 && dump_output_good(&d->out))
		step(d);
	code = ancient_reader_dump_output_finish(&d->out);
	free(d->stack);
	ancient_reader_open_blocks_done(&d->open);
	*budget = d->budget;
	free(d);
	return code;
}

enum ancient_code ancient_typed_dump(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err)
{
	struct reader_budget budget;
	enum ancient_code code;

	ancient_reader_budget_init(&budget, file);
	code = ancient_reader_typed_dump(&budget, file, schema, typed, options, err);
	ancient_reader_budget_done(&budget);
	return code;
}
