/* c-reader: what typed access without calls needs of a file and a schema (ancient_access.h). */
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
		.torn = (const bool *)reader_guard_torn(NULL),
		.type_count = schema == NULL ? 0 : schema->count,
	};
	if (file == NULL) /* types bound without a value, to see whether they fit */
		return;
	ret_access->fields = file->map + READER_FIRST_FIELD;
	ret_access->first = file->first;
	ret_access->words = file->words;
	ret_access->torn = (const bool *)file->torn;
}

void ancient_member_init(const struct ancient_access *access, uint32_t type, uint32_t index,
			 struct ancient_member *ret_member)
{
	const struct ancient_type *record;

	*ret_member = (struct ancient_member){.access = access, .type = type, .index = index};
	if (type >= access->type_count || index >= access->types[type].block_fields)
		return; /* no place: every access goes to the functions */
	record = &access->types[type];
	ret_member->field_type = record->fields[index].type;
	ret_member->kind = record->fields[index].kind;
	ret_member->header = ANCIENT_HEADER(record->block_fields, 0);
	if (access->words < record->block_fields)
		return;
	ret_member->headers = access->fields - ANCIENT_WORD;
	ret_member->words = access->fields + (uint64_t)index * ANCIENT_WORD;
	ret_member->first = access->first;
	ret_member->places = access->words - record->block_fields + 1;
}
