/* core/commit: the extents that a commit appends to the file, in their order.  Used by commit.c and
 * publish.c; the parts for large values and for bigarrays are extent_stream.c and bigarray_data.c.
 */
#ifndef CORE_EXTENT_WRITER_H
#define CORE_EXTENT_WRITER_H

#include <sys/uio.h>

#include "base/buffer.h"
#include "base/worker.h"
#include "copy/copy_target.h"
#include "memory/file_mapping.h"

#define CORE_WRITTEN_EXTENTS 6u /* of a commit, its record apart: one of each kind */

/* The values extent is built in `image` while it is at most 64 KiB.  A larger one is built in the
 * stream buffer (extent_stream.c): anonymous memory at the addresses where the values will be
 * mapped, written to the file piece by piece while the copy goes on.
 *
 * Other extents of at most 64 KiB are also gathered in `image`, one behind the other, and written
 * in one call: most commits consist of nothing else. */
struct core_extent_writer {
	struct core_copy_target target; /* first: core_copy_target callbacks cast it back */
	void *owner;
	struct core_mapping *map;
	int fd;
	uint64_t start;           /* offset of the commit's first extent */
	uint64_t end;             /* where the next extent goes */
	uint64_t reserve;         /* the file may not grow past this */
	struct core_buffer image; /* bytes not yet written */
	uint64_t gathered;     /* file offset of image's first byte, once the values are complete */
	uint64_t flushed;      /* file offset where the last flush of `image` ended */
	uint64_t allocated;    /* disk space is allocated up to this offset; 0: not yet any */
	uint64_t buffer_start; /* the file is mapped shared before it; see extent_stream.c */
	uint64_t buffer_end;   /* 0: there is no stream buffer */
	bool stretched;        /* the file may be longer than what is written */
	bool makes_room;       /* behind the commit (store/room_ahead.h) */
	uint64_t room_end; /* the file is that long, with zeros to its end; 0: there is no room */
	/* Waypoints (FORMAT 4.3), indices of words of the values.  So that a block which ends
	 * behind the next boundary comes to grow(), the target's capacity ends there, however much
	 * room there is: words that there is room for are in `room`. */
	struct core_buffer waypoints;
	uint64_t boundary; /* the next one, in words */
	uint64_t room;
	/* For the history: header checksums of the extents, behind a free word. */
	uint64_t sums[1 + CORE_WRITTEN_EXTENTS];
	unsigned sum_count;
	struct core_worker worker;
	struct { /* the piece that the worker writes, and the result */
		uint64_t from, to;
		enum ancient_code code;
		struct ancient_error error;
	} background;
};

#define CORE_EXTENT_WRITER_PARTS 6

void ancient_core_extent_writer_init(struct core_extent_writer *writer, struct core_mapping *map,
				     int fd, const char *name, uint64_t start, uint64_t reserve);
void ancient_core_extent_writer_done(struct core_extent_writer *writer);

/* Finishes the values extent, if there are values: addresses of payloads, filler, header.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY ADDRESS_SPACE. */
enum ancient_code ancient_core_extent_writer_end_values(struct core_extent_writer *writer,
							uint64_t blocks, uint64_t generation,
							struct ancient_error *err);

/* Appends an extent whose content is `parts`: at most CORE_EXTENT_WRITER_PARTS, together a multiple
 * of 8 bytes.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY. */
enum ancient_code ancient_core_extent_writer_append(struct core_extent_writer *writer,
						    uint32_t kind, uint64_t generation,
						    uint64_t count, const struct iovec *parts,
						    int part_count, struct ancient_error *err);

/* The waypoints of the values, where they are long enough to have some.  Errors: as append. */
enum ancient_code ancient_core_extent_writer_append_waypoints(struct core_extent_writer *writer,
							      uint64_t generation,
							      struct ancient_error *err);

/* Appends what is an extent already, header included, and no part of the history: the commit
 * record. Errors: as append. */
enum ancient_code ancient_core_extent_writer_append_record(struct core_extent_writer *writer,
							   const void *record, uint64_t bytes,
							   struct ancient_error *err);

/* After ancient_core_extent_flush_last: all bytes from `start` to `end`, if they were written in
 * that one call; otherwise NULL. */
const uint8_t *ancient_core_extent_writer_image(const struct core_extent_writer *writer);

/* ---- For an extent that is written in several steps (bigarray_data.c) ---- */

/* Prepares `length` bytes at `end` for an extent: zeroed in `image`, or allocated in the file.  The
 * caller then writes all of them with ancient_core_extent_writer_write and moves `end` on.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY. */
enum ancient_code ancient_core_extent_writer_begin(struct core_extent_writer *writer,
						   uint64_t length, struct ancient_error *err);

/* Writes to `image`, if there is one, or to the file.  Changes `parts`. */
enum ancient_code ancient_core_extent_writer_write(struct core_extent_writer *writer,
						   struct iovec *parts, int count, uint64_t offset,
						   struct ancient_error *err);

/* The header, with both checksums, of the next extent, which enters the history. */
struct ancient_extent ancient_core_extent_writer_header(struct core_extent_writer *writer,
							uint32_t kind, uint64_t generation,
							uint64_t count, uint64_t content,
							uint64_t checksum);

/* ---- For the stream of values (extent_stream.c) ---- */

/* Allocates disk space up to the offset `to`, and `step` bytes more if there are as many.
 * Errors: NO_ROOM DISK_FULL SYSTEM. */
enum ancient_code ancient_core_extent_writer_allocate(struct core_extent_writer *writer,
						      uint64_t to, uint64_t step,
						      struct ancient_error *err);

/* Writes to the file.  Changes `parts`.  Errors: DISK_FULL SYSTEM. */
enum ancient_code ancient_core_extent_writer_write_file(struct core_extent_writer *writer,
							struct iovec *parts, int count,
							uint64_t offset, struct ancient_error *err);

/* NO_ROOM: the file has reached the end of its reserved address space. */
enum ancient_code ancient_core_extent_writer_fail_full(const struct core_extent_writer *writer,
						       struct ancient_error *err);

#endif
