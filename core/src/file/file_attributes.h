/* core: owner, mode and extended attributes of a file that takes another's place. */
#ifndef CORE_FILE_ATTRIBUTES_H
#define CORE_FILE_ATTRIBUTES_H

#include <stdbool.h>
#include <sys/stat.h>

#include <ancient/error.h>

/* Gives the file open at `to` the owner and group in `status`, before anything is in it.
 * Errors: IRREPLACEABLE where this process may not, SYSTEM. */
enum ancient_code core_attributes_own(int to, const struct stat *status, const char *name,
				      struct ancient_error *err);

/* The mode in `status`, and the extended attributes of the file open at `from`, access control
 * lists among them.  Errors: IRREPLACEABLE SYSTEM MEMORY. */
enum ancient_code core_attributes_copy(int from, int to, const struct stat *status,
				       const char *name, struct ancient_error *err);

#endif
