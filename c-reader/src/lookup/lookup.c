/* c-reader/lookup: finding keys in tables, maps and sets, in place (FORMAT 12.4): the public
 * ancient_typed_find, ancient_lookup_* and ancient_iterator_init_key.
 *
 * A declared order or hash is not trusted where it would hide a binding: before a key is reported
 * absent, the path or bucket is compared with the declaration, and where they disagree every
 * binding is compared with the key.
 *
 * A Hashtbl is searched once, inline (lookup_hashtbl.h), whether the key is there or not; only
 * where that search met something unusual is the bucket searched again, with every test. */
#include "lookup/lookup.h"

#include "base/advice.h"
#include "lookup/key_type.h"
#include "lookup/lookup_hashtbl.h"
#include "lookup/lookup_tree.h"
#include "typed/bucket.h"
#include "typed/fields.h"
#include "typed/layout.h"

/* ---- The container ------------------------------------------------------------------ */

/* Opens a well-formed Hashtbl without ancient_reader_typed_open, which tests the same in more
 * steps. */
static bool open_hashtbl(struct lookup_search *s)
{
	const struct ancient_type *type = typed_word_type(s->schema, s->typed);
	struct lookup_buckets buckets;

	if (type == NULL || type->kind != ANCIENT_TYPE_HASHTBL ||
	    !lookup_hashtbl_open(s->file, s->typed.value.word, &buckets))
		return false;
	s->buckets = (struct reader_block){buckets.offset, buckets.mask + 1, 0};
	s->seed = buckets.seed;
	s->shape.type = type;
	s->shape.number = s->typed.type;
	s->shape.word = s->typed.value.word;
	s->known = true;
	s->tree = false;
	return true;
}

enum ancient_code ancient_reader_lookup_open_container(struct lookup_search *s)
{
	const struct ancient_type *type;
	enum ancient_code code;

	if (READER_LIKELY(open_hashtbl(s)))
		return ANCIENT_OK;
	code = ancient_reader_typed_open(s->file, s->schema, s->typed, false, &s->shape, s->err);
	if (code != ANCIENT_OK)
		return code;
	type = s->shape.type;
	s->known = type->standard || type->kind == ANCIENT_TYPE_HASHTBL;
	switch (type->kind) {
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		s->tree = false;
		code = ancient_reader_typed_buckets(s->file, type, &s->shape.block, &s->buckets,
						    &s->seed, s->err);
		/* Declared standard means made by Hashtbl.Make, which uses no seed. */
		if (type->kind == ANCIENT_TYPE_HASHTABLE)
			s->seed = 0;
		return code;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		s->tree = true;
		return ANCIENT_OK;
	default:
		return ancient_reader_typed_wrong_kind(s->file, type, "table, map or set", s->err);
	}
}

/* The value in a cell or node; the element of a set. */
static struct ancient_typed search_value(const struct lookup_search *s,
					 const struct reader_block *block)
{
	const struct ancient_type *type = s->shape.type;

	if (type->kind == ANCIENT_TYPE_SET)
		return ancient_reader_typed_part(s->file, block, TYPED_SET_KEY, type->arguments[0]);
	return ancient_reader_typed_part(s->file, block, s->tree ? TYPED_MAP_DATA : TYPED_CONS_DATA,
					 type->arguments[1]);
}

static enum ancient_code locate(const struct lookup_search *s, struct lookup_place *ret_place)
{
	return s->tree ? ancient_reader_lookup_tree_find(s, ret_place)
		       : ancient_reader_lookup_hashtbl_find(s, ret_place);
}

/* ---- Every binding ----------------------------------------------------------------- */

static enum ancient_code linear_start(const struct lookup_search *s, struct ancient_iterator *it)
{
	enum ancient_code code = ancient_iterator_init(s->file, s->schema, s->typed, it, s->err);

	if (code == ANCIENT_OK)
		it->only = s->key.given;
	return code;
}

static enum ancient_code find_linear(const struct lookup_search *s, struct ancient_typed *found)
{
	struct ancient_iterator it;
	struct ancient_typed key, value = {0};
	enum ancient_code code = linear_start(s, &it);

	if (code == ANCIENT_OK)
		code = ancient_iterator_next(&it, &key, &value, s->err);
	if (code == ANCIENT_E_NO_INDEX)
		return ANCIENT_E_NO_KEY;
	if (code == ANCIENT_OK)
		*found = s->shape.type->kind == ANCIENT_TYPE_SET ? key : value;
	return code;
}

/* ---- One binding ------------------------------------------------------------------- */

enum ancient_code ancient_reader_lookup_find(const struct lookup_search *s,
					     struct ancient_typed *ret_found)
{
	struct lookup_place place;
	enum ancient_code code = locate(s, &place);

	if (code != ANCIENT_OK)
		return code;
	if (place.linear)
		return find_linear(s, ret_found);
	if (place.word == 1)
		return ANCIENT_E_NO_KEY;
	*ret_found = search_value(s, &place.block);
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_lookup_no_key(const struct ancient_file *file,
					       const struct ancient_key *key,
					       struct ancient_error *err)
{
	if (err == NULL)
		return ANCIENT_E_NO_KEY;
	if (key->kind == ANCIENT_KEY_STRING)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "\"%.*s\"",
					     (int)(key->count < 64 ? key->count : 64),
					     key->as.bytes);
	if (key->kind == ANCIENT_KEY_INT)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "%lld",
					     (long long)key->as.integer);
	return ancient_reader_refuse(file->name, err, ANCIENT_E_NO_KEY, "%s", "");
}

/* The same in a container of `type`: WRONG_KIND where it can have no such key. */
static enum ancient_code no_key(const struct ancient_file *file,
				const struct ancient_schema *schema,
				const struct ancient_type *type, const struct ancient_key *key,
				struct ancient_error *err)
{
	enum ancient_code code = lookup_key_type(file, schema, type->arguments[0], key, err);

