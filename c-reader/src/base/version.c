/* c-reader/base: the library's version, and the room that the headers' structs can grow into.
 * Every function that takes options calls the check. */
#include "base/version.h"

#include <string.h>

#include "base/error.h"

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define PARTS                                                                                      \
	TEXT(ANCIENT_READER_VERSION_MAJOR)                                                         \
	"." TEXT(ANCIENT_READER_VERSION_MINOR) "." TEXT(ANCIENT_READER_VERSION_PATCH)

/* meson.build has the version; the header, which is read without it, has it again. */
_Static_assert(__builtin_strcmp(ANCIENT_READER_VERSION, ANCIENT_PROJECT_VERSION) == 0,
	       "ANCIENT_READER_VERSION is the project's version");
_Static_assert(__builtin_strcmp(PARTS, ANCIENT_PROJECT_VERSION) == 0, "and so are its parts");

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
				"than this one, version %s",
				i, structure, (unsigned long long)reserved[i], ancient_version());
	return ANCIENT_OK;
}
