/* c-reader/dump: ancient_typed_dump: typed values as JSON (ancient_schema.h, Dump).
 *
 * The values that are being written are a stack of their own; a hash table holds the blocks on it,
 * so that a value that contains itself is found.  A list takes one frame, however long it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <xxhash.h>

#include "base/error.h"
#include "dump/dump_leaf.h"
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
	uint64_t word;  /* on the way; 1: none */
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

struct on_way {
	uint64_t word; /* 0: free */
	uint32_t level;
};

struct typed_dump {
	struct dump_output out;
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct frame *stack;
	size_t depth, capacity;
	struct on_way *way;
	size_t way_count, way_capacity;
	uint64_t seed, values;
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

/* ---- The blocks that are being written ------------------------------------------ */

static size_t way_place(const struct typed_dump *d, uint64_t word)
{
	size_t at =
		(size_t)XXH3_64bits_withSeed(&word, sizeof(word), d->seed) & (d->way_capacity - 1);

	while (d->way[at].word != 0 && d->way[at].word != word)
		at = (at + 1) & (d->way_capacity - 1);
	return at;
}

static bool way_grow(struct typed_dump *d)
{
	struct on_way *old = d->way;
	size_t capacity = d->way_capacity;

	d->way_capacity = capacity == 0 ? 256 : 2 * capacity;
	d->way = calloc(d->way_capacity, sizeof(*d->way));
	if (d->way == NULL) {
		d->way = old;
		d->way_capacity = capacity;
		return false;
	}
	for (size_t i = 0; i < capacity; i++)
		if (old[i].word != 0)
			d->way[way_place(d, old[i].word)] = old[i];
	free(old);
	return true;
}

static void way_add(struct typed_dump *d, uint64_t word, uint32_t level)
{
	if (2 * d->way_count >= d->way_capacity && !way_grow(d)) {
		dump_output_no_memory(&d->out);
		return;
	}
	d->way[way_place(d, word)] = (struct on_way){word, level};
	d->way_count++;
}

/* Entries behind the gap that would not be found across it move up. */
static void way_remove(struct typed_dump *d, uint64_t word)
{
	size_t gap = way_place(d, word), at = gap, mask = d->way_capacity - 1;

	if (d->way[gap].word == 0)
		return;
	d->way_count--;
	for (;;) {
		size_t home;
		d->way[gap].word = 0;
		do {
			at = (at + 1) & mask;
			if (d->way[at].word == 0)
				return;
			home = (size_t)XXH3_64bits_withSeed(&d->way[at].word, sizeof(uint64_t),
							    d->seed) &
			       mask;
		} while (((at - home) & mask) < ((at - gap) & mask));
		d->way[gap] = d->way[at];
		gap = at;
	}
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

static void write_double(struct typed_dump *d, double number)
{
	if (isfinite(number)) {
		reader_json_double(&d->out.json, number);
		return;
	}
	member(d, "float");
	reader_json_double(&d->out.json, number);
	close_text(d, '}');
}

/* ---- Leaves ------------------------------------------------------------------------ */

static void write_string(struct typed_dump *d, struct ancient_typed typed, bool bytes)
{
	const char *text;
	size_t length;
	enum ancient_code code =
		ancient_typed_string(d->file, d->schema, typed, &text, &length, d->out.err);

	fail(d, code);
	if (code != ANCIENT_OK)
		return;
	if (!bytes) {
		reader_json_text(&d->out.json, text, length);
		return;
	}
	member(d, "bytes");
	reader_json_hex(&d->out.json, (const unsigned char *)text, length);
	close_text(d, '}');
}

static void write_z(struct typed_dump *d, struct ancient_typed typed)
{
	const uint64_t limit = d->out.options->limit;
	struct ancient_z z;
	char *digits;
	uint64_t low;
	enum ancient_code code = ancient_typed_z(d->file, d->schema, typed, &z, d->out.err);

	if (code == ANCIENT_OK && limit != 0 && z.bytes > limit)
		code = reader_refuse(d->file->name, d->out.err, ANCIENT_E_TOO_LARGE,
				     "an integer of %llu bytes", (unsigned long long)z.bytes);
	if (code == ANCIENT_OK)
		code = ancient_typed_z_text(d->file, d->schema, typed, &digits, d->out.err);
	fail(d, code);
	if (code != ANCIENT_OK)
		return;
	low = strlen(digits) < 18 ? strtoull(digits + (digits[0] == '-'), NULL, 10) : UINT64_MAX;
	reader_json_digits(&d->out.json, digits, low > 1ull << 53);
	free(digits);
}

static void write_char(struct typed_dump *d, int64_t code)
{
	const char c = (char)(unsigned char)code;

	reader_json_text(&d->out.json, &c, 1);
}

static void write_number(struct typed_dump *d, struct ancient_typed typed,
			 enum ancient_type_kind kind)
{
	int64_t integer;
	double number;
	enum ancient_code code;

	if (kind == ANCIENT_TYPE_FLOAT) {
		code = ancient_typed_float(d->file, d->schema, typed, &number, d->out.err);
		fail(d, code);
		if (code == ANCIENT_OK)
			write_double(d, number);
		return;
	}
	code = ancient_typed_int(d->file, d->schema, typed, &integer, d->out.err);
	fail(d, code);
	if (code != ANCIENT_OK)
		return;
	if (kind == ANCIENT_TYPE_UNIT)
		reader_json_null(&d->out.json);
	else if (kind == ANCIENT_TYPE_BOOL)
		reader_json_bool(&d->out.json, integer != 0);
	else if (kind == ANCIENT_TYPE_CHAR)
		write_char(d, integer);
	else
		reader_json_int(&d->out.json, integer);
}

static void write_bigarray(struct typed_dump *d, struct ancient_typed typed)
{
	struct ancient_bigarray array;
	enum ancient_code code =
		ancient_typed_bigarray(d->file, d->schema, typed, &array, d->out.err);

	fail(d, code);
	if (code == ANCIENT_OK)
		reader_dump_bigarray(&d->out, &array);
}

/* ---- Values with parts ------------------------------------------------------------- */

/* A frame for the value of `shape`; NULL where there is no memory, or where its block is on
 * the way already, which is then written. */
static struct frame *push(struct typed_dump *d, const struct typed_shape *shape, enum mode mode)
{
	bool block = !shape->flat && reader_is_pointer(shape->word) && !shape->type->unboxed;
	uint32_t level = d->depth == 0 ? 0 : d->stack[d->depth - 1].level;

	level += block && mode != NODE;

	if (block && d->way_capacity > 0) {
		const struct on_way *met = &d->way[way_place(d, shape->word)];
		if (met->word != 0) {
			write_reference(d, level - met->level);
			return NULL;
		}
	}
	if (block)
		way_add(d, shape->word, level);
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
	default: /* write_value has written the other kinds */
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
	if (type->kind == ANCIENT_TYPE_STRING || type->kind == ANCIENT_TYPE_BYTES) {
		write_string(d, typed, type->bytes);
	} else if (type->kind == ANCIENT_TYPE_Z) {
		write_z(d, typed);
	} else if (type->kind == ANCIENT_TYPE_BIGARRAY) {
		write_bigarray(d, typed);
	} else if (type->kind < ANCIENT_TYPE_FLOATARRAY) {
		write_number(d, typed, type->kind);
	} else {
		code = typed_open(d->file, d->schema, typed, true, &shape, d->out.err);
		fail(d, code);
		if (code == ANCIENT_OK)
			write_open(d, &shape);
	}
}

/* ---- Steps ------------------------------------------------------------------------- */

static void pop(struct typed_dump *d)
{
	struct frame *top = &d->stack[d->depth - 1];

	for (unsigned i = 0; top->closing[i] != '\0'; i++)
		close_text(d, top->closing[i]);
	if (top->word != 1)
		way_remove(d, top->word);
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

	if (code == ANCIENT_OK && word != d->stack[owner].word && d->way_capacity > 0 &&
	    d->way[way_place(d, word)].word != 0)
		code = typed_bad_shape(d->file, type, word, d->out.err, "a tree with an end");
	fail(d, code);
	if (code != ANCIENT_OK)
		return;
	if (word == d->stack[owner].word)
		shape.word = 1; /* on the way already, as the tree itself */
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
	/* The seed is secret, because the file chooses the words in the table. */
	if (getrandom(&d->seed, sizeof(d->seed), GRND_NONBLOCK) != sizeof(d->seed))
		d->seed = (uintptr_t)d;
	write_value(d, typed);
	while (d->depth > 0 && dump_output_good(&d->out))
		step(d);
	code = dump_output_finish(&d->out);
	free(d->stack);
	free(d->way);
	free(d);
	return code;
}
