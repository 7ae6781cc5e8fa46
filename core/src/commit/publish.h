/* core/commit: makes a commit visible (FORMAT 8.2, steps 3 to 7).  Called by ancient_commit_finish.
 */
#ifndef CORE_PUBLISH_H
#define CORE_PUBLISH_H

#include "commit/commit.h"

/* Writes schemas, customs and directories, then the superblock; flushes before and after it if
 * `durable`.  *ret_visible: readers can see the new generation.  That may be so after an error too,
 * when the last flush failed.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY BAD_CUSTOM. */
enum ancient_code ancient_core_publish(struct ancient_commit *commit, bool durable,
				       bool *ret_visible, struct ancient_error *err);

#endif
