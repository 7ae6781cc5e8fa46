/* c-reader/dump: ancient_typed_dump: typed values as JSON (ancient_schema.h, Dump).
 *
 * The values that are being written are a stack of their own; a hash table holds the blocks on it,
 * so that a value that contains itself is found.  A list takes one frame, however long it is. */
#include <stdlib.h>

#include "base/error.h"
#include "dump/open_blocks.h"
#include "dump/typed_dump_leaf.h"
#include "typed/bucket.h"
#include "typed/elements.h"
#include "typed/fields.h"
#include "typed/layout.h"
#include "typed/shape.h"
#include "value/ocaml_compare.h"

#define PROGRESS_EVERY 65536u /* values */

enum mode { FIELDS, ELEMENTS, CELLS, TABLE, TREE, NODE, ONE };

struct frame {
	enum mode mode;
	uint32_t type;  /* of the container */
	uint64_t word;  /* in `open`; 1: not */
	uint64_t next;  /* index of a field, word of a cell or of what is left of a node */
	uint64_t end;   /* fields; cells still to come; buckets */
	uint64_t first; /* TABLE: the bucket's first cell; an unboxed value's word */
	struct reader_chain chain; /* TABLE: of this bucket */
	struct reader_block block;
	const struct ancient_field *fields; /* FIELDS; NULL: of these types */
	uint32_t parts[2];
	uint32_t skip;  /* FIELDS: words before the first; TABLE: buckets */
	uint32_t level; /* of the value, outermost 1 */
	size_t owner;   /* NODE: the TREE's frame */
	char closing[3];
	bool object; /* members have names */
	bool flat;   /* an unboxed value's word is a double's bits */
};

struct typed_dump {
	struct dump_output out;
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct frame *stack;
	size_t depth, capacity;
	struct open_blocks open; /* those on the stack */
	uint64_t values;
};

static void fail(struct typed_dump *d, enum ancient_code code)
{
	dump_output_note(&d->out, code);
}

static void pause(struct typed_dump *d)
{
	if (++d->values % PROGRESS_EVERY == 0)
		fail(d, dump_output_step(&d->out, d->values));
}

/* ---- Text -------------------------------------------------------------------------- */

/* An object begins, with this member. */
static void member(struct typed_dump *d, const char *name)
{
	reader_json_begin(&d->out.json, '{');
	reader_json_key(&d->out.json, name);
}

static void close_text(struct typed_dump *d, char bracket)
{
	reader_json_end(&d->out.json, bracket);
}

static void write_reference(struct typed_dump *d, uint32_t levels)
{
	member(d, "ref");
	reader_json_int(&d->out.json, levels);
	close_text(d, '}');
}

/* ---- Values with parts ------------------------------------------------------------- */

/* A frame for the value of `shape`.  NULL where there is no memory, or where its block is open
 * already: then a reference is written. */
static struct frame *push(struct typed_dump *d, const struct typed_shape *shape, enum mode mode)
{
	bool block = !shape->flat && reader_is_pointer(shape->word) && !shape->type->unboxed;
	uint32_t level = d->depth == 0 ? 0 : d->stack[d->depth - 1].level;

	level += block && mode != NODE;

	if (block) {
		uint32_t outer = open_blocks_level(&d->open, shape->word);
		if (outer != 0) {
			write_reference(d, level - outer);
			return NULL;
		}
		if (!open_blocks_add(&d->open, shape->word, level))
			dump_output_no_memory(&d->out);
	}
	if (d->depth == d->capacity && dump_output_good(&d->out)) {
		size_t capacity = d->capacity == 0 ? 64 : 2 * d->capacity;
		struct frame *stack = realloc(d->stack, capacity * sizeof(*stack));
		if (stack == NULL) {
			dump_output_no_memory(&d->out);
			return NULL;
		}
		d->stack = stack;
		d->capacity = capacity;
	}
	if (!dump_output_good(&d->out))
		return NULL;
	d->stack[d->depth] = (struct frame){.mode = mode,
					    .type = shape->number,
					    .word = block ? shape->word : 1,
					    .first = shape->word,
					    .flat = shape->flat,
					    .block = shape->block,
					    .level = level};
	return &d->stack[d->depth++];
}

