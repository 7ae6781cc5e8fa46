/* core/commit: writes the extents that were gathered in memory, and room for the next commits
 * behind them. */
#include "commit/extent_flush.h"

#include "file/disk_space.h"
#include "file/file_io.h"
#include "store/room_ahead.h"

/* Disk space for `image` is not allocated first: the write itself fails if there is none.  Only
 * RLIMIT_FSIZE must be checked, since exceeding it raises a signal. */
enum ancient_code ancient_core_extent_flush(struct core_extent_writer *writer,
					    struct ancient_error *err)
{
	struct iovec part = {writer->image.data, writer->image.used};
	uint64_t to = writer->gathered + writer->image.used;
	enum ancient_code code = ANCIENT_OK;

	if (writer->image.used == 0)
		return ANCIENT_OK;
	if (to > writer->allocated)
		code = ancient_core_disk_space_check(writer->target.name, to, err);
	if (code == ANCIENT_OK)
		code = ancient_core_extent_writer_write_file(writer, &part, 1, writer->gathered,
							     err);
	writer->image.used = 0;
	writer->flushed = to;
	return code;
}

/* The same, and zeros behind it up to `to`. */
static bool flush_with_room(struct core_extent_writer *writer, uint64_t to)
{
	static const uint8_t zeros[CORE_ROOM_AHEAD + ANCIENT_COMMIT_ALIGN];
	uint64_t end = writer->gathered + writer->image.used;
	struct iovec parts[2] = {{writer->image.data, writer->image.used},
				 {(void *)(uintptr_t)zeros, to - end}};

	if (to > writer->reserve ||
	    ancient_core_disk_space_check(writer->target.name, to, NULL) != ANCIENT_OK)
		return false;
	if (!ancient_core_file_write(writer->fd, parts, 2, writer->gathered)) {
		writer->stretched = true; /* a part of it may have been written */
		return false;
	}
	writer->image.used = 0;
	writer->flushed = end;
	writer->room_end = to;
	return true;
}

/* New room is made where all of the commit is in `image`, and no room is left. */
enum ancient_code ancient_core_extent_flush_last(struct core_extent_writer *writer,
						 struct ancient_error *err)
{
	uint64_t end = writer->gathered + writer->image.used;

	if (writer->image.used == 0 || end <= writer->room_end)
		return ancient_core_extent_flush(writer, err);
	writer->room_end = 0;
	if (writer->makes_room && !writer->stretched && writer->gathered == writer->start &&
	    flush_with_room(writer, ancient_core_room_ahead_end(end)))
		return ANCIENT_OK;
	return ancient_core_extent_flush(writer, err);
}
