/* c-reader/dump: the begin of a typed value as JSON (typed_dump_value.h). */
#include "dump/typed_dump_value.h"

#include "base/error.h"
#include "typed/bucket.h"
#include "typed/elements.h"
#include "dump/typed_dump_leaf.h"

#define LOOK_EVERY 65536u /* cells of a list, between two tests whether the file is torn */

static void push_fields(struct typed_dump *d, const struct typed_shape *shape,
			const struct ancient_field *fields, uint32_t count, bool named,
			const char *constructor)
{
	struct typed_frame *frame = ancient_reader_typed_dump_push(d, shape, DUMP_FIELDS);

	if (frame == NULL)
		return;
	frame->fields = fields;
	frame->end = count;
	frame->object = named;
	frame->skip = shape->type->kind == ANCIENT_TYPE_POLYVARIANT ? 1 : 0;
	frame->closing[0] = named ? '}' : ']';
	if (constructor != NULL) {
		frame->closing[1] = '}';
		ancient_reader_typed_dump_member(d, constructor);
	}
	ancient_reader_json_begin(&d->out.json, named ? '{' : '[');
}

static void write_variant(struct typed_dump *d, const struct typed_shape *shape)
{
	const struct ancient_constructor *c = &shape->type->constructors[shape->constructor];

	if (c->constant)
		ancient_reader_json_string(&d->out.json, c->name);
	else
		push_fields(d, shape, c->fields, c->field_count, c->inline_record, c->name);
}

/* One value inside of a block, with a name around it where that is not NULL. */
static void push_one(struct typed_dump *d, const struct typed_shape *shape, uint32_t part,
		     const char *name)
{
	struct typed_frame *frame = ancient_reader_typed_dump_push(d, shape, DUMP_ONE);

	if (frame == NULL)
		return;
	frame->parts[0] = part;
	frame->end = 1;
	if (name != NULL) {
		frame->closing[0] = '}';
		ancient_reader_typed_dump_member(d, name);
	}
}

/* How many cells a list has before it ends or leads back to one of them. */
static uint64_t count_cells(struct typed_dump *d, const struct ancient_type *type, uint64_t head)
{
	const uint64_t most = reader_most(d->file, 3);
	struct reader_chain chain = READER_CHAIN_START;
	uint64_t count = 0, word = head, ahead;
	struct reader_block cell;

	for (; word != 1; count++) {
		enum ancient_code code =
			typed_cell(d->file, type, word, 2, "0 or a block of tag 0 and size 2",
				   &cell, d->out.err);
		ancient_reader_typed_dump_note(d, code);
		if (code != ANCIENT_OK)
			return 0;
		word = reader_field(d->file, &cell, 1);
		if (count % LOOK_EVERY == 0)
			ancient_reader_typed_dump_note(
				d, reader_settle(d->file, ANCIENT_OK, d->out.err));
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

static void push_container(struct typed_dump *d, const struct typed_shape *shape,
			   enum typed_dump_mode mode)
{
	struct typed_frame *frame;
	uint64_t cells = mode == DUMP_CELLS ? count_cells(d, shape->type, shape->word) : 0;
	uint32_t seed;

	if (!dump_output_good(&d->out))
		return;
	frame = ancient_reader_typed_dump_push(d, shape, mode);
	if (frame == NULL)
		return;
	if (mode == DUMP_TABLE) {
		struct reader_block buckets = {0};
		ancient_reader_typed_dump_note(
			d, ancient_reader_typed_buckets(d->file, shape->type, &shape->block,
							&buckets, &seed, d->out.err));
		frame->block = buckets;
		frame->end = buckets.wosize;
	}
	if (mode == DUMP_TABLE || (mode == DUMP_TREE && shape->type->kind == ANCIENT_TYPE_MAP)) {
		const struct ancient_type *key = &d->schema->types[shape->type->arguments[0]];
		frame->object = key->kind == ANCIENT_TYPE_STRING && !key->bytes;
	}
	frame->next = mode == DUMP_TREE || mode == DUMP_CELLS ? shape->word
		      : mode == DUMP_TABLE                    ? 1
							      : 0;
	if (mode == DUMP_CELLS)
		frame->end = cells;
	if (mode == DUMP_ELEMENTS)
		frame->end = shape->block.wosize;
	frame->closing[0] = frame->object ? '}' : ']';
	ancient_reader_json_begin(&d->out.json, frame->object ? '{' : '[');
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
			ancient_reader_json_null(&d->out.json);
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
		push_container(d, shape, DUMP_CELLS);
		break;
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		push_container(d, shape, DUMP_ELEMENTS);
		break;
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		push_container(d, shape, DUMP_TABLE);
		break;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		push_container(d, shape, DUMP_TREE);
		break;
	default: /* ancient_reader_typed_dump_leaf has written the other kinds */
		break;
	}
}

void ancient_reader_typed_dump_value(struct typed_dump *d, struct ancient_typed typed)
{
	const struct ancient_type *type;
	struct typed_shape shape;
	enum ancient_code code;

	/* Types have an end through lazies and unboxed ones, and a queue's is a list's. */
	for (type = &d->schema->types[typed.type];
	     type->kind == ANCIENT_TYPE_LAZY || typed_is_holder(type->kind);
	     type = &d->schema->types[typed.type]) {
		code = ancient_typed_contents(d->file, d->schema, typed, &typed, d->out.err);
		ancient_reader_typed_dump_note(d, code);
		if (code != ANCIENT_OK)
			return;
	}
	ancient_reader_typed_dump_step(d);
	if (ancient_reader_typed_dump_leaf(&d->out, d->schema, type, typed))
		return;
	code = ancient_reader_typed_open(d->file, d->schema, typed, true, &shape, d->out.err);
	ancient_reader_typed_dump_note(d, code);
	if (code == ANCIENT_OK)
		write_open(d, &shape);
}
