/* c-reader/typed: iterators over lists, arrays, tables, maps and sets (FORMAT 12.4): the public
 * ancient_iterator_*, and ancient_reader_typed_iterate for scan.
 *
 * A list or bucket that leads back to itself is recognised when a word comes again.  A tree whose
 * branches meet, or buckets that lead into each other, are bounded by the words of the file. */
#include "typed/iterate.h"

#include "base/advice.h"
#include "typed/bucket.h"
#include "typed/elements.h"
#include "typed/fields.h"
#include "value/equality.h"

#define MANY 4096u /* elements of an array, buckets of a table: what is no part of an answer */

static enum ancient_code at_end(const struct ancient_iterator *it, struct ancient_error *err)
{
	return ancient_reader_refuse(it->file->name, err, ANCIENT_E_NO_INDEX, "the end of %.80s",
				     it->schema->types[it->type].name);
}

static enum ancient_code closed(const struct ancient_iterator *it, uint64_t word,
				struct ancient_error *err)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_SHAPE, 0, word - it->file->super.base, 0,
					   word};

	return ancient_reader_fail(it->file->name, err, &fault, "%.80s: leads back to itself",
				   it->schema->types[it->type].name);
}

static void chain_store(struct ancient_iterator *it, const struct reader_chain *chain)
{
	it->kept = chain->remembered;
	it->steps = chain->steps;
	it->until = chain->until;
}

static bool chain_closed(struct ancient_iterator *it, uint64_t word)
{
	struct reader_chain chain = {it->kept, it->steps, it->until};
	bool is = reader_chain_closed(&chain, word, reader_most(it->file, 3));

	chain_store(it, &chain);
	return is;
}

static void chain_start(struct ancient_iterator *it)
{
	it->kept = 1;
	it->steps = it->until = 0;
}

/* ---- Trees ------------------------------------------------------------------------- */

static unsigned tree_size(const struct ancient_iterator *it)
{
	return it->kind == ANCIENT_TYPE_MAP ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS;
}

static enum ancient_code tree_node(const struct ancient_iterator *it, uint64_t word,
				   struct reader_block *node, struct ancient_error *err)
{
	return typed_cell(it->file, &it->schema->types[it->type], word, tree_size(it),
			  it->kind == ANCIENT_TYPE_MAP ? "0 or a block of tag 0 and size 5"
						       : "0 or a block of tag 0 and size 4",
			  node, err);
}

/* Pushes a node, its left child, that one's left child, and so on. */
static enum ancient_code descend(struct ancient_iterator *it, uint64_t word,
				 struct ancient_error *err)
{
	struct reader_block node;

	while (word != 1) {
		enum ancient_code code = tree_node(it, word, &node, err);
		if (code != ANCIENT_OK)
			return code;
		if (it->depth == sizeof(it->stack) / sizeof(it->stack[0]))
			return ancient_reader_typed_bad_shape(it->file,
							      &it->schema->types[it->type], word,
							      err, "a tree of at most 128 levels");
		if (it->left-- == 0)
			return closed(it, word, err);
		it->stack[it->depth++] = word;
		word = reader_field(it->file, &node, TYPED_MAP_LEFT);
	}
	return ANCIENT_OK;
}

static enum ancient_code tree_next(struct ancient_iterator *it, struct ancient_typed *key,
				   struct ancient_typed *value, struct ancient_error *err)
{
	bool map = it->kind == ANCIENT_TYPE_MAP;
	struct reader_block node;
	enum ancient_code code;

	if (it->single != 0 ? it->head == 1 : it->depth == 0)
		return at_end(it, err);
	code = tree_node(it, it->single != 0 ? it->head : it->stack[it->depth - 1], &node, err);
	if (code != ANCIENT_OK)
		return code;
	if (it->single != 0)
		it->head = 1;
	else
		it->depth--;
	if (it->single == 0)
		code = descend(
			it, reader_field(it->file, &node, map ? TYPED_MAP_RIGHT : TYPED_SET_RIGHT),
			err);
	if (code != ANCIENT_OK)
		return code;
	*key = ancient_reader_typed_part(it->file, &node, TYPED_MAP_KEY, it->key_type);
	if (map)
		*value = ancient_reader_typed_part(it->file, &node, TYPED_MAP_DATA, it->value_type);
	return ANCIENT_OK;
}

/* ---- Lists, arrays ----------------------------------------------------------------- */

static enum ancient_code list_next(struct ancient_iterator *it, struct ancient_typed *key,
				   struct ancient_error *err)
{
	struct reader_block cell;
	enum ancient_code code;

