/* c-reader: finding keys in tables, maps and sets in place (FORMAT 12.4).
 *
 * A declared order or hash is not believed where it would hide a binding: before a key is said
 * to be absent, the way there is held against the declaration, and where they disagree every
 * binding is looked at. */
#include <stdio.h>

#include "lookup.h"
#include "typed.h"

#define TREE_LEVELS 128u
#define PROBED_KEYS 8u
#define PROBED_BUCKETS 64u

struct search {
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	struct ancient_typed typed;
	const struct ancient_key *key;
	struct typed_shape shape;
	struct ancient_error *err;
};

enum ancient_code lookup_absent(const struct ancient_file *file, const struct ancient_key *key,
				struct ancient_error *err)
{
	if (key->kind == ANCIENT_KEY_STRING)
		return reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "\"%.*s\"",
				     (int)(key->count < 64 ? key->count : 64), key->as.bytes);
	if (key->kind == ANCIENT_KEY_INT)
		return reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "%lld",
				     (long long)key->as.integer);
	return reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "%s", "");
}

/* ---- Tables ------------------------------------------------------------------------ */

/* From `word` on along a bucket; *ret_cell is 1 where it has no such key. */
static enum ancient_code search_bucket(const struct search *s, uint64_t word,
				       struct reader_block *cell, uint64_t *ret_cell)
{
	const uint64_t most = s->file->super.used / (4 * ANCIENT_WORD);
	struct reader_chain chain = READER_CHAIN_START;

	for (*ret_cell = 1; word != 1;) {
		bool found;
		enum ancient_code code =
			typed_cell(s->file, s->shape.type, word, TYPED_CONS_FIELDS,
				   "0 or a bucket of tag 0 and size 3", cell, s->err);
		if (code == ANCIENT_OK)
			code = lookup_equal(
				s->file,
				(struct ancient_value){reader_field(s->file, cell, TYPED_CONS_KEY)},
				s->key, &found, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (found) {
			*ret_cell = word;
			return ANCIENT_OK;
		}
		word = reader_field(s->file, cell, TYPED_CONS_NEXT);
		if (reader_is_pointer(word) && reader_chain_closed(&chain, word, most)) {
			const struct reader_fault fault = {ANCIENT_E_BAD_SHAPE, 0,
							   word - s->file->super.base, 0, word};
			return reader_fail(s->file->name, s->err, &fault,
					   "%.80s: a bucket that leads back to itself",
					   s->shape.type->name);
		}
	}
	return ANCIENT_OK;
}

/* Whether a few keys from this bucket on are where the standard hash puts them. */
static enum ancient_code probe_table(const struct search *s, const struct reader_block *buckets,
				     uint64_t from, bool *ret_refuted)
{
	const uint64_t mask = buckets->wosize - 1;
	unsigned keys = 0;

	/* Where the hash is another, all keys may be elsewhere: it takes at least one. */
	for (uint64_t i = 0; i <= mask && keys < PROBED_KEYS; i++) {
		if (i >= PROBED_BUCKETS && keys > 0)
			break;
		uint64_t at = (from + i) & mask, word = reader_field(s->file, buckets, at);
		while (word != 1 && keys++ < PROBED_KEYS) {
			struct reader_block cell;
			uint32_t hash;
			enum ancient_code code =
				typed_cell(s->file, s->shape.type, word, TYPED_CONS_FIELDS,
					   "0 or a bucket of tag 0 and size 3", &cell, s->err);
			if (code != ANCIENT_OK)
				return code;
			code = lookup_hash(
				s->file, lookup_word(reader_field(s->file, &cell, TYPED_CONS_KEY)),
				0, &hash, s->err);
			if (code != ANCIENT_OK && code != ANCIENT_E_WRONG_KIND)
				return code;
			if (code == ANCIENT_E_WRONG_KIND || (hash & mask) != at) {
				*ret_refuted = true;
				return ANCIENT_OK;
			}
			word = reader_field(s->file, &cell, TYPED_CONS_NEXT);
		}
	}
	return ANCIENT_OK;
}

/* The bucket of the key, by its hash; *ret_hashed is false where the table's hash is not
 * known. */
static enum ancient_code find_bucket(const struct search *s, struct reader_block *buckets,
				     uint64_t *ret_at, bool *ret_hashed)
{
	bool any = s->shape.type->kind == ANCIENT_TYPE_HASHTBL;
	uint32_t seed = 0, hash = 0;
	enum ancient_code code =
		typed_buckets(s->file, s->shape.type, &s->shape.block, buckets, &seed, s->err);

	*ret_hashed = false;
	if (code != ANCIENT_OK || (!any && !s->shape.type->standard))
		return code;
	code = lookup_hash(s->file, lookup_key(s->key), any ? seed : 0, &hash, s->err);
	if (code == ANCIENT_E_WRONG_KIND)
		return ANCIENT_OK;
	*ret_hashed = code == ANCIENT_OK;
	*ret_at = hash & (buckets->wosize - 1);
	return code;
}

/* The place of the key's binding, 1 for none; *ret_linear: look at all of them. */
static enum ancient_code search_table(const struct search *s, struct reader_block *cell,
				      uint64_t *ret_cell, bool *ret_linear)
{
	struct reader_block buckets;
	uint64_t at = 0;
	bool hashed;
	enum ancient_code code = find_bucket(s, &buckets, &at, &hashed);

	*ret_linear = code == ANCIENT_OK && !hashed;
	if (code != ANCIENT_OK || !hashed)
		return code;
	code = search_bucket(s, reader_field(s->file, &buckets, at), cell, ret_cell);
	if (code == ANCIENT_OK && *ret_cell == 1 && s->shape.type->kind == ANCIENT_TYPE_HASHTABLE)
		code = probe_table(s, &buckets, at, ret_linear);
	return code;
}

/* ---- Trees ------------------------------------------------------------------------- */

struct way {
	uint64_t key[TREE_LEVELS]; /* the keys on the way down */
	bool right[TREE_LEVELS];   /* where it went from there */
	unsigned depth;
};

/* Whether each key on the way lies between those that it was to lie between. */
static enum ancient_code probe_way(const struct search *s, const struct way *way, bool *ret_refuted)
{
	uint64_t low = 0, high = 0; /* 0: none */

