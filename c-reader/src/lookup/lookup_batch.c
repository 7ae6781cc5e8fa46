/* c-reader: finding many keys in one call (ancient_schema.h, Lookups).
 *
 * In a table larger than the caches a lookup is a wait for memory: for the bucket, the cell, the
 * key, each known only when the one before has come.  So several keys are on their way at once:
 * each step is taken for all of them, and asks for the memory of the next one.  A key that has
 * arrived makes room for another.
 *
 * Here is only what happens in good files with keys that are strings or integers.  Anything else
 * is looked up alone, which decides, and makes the errors: nothing is ever found here that is not
 * found there. */
#include "lookup/lookup_search.h"

/* How many are on their way.  Of a million records a string took 96 to 100 ns with 16, 85 to 88
 * with 32 and 82 to 89 with 64. */
#define FLEET 32u
/* Steps after which a key is looked up alone, which sees rings and trees too deep. */
#define STEPS_MAX LOOKUP_LEVELS

struct boat {
	struct lookup_probe probe;
	size_t index;    /* of the key */
	uint64_t word;   /* the cell or node it has come to */
	uint64_t bucket; /* offset of the word that leads to the first one; 0: it is fetched */
	uint64_t fields; /* offset of the block's */
	uint64_t key;    /* the key there */
	unsigned steps;
};

struct fleet {
	struct lookup_search *search;
	const struct ancient_key *keys;
	size_t count, next; /* keys; the first that is not on its way */
	struct ancient_typed *values;
	bool *found;
	size_t found_count;
	unsigned size; /* of boats in use */
	uint64_t cell; /* fields of a cell or node */
	uint32_t value_type;
	unsigned value_field, right_field;
	struct boat boats[FLEET];
};

/* Asks for `bytes` at an offset before `used`; an address behind the mapping does no harm. */
static inline void ask(const struct ancient_file *file, uint64_t offset, uint64_t bytes)
{
	__builtin_prefetch(file->map + offset);
	__builtin_prefetch(file->map + offset + bytes - 1);
}

/* ---- The end of a way ------------------------------------------------------------------ */

static void arrive(struct fleet *fleet, size_t index, struct ancient_typed value)
{
	const struct ancient_file *file = fleet->search->file;
	uintptr_t field = (uintptr_t)file->map + (value.value.word - file->super.base);

	/* Where it is a block, the caller looks at its header next; any address will do. */
	__builtin_prefetch((const void *)(field - ANCIENT_WORD));
	fleet->values[index] = value;
	fleet->found[index] = true;
	fleet->found_count++;
}

static void miss(struct fleet *fleet, size_t index)
{
	fleet->values[index] = ancient_typed_of((struct ancient_value){1}, fleet->value_type);
	fleet->found[index] = false;
}

static enum ancient_code find_alone(struct fleet *fleet, const struct lookup_probe *probe,
				    size_t index)
{
	struct ancient_typed value;
	enum ancient_code code;

	fleet->search->probe = *probe;
	code = lookup_search_find(fleet->search, &value);
	if (code == ANCIENT_OK)
		arrive(fleet, index, value);
	else if (code == ANCIENT_E_NO_KEY)
		miss(fleet, index);
	else
		return code;
	return ANCIENT_OK;
}

/* ---- Steps ------------------------------------------------------------------------------ */

/* Puts the next key into a boat; false where there is none. */
static bool embark(struct fleet *fleet, struct boat *boat, enum ancient_code *code)
{
	const struct lookup_search *s = fleet->search;

	while (fleet->next < fleet->count && *code == ANCIENT_OK) {
		uint32_t hash = 0;
		boat->index = fleet->next++;
		lookup_probe_init(&boat->probe, &fleet->keys[boat->index]);
		if (boat->probe.kind == PROBE_OTHER || !s->known) {
			*code = find_alone(fleet, &boat->probe, boat->index);
			continue;
		}
		boat->steps = 0;
		boat->bucket = 0;
		boat->word = s->shape.word;
		if (s->tree)
			return true;
		lookup_probe_hash(s->file, &boat->probe, s->seed, &hash, NULL);
		boat->bucket = s->buckets.offset + lookup_search_bucket(s, hash) * ANCIENT_WORD;
		__builtin_prefetch(s->file->map + boat->bucket);
		return true;
	}
	return false;
}

/* Takes the boat that is done out of the fleet, or its next key in. */
static void turn_round(struct fleet *fleet, struct boat *boat, enum ancient_code *code)
{
	if (!embark(fleet, boat, code))
		*boat = fleet->boats[--fleet->size];
}

/* To the cell or node. */
static void step_block(const struct fleet *fleet, struct boat *boat)
{
	const struct ancient_file *file = fleet->search->file;
	uint64_t place;

	if (boat->bucket != 0)
		boat->word = reader_word(file, boat->bucket);
	boat->bucket = 0;
	place = reader_place(file, boat->word);
	if (place < file->words)
		ask(file, reader_place_offset(place) - ANCIENT_WORD,
		    (fleet->cell + 1) * ANCIENT_WORD);
}

