/* core/commit: the state of a compaction, shared by compact.c and compact_copy.c. */
#ifndef CORE_COMPACTION_H
#define CORE_COMPACTION_H

#include "base/progress.h"
#include "commit/commit.h"
#include "copy/copy_target.h"
#include "file/lock.h"
#include "file/replace_file.h"
#include "index/pages.h"
#include "store/store_internal.h"

struct core_compaction {
	const struct ancient_compact_options *options;
	struct core_replace_file file;
	struct ancient_store *old, *fresh;
	struct core_lock old_lock, fresh_lock;
	bool old_locked, fresh_locked;
	struct core_pages pages; /* of the old file */
	struct core_progress progress;
	struct ancient_commit *commit;
	struct ancient_source source;
	const struct ancient_custom_record *customs; /* of the old file */
	uint64_t custom_count;
	char identifier[ANCIENT_CUSTOM_ID_MAX + 1]; /* returned by the last call of custom_of */
	uint64_t copied; /* words of the copy that were reported as progress */
	/* The extent writer's own, which compaction wraps to report progress. */
	enum ancient_code (*grow)(struct core_copy_target *target, uint64_t more,
				  struct ancient_error *err);
	struct ancient_error *err;
};

/* Opens a store for the file at `fd`, whose name in the folder of c->file is `leaf`, and closes
 * `fd`.  The store is hidden, so an attach does not find it.  On an error *ret_store may be a store
 * too; drop it. Errors: those of ancient_core_store_enter, MEMORY READ_ONLY. */
enum ancient_code ancient_core_compaction_open_store(struct core_compaction *c, int fd,
						     const char *leaf,
						     struct ancient_store **ret_store);

/* Closes and frees the store, and sets it to NULL; nothing happens to NULL. */
void ancient_core_compaction_drop_store(struct ancient_store **store);

/* Flushes the store's file to the disk, attributes included.  Errors: DISK_FULL SYSTEM. */
enum ancient_code ancient_core_compaction_flush(struct core_compaction *c,
						const struct ancient_store *store);

#endif