static void push_fields(struct typed_dump *d, const struct typed_shape *shape,
			const struct ancient_field *fields, uint32_t count, bool named,
			const char *constructor)
{
	struct frame *frame = push(d, shape, FIELDS);

	if (frame == NULL)
		return;
	frame->fields = fields;
	frame->end = count;
	frame->object = named;
	frame->skip = shape->type->kind == ANCIENT_TYPE_POLYVARIANT ? 1 : 0;
	frame->closing[0] = named ? '}' : ']';
	if (constructor != NULL) {
		frame->closing[1] = '}';
		member(d, constructor);
	}
	reader_json_begin(&d->out.json, named ? '{' : '[');
}

static void write_variant(struct typed_dump *d, const struct typed_shape *shape)
{
	const struct ancient_constructor *c = &shape->type->constructors[shape->constructor];

	if (c->constant)
		reader_json_string(&d->out.json, c->name);
	else
		push_fields(d, shape, c->fields, c->field_count, c->inline_record, c->name);
}

/* One value inside of a block, with a name around it where that is not NULL. */
static void push_one(struct typed_dump *d, const struct typed_shape *shape, uint32_t part,
		     const char *name)
{
	struct frame *frame = push(d, shape, ONE);

	if (frame == NULL)
		return;
	frame->parts[0] = part;
	frame->end = 1;
	if (name != NULL) {
		frame->closing[0] = '}';
		member(d, name);
	}
}

/* How many cells a list has before it ends or leads back to one of them. */
static uint64_t count_cells(struct typed_dump *d, const struct ancient_type *type, uint64_t head)
{
	const uint64_t most = d->file->super.used / (3 * ANCIENT_WORD);
	struct reader_chain chain = READER_CHAIN_START;
	uint64_t count = 0, word = head, ahead;
	struct reader_block cell;

	for (; word != 1; count++) {
		enum ancient_code code =
			typed_cell(d->file, type, word, 2, "0 or a block of tag 0 and size 2",
				   &cell, d->out.err);
		fail(d, code);
		if (code != ANCIENT_OK)
			return 0;
		word = reader_field(d->file, &cell, 1);
		if (count % PROGRESS_EVERY == 0)
			fail(d, reader_settle(d->file, ANCIENT_OK, d->out.err));
		if (!reader_is_pointer(word) || !reader_chain_closed(&chain, word, most))
			continue;
		/* In a ring: as many cells as it is long, and then as many as lie before it. */
		uint64_t ring = 1, before = 0;
		for (ahead = word;
		     typed_cell(d->file, type, ahead, 2, "", &cell, NULL) == ANCIENT_OK &&
		     reader_field(d->file, &cell, 1) != word && ring <= most;
		     ring++)
			ahead = reader_field(d->file, &cell, 1);
		ahead = head;
		for (uint64_t i = 0; i < ring; i++)
			if (typed_cell(d->file, type, ahead, 2, "", &cell, NULL) == ANCIENT_OK)
				ahead = reader_field(d->file, &cell, 1);
		for (word = head; word != ahead && before <= most; before++) {
			if (typed_cell(d->file, type, word, 2, "", &cell, NULL) == ANCIENT_OK)
				word = reader_field(d->file, &cell, 1);
			if (typed_cell(d->file, type, ahead, 2, "", &cell, NULL) == ANCIENT_OK)
				ahead = reader_field(d->file, &cell, 1);
		}
		return ring + before;
	}
	return count;
}

