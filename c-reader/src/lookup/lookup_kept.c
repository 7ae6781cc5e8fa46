/* c-reader: a table that is kept open, to look keys up in it one at a time (ancient_schema.h,
 * Lookups). */
#include "lookup/lookup_quick.h"
#include "lookup/lookup_search.h"

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

enum ancient_code ancient_lookup_find(const struct ancient_lookup *lookup,
				      const struct ancient_key *key,
				      struct ancient_typed *ret_value, struct ancient_error *err)
{
	const struct lookup_buckets buckets = {lookup->buckets, lookup->mask, lookup->seed};
	enum ancient_code code = ANCIENT_E_WRONG_KIND;
	struct ancient_value value;

	if (lookup->buckets != 0)
		code = lookup_quick_find(lookup->file, &buckets, key, &value.word);
	if (reader_stands(lookup->file)) {
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