/* To its key; where the block is none the key is looked up alone. */
static void step_key(const struct fleet *fleet, struct boat *boat)
{
	const struct ancient_file *file = fleet->search->file;
	uint64_t place;

	boat->fields = 0;
	if (!reader_gate_exact(file, boat->word, 0, fleet->cell, &boat->fields)) {
		boat->fields = 0;
		return;
	}
	boat->key = reader_word(
		file, boat->fields + (fleet->search->tree ? TYPED_MAP_KEY : TYPED_CONS_KEY) *
					     ANCIENT_WORD);
	place = reader_place(file, boat->key);
	if (place < file->words)
		ask(file, reader_place_offset(place) - ANCIENT_WORD,
		    boat->probe.kind == PROBE_STRING ? (boat->probe.words + 2) * ANCIENT_WORD : 1);
}

enum verdict { ARRIVED, ONWARD, ALONE };

/* Whether that is the key, or where to go on. */
static enum verdict step_on(const struct fleet *fleet, struct boat *boat)
{
	const struct lookup_search *s = fleet->search;
	unsigned field = TYPED_CONS_NEXT;
	bool equal = false;
	int order = 0;

	if (boat->word == 1) /* an empty bucket */
		return ONWARD;
	if (boat->fields == 0 || boat->steps++ == STEPS_MAX)
		return ALONE;
	if (s->tree) {
		if (lookup_probe_order(s->file, &boat->probe, boat->key, &order, NULL) !=
		    ANCIENT_OK)
			return ALONE;
		equal = order == 0;
		field = order > 0 ? TYPED_MAP_LEFT : fleet->right_field;
	} else if (!lookup_probe_glance(s->file, &boat->probe, boat->key, &equal)) {
		return ALONE;
	}
	if (equal)
		return ARRIVED;
	boat->word = reader_word(s->file, boat->fields + field * ANCIENT_WORD);
	return ONWARD;
}

/* One step on for the whole fleet. */
static enum ancient_code sail(struct fleet *fleet)
{
	const struct lookup_search *s = fleet->search;
	enum ancient_code code = ANCIENT_OK;

	for (unsigned i = 0; i < fleet->size; i++)
		step_block(fleet, &fleet->boats[i]);
	for (unsigned i = 0; i < fleet->size; i++)
		step_key(fleet, &fleet->boats[i]);
	/* Downwards: the last one may take the place of one that is done. */
	for (unsigned i = fleet->size; i-- > 0 && code == ANCIENT_OK;) {
		struct boat *boat = &fleet->boats[i];
		enum verdict verdict = step_on(fleet, boat);
		if (verdict == ONWARD && boat->word != 1)
			continue;
		if (verdict == ARRIVED)
			arrive(fleet, boat->index,
			       ancient_typed_of(
				       (struct ancient_value){reader_word(
					       s->file,
					       boat->fields + fleet->value_field * ANCIENT_WORD)},
				       fleet->value_type));
		else if (verdict == ONWARD && s->shape.type->kind == ANCIENT_TYPE_HASHTBL)
			miss(fleet, boat->index);
		else /* also: absent, if what was declared is true */
			code = find_alone(fleet, &boat->probe, boat->index);
		if (code == ANCIENT_OK)
			turn_round(fleet, boat, &code);
	}
	return code;
}

static enum ancient_code find_all(struct fleet *fleet)
{
	enum ancient_code code = ANCIENT_OK;

	while (fleet->size < FLEET && embark(fleet, &fleet->boats[fleet->size], &code))
		fleet->size++;
	while (fleet->size > 0 && code == ANCIENT_OK)
		code = sail(fleet);
	return code;
}

static void set_layout(struct fleet *fleet)
{
	const struct ancient_type *type = fleet->search->shape.type;

	switch (type->kind) {
	case ANCIENT_TYPE_SET:
		fleet->cell = TYPED_SET_FIELDS;
		fleet->value_field = TYPED_SET_KEY;
		fleet->right_field = TYPED_SET_RIGHT;
		fleet->value_type = type->arguments[0];
		break;
	case ANCIENT_TYPE_MAP:
		fleet->cell = TYPED_MAP_FIELDS;
		fleet->value_field = TYPED_MAP_DATA;
		fleet->right_field = TYPED_MAP_RIGHT;
		fleet->value_type = type->arguments[1];
		break;
	default:
		fleet->cell = TYPED_CONS_FIELDS;
		fleet->value_field = TYPED_CONS_DATA;
		fleet->value_type = type->arguments[1];
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
	struct fleet fleet;
	enum ancient_code code = lookup_search_open(&search);

	fleet.search = &search;
	fleet.keys = keys;
	fleet.count = count;
	fleet.next = fleet.size = 0;
	fleet.values = ret_values;
	fleet.found = ret_found;
	fleet.found_count = 0;
	if (code == ANCIENT_OK) {
		set_layout(&fleet);
		code = find_all(&fleet);
	}
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK && ret_count != NULL)
		*ret_count = fleet.found_count;
	return code;
}