	for (unsigned i = 0; i < way->depth; i++) {
		enum ancient_code code = ANCIENT_OK;
		int order = 1;
		if (low != 0)
			code = lookup_compare(s->file, lookup_word(way->key[i]), lookup_word(low),
					      &order, s->err);
		if (code == ANCIENT_OK && order > 0 && high != 0)
			code = lookup_compare(s->file, lookup_word(high), lookup_word(way->key[i]),
					      &order, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (order <= 0) {
			*ret_refuted = true;
			return ANCIENT_OK;
		}
		if (way->right[i])
			low = way->key[i];
		else
			high = way->key[i];
	}
	return ANCIENT_OK;
}

static enum ancient_code search_tree(const struct search *s, struct reader_block *node,
				     uint64_t *ret_node, bool *ret_linear)
{
	bool map = s->shape.type->kind == ANCIENT_TYPE_MAP;
	uint64_t word = s->shape.word;
	struct way way;

	*ret_node = 1;
	*ret_linear = !s->shape.type->standard;
	way.depth = 0;
	while (word != 1 && !*ret_linear) {
		int order = 0;
		enum ancient_code code = typed_cell(s->file, s->shape.type, word,
						    map ? TYPED_MAP_FIELDS : TYPED_SET_FIELDS,
						    map ? "0 or a block of tag 0 and size 5"
							: "0 or a block of tag 0 and size 4",
						    node, s->err);
		if (code == ANCIENT_OK && way.depth == TREE_LEVELS)
			code = typed_bad_shape(s->file, s->shape.type, word, s->err,
					       "a tree of at most %u levels", TREE_LEVELS);
		if (code != ANCIENT_OK)
			return code;
		way.key[way.depth] = reader_field(s->file, node, TYPED_MAP_KEY);
		code = lookup_compare(s->file, lookup_word(way.key[way.depth]), lookup_key(s->key),
				      &order, s->err);
		if (code != ANCIENT_OK)
			return code;
		if (order == 0) {
			*ret_node = word;
			return ANCIENT_OK;
		}
		way.right[way.depth++] = order < 0;
		word = reader_field(s->file, node,
				    order > 0 ? TYPED_MAP_LEFT
				    : map     ? TYPED_MAP_RIGHT
					      : TYPED_SET_RIGHT);
	}
	return *ret_linear ? ANCIENT_OK : probe_way(s, &way, ret_linear);
}

/* ---- Both -------------------------------------------------------------------------- */

static enum ancient_code search_start(struct search *s)
{
	enum ancient_code code = typed_open(s->file, s->schema, s->typed, false, &s->shape, s->err);