static void push_container(struct typed_dump *d, const struct typed_shape *shape, enum mode mode)
{
	struct frame *frame;
	uint64_t cells = mode == CELLS ? count_cells(d, shape->type, shape->word) : 0;
	uint32_t seed;

	if (!dump_output_good(&d->out))
		return;
	frame = push(d, shape, mode);
	if (frame == NULL)
		return;
	if (mode == TABLE) {
		struct reader_block buckets = {0};
		fail(d, typed_buckets(d->file, shape->type, &shape->block, &buckets, &seed,
				      d->out.err));
		frame->block = buckets;
		frame->end = buckets.wosize;
	}
	if (mode == TABLE || (mode == TREE && shape->type->kind == ANCIENT_TYPE_MAP)) {
		const struct ancient_type *key = &d->schema->types[shape->type->arguments[0]];
		frame->object = key->kind == ANCIENT_TYPE_STRING && !key->bytes;
	}
	frame->next = mode == TREE || mode == CELLS ? shape->word : mode == TABLE ? 1 : 0;
	if (mode == CELLS)
		frame->end = cells;
	if (mode == ELEMENTS)
		frame->end = shape->block.wosize;
	frame->closing[0] = frame->object ? '}' : ']';
	reader_json_begin(&d->out.json, frame->object ? '{' : '[');
}

/* Whether a value of this type may be written as null. */
static bool is_nullable(const struct ancient_schema *schema, uint32_t number)
{
	for (uint32_t left = schema->count; left > 0; left--) {
		const struct ancient_type *type = &schema->types[number];
		if (type->kind == ANCIENT_TYPE_UNIT || type->kind == ANCIENT_TYPE_OPTION)
			return true;
		if (type->kind != ANCIENT_TYPE_REF && type->kind != ANCIENT_TYPE_LAZY)
			return false;
		number = type->arguments[0];
	}
	return true;
}

static void write_open(struct typed_dump *d, const struct typed_shape *shape)
{
	const struct ancient_type *type = shape->type;
	bool ok = shape->block.tag == 0;

	switch (type->kind) {
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_RECORD:
		push_fields(d, shape, type->fields, type->field_count,
			    type->kind == ANCIENT_TYPE_RECORD, NULL);
		break;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		write_variant(d, shape);
		break;
	case ANCIENT_TYPE_OPTION:
		if (!reader_is_pointer(shape->word))
			reader_json_null(&d->out.json);
		else
			push_one(d, shape, type->arguments[0],
				 is_nullable(d->schema, type->arguments[0]) ? "Some" : NULL);
		break;
	case ANCIENT_TYPE_RESULT:
		push_one(d, shape, type->arguments[ok ? 0 : 1], ok ? "Ok" : "Error");
		break;
	case ANCIENT_TYPE_REF:
		push_one(d, shape, type->arguments[0], NULL);
		break;
	case ANCIENT_TYPE_LIST:
		push_container(d, shape, CELLS);
		break;
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		push_container(d, shape, ELEMENTS);
		break;
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		push_container(d, shape, TABLE);
		break;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		push_container(d, shape, TREE);
		break;
	default: /* typed_dump_leaf has written the other kinds */
		break;
	}
}

static void write_value(struct typed_dump *d, struct ancient_typed typed)
{
	const struct ancient_type *type;
	struct typed_shape shape;
	enum ancient_code code;

	/* Types have an end through lazies and unboxed ones. */
	for (type = &d->schema->types[typed.type]; type->kind == ANCIENT_TYPE_LAZY;
	     type = &d->schema->types[typed.type]) {
		code = ancient_typed_contents(d->file, d->schema, typed, &typed, d->out.err);
		fail(d, code);
		if (code != ANCIENT_OK)
			return;
	}
	pause(d);
	if (typed_dump_leaf(&d->out, d->schema, type, typed))
		return;
	code = typed_open(d->file, d->schema, typed, true, &shape, d->out.err);
	fail(d, code);
	if (code == ANCIENT_OK)
		write_open(d, &shape);
}

/* ---- Steps ------------------------------------------------------------------------- */

static void pop(struct typed_dump *d)
{
	struct frame *top = &d->stack[d->depth - 1];

	for (unsigned i = 0; top->closing[i] != '\0'; i++)
		close_text(d, top->closing[i]);
	if (top->word != 1)
		open_blocks_remove(&d->open, top->word);
	d->depth--;
}

