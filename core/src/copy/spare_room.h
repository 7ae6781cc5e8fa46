/* core/copy: leaves the spare room of Dynarrays out of the copy.  Called by copy.c. */
#ifndef CORE_SPARE_ROOM_H
#define CORE_SPARE_ROOM_H

#include "copy/copier.h"

/* To be called in depth-first order, when the field before frame->next led to copier->met_dummy. If
 * the fields from there to frame->end are the spare room of a Dynarray, whose record is the frame
 * on top of the stack, the copy of its array ends before them, and `frame` becomes empty. */
void ancient_core_spare_room_cut(struct core_copier *copier, struct core_frame *frame);

/* The same in breadth-first order, for a block all of whose fields have been visited and the last
 * of which led to `dummy`: it is the record, and the fields of its array have not been visited. */
void ancient_core_spare_room_cut_below(struct core_copier *copier, uint64_t record, uint64_t dummy);

#endif