	if (it->next == 1)
		return at_end(it, err);
	if (reader_is_pointer(it->next) && chain_closed(it, it->next))
		return closed(it, it->next, err);
	code = typed_cell(it->file, &it->schema->types[it->type], it->next, 2,
			  "0 or a block of tag 0 and size 2", &cell, err);
	if (code != ANCIENT_OK)
		return code;
	*key = ancient_reader_typed_part(it->file, &cell, 0, it->key_type);
	it->next = reader_field(it->file, &cell, 1);
	return ANCIENT_OK;
}

/* Opens the array again each time, because the iterator is the caller's memory. */
static enum ancient_code array_next(struct ancient_iterator *it, struct ancient_typed *key,
				    struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code;

	if (it->at >= it->count)
		return at_end(it, err);
	code = ancient_reader_typed_open(
		it->file, it->schema, ancient_typed_of((struct ancient_value){it->next}, it->type),
		false, &shape, err);
	if (code != ANCIENT_OK)
		return code;
	if (it->at >= shape.block.wosize)
		return at_end(it, err);
	*key = ancient_reader_typed_part(it->file, &shape.block, it->at++, it->key_type);
	return ANCIENT_OK;
}

/* ---- Tables ------------------------------------------------------------------------ */

/* Moves on to the first cell of the next bucket that has one. */
static enum ancient_code next_bucket(struct ancient_iterator *it, struct ancient_error *err)
{
	struct reader_block buckets;
	enum ancient_code code = typed_cell(it->file, &it->schema->types[it->type], it->head, 0,
					    "an array of buckets", &buckets, err);

	if (code != ANCIENT_OK)
		return code;
	while (it->next == 1 && it->at < it->count && it->at < buckets.wosize) {
		it->next = reader_field(it->file, &buckets, it->at++);
		it->stack[0] = it->next; /* the first cell of this bucket */
		chain_start(it);
	}
	return ANCIENT_OK;
}

static enum ancient_code table_next(struct ancient_iterator *it, struct ancient_typed *key,
				    struct ancient_typed *value, struct ancient_error *err)
{
	struct typed_bucket bucket;
	enum typed_bucket_step step;
	enum ancient_code code = ANCIENT_OK;

	if (it->next == 1)
		code = next_bucket(it, err);
	if (code != ANCIENT_OK)
		return code;
	if (it->next == 1)
		return at_end(it, err);
	bucket.next = it->next;
	bucket.chain = (struct reader_chain){it->kept, it->steps, it->until};
	step = typed_bucket_next(it->file, &bucket);
	chain_store(it, &bucket.chain);
	if (step != TYPED_BUCKET_RING && it->left-- == 0) /* buckets that lead into each other */
		step = TYPED_BUCKET_RING;
	if (step != TYPED_BUCKET_CELL)
		return ancient_reader_typed_bucket_fail(it->file, &it->schema->types[it->type],
							&bucket, step, "leads back to itself", err);
	it->cell = bucket.word;
	it->next = bucket.next;
	*key = ancient_reader_typed_part(it->file, &bucket.cell, TYPED_CONS_KEY, it->key_type);
	*value = ancient_reader_typed_part(it->file, &bucket.cell, TYPED_CONS_DATA, it->value_type);
	return ANCIENT_OK;
}

static enum ancient_code hidden(const struct ancient_iterator *it, bool *ret_hidden,
				struct ancient_error *err)
{
	const struct ancient_type *type = &it->schema->types[it->type];
	struct reader_budget budget;
	struct reader_block cell;
	enum ancient_code code =
		typed_cell(it->file, type, it->cell, TYPED_CONS_FIELDS, "a bucket", &cell, err);

	if (code != ANCIENT_OK)
		return code;
	ancient_reader_budget_init(&budget, it->file);
	code = ancient_reader_typed_bucket_hides(&budget, type, it->stack[0], it->cell,
						 reader_field(it->file, &cell, TYPED_CONS_KEY),
						 ret_hidden, err);
	ancient_reader_budget_done(&budget);
	return code;
}

enum ancient_code ancient_iterator_hidden(const struct ancient_iterator *iterator, bool *ret_hidden,
					  struct ancient_error *err)
{
	bool is = false;
	enum ancient_code code = ANCIENT_OK;

