/* c-reader: what typed access without calls needs of a file and a schema (ancient_access.h). */
#include <ancient_access.h>

#include "gate.h"
#include "schema.h"

static_assert(sizeof(atomic_bool) == sizeof(bool), "ancient_access_stands loads it as a bool");

void ancient_access_init(const struct ancient_file *file, const struct ancient_schema *schema,
			 struct ancient_access *ret_access)
{
	*ret_access = (struct ancient_access){
		.file = file,
		.schema = schema,
		.types = schema->types,
		.torn = (const bool *)reader_guard_torn(NULL),
		.type_count = schema->count,
	};
	if (file == NULL) /* types bound without a value, to see whether they fit */
		return;
	ret_access->fields = file->map + READER_FIRST_FIELD;
	ret_access->first = file->first;
	ret_access->words = file->words;
	ret_access->torn = (const bool *)file->torn;
}
