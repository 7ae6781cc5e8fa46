/* c-reader/lookup: many keys in one call: the public ancient_typed_find_many.
 *
 * In a table larger than the caches a lookup waits for memory: for the bucket, the cell and the
 * key, each known only when the one before has arrived.  So up to BATCH keys are pending at a
 * time: each step is taken for all of them, and prefetches what the next step reads.  A key that
 * is done makes room for the next one.
 *
 * Only strings and integers in well-formed containers are handled here.  Any other key, and
 * anything unusual on the way, goes to ancient_reader_lookup_find, which decides and makes the
 * errors; so this finds nothing that ancient_reader_lookup_find would not.  A key that is absent by
 * a declared order or hash goes there too: the declaration is tested before the key is reported
 * absent.
 */
#include "base/advice.h"
#include "lookup/key_type.h"
#include "lookup/lookup.h"
#include "lookup/lookup_hashtbl.h"
#include "lookup/lookup_path.h"
#include "typed/layout.h"

/* Keys pending at a time.  A string in a table of a million records took 96 to 100 ns with 16, 85
 * to 88 with 32 and 82 to 89 with 64. */
#define BATCH 32u
/* Steps after which a key goes to ancient_reader_lookup_find, which recognises rings and trees too
 * deep. */
#define STEPS_MAX LOOKUP_LEVELS

/* A key that is being looked up. */
struct pending {
	struct lookup_key key;
	size_t index;       /* of the key among all */
	uint64_t word;      /* the cell or node the search has come to */
	uint64_t bucket;    /* offset of the word that leads to the first cell; 0: `word` is set */
	uint64_t fields;    /* offset of the cell's or node's fields; 0: it is none */
	uint64_t found_key; /* the key there */
	unsigned steps;
};

struct batch {
	struct lookup_search *search;
	const struct ancient_key *keys;
	size_t count, next; /* keys; the first that was not started */
	struct ancient_typed *values;
	bool *found;
	size_t found_count;
	unsigned size; /* of `pending` in use */
	uint64_t cell; /* fields of a cell or node */
	uint32_t value_type;
	unsigned value_field, right_field;
	struct pending pending[BATCH];
};

/* Prefetches `bytes` from an offset before `used`; the end may lie behind the mapping. */
static inline void prefetch(const struct ancient_file *file, uint64_t offset, uint64_t bytes)
{
	__builtin_prefetch(file->map + offset);
	__builtin_prefetch(file->map + offset + bytes - 1);
}

/* ---- Results ---------------------------------------------------------------------------- */

static void put_found(struct batch *batch, size_t index, struct ancient_typed value)
{
	const struct ancient_file *file = batch->search->file;
	uintptr_t field = (uintptr_t)file->map + (value.value.word - file->super.base);

	/* If it is a block, the caller reads its header next.  Any address may be prefetched. */
	__builtin_prefetch((const void *)(field - ANCIENT_WORD));
	batch->values[index] = value;
	batch->found[index] = true;
	batch->found_count++;
}

/* WRONG_KIND where the container cannot have such a key. */
static enum ancient_code put_absent(struct batch *batch, size_t index)
{
	const struct lookup_search *s = batch->search;

	batch->values[index] = ancient_typed_of((struct ancient_value){1}, batch->value_type);
	batch->found[index] = false;
	return lookup_key_type(s->file, s->schema, s->shape.type->arguments[0], &batch->keys[index],
			       s->err);
}

static enum ancient_code find_alone(struct batch *batch, const struct lookup_key *key, size_t index)
{
	struct ancient_typed value;
	enum ancient_code code;

	batch->search->key = *key;
	ancient_reader_lookup_equality_renew(batch->search->equality);
	code = ancient_reader_lookup_find(batch->search, &value);
	if (code == ANCIENT_OK)
		put_found(batch, index, value);
	else if (code == ANCIENT_E_NO_KEY)
		return put_absent(batch, index);
	return code;
}

/* ---- Steps ------------------------------------------------------------------------------ */

/* Starts the next key; false where there is none. */
static bool start_next(struct batch *batch, struct pending *p, enum ancient_code *code)
{
	const struct lookup_search *s = batch->search;

	while (batch->next < batch->count && *code == ANCIENT_OK) {
		uint32_t hash = 0;
		p->index = batch->next++;
		lookup_key_init(&p->key, &batch->keys[p->index]);
		if (p->key.kind == LOOKUP_KEY_OTHER || !s->known) {
			*code = find_alone(batch, &p->key, p->index);
			continue;
		}
		p->steps = 0;
		p->bucket = 0;
		p->word = s->shape.word;
		if (s->tree)
			return true;
		lookup_key_hash(s->file, &p->key, s->seed, &hash, NULL);
		p->bucket = s->buckets.offset + lookup_bucket_of(s, hash) * ANCIENT_WORD;
		__builtin_prefetch(s->file->map + p->bucket);
		return true;
	}
	return false;
}

/* Replaces a key that is done by the next one, or else by the last pending one. */
static void replace(struct batch *batch, struct pending *p, enum ancient_code *code)
{
	if (!start_next(batch, p, code))
		*p = batch->pending[--batch->size];
}

/* Moves to the cell or node, and prefetches it. */
static void step_block(const struct batch *batch, struct pending *p)
{
	const struct ancient_file *file = batch->search->file;
	uint64_t place;

	if (p->bucket != 0)
		p->word = reader_word(file, p->bucket);
	p->bucket = 0;
	place = reader_place(file, p->word);
	if (place < file->words)
		prefetch(file, reader_place_offset(place) - ANCIENT_WORD,
			 (batch->cell + 1) * ANCIENT_WORD);
}

