/* core/file: resolves the path of a file that need not be there.  Called by replace_file.c. */
#ifndef CORE_REAL_PATH_H
#define CORE_REAL_PATH_H

/* The path without symbolic links, as realpath(3) gives it; of a file that is not there, the path
 * that open(2) with O_CREAT would create, which may be one that a link leads to.  The folder must
 * be there.  Caller frees it.  NULL: errno says why; EISDIR where `path` ends in a slash. */
char *ancient_core_real_path(const char *path);

#endif
