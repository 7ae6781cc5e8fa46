/* core/index: the schema directory (FORMAT 12.1): stores each text once, found by its hash.  Called
 * by commits, by lookups of entries and by compaction. */
#ifndef CORE_SCHEMA_INDEX_H
#define CORE_SCHEMA_INDEX_H

#include <ancient/store.h>

#include "index/directory.h"
#include "index/pages.h"

/* Checks that the text is UTF-8 without 0, of 1 byte to 1 MiB.  Errors: ARGUMENT. */
enum ancient_code ancient_core_schema_index_check(const char *file,
						  const struct ancient_schema_text *schema,
						  struct ancient_error *err);

/* The record of the schema's text, as an offset or a pending reference; added if the file does not
 * have it.
 * Errors: MEMORY BAD_DIRECTORY, ARGUMENT if the file has the text with another fingerprint. */
enum ancient_code ancient_core_schema_index_put(struct core_directory *directory,
						const struct ancient_schema_text *schema,
						uint64_t *ret_record, struct ancient_error *err);

/* The published record at `offset`; that offset was read from the word at `field`, which an error
 * names.
 * Errors: BAD_DIRECTORY. */
enum ancient_code ancient_core_schema_index_at(const struct core_pages *pages, uint64_t offset,
					       uint64_t field, struct ancient_schema_text *ret,
					       struct ancient_error *err);

#endif
