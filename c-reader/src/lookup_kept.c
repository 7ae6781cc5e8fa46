/* c-reader: a table that is kept open, to look keys up in it one at a time (ancient_schema.h,
 * Lookups).
 *
 * A lookup in a table larger than the caches is a wait for memory, for the bucket, the cell, the
 * key and the value, each known only when the one before has come.  Writers that follow pointers
 * depth first leave cell, key and value side by side, so the memory behind a cell is asked for
 * together with the cell; where they lie elsewhere, nothing but that is lost.
 *
 * Here is only what happens in good tables with keys that are strings or integers.  Anything else
 * goes to ancient_typed_find, which decides, and makes the errors. */
#include "lookup_search.h"

/* Cells after which a bucket is walked by ancient_typed_find, which sees rings. */
#define STEPS_MAX 64u
#define LINE 64u /* bytes that memory is fetched by */
#define BEHIND                                                                                     \
	384u /* a cell's, and those of a key of some 20 bytes and of a record's first fields */

void ancient_lookup_init(const struct ancient_file *file, const struct ancient_schema *schema,
			 struct ancient_typed typed, struct ancient_lookup *ret_lookup)
{
	struct lookup_search search = {.file = file, .schema = schema, .typed = typed};
	struct ancient_lookup lookup = {.file = file, .schema = schema, .typed = typed};

	if (reader_settle(file, lookup_search_open(&search), NULL) == ANCIENT_OK &&
	    search.shape.type->kind == ANCIENT_TYPE_HASHTBL) {
		lookup.buckets = search.buckets.offset;
		lookup.mask = search.buckets.wosize - 1;
		lookup.seed = search.seed;
		lookup.value_type = search.shape.type->arguments[1];
	}
	*ret_lookup = lookup;
}

/* Asks for `bytes` at what a word points to, header first; any address will do. */
static inline void ask(const struct ancient_file *file, uint64_t word, uint64_t bytes)
{
	uintptr_t block = (uintptr_t)file->map + (word - file->super.base) - ANCIENT_WORD;

	for (uint64_t at = 0; at < bytes; at += LINE)
		__builtin_prefetch((const void *)(block + at));
}

/* OK, NO_KEY, or anything else where ancient_typed_find has to tell. */
static inline __attribute__((always_inline)) enum ancient_code
find(const struct ancient_lookup *lookup, const struct lookup_probe *probe, uint32_t hash,
     uint64_t *ret_word)
{
	const struct ancient_file *file = lookup->file;
	uint64_t word = reader_word(file, lookup->buckets + (hash & lookup->mask) * ANCIENT_WORD);

	for (unsigned steps = 0; word != 1 && steps < STEPS_MAX; steps++) {
		uint64_t cell, data;
		bool equal;

		ask(file, word, BEHIND);
		if (!reader_gate_exact(file, word, 0, TYPED_CONS_FIELDS, &cell))
			return ANCIENT_E_BAD_SHAPE;
		data = reader_word(file, cell + TYPED_CONS_DATA * ANCIENT_WORD);
		ask(file, data, 1);
		if (!lookup_probe_glance(file, probe,
					 reader_word(file, cell + TYPED_CONS_KEY * ANCIENT_WORD),
					 &equal))
			return ANCIENT_E_BAD_SHAPE;
		if (equal) {
			*ret_word = data;
			return ANCIENT_OK;
		}
		word = reader_word(file, cell + TYPED_CONS_NEXT * ANCIENT_WORD);
	}
	return word == 1 ? ANCIENT_E_NO_KEY : ANCIENT_E_BAD_SHAPE;
}

static enum ancient_code find_int(const struct ancient_lookup *lookup,
				  const struct ancient_key *key, uint64_t *ret_word)
{
	struct lookup_probe probe;

	lookup_probe_init(&probe, key);
	if (probe.kind != PROBE_INT)
		return ANCIENT_E_WRONG_KIND;
	return find(lookup, &probe, lookup_hash_word(lookup->seed, probe.word), ret_word);
}

enum ancient_code ancient_lookup_find(const struct ancient_lookup *lookup,
				      const struct ancient_key *key,
				      struct ancient_typed *ret_value, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_E_WRONG_KIND;
	struct ancient_value value;

	if (lookup->buckets != 0 && key->kind == ANCIENT_KEY_STRING) {
		struct lookup_probe probe;

		lookup_probe_string(&probe, key);
		code = find(lookup, &probe,
			    lookup_hash_string(lookup->seed, key->as.bytes, key->count),
			    &value.word);
	} else if (lookup->buckets != 0 && key->kind == ANCIENT_KEY_INT) {
		code = find_int(lookup, key, &value.word);
	}
	if (READER_LIKELY(!atomic_load_explicit(lookup->file->torn, memory_order_relaxed))) {
		if (READER_LIKELY(code == ANCIENT_OK)) {
			*ret_value = ancient_typed_of(value, lookup->value_type);
			return ANCIENT_OK;
		}
		if (code == ANCIENT_E_NO_KEY && err == NULL)
			return code;
	}
	/* The rest, and every message. */
	return ancient_typed_find(lookup->file, lookup->schema, lookup->typed, key, ret_value, err);
}
