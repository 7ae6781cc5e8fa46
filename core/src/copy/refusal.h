/* core/copy: says what in a value cannot be shared, and where.  Called by copy.c after a
 * refusal. */
#ifndef CORE_REFUSAL_H
#define CORE_REFUSAL_H

#include "copy/copier.h"

/* Walks the graph of `root` again to say what in it cannot be shared, and where: "functional value
 * at root.(3).(0)".  Returns UNSHAREABLE, or MEMORY. */
enum ancient_code ancient_core_refusal_explain(const struct core_copier *copier, uint64_t root,
					       struct ancient_error *err);

#endif
