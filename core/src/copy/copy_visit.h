/* core/copy: one field of the copy.  Called by copy.c. */
#ifndef CORE_COPY_VISIT_H
#define CORE_COPY_VISIT_H

#include "copy/copier.h"

/* ret_word is what a field must hold that leads to the even source pointer `word` (with
 * source->shift added).  *ret_frame is the fields of the block if it was copied now and has fields
 * to visit; otherwise it is empty.  An UNSHAREABLE error has no message yet:
 * ancient_core_refusal_explain makes it. */
enum ancient_code ancient_core_copy_visit(struct core_copier *copier, uint64_t word,
					  uint64_t *ret_word, struct core_frame *ret_frame,
					  struct ancient_error *err);

#endif
