/* c-reader/scan: a path that names a field which the type does not have; called by the columns and
 * by the tables of Arrow data. */
#include "scan/absent_field.h"

#include <stdio.h>

#include "base/error.h"

enum ancient_code ancient_reader_absent_field(const char *label, const char *path,
					      const struct ancient_type *type,
					      const struct ancient_field *fields, uint32_t count,
					      const char *name, size_t length,
					      struct ancient_error *err)
{
	char names[120] = "", part[12];
	size_t used = 0;

	for (uint32_t i = 0; i < count && used < sizeof(names) - 1; i++) {
		int wrote;
		snprintf(part, sizeof(part), "_%u", i);
		wrote = snprintf(names + used, sizeof(names) - used, "%s%s", i == 0 ? "" : ", ",
				 fields[i].name == NULL ? part : fields[i].name);
		used = wrote < 0 ? sizeof(names) : used + (size_t)wrote;
	}
	if (count == 0)
		return ancient_reader_refuse(
			label, err, ANCIENT_E_NO_FIELD,
			"column %.100s: %.80s has no field %.*s: it has no fields", path,
			type->name, (int)(length < 60 ? length : 60), name);
	return ancient_reader_refuse(label, err, ANCIENT_E_NO_FIELD,
				     "column %.100s: %.80s has no field %.*s, only %s%s", path,
				     type->name, (int)(length < 60 ? length : 60), name, names,
				     used < sizeof(names) ? "" : "...");
}
