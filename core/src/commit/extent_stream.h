/* core/commit: the stream buffer in which a large values extent is built and written.  Called by
 * extent_writer.c, and by commits to wait for the worker and to unmap. */
#ifndef CORE_EXTENT_STREAM_H
#define CORE_EXTENT_STREAM_H

#include "commit/extent_writer.h"

/* Extends the buffer to the file offset `bytes`.  If a whole piece of values is complete, the
 * worker starts to write it.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY ADDRESS_SPACE. */
enum ancient_code ancient_core_extent_stream_extend(struct core_extent_writer *writer,
						    uint64_t bytes, struct ancient_error *err);

/* Waits for the worker, if it is busy, and maps the file where its piece was.
 * Errors: those of the worker's writes, ADDRESS_SPACE. */
enum ancient_code ancient_core_extent_stream_wait(struct core_extent_writer *writer,
						  struct ancient_error *err);

/* Writes the rest of the buffer, which ends at the file offset `to`.  The worker is idle.
 * Errors: NO_ROOM DISK_FULL SYSTEM. */
enum ancient_code ancient_core_extent_stream_write_rest(struct core_extent_writer *writer,
							uint64_t to, struct ancient_error *err);

/* Maps the pages of all pieces that were written, in one step, since all of them are read next. */
void ancient_core_extent_stream_populate(const struct core_extent_writer *writer);

/* Only `used` words of the values are left: what was written behind them becomes zero. */
void ancient_core_extent_stream_shrink(struct core_extent_writer *writer, uint64_t used);

/* Waits for the worker, and unmaps the buffer and the pieces; the reservation remains. */
void ancient_core_extent_stream_unmap(struct core_extent_writer *writer);

#endif
