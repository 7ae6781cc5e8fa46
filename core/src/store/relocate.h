/* core: pointers of a file that is mapped elsewhere than at its base. */
#ifndef CORE_RELOCATE_H
#define CORE_RELOCATE_H

#include "store/store_internal.h"

/* Makes every pointer of the extents that were mapped since the last time lead to where the
 * file is mapped.  The mapping must be writable; store->relocation stands behind the extents
 * afterwards, ready for later ones.
 * Errors: BAD_EXTENT, BAD_BLOCK. */
enum ancient_code core_relocate_added(struct ancient_store *store, uint64_t newest,
				      struct ancient_error *err);

/* Values that were relocated are protected, if they are to be, between relocations; nothing
 * happens to other stores. */
enum ancient_code core_relocated_protect(const struct ancient_store *store, int protection,
					 struct ancient_error *err);

#endif
