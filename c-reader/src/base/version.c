/* c-reader/base: the library's version, and the room that the headers' structs can grow into.
 * Every function that takes options calls the check. */
#include "base/version.h"

#include <string.h>

#include "base/error.h"

_Static_assert(sizeof(ANCIENT_READER_VERSION) == sizeof(ANCIENT_PROJECT_VERSION),
	       "the version of <ancient_reader.h> is the project's");

const char *ancient_version(void)
{
	return ANCIENT_PROJECT_VERSION;
}

enum ancient_code ancient_reader_check_reserved(const char *name, const char *structure,
						const uint64_t *reserved, size_t count,
						struct ancient_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (reserved[i] != 0)
			return ancient_reader_refuse(
				name, err, ANCIENT_E_ARGUMENT,
				"reserved[%zu] of struct %s is %llu, expected 0: start "
				"from {0}, and use the headers of a library no newer "
				"than this one, %s",
				i, structure, (unsigned long long)reserved[i], ancient_version());
	return ANCIENT_OK;
}
