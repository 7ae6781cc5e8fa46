/* core/store: the name of an attached file.  Attach records it; each commit asks whether another
 * file has taken it. */
#ifndef CORE_FILE_NAME_H
#define CORE_FILE_NAME_H

#include <ancient/error.h>

#include "file/file_io.h"

struct ancient_store;

/* What a name leads to. */
struct core_name {
	enum { CORE_NAME_TAKEN, CORE_NAME_NOBODYS, CORE_NAME_UNKNOWN } is;
	struct core_file_status status; /* of the file that has it */
};

/* A text for messages: what the caller calls the file, or the name that /proc gives, or the path by
 * which it was opened (NULL: not known), or the number of the descriptor.  NULL if memory is out.
 */
char *ancient_core_file_name_text(int fd, const char *name, const char *path);

/* Records the name that the file at `fd` has, or had before it was removed or replaced.
 * Errors: MEMORY SYSTEM. */
enum ancient_code ancient_core_file_name_record(struct ancient_store *store, int fd,
						struct ancient_error *err);

/* Looks up the name that was recorded.  Where the attached file has it, returns its status, which
 * the file need not be asked for again; otherwise NULL. */
const struct core_file_status *ancient_core_file_name_look(const struct ancient_store *store,
							   struct core_name *ret_name);

/* SUPERSEDED if another file has the name of this one now, so that what is committed would be found
 * by nobody.  A file that never had a name, or whose name was removed, is nobody else's.  Sets
 * has_path.  Called with the file's lock, as is the look.  status: the file's, now. */
enum ancient_code ancient_core_file_name_check(struct ancient_store *store,
					       const struct core_name *name,
					       const struct core_file_status *status,
					       struct ancient_error *err);

#endif
