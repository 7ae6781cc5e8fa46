/* core/commit: a commit under way.  Used by publish.c, and by compaction, which is one commit into
 * a new file. */
#ifndef CORE_COMMIT_H
#define CORE_COMMIT_H

#include "base/buffer.h"
#include "commit/extent_writer.h"
#include "copy/copier.h"
#include "file/lock.h"
#include "index/directory.h"
#include "store/store_internal.h"

struct ancient_commit {
	struct ancient_store *store;
	struct core_lock lock;
	struct ancient_superblock superblock; /* of the new generation */
	uint64_t start;                       /* offset of the first extent */
	struct core_extent_writer writer;     /* the extents that it appends */
	struct core_directory directory;
	struct core_buffer customs; /* records of new identifiers */
	bool settled;
	bool changed;                /* there is something to commit */
	uint64_t published, removed; /* keys */
	void *compaction;            /* the compaction that replaced writer.target.grow, or NULL */
	struct core_dedup *dedup;    /* of the copier, once it was asked for; or NULL */
	struct core_copier
		copier; /* last, since it is large: ancient_core_copier_init initialises it */
};

/* What is published with a value. name and schema: NULL: none. */
struct core_binding {
	uint64_t key;
	const char *name;
	const struct ancient_schema_text *schema;
	uint64_t generation; /* recorded in the entry */
};

/* The same as ancient_commit_put_typed, without its checks of the key and of
 * ancient_commit_settle. */
enum ancient_code ancient_core_commit_put(struct ancient_commit *commit,
					  const struct core_binding *binding,
					  const struct ancient_source *source, uint64_t root,
					  enum ancient_order order,
					  struct ancient_copied *ret_copied,
					  struct ancient_error *err);

/* Lets the commit make a generation though nothing is put, removed or restored. */
void ancient_core_commit_force(struct ancient_commit *commit);

#endif
