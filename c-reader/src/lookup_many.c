/* c-reader: finding many keys in one call (ancient_schema.h, Lookups). */
#include "lookup.h"
#include "typed.h"

enum ancient_code ancient_typed_find_many(const struct ancient_file *file,
					  const struct ancient_schema *schema,
					  struct ancient_typed typed,
					  const struct ancient_key *keys, size_t count,
					  struct ancient_typed *ret_values, bool *ret_found,
					  size_t *ret_count, struct ancient_error *err)
{
	const struct ancient_type *type;
	size_t found = 0;
	enum ancient_code bad = typed_type(file, schema, typed, &type, err);

	if (bad != ANCIENT_OK)
		return bad;
	for (size_t i = 0; i < count; i++) {
		enum ancient_code code =
			ancient_typed_find(file, schema, typed, &keys[i], &ret_values[i], err);
		if (code != ANCIENT_OK && code != ANCIENT_E_NO_KEY)
			return code;
		ret_found[i] = code == ANCIENT_OK;
		if (!ret_found[i])
			ret_values[i] = ancient_typed_of((struct ancient_value){1}, 0);
		found += ret_found[i];
	}
	if (ret_count != NULL)
		*ret_count = found;
	return ANCIENT_OK;
}