static void step_fields(struct typed_dump *d, struct frame *top)
{
	const struct ancient_field *field;
	struct ancient_typed part;
	uint32_t type;

	if (top->next == top->end) {
		pop(d);
		return;
	}
	field = top->fields == NULL ? NULL : &top->fields[top->next];
	type = field == NULL ? top->parts[top->next] : field->type;
	if (d->schema->types[top->type].unboxed)
		part = (struct ancient_typed){{top->first}, type, top->flat};
	else
		part = typed_part(d->file, &top->block, top->next + top->skip, type);
	top->next++;
	if (top->object && field != NULL)
		reader_json_key(&d->out.json, field->name);
	write_value(d, part);
}

static void step_elements(struct typed_dump *d, struct frame *top)
{
	struct ancient_typed part;

	if (top->next == top->end) {
		pop(d);
		return;
	}
	part = typed_part(d->file, &top->block, top->next++, typed_element(d->schema, top->type));
	write_value(d, part);
}

static void step_cells(struct typed_dump *d, struct frame *top)
{
	const struct ancient_type *type = &d->schema->types[top->type];
	struct reader_block cell;
	struct ancient_typed part;
	enum ancient_code code;

	if (top->end-- == 0) {
		if (top->next != 1)
			write_reference(d, 1);
		pop(d);
		return;
	}
	code = typed_cell(d->file, type, top->next, 2, "0 or a block of tag 0 and size 2", &cell,
			  d->out.err);
	fail(d, code);
	if (code != ANCIENT_OK)
		return;
	part = typed_part(d->file, &cell, 0, type->arguments[0]);
	top->next = reader_field(d->file, &cell, 1);
	write_value(d, part);
}

/* A binding: `"key": ` and the value, or a pair. */
static void write_binding(struct typed_dump *d, struct frame *owner, const struct typed_shape *pair)
{
	const struct ancient_type *type = pair->type;
	bool object = owner->object;
	struct frame *frame;

	if (object) {
		write_value(d, typed_part(d->file, &pair->block, 0, type->arguments[0]));
		reader_json_colon(&d->out.json);
	}
	frame = push(d, pair, object ? ONE : FIELDS);
	if (frame == NULL)
		return;
	frame->parts[0] = type->arguments[object ? 1 : 0];
	frame->parts[1] = type->arguments[1];
	frame->skip = object ? 1 : 0;
	frame->end = object ? 1 : 2;
	if (!object) {
		frame->closing[0] = ']';
		reader_json_begin(&d->out.json, '[');
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

/* typed_bucket_hides, but keys that cannot be compared hide nothing, and with progress. */
static bool is_hidden(struct typed_dump *d, const struct frame *top,
		      const struct typed_bucket *mine)
{
	const struct ancient_type *type = &d->schema->types[top->type];
	const uint64_t key = reader_field(d->file, &mine->cell, TYPED_CONS_KEY);
	struct typed_bucket bucket = typed_bucket_at(top->first);

	while (bucket.next != mine->word && dump_output_good(&d->out)) {
		enum typed_bucket_step step = typed_bucket_next(d->file, &bucket);
		enum ancient_code code;
		int order = 1;
		if (step == TYPED_BUCKET_END)
			return false;
		if (step == TYPED_BUCKET_CELL)
			code = lookup_compare(
				d->file,
				lookup_word(reader_field(d->file, &bucket.cell, TYPED_CONS_KEY)),
				lookup_word(key), &order, d->out.err);
		else
			code = typed_bucket_fail(d->file, type, &bucket, step,
						 "leads back to itself", d->out.err);
		fail(d, code == ANCIENT_E_WRONG_KIND ? ANCIENT_OK : code);
		pause(d);
		if (order == 0)
			return true;
	}
	return false;
}

static void step_table(struct typed_dump *d, struct frame *top)
{
	const struct ancient_type *type = &d->schema->types[top->type];
	struct typed_bucket bucket;
	enum typed_bucket_step step;
	struct typed_shape pair;

	while (top->next == 1 && top->skip < top->end) {
		bucket = typed_bucket_at(reader_field(d->file, &top->block, top->skip++));
		top->next = top->first = bucket.next;
		top->chain = bucket.chain;
	}
	if (top->next == 1) {
		pop(d);
		return;
	}
	bucket = (struct typed_bucket){.next = top->next, .chain = top->chain};
	step = typed_bucket_next(d->file, &bucket);
	if (step == TYPED_BUCKET_RING) {
		fail(d, typed_bad_shape(d->file, type, bucket.word, d->out.err,
					"a bucket with an end"));
		return;
	}
	if (step != TYPED_BUCKET_CELL) {
		fail(d, typed_bucket_fail(d->file, type, &bucket, step, "", d->out.err));
		return;
	}
	top->next = bucket.next;
	top->chain = bucket.chain;
	if (is_hidden(d, top, &bucket) || !dump_output_good(&d->out))
		return;
	pair = pair_shape(d, top->type, bucket.cell);
	write_binding(d, top, &pair);
}

static void push_node(struct typed_dump *d, size_t owner, uint64_t word)
{
	uint32_t number = d->stack[owner].type;
	const struct ancient_type *type = &d->schema->types[number];
	bool map = type->kind == ANCIENT_TYPE_MAP;
	struct typed_shape shape = {.number = number, .type = type, .word = word};
	struct frame *frame;
	enum ancient_code code = typed_cell(
		d->file, type, word, map ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS,
		map ? "0 or a block of tag 0 and size 5" : "0 or a block of tag 0 and size 4",
		&shape.block, d->out.err);

	if (code == ANCIENT_OK && word != d->stack[owner].word &&
	    open_blocks_level(&d->open, word) != 0)
		code = typed_bad_shape(d->file, type, word, d->out.err, "a tree with an end");
	fail(d, code);
	if (code != ANCIENT_OK)
		return;
	if (word == d->stack[owner].word)
		shape.word = 1; /* open already, as the tree itself */
	frame = push(d, &shape, NODE);
	if (frame == NULL)
		return;
	frame->owner = owner;
}

/* Left, the node itself, right. */
static void step_node(struct typed_dump *d, struct frame *top)
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
			push_node(d, owner, word);
		return;
	case 1:
		if (map) {
			struct typed_shape pair = pair_shape(d, top->type, node);
			write_binding(d, &d->stack[owner], &pair);
		} else {
			write_value(d,
				    typed_part(d->file, &node, TYPED_SET_KEY, type->arguments[0]));
		}
		return;
	case 2:
		word = reader_field(d->file, &node, map ? TYPED_MAP_RIGHT : TYPED_SET_RIGHT);
		if (word != 1)
			push_node(d, owner, word);
		return;
	default:
		pop(d);
	}
}