	return code == ANCIENT_OK ? ancient_reader_lookup_no_key(file, key, err) : code;
}

static enum ancient_code find_any(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  const struct ancient_key *key, struct ancient_typed *ret_value,
				  struct ancient_error *err)
{
	struct lookup_equality equality;
	struct lookup_search s;
	struct ancient_typed found;
	enum ancient_code code;

	lookup_equality_init(&equality, file);
	s.equality = &equality;

	s.file = file;
	s.schema = schema;
	s.typed = typed;
	s.err = err;
	lookup_key_init(&s.key, key);
	code = ancient_reader_lookup_open_container(&s);
	if (code == ANCIENT_OK)
		code = ancient_reader_lookup_find(&s, &found);
	ancient_reader_lookup_equality_done(&equality);
	if (code == ANCIENT_E_NO_KEY)
		code = no_key(file, schema, s.shape.type, key, err);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_value = found;
	return code;
}

/* What the inline search did not find, having come to `word`.  1 is the end of a bucket of which
 * every cell was seen; otherwise, and in a file torn away, it is searched with every test. */
static READER_COLD enum ancient_code
find_again(const struct ancient_file *file, const struct ancient_schema *schema,
	   struct ancient_typed typed, uint64_t word, const struct ancient_key *key,
	   struct ancient_typed *ret_value, struct ancient_error *err)
{
	const struct ancient_type *type;

	if (word == 1 && reader_stands(file)) {
		for (type = &schema->types[typed.type]; type->unboxed;)
			type = &schema->types[ancient_reader_typed_inside(type)];
		return no_key(file, schema, type, key, err);
	}
	return find_any(file, schema, typed, key, ret_value, err);
}

enum ancient_code ancient_typed_find(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, const struct ancient_key *key,
				     struct ancient_typed *ret_value, struct ancient_error *err)
{
	const struct ancient_type *type = typed_word_type(schema, typed);
	struct lookup_buckets buckets;
	struct ancient_value value = {0};

	reader_looks_up(file);
	if (type == NULL || type->kind != ANCIENT_TYPE_HASHTBL ||
	    !lookup_hashtbl_open(file, typed.value.word, &buckets) ||
	    !lookup_hashtbl_get(file, &buckets, key, &value.word) || !reader_stands(file))
		return find_again(file, schema, typed, value.word, key, ret_value, err);
	*ret_value = ancient_typed_of(value, type->arguments[1]);
	return ANCIENT_OK;
}

/* ---- A container opened once --------------------------------------------------------- */

void ancient_lookup_init(const struct ancient_file *file, const struct ancient_schema *schema,
			 struct ancient_typed typed, struct ancient_lookup *ret_lookup)
{
	struct lookup_search search = {.file = file, .schema = schema, .typed = typed};
	struct ancient_lookup lookup = {.file = file, .schema = schema, .typed = typed};

	reader_looks_up(file);
	if (reader_settle(file, ancient_reader_lookup_open_container(&search), NULL) ==
		    ANCIENT_OK &&
	    search.shape.type->kind == ANCIENT_TYPE_HASHTBL) {
		lookup.buckets = search.buckets.offset;
		lookup.mask = search.buckets.wosize - 1;
		lookup.seed = search.seed;
		lookup.value_type = search.shape.type->arguments[1];
	}
	*ret_lookup = lookup;
}

enum ancient_code ancient_lookup_find(const struct ancient_lookup *lookup,
				      const struct ancient_key *key,
				      struct ancient_typed *ret_value, struct ancient_error *err)
{
	const struct lookup_buckets buckets = {lookup->buckets, lookup->mask, lookup->seed};
	struct ancient_value value = {0};

	if (lookup->buckets == 0 || !lookup_hashtbl_get(lookup->file, &buckets, key, &value.word) ||
	    !reader_stands(lookup->file))
		return find_again(lookup->file, lookup->schema, lookup->typed, value.word, key,
				  ret_value, err);
	*ret_value = ancient_typed_of(value, lookup->value_type);
	return ANCIENT_OK;
}

/* ---- The bindings of one key ------------------------------------------------------- */

static enum ancient_code start_key(struct lookup_search *s, struct ancient_iterator *it)
{
	struct lookup_place place;
	enum ancient_code code = ancient_reader_lookup_open_container(s);

	if (code == ANCIENT_OK)
		code = locate(s, &place);
	if (code == ANCIENT_OK && (place.linear || place.word == 1))
		code = lookup_key_type(s->file, s->schema, s->shape.type->arguments[0],
				       s->key.given, s->err);
	if (code == ANCIENT_OK)
		code = linear_start(s, it);
	if (code != ANCIENT_OK || place.linear)
		return code;
	/* The node alone, or the rest of its bucket. */
	it->depth = 0;
	it->at = it->count;
	if (s->tree)
		it->head = place.word;
	else
		it->next = it->stack[0] = place.word;
	it->single = s->tree;
	return ANCIENT_OK;
}

enum ancient_code
ancient_iterator_init_key(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed typed, const struct ancient_key *key,
			  struct ancient_iterator *ret_iterator, struct ancient_error *err)
{
	struct lookup_search s = {.file = file, .schema = schema, .typed = typed, .err = err};
	struct lookup_equality equality;
	struct ancient_iterator it;
	enum ancient_code code;

	reader_looks_up(file);
	lookup_equality_init(&equality, file);
	s.equality = &equality;
	lookup_key_init(&s.key, key);
	code = reader_settle(file, start_key(&s, &it), err);
	ancient_reader_lookup_equality_done(&equality);
	if (code == ANCIENT_OK)
		*ret_iterator = it;
	return code;
}
