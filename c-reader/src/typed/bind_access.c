/* c-reader: the steps of generated accessors that are more than one call. */
#include <ancient_bind.h>

#include "base/error.h"

enum ancient_code ancient_bind_kind(const struct ancient_bind *bind, struct ancient_typed typed,
				    const uint32_t *indices, uint32_t count, uint32_t *ret_kind,
				    struct ancient_error *err)
{
	uint32_t found, kind;
	enum ancient_code code =
		ancient_typed_constructor(bind->file, bind->schema, typed, &found, err);

	if (code != ANCIENT_OK)
		return code;
	/* Most often the constructors are where they were. */
	if (found < count && indices[found] == found) {
		*ret_kind = found;
		return ANCIENT_OK;
	}
	for (kind = 0; kind < count && indices[kind] != found; kind++)
		;
	*ret_kind = kind;
	return ANCIENT_OK;
}

enum ancient_code ancient_bind_argument(const struct ancient_bind *bind, struct ancient_typed typed,
					uint32_t constructor, uint32_t index,
					struct ancient_typed *ret_argument,
					struct ancient_error *err)
{
	const struct ancient_type *type = ancient_schema_type(bind->schema, typed.type);
	uint32_t found;
	enum ancient_code code =
		ancient_typed_constructor(bind->file, bind->schema, typed, &found, err);

	if (code != ANCIENT_OK)
		return code;
	if (found != constructor && constructor < type->constructor_count)
		return reader_refuse(bind->file->name, err, ANCIENT_E_WRONG_KIND,
				     "type %s: expected constructor %s, found %s", type->name,
				     type->constructors[constructor].name,
				     type->constructors[found].name);
	return ancient_typed_argument(bind->file, bind->schema, typed, index, ret_argument, err);
}
