/* core/commit: the copying half of a compaction. */
#ifndef CORE_COMPACT_COPY_H
#define CORE_COMPACT_COPY_H

#include "commit/compaction.h"

/* Makes the new file beside the old one, copies into it what the keys of the old file lead to, and
 * flushes it.  The old file is locked, mapped and verified.
 * Errors: those of ancient_compact. */
enum ancient_code ancient_core_compact_copy(struct core_compaction *c);

#endif
