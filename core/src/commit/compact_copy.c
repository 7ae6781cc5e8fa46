/* core/commit: the copying half of a compaction: one commit into a new file beside the old one.
 *
 * The source is a mapping of the old file as it is on the disk, at any address
 * (ancient_source.shift): this process may also have the file attached, relocated, or written to.
 */
#include "commit/compact_copy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/progress.h"
#include "commit/commit.h"
#include "file/disk_space.h"
#include "file/file_attributes.h"
#include "file/file_io.h"
#include "file/replace_file.h"
#include "file/superblock.h"
#include "index/custom_records.h"
#include "index/directory.h"
#include "index/schema_index.h"
#include "memory/file_mapping.h"
#include "store/create.h"

#define FIELD(name) offsetof(struct ancient_entry_record, name)
/* Address space beyond the size of the original, since the copy grows in steps. */
#define GROWTH_BYTES ((uint64_t)64 << 20)

/* ---- The new file --------------------------------------------------------------- */

/* Reserves address space for the copy, anywhere; pointers in it are those of the new base. */
static enum ancient_code reserve(struct core_compaction *c,
				 const struct ancient_superblock *superblock)
{
	struct core_mapping *map = &c->fresh->map;
	uint64_t bytes = c->pages.used + GROWTH_BYTES;
	enum ancient_code code;

	if (bytes > superblock->reserve)
		bytes = superblock->reserve;
	code = ancient_core_mapping_reserve(
		map,
		&(struct core_mapping_wish){.name = c->file.path,
					    .most = bytes,
					    .reserve = bytes,
					    .least = ANCIENT_FIRST_EXTENT},
		c->err);
	map->file_base = superblock->base;
	return code;
}

static enum ancient_code format(struct core_compaction *c)
{
	struct ancient_store *fresh = c->fresh;
	enum ancient_code code = ancient_core_create_successor(
		&c->old->superblock, c->options->base, c->file.path, &fresh->superblock, c->err);

	fresh->options.ocaml_version = fresh->superblock.ocaml_version;
	if (code == ANCIENT_OK)
		code = reserve(c, &fresh->superblock);
	if (code == ANCIENT_OK)
		code = ancient_core_disk_space_make(fresh->fd, fresh->name, 0, ANCIENT_FIRST_EXTENT,
						    c->err);
	if (code == ANCIENT_OK)
		code = ancient_core_superblock_write_empty(fresh->fd, fresh->name,
							   &fresh->superblock, c->err);
	return code;
}

static enum ancient_code create(struct core_compaction *c)
{
	int fd = -1;
	enum ancient_code code = ancient_core_replace_file_create(&c->file, &fd, c->err);

	if (code != ANCIENT_OK)
		return code;
	code = ancient_core_attributes_own(fd, &c->file.original_status, c->file.path, c->err);
	if (code != ANCIENT_OK) {
		close(fd);
		return code;
	}
	code = ancient_core_compaction_open_store(c, fd, c->file.temporary, &c->fresh);
	return code == ANCIENT_OK ? format(c) : code;
}

/* ---- The copy ------------------------------------------------------------------- */

/* Describes a custom block of the old file.  All are registered: they were accepted when they were
 * shared, whatever this process knows. */
static struct ancient_source_custom custom_of(void *context, uint64_t operations)
{
	struct core_compaction *c = context;
	uint64_t window = c->old->superblock.base - ANCIENT_CUSTOM_WINDOW;
	uint64_t slot = (operations - window) / ANCIENT_CUSTOM_SLOT;
	struct ancient_source_custom custom = {.registered = true};

	if (slot < ANCIENT_CUSTOM_WELL_KNOWN) {
		custom.identifier = ancient_core_custom_identifier((unsigned)slot);
	} else if (slot - ANCIENT_CUSTOM_WELL_KNOWN < c->custom_count) {
		memcpy(c->identifier, c->customs[slot - ANCIENT_CUSTOM_WELL_KNOWN].identifier,
		       sizeof c->identifier - 1);
		custom.identifier = c->identifier;
	}
	return custom;
}

static enum ancient_code tell(struct core_compaction *c, struct ancient_error *err)
{
	uint64_t used = c->commit->writer.target.used,
		 more = used > c->copied ? used - c->copied : 0;

