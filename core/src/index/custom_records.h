/* core/index: the identifiers of custom slots (FORMAT 6): the well-known ones, and the records of
 * the customs extent in force.  Used by verification, by attach, by commits and by compaction. */
#ifndef CORE_CUSTOM_RECORDS_H
#define CORE_CUSTOM_RECORDS_H

#include <ancient/error.h>
#include <ancient/format.h>

#include "index/pages.h"

/* The well-known slot of an identifier; ANCIENT_CUSTOM_WELL_KNOWN if it has none. */
unsigned ancient_core_custom_well_known(const char *identifier);

/* The identifier of a well-known slot. */
const char *ancient_core_custom_identifier(unsigned slot);

/* The records of the customs extent in force.  Each identifier has 1 to 55 bytes and ends with a 0
 * byte.  *ret_count is 0, and *ret_records untouched, if the file has no such extent.
 * Errors: BAD_CUSTOM. */
enum ancient_code ancient_core_custom_records(const struct core_pages *pages,
					      const struct ancient_superblock *superblock,
					      const struct ancient_custom_record **ret_records,
					      uint64_t *ret_count, struct ancient_error *err);

#endif