	if (code != ANCIENT_OK)
		return code;
	switch (s->shape.type->kind) {
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		return ANCIENT_OK;
	default:
		return typed_wrong_kind(s->file, s->shape.type, "table, map or set", s->err);
	}
}

static bool is_tree(const struct search *s)
{
	return s->shape.type->kind == ANCIENT_TYPE_MAP || s->shape.type->kind == ANCIENT_TYPE_SET;
}

static enum ancient_code linear_start(const struct search *s, struct ancient_iterator *it)
{
	enum ancient_code code = ancient_iterator_init(s->file, s->schema, s->typed, it, s->err);

	if (code == ANCIENT_OK)
		it->only = s->key;
	return code;
}

static enum ancient_code find_linear(const struct search *s, struct ancient_typed *found)
{
	struct ancient_iterator it;
	struct ancient_typed key, value = {0};
	enum ancient_code code = linear_start(s, &it);

	if (code == ANCIENT_OK)
		code = ancient_iterator_next(&it, &key, &value, s->err);
	if (code == ANCIENT_E_NO_INDEX)
		return lookup_absent(s->file, s->key, s->err);
	if (code == ANCIENT_OK)
		*found = s->shape.type->kind == ANCIENT_TYPE_SET ? key : value;
	return code;
}

static enum ancient_code find(struct search *s, struct ancient_typed *found)
{
	struct reader_block block;
	uint64_t word = 1;
	bool linear = false;
	enum ancient_code code = search_start(s);

	if (code != ANCIENT_OK)
		return code;
	code = is_tree(s) ? search_tree(s, &block, &word, &linear)
			  : search_table(s, &block, &word, &linear);
	if (code != ANCIENT_OK)
		return code;
	if (linear)
		return find_linear(s, found);
	if (word == 1)
		return lookup_absent(s->file, s->key, s->err);
	switch (s->shape.type->kind) {
	case ANCIENT_TYPE_SET:
		*found = typed_part(s->file, &block, TYPED_SET_KEY, s->shape.type->arguments[0]);
		break;
	case ANCIENT_TYPE_MAP:
		*found = typed_part(s->file, &block, TYPED_MAP_DATA, s->shape.type->arguments[1]);
		break;
	default:
		*found = typed_part(s->file, &block, TYPED_CONS_DATA, s->shape.type->arguments[1]);
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_find(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, const struct ancient_key *key,
				     struct ancient_typed *ret_value, struct ancient_error *err)
{
	struct search s = {.file = file, .schema = schema, .typed = typed, .key = key, .err = err};
	struct ancient_typed found;
	enum ancient_code code = reader_settle(file, find(&s, &found), err);

	if (code == ANCIENT_OK)
		*ret_value = found;
	return code;
}

static enum ancient_code start_key(struct search *s, struct ancient_iterator *it)
{
	struct reader_block block;
	uint64_t word = 1;
	bool linear = false;
	enum ancient_code code = search_start(s);

	if (code != ANCIENT_OK)
		return code;
	code = is_tree(s) ? search_tree(s, &block, &word, &linear)
			  : search_table(s, &block, &word, &linear);
	if (code == ANCIENT_OK)
		code = linear_start(s, it);
	if (code != ANCIENT_OK || linear)
		return code;
	/* At most one node, or what is left of one bucket. */
	it->depth = 0;
	it->at = it->count;
	if (is_tree(s)) {
		it->head = word;
	} else {
		it->next = it->stack[0] = word;
	}
	it->single = is_tree(s);
	return ANCIENT_OK;
}

enum ancient_code
ancient_iterator_init_key(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed typed, const struct ancient_key *key,
			  struct ancient_iterator *ret_iterator, struct ancient_error *err)
{
	struct search s = {.file = file, .schema = schema, .typed = typed, .key = key, .err = err};
	struct ancient_iterator it;
	enum ancient_code code = reader_settle(file, start_key(&s, &it), err);

	if (code == ANCIENT_OK)
		*ret_iterator = it;
	return code;
}