/* Reads the key in the cell or node, and prefetches what that points to. */
static void step_key(const struct batch *batch, struct pending *p)
{
	const struct ancient_file *file = batch->search->file;
	uint64_t place;

	p->fields = 0;
	if (!reader_gate_exact(file, p->word, 0, batch->cell, &p->fields)) {
		p->fields = 0;
		return;
	}
	p->found_key = reader_word(
		file,
		p->fields + (batch->search->tree ? TYPED_MAP_KEY : TYPED_CONS_KEY) * ANCIENT_WORD);
	place = reader_place(file, p->found_key);
	if (place < file->words)
		prefetch(file, reader_place_offset(place) - ANCIENT_WORD,
			 p->key.kind == LOOKUP_KEY_STRING ? (p->key.words + 2) * ANCIENT_WORD : 1);
}

enum outcome { FOUND, CONTINUE, SEARCH_ALONE };

/* Compares the keys; moves to the next cell or node where they differ. */
static enum outcome step_compare(const struct batch *batch, struct pending *p)
{
	const struct lookup_search *s = batch->search;
	unsigned field = TYPED_CONS_NEXT;
	bool equal = false;
	int order = 0;

	if (p->word == 1) /* an empty bucket */
		return CONTINUE;
	if (p->fields == 0 || p->steps++ == STEPS_MAX)
		return SEARCH_ALONE;
	if (s->tree) {
		if (lookup_key_order(&s->equality->budget, &p->key, p->found_key, &order, NULL) !=
		    ANCIENT_OK)
			return SEARCH_ALONE;
		equal = order == 0;
		field = order > 0 ? TYPED_MAP_LEFT : batch->right_field;
	} else if (!lookup_key_is_word(s->file, &p->key, p->found_key, &equal)) {
		return SEARCH_ALONE;
	}
	if (equal)
		return FOUND;
	p->word = reader_word(s->file, p->fields + field * ANCIENT_WORD);
	return CONTINUE;
}

/* One step for every pending key. */
static enum ancient_code step_all(struct batch *batch)
{
	const struct lookup_search *s = batch->search;
	enum ancient_code code = ANCIENT_OK;

	for (unsigned i = 0; i < batch->size; i++)
		step_block(batch, &batch->pending[i]);
	for (unsigned i = 0; i < batch->size; i++)
		step_key(batch, &batch->pending[i]);
	/* From the last one down: it may take the place of one that is done. */
	for (unsigned i = batch->size; i-- > 0 && code == ANCIENT_OK;) {
		struct pending *p = &batch->pending[i];
		enum outcome outcome = step_compare(batch, p);
		if (outcome == CONTINUE && p->word != 1)
			continue;
		if (outcome == FOUND)
			put_found(batch, p->index,
				  ancient_typed_of(
					  (struct ancient_value){reader_word(
						  s->file,
						  p->fields + batch->value_field * ANCIENT_WORD)},
					  batch->value_type));
		else if (outcome == CONTINUE && s->shape.type->kind == ANCIENT_TYPE_HASHTBL)
			code = put_absent(batch, p->index);
		else /* also where the key is absent if the declared order or hash is right */
			code = find_alone(batch, &p->key, p->index);
		if (code == ANCIENT_OK)
			replace(batch, p, &code);
	}
	return code;
}

static enum ancient_code find_all(struct batch *batch)
{
	enum ancient_code code = ANCIENT_OK;

	while (batch->size < BATCH && start_next(batch, &batch->pending[batch->size], &code))
		batch->size++;
	while (batch->size > 0 && code == ANCIENT_OK)
		code = step_all(batch);
	return code;
}

static void set_layout(struct batch *batch)
{
	const struct ancient_type *type = batch->search->shape.type;

	switch (type->kind) {
	case ANCIENT_TYPE_SET:
		batch->cell = TYPED_SET_FIELDS;
		batch->value_field = TYPED_SET_KEY;
		batch->right_field = TYPED_SET_RIGHT;
		batch->value_type = type->arguments[0];
		break;
	case ANCIENT_TYPE_MAP:
		batch->cell = TYPED_MAP_FIELDS;
		batch->value_field = TYPED_MAP_DATA;
		batch->right_field = TYPED_MAP_RIGHT;
		batch->value_type = type->arguments[1];
		break;
	default:
		batch->cell = TYPED_CONS_FIELDS;
		batch->value_field = TYPED_CONS_DATA;
		batch->value_type = type->arguments[1];
	}
}

enum ancient_code ancient_typed_find_many(const struct ancient_file *file,
					  const struct ancient_schema *schema,
					  struct ancient_typed typed,
					  const struct ancient_key *keys, size_t count,
					  struct ancient_typed *ret_values, bool *ret_found,
					  size_t *ret_count, struct ancient_error *err)
{
	struct lookup_search search = {.file = file, .schema = schema, .typed = typed, .err = err};
	struct lookup_equality equality;
	struct batch batch;
	enum ancient_code code = ancient_reader_lookup_open_container(&search);

	reader_looks_up(file);
	lookup_equality_init(&equality, file);
	search.equality = &equality;

	batch.search = &search;
	batch.keys = keys;
	batch.count = count;
	batch.next = batch.size = 0;
	batch.values = ret_values;
	batch.found = ret_found;
	batch.found_count = 0;
	if (code == ANCIENT_OK) {
		set_layout(&batch);
		code = find_all(&batch);
	}
	ancient_reader_lookup_equality_done(&equality);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK && ret_count != NULL)
		*ret_count = batch.found_count;
	return code;
}