static void step_tree(struct typed_dump *d, struct frame *top)
{
	uint64_t word = top->next;

	top->next = 1;
	if (word != 1)
		push_node(d, d->depth - 1, word);
	else
		pop(d);
}

static void step(struct typed_dump *d)
{
	struct frame *top = &d->stack[d->depth - 1];

	switch (top->mode) {
	case FIELDS:
	case ONE:
		step_fields(d, top);
		break;
	case ELEMENTS:
		step_elements(d, top);
		break;
	case CELLS:
		step_cells(d, top);
		break;
	case TABLE:
		step_table(d, top);
		break;
	case TREE:
		step_tree(d, top);
		break;
	case NODE:
		step_node(d, top);
		break;
	}
}

enum ancient_code ancient_typed_dump(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed,
				     const struct ancient_dump_options *options,
				     struct ancient_error *err)
{
	struct typed_dump *d = calloc(1, sizeof(*d));
	const struct ancient_type *type;
	enum ancient_code code = typed_type(file, schema, typed, &type, err);

	if (d == NULL)
		code = reader_refuse(file->name, err, ANCIENT_E_MEMORY, "dump");
	if (code != ANCIENT_OK) {
		free(d);
		return code;
	}
	dump_output_init(&d->out, file, options, err);
	d->file = file;
	d->schema = schema;
	open_blocks_init(&d->open);
	write_value(d, typed);
	while (d->depth > 0 && dump_output_good(&d->out))
		step(d);
	code = dump_output_finish(&d->out);
	free(d->stack);
	open_blocks_done(&d->open);
	free(d);
	return code;
}
