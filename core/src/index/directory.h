/* core/index: the directories of keys and names (FORMAT 5), published and of a commit under way;
 * and the pending nodes of the schema directory (12.1). */
#ifndef CORE_DIRECTORY_H
#define CORE_DIRECTORY_H

#include <sys/uio.h>

#include <ancient/error.h>
#include <ancient/format.h>

#include "base/buffer.h"
#include "index/pages.h"

/* New nodes of one commit.  Until their file offsets are known, references to them are CORE_PENDING
 * plus an offset in one of these buffers, plus the leaf bit. */
struct core_directory {
	struct core_pages pages;
	uint64_t keys, names, schemas; /* roots, as node words, which may be pending */
	uint64_t key_count, name_count;
	struct core_buffer key_branches, entries, name_branches, name_leaves, records;
	struct core_buffer schema_branches, schema_records;
};

/* The entry of `key` in the tree `keys`; *ret_offset is where its record lies.
 * Errors: NO_KEY, BAD_DIRECTORY. */
enum ancient_code ancient_core_directory_get(const struct core_pages *pages, uint64_t keys,
					     uint64_t key, struct ancient_entry_record *ret_entry,
					     uint64_t *ret_offset, struct ancient_error *err);

/* The entry of the least key that is at least `key`.  Errors: NO_KEY, BAD_DIRECTORY. */
enum ancient_code ancient_core_directory_from(const struct core_pages *pages, uint64_t keys,
					      uint64_t key, struct ancient_entry_record *ret_entry,
					      uint64_t *ret_offset, struct ancient_error *err);

/* The key that has this name in the tree `names`.  Errors: NO_KEY, BAD_DIRECTORY. */
enum ancient_code ancient_core_directory_key_of(const struct core_pages *pages, uint64_t names,
						const char *name, uint64_t *ret_key,
						struct ancient_error *err);

/* The text, ended by a 0 byte, of the name record at offset `record`; that offset was read from the
 * word at `field`, which an error names.
 * Errors: BAD_DIRECTORY. */
enum ancient_code ancient_core_directory_name_at(const struct core_pages *pages, uint64_t record,
						 uint64_t field, const char **ret_name,
						 struct ancient_error *err);

void ancient_core_directory_init(struct core_directory *directory, const struct core_pages *pages,
				 const struct ancient_superblock *superblock);
void ancient_core_directory_done(struct core_directory *directory);

/* Whether `name` (NULL: none) may be given to `key`.  Errors: NAME_TAKEN, ARGUMENT. */
enum ancient_code ancient_core_directory_check_name(const struct core_directory *directory,
						    uint64_t key, const char *name,
						    struct ancient_error *err);

/* Puts the entry under entry.key, with `name` (NULL: none). entry.name is filled in here;
 * entry.schema is what ancient_core_schema_index_put gave.
 * Errors: NAME_TAKEN ARGUMENT MEMORY BAD_DIRECTORY. */
enum ancient_code ancient_core_directory_put(struct core_directory *directory,
					     struct ancient_entry_record entry, const char *name,
					     struct ancient_error *err);

/* Takes the entry of `key` out, and its name.  Errors: NO_KEY (nothing is changed then) MEMORY
 * BAD_DIRECTORY. */
enum ancient_code ancient_core_directory_remove(struct core_directory *directory, uint64_t key,
						struct ancient_error *err);

/* Makes the directories those of another generation, before anything is put: what `superblock` says
 * of them. */
void ancient_core_directory_restore(struct core_directory *directory,
				    const struct ancient_superblock *superblock);

/* Replaces all pending references by file offsets: the new nodes will lie at `offset`, the schema
 * records at `schemas`. */
void ancient_core_directory_resolve(struct core_directory *directory, uint64_t offset,
				    uint64_t schemas);

/* The new nodes in the order of the file, without the schema records. */
#define CORE_DIRECTORY_PARTS 6
void ancient_core_directory_parts(const struct core_directory *directory, struct iovec *ret_parts);

#endif
