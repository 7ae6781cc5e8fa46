/* core: a new file that is filled under a temporary name and then takes the name of another.  The
 * caller attaches the descriptor, shares what the file is to hold, detaches, and finishes. */
#ifndef ANCIENT_PUBLICATION_H
#define ANCIENT_PUBLICATION_H

#include <ancient/error.h>

struct ancient_publication;

#define ANCIENT_PUBLICATION_KEEP (-1) /* the mode of the file that is replaced, or 0644 */

/* Creates the temporary file, `.NAME.N.publish` beside the file that `path` leads to; symbolic
 * links are followed, also to a file that is not there yet.  Removes the temporary files that
 * killed publications and compactions of this name have left, not those of living ones.
 *
 * The file gets owner and group of the file that is there, where this process may give them.
 * mode: permissions, less the umask, or ANCIENT_PUBLICATION_KEEP.
 *
 * Errors, with ancient_error.system: MISSING (the folder), DENIED, DIRECTORY, DISK_FULL, SYSTEM;
 * NOT_A_FILE (a device, say, has the name), MEMORY.  Messages begin with `path`. */
enum ancient_code ancient_publication_begin(const char *path, int mode,
					    struct ancient_publication **ret_publication,
					    struct ancient_error *err);

/* The temporary file, open for reading and writing, and its absolute path: the publication's. */
int ancient_publication_fd(const struct ancient_publication *publication);
const char *ancient_publication_path(const struct ancient_publication *publication);

/* BLOCKING.  Sets the mode and gives the file, which must be on the disk, its name.
 * Errors: DENIED DIRECTORY DISK_FULL SYSTEM, MISSING (the temporary file has been removed). */
enum ancient_code ancient_publication_rename(struct ancient_publication *publication,
					     struct ancient_error *err);

/* BLOCKING.  Flushes the folder.  Errors: SYSTEM: a power failure may bring the old file back. */
enum ancient_code ancient_publication_sync(struct ancient_publication *publication,
					   struct ancient_error *err);

/* Removes the temporary file, unless it was renamed or is a parent process's, and frees. */
void ancient_publication_drop(struct ancient_publication *publication);

#endif