	c->copied += more;
	return core_progress_add(&c->progress, more * 8, err);
}

/* Replaces the extent writer's grow: reports progress within a large value. */
static enum ancient_code grow(struct core_copy_target *target, uint64_t more,
			      struct ancient_error *err)
{
	struct core_extent_writer *writer = (struct core_extent_writer *)(void *)target;
	struct ancient_commit *commit = writer->owner;
	struct core_compaction *c = commit->compaction;
	enum ancient_code code = tell(c, err);

	return code == ANCIENT_OK ? c->grow(target, more, err) : code;
}

/* How a value with this schema is copied; NULL: it has none. */
static enum ancient_code set_dedup(struct core_compaction *c,
				   const struct ancient_schema_text *schema)
{
	const struct ancient_compact_options *options = c->options;
	struct ancient_dedup dedup;
	enum ancient_code code = ANCIENT_OK;

	if (!options->dedup)
		return ANCIENT_OK;
	dedup = *options->dedup;
	dedup.types = NULL;
	if (schema && options->types)
		code = options->types(options->context, schema, &dedup.types, c->err);
	return code == ANCIENT_OK ? ancient_commit_dedup(c->commit, &dedup, c->err) : code;
}

static enum ancient_code copy_entry(struct core_compaction *c,
				    const struct ancient_entry_record *entry, uint64_t offset)
{
	struct core_binding binding = {.key = entry->key, .generation = entry->generation};
	struct ancient_schema_text schema;
	enum ancient_code code = ANCIENT_OK;

	if (entry->name)
		code = ancient_core_directory_name_at(&c->pages, entry->name, offset + FIELD(name),
						      &binding.name, c->err);
	if (code == ANCIENT_OK && entry->schema) {
		code = ancient_core_schema_index_at(&c->pages, entry->schema,
						    offset + FIELD(schema), &schema, c->err);
		binding.schema = &schema;
	}
	if (code == ANCIENT_OK)
		code = set_dedup(c, binding.schema);
	if (code == ANCIENT_OK)
		code = ancient_core_commit_put(c->commit, &binding, &c->source, entry->root,
					       c->options->order, NULL, c->err);
	return code == ANCIENT_OK ? tell(c, c->err) : code;
}

static enum ancient_code copy_each(struct core_compaction *c)
{
	struct ancient_entry_record entry = {0};
	enum ancient_code code;
	uint64_t offset, next = 0;

	for (;;) {
		code = ancient_core_directory_from(&c->pages, c->old->superblock.keys, next, &entry,
						   &offset, c->err);
		if (code == ANCIENT_E_NO_KEY)
			return ANCIENT_OK;
		if (code == ANCIENT_OK)
			code = copy_entry(c, &entry, offset);
		if (code != ANCIENT_OK)
			return code;
		next = entry.key + 1;
	}
}

static enum ancient_code copy_entries(struct core_compaction *c)
{
	enum ancient_code code = ancient_commit_begin(c->fresh, &c->commit, c->err);

	if (code != ANCIENT_OK)
		return code;
	c->source.context = c;
	c->source.custom = custom_of;
	c->source.keep_lazies = true; /* they were kept when they were shared */
	c->source.shift = (uint64_t)(uintptr_t)c->pages.file - c->old->superblock.base;
	c->commit->compaction = c;
	c->commit->writer.target.payload_most = c->pages.used;
	c->grow = c->commit->writer.target.grow;
	c->commit->writer.target.grow = grow;
	ancient_core_commit_force(c->commit); /* a file without keys, too */
	code = copy_each(c);
	if (code != ANCIENT_OK) {
		ancient_commit_abort(c->commit);
		return code;
	}
	return ancient_commit_finish(c->commit, true, c->err);
}

enum ancient_code ancient_core_compact_copy(struct core_compaction *c)
{
	enum ancient_code code = create(c);

	if (code == ANCIENT_OK)
		code = copy_entries(c);
	if (code == ANCIENT_OK)
		code = ancient_core_attributes_copy(c->old->fd, c->fresh->fd,
						    &c->file.original_status, c->file.path, c->err);
	return code == ANCIENT_OK ? ancient_core_compaction_flush(c, c->fresh) : code;
}