	if ((iterator->kind == ANCIENT_TYPE_HASHTBL || iterator->kind == ANCIENT_TYPE_HASHTABLE) &&
	    iterator->cell != 1 && iterator->cell != iterator->stack[0])
		code = reader_settle(iterator->file, hidden(iterator, &is, err), err);
	if (code == ANCIENT_OK)
		*ret_hidden = is;
	return code;
}

/* ---- All of them ------------------------------------------------------------------- */

static enum ancient_code start(struct ancient_iterator *it, const struct typed_shape *shape,
			       struct ancient_error *err)
{
	struct reader_block buckets;
	uint32_t seed;
	enum ancient_code code;

	switch (shape->type->kind) {
	case ANCIENT_TYPE_LIST:
		it->next = shape->word;
		return ANCIENT_OK;
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		it->next = shape->word;
		it->count = shape->block.wosize;
		return ANCIENT_OK;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		return descend(it, shape->word, err);
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		code = ancient_reader_typed_buckets(it->file, shape->type, &shape->block, &buckets,
						    &seed, err);
		if (code == ANCIENT_OK) {
			it->head = reader_field(it->file, &shape->block, TYPED_TABLE_DATA);
			it->count = buckets.wosize;
		}
		return code;
	default:
		return ancient_reader_typed_wrong_kind(it->file, shape->type,
						       "list, array, table, map or set", err);
	}
}

enum ancient_code ancient_iterator_init(const struct ancient_file *file,
					const struct ancient_schema *schema,
					struct ancient_typed typed,
					struct ancient_iterator *ret_iterator,
					struct ancient_error *err)
{
	struct ancient_iterator it;
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);

	if (code == ANCIENT_OK && typed_is_holder(shape.type->kind)) {
		code = ancient_typed_contents(file, schema, typed, &typed, err);
		if (code == ANCIENT_OK)
			code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);
	}
	if (code == ANCIENT_OK) {
		const struct ancient_type *type = shape.type;
		it = (struct ancient_iterator){.file = file,
					       .schema = schema,
					       .type = shape.number,
					       .kind = type->kind,
					       .next = 1,
					       .cell = 1,
					       .kept = 1,
					       .left = reader_most(file, 4)};
		if (type->argument_count > 0 || type->kind == ANCIENT_TYPE_FLOATARRAY)
			it.key_type = ancient_reader_typed_element(schema, shape.number);
		if (type->argument_count > 1)
			it.value_type = type->arguments[1];
		code = start(&it, &shape, err);
	}
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK && it.count >= MANY)
		reader_scans(file);
	if (code == ANCIENT_OK)
		*ret_iterator = it;
	return code;
}

enum ancient_code ancient_reader_typed_iterate(struct ancient_iterator *it,
					       struct ancient_typed *key,
					       struct ancient_typed *value,
					       struct ancient_error *err)
{
	switch (it->kind) {
	case ANCIENT_TYPE_LIST:
		return list_next(it, key, err);
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		return array_next(it, key, err);
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		return tree_next(it, key, value, err);
	default:
		return table_next(it, key, value, err);
	}
}

/* The next one whose key equals iterator->only. */
static enum ancient_code next_of_key(struct ancient_iterator *it, struct ancient_typed *key,
				     struct ancient_typed *value, struct ancient_error *err)
{
	struct lookup_equality equality;
	enum ancient_code code;
	bool is = false;

	lookup_equality_init(&equality, it->file);
	do { /* as often as there are bindings */
		code = ancient_reader_typed_iterate(it, key, value, err);
		if (code == ANCIENT_OK)
			code = ancient_reader_lookup_equal(&equality, key->value.word,
							   lookup_key(it->only), &is, err);
	} while (code == ANCIENT_OK && !is);
	ancient_reader_lookup_equality_done(&equality);
	return code;
}

enum ancient_code ancient_iterator_next(struct ancient_iterator *iterator,
					struct ancient_typed *ret_key,
					struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct ancient_typed key = {0}, value = {0};
	enum ancient_code code;

	if (READER_LIKELY(iterator->only == NULL))
		code = ancient_reader_typed_iterate(iterator, &key, &value, err);
	else
		code = next_of_key(iterator, &key, &value, err);
	code = reader_settle(iterator->file, code, err);
	if (code != ANCIENT_OK)
		return code;
	*ret_key = key;
	if (ret_value != NULL &&
	    (iterator->kind == ANCIENT_TYPE_MAP || iterator->kind == ANCIENT_TYPE_HASHTBL ||
	     iterator->kind == ANCIENT_TYPE_HASHTABLE))
		*ret_value = value;
	return ANCIENT_OK;
}
