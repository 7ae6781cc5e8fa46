/* core/commit: opens and closes the two files of a compaction, each as a store that attach does not
 * find. */
#include "commit/compaction.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/file_io.h"
#include "store/registry.h"
#include "store/store.h"
#include "store/store_files.h"

static char *path_beside(const struct core_compaction *c, const char *leaf)
{
	int folder = (int)(c->file.leaf - c->file.path);
	char *path;

	return asprintf(&path, "%.*s%s", folder, c->file.path, leaf) < 0 ? NULL : path;
}

enum ancient_code ancient_core_compaction_open_store(struct core_compaction *c, int fd,
						     const char *leaf, struct ancient_store **ret)
{
	char *path = path_beside(c, leaf);
	struct ancient_store_options options = {.path = path};
	struct ancient_store *store =
		path ? ancient_core_store_new(fd, c->file.path, &options) : NULL;
	enum ancient_code code = store ? ancient_core_store_enter(store, fd, c->err)
				       : ancient_core_fail_memory(c->err, "compact");

	if (code == ANCIENT_OK)
		code = ancient_store_writable(store, c->err);
	if (store) {
		store->options.path = NULL;
		store->path_flushed = true; /* the compaction does it */
	}
	free(path);
	close(fd);
	*ret = store;
	return code;
}

void ancient_core_compaction_drop_store(struct ancient_store **store)
{
	if (!*store)
		return;
	ancient_core_registry_lock();
	ancient_core_registry_remove(*store);
	ancient_core_registry_unlock();
	ancient_core_store_free(*store);
	*store = NULL;
}

enum ancient_code ancient_core_compaction_flush(struct core_compaction *c,
						const struct ancient_store *store)
{
	if (ancient_core_file_flush(store->fd, false))
		return ANCIENT_OK;
	return ancient_core_fail_system(c->err, ancient_core_fail_code(errno), errno,
					"%s: cannot be flushed", c->file.path);
}
