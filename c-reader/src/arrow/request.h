/* c-reader/arrow: what the consumer of a stream would like. */
#ifndef ANCIENT_READER_ARROW_REQUEST_H
#define ANCIENT_READER_ARROW_REQUEST_H

#include "arrow/arrow_types.h"

/* Changes the layout of text and the indices of dictionaries to what `requested` has in the same
 * place, by names; everything else of it is ignored.  NULL allowed. */
void ancient_reader_arrow_request(struct arrow_plan *plan, const struct ArrowSchema *requested);

#endif
