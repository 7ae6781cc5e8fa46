/* c-reader/lookup: whether a caller's key can be of the type of a container's keys.  Asked by
 * lookup.c and lookup_batch.c where a key was not found, before it is reported absent, and by
 * range_bounds.c before a bound is compared with any key. */
#ifndef ANCIENT_READER_KEY_TYPE_H
#define ANCIENT_READER_KEY_TYPE_H

#include "schema/schema.h"

/* WRONG_KIND, with a message that names both types, where no value of `type` is such a key. */
enum ancient_code ancient_reader_lookup_key_type(const struct ancient_file *file,
						 const struct ancient_schema *schema, uint32_t type,
						 const struct ancient_key *key,
						 struct ancient_error *err);

/* The same, at once where the key is a string or an integer, as most are. */
static inline enum ancient_code lookup_key_type(const struct ancient_file *file,
						const struct ancient_schema *schema, uint32_t type,
						const struct ancient_key *key,
						struct ancient_error *err)
{
	enum ancient_type_kind kind = schema->types[type].kind;

	if ((kind == ANCIENT_TYPE_STRING && key->kind == ANCIENT_KEY_STRING) ||
	    (kind == ANCIENT_TYPE_INT && key->kind == ANCIENT_KEY_INT))
		return ANCIENT_OK;
	return ancient_reader_lookup_key_type(file, schema, type, key, err);
}

#endif
