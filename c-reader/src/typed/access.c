/* c-reader/typed: ancient_access_init: what the inline accessors of ancient_access.h need of a file
 * and a schema. */
#include <assert.h>

#include <ancient_access.h>

#include "value/gate.h"
#include "schema/schema.h"

static_assert(sizeof(atomic_bool) == sizeof(bool), "ancient_access_stands loads it as a bool");

void ancient_access_init(const struct ancient_file *file, const struct ancient_schema *schema,
			 struct ancient_access *ret_access)
{
	*ret_access = (struct ancient_access){
		.file = file,
		.schema = schema,
		.types = schema == NULL ? NULL : schema->types,
		.torn = (const bool *)ancient_reader_guard_torn(NULL),
		.type_count = schema == NULL ? 0 : schema->count,
	};
	if (file == NULL) /* ancient_bind_value without a value, to compare types only */
		return;
	/* A file with room for no block may end before that. */
	ret_access->fields = file->map + (file->words > 0 ? READER_FIRST_FIELD : 0);
	ret_access->first = file->first;
	ret_access->words = file->words;
	ret_access->torn = (const bool *)file->torn;
}
