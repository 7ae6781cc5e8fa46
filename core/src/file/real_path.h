/* core/file: resolves the path of a file that need not be there.  Called by replace_file.c. */
#ifndef CORE_REAL_PATH_H
#define CORE_REAL_PATH_H

#include <stdbool.h>

/* The path without symbolic links, as realpath(3) gives it; of a file that is not there, and
 * may be missing, the path that open(2) with O_CREAT would create, which may be one that a link
 * leads to.  The folder must be there.  A path from the current folder on stays one where the
 * folders above that may not be searched.  Caller frees it.  NULL: errno says why; EISDIR where
 * `path` ends in a slash. */
char *ancient_core_real_path(const char *path, bool may_be_missing);

#endif
