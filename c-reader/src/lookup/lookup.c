/* c-reader: finding keys in tables, maps and sets in place (FORMAT 12.4).
 *
 * A declared order or hash is not believed where it would hide a binding: before a key is said
 * to be absent, the way there is held against the declaration, and where they disagree every
 * binding is looked at. */
#include "lookup/lookup_quick.h"
#include "lookup/lookup_search.h"

/* A good Hashtbl, which is opened for each lookup: the same tests, and no more. */
static bool open_hashtbl(struct lookup_search *s)
{
	const struct ancient_type *type = typed_quick_type(s->schema, s->typed);
	struct lookup_buckets buckets;

	if (type == NULL || type->kind != ANCIENT_TYPE_HASHTBL ||
	    !lookup_quick_open(s->file, s->typed.value.word, &buckets))
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

enum ancient_code lookup_search_open(struct lookup_search *s)
{
	const struct ancient_type *type;
	enum ancient_code code;

	if (READER_LIKELY(open_hashtbl(s)))
		return ANCIENT_OK;
	code = typed_open(s->file, s->schema, s->typed, false, &s->shape, s->err);
	if (code != ANCIENT_OK)
		return code;
	type = s->shape.type;
	s->known = type->standard || type->kind == ANCIENT_TYPE_HASHTBL;
	switch (type->kind) {
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		s->tree = false;
		code = typed_buckets(s->file, type, &s->shape.block, &s->buckets, &s->seed, s->err);
		/* One that a program declares standard was made by Hashtbl.Make: it has no seed. */
		if (type->kind == ANCIENT_TYPE_HASHTABLE)
			s->seed = 0;
		return code;
	case ANCIENT_TYPE_MAP:
	case ANCIENT_TYPE_SET:
		s->tree = true;
		return ANCIENT_OK;
	default:
		return typed_wrong_kind(s->file, type, "table, map or set", s->err);
	}
}

struct ancient_typed lookup_search_value(const struct lookup_search *s,
					 const struct reader_block *block)
{
	const struct ancient_type *type = s->shape.type;

	if (type->kind == ANCIENT_TYPE_SET)
		return typed_part(s->file, block, TYPED_SET_KEY, type->arguments[0]);
	return typed_part(s->file, block, s->tree ? TYPED_MAP_DATA : TYPED_CONS_DATA,
			  type->arguments[1]);
}

static enum ancient_code locate(const struct lookup_search *s, struct lookup_spot *ret_spot)
{
	return s->tree ? lookup_search_tree(s, ret_spot) : lookup_search_table(s, ret_spot);
}

/* ---- Every binding ----------------------------------------------------------------- */

static enum ancient_code linear_start(const struct lookup_search *s, struct ancient_iterator *it)
{
	enum ancient_code code = ancient_iterator_init(s->file, s->schema, s->typed, it, s->err);

	if (code == ANCIENT_OK)
		it->only = s->probe.key;
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

enum ancient_code lookup_search_find(const struct lookup_search *s, struct ancient_typed *ret_found)
{
	struct lookup_spot spot;
	enum ancient_code code = locate(s, &spot);

	if (code != ANCIENT_OK)
		return code;
	if (spot.linear)
		return find_linear(s, ret_found);
	if (spot.word == 1)
		return ANCIENT_E_NO_KEY;
	*ret_found = lookup_search_value(s, &spot.block);
	return ANCIENT_OK;
}

/* NO_KEY, with the key where that is a string or an integer. */
static enum ancient_code absent(const struct ancient_file *file, const struct ancient_key *key,
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

static enum ancient_code find_any(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  const struct ancient_key *key, struct ancient_typed *ret_value,
				  struct ancient_error *err)
{
	struct lookup_search s;
	struct ancient_typed found;
	enum ancient_code code;

	s.file = file;
	s.schema = schema;
	s.typed = typed;
	s.err = err;
	lookup_probe_init(&s.probe, key);
	code = lookup_search_open(&s);
	if (code == ANCIENT_OK)
		code = lookup_search_find(&s, &found);
	if (code == ANCIENT_E_NO_KEY)
		code = absent(file, key, err);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_value = found;
	return code;
}

enum ancient_code ancient_typed_find(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_typed typed, const struct ancient_key *key,
				     struct ancient_typed *ret_value, struct ancient_error *err)
{
	const struct ancient_type *type = typed_quick_type(schema, typed);
	struct lookup_buckets buckets;
	struct ancient_value value;

	if (type == NULL || type->kind != ANCIENT_TYPE_HASHTBL ||
	    !lookup_quick_open(file, typed.value.word, &buckets) ||
	    lookup_quick_find(file, &buckets, key, &value.word) != ANCIENT_OK ||
	    !reader_stands(file))
		return find_any(file, schema, typed, key, ret_value, err);
	*ret_value = ancient_typed_of(value, type->arguments[1]);
	return ANCIENT_OK;
}

/* ---- The bindings of one key ------------------------------------------------------- */

static enum ancient_code start_key(struct lookup_search *s, struct ancient_iterator *it)
{
	struct lookup_spot spot;
	enum ancient_code code = lookup_search_open(s);

	if (code == ANCIENT_OK)
		code = locate(s, &spot);
	if (code == ANCIENT_OK)
		code = linear_start(s, it);
	if (code != ANCIENT_OK || spot.linear)
		return code;
	/* At most one node, or what is left of one bucket. */
	it->depth = 0;
	it->at = it->count;
	if (s->tree)
		it->head = spot.word;
	else
		it->next = it->stack[0] = spot.word;
	it->single = s->tree;
	return ANCIENT_OK;
}

enum ancient_code
ancient_iterator_init_key(const struct ancient_file *file, const struct ancient_schema *schema,
			  struct ancient_typed typed, const struct ancient_key *key,
			  struct ancient_iterator *ret_iterator, struct ancient_error *err)
{
	struct lookup_search s = {.file = file, .schema = schema, .typed = typed, .err = err};
	struct ancient_iterator it;
	enum ancient_code code;

	lookup_probe_init(&s.probe, key);
	code = reader_settle(file, start_key(&s, &it), err);
	if (code == ANCIENT_OK)
		*ret_iterator = it;
	return code;
}
