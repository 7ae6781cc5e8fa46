/* core: the schema directory (FORMAT 12.1). */
#ifndef CORE_SCHEMA_INDEX_H
#define CORE_SCHEMA_INDEX_H

#include <ancient/store.h>

#include "index/directory.h"
#include "index/pages.h"

/* Whether the schema may be stored.  Errors: ARGUMENT. */
enum ancient_code core_schema_index_check(const char *file,
					  const struct ancient_schema_text *schema,
					  struct ancient_error *err);

/* The record of the schema's text (its offset, or a pending reference), made where there is
 * none.  Errors: MEMORY BAD_DIRECTORY. */
enum ancient_code core_schema_index_put(struct core_directory *directory,
					const struct ancient_schema_text *schema,
					uint64_t *ret_record, struct ancient_error *err);

/* The published record at `offset`, which stands in the word at `field`.
 * Errors: BAD_DIRECTORY. */
enum ancient_code core_schema_index_at(const struct core_pages *pages, uint64_t offset,
				       uint64_t field, struct ancient_schema_text *ret,
				       struct ancient_error *err);

#endif
