/* core/file: copies owner, mode and extended attributes to a file that replaces another.  Called by
 * compaction and by publication.c. */
#ifndef CORE_FILE_ATTRIBUTES_H
#define CORE_FILE_ATTRIBUTES_H

#include <sys/stat.h>

#include <ancient/error.h>

/* Gives the file open at `to` the owner and group in `status`.  Called while the file is still
 * empty.
 * Errors: IRREPLACEABLE where this process may not do so, SYSTEM. */
enum ancient_code ancient_core_attributes_own(int to, const struct stat *status, const char *name,
					      struct ancient_error *err);

/* Copies the extended attributes of the file open at `from`, access control lists among them, and
 * sets the mode in `status`.
 * Errors: IRREPLACEABLE SYSTEM MEMORY. */
enum ancient_code ancient_core_attributes_copy(int from, int to, const struct stat *status,
					       const char *name, struct ancient_error *err);

/* For a publication: gives the file open at `to`, which is still empty, what it may have of owner,
 * group and extended attributes of the file open at `from` (-1: it cannot be read).  Returns the
 * mode to set: where the group or the access control list could not be kept, its group may do what
 * everybody may. */
mode_t ancient_core_attributes_keep(int from, int to, const struct stat *status);

/* The same without extended attributes, for a file whose mode was asked for. */
void ancient_core_attributes_keep_owner(int to, const struct stat *status);

#endif
