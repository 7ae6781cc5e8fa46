/* core: the bytes a commit appends to the file. */
#ifndef CORE_TAIL_H
#define CORE_TAIL_H

#include <sys/uio.h>

#include "base/buffer.h"
#include "commit/worker.h"
#include "memory/file_mapping.h"
#include "copy/copy_target.h"

/* The values extent grows in memory while it is small.  Past that it grows where the values will
 * be: in a window of anonymous memory, which moves on when it is full.  What it leaves behind
 * is written to the file while the copy goes on; when the next piece is complete, the file is
 * mapped shared in its place.  So every word can be read and changed at any time.
 *
 * Small extents are gathered, one behind the other, and written at once: that is what most
 * commits consist of. */
struct core_tail {
	struct core_sink sink; /* first, so that a sink is its tail */
	void *owner;
	struct core_mapping *map;
	int fd;
	uint64_t start;           /* offset of the commit's first extent */
	uint64_t end;             /* where the next extent goes */
	uint64_t reserve;         /* the file may not grow past this */
	struct core_buffer image; /* bytes to be written, while they are few */
	uint64_t gathered; /* offset in the file of the first of them, once values are complete */
	uint64_t flushed;  /* end of what was written of them last */
	uint64_t room;     /* bytes of the file that are on the disk for sure; 0: as at first */
	uint64_t written;  /* offset of the window: the file is mapped shared before it */
	uint64_t open;     /* end of the window; 0: there is none */
	bool stretched;    /* the file may be longer than what is written */
	struct core_flight flight;
	struct { /* what it writes, and how that ended */
		uint64_t from, to;
		enum ancient_code code;
		struct ancient_error error;
	} sent;
};

#define CORE_TAIL_PARTS 6

void core_tail_init(struct core_tail *tail, struct core_mapping *map, int fd, const char *name,
		    uint64_t start, uint64_t reserve);

/* Waits until nothing of the window is being written.  Errors: those of writing. */
enum ancient_code core_tail_rest(struct core_tail *tail, struct ancient_error *err);

/* Waits likewise, and takes what is mapped away; the reservation is what remains. */
void core_tail_unmap(struct core_tail *tail);
void core_tail_done(struct core_tail *tail);

/* Finishes the values extent, if there are any: addresses of payloads, filler, header. */
enum ancient_code core_tail_end_values(struct core_tail *tail, uint64_t blocks, uint64_t generation,
				       struct ancient_error *err);

/* Writes the data extent, if there are payloads: the last touch of the bigarrays of the source. */
enum ancient_code core_tail_end_payloads(struct core_tail *tail, uint64_t generation,
					 struct ancient_error *err);

/* Appends an extent whose content is `parts` (at most CORE_TAIL_PARTS, together a multiple of
 * 8 bytes).
 * Errors: NO_ROOM DISK_FULL SYSTEM. */
enum ancient_code core_tail_extent(struct core_tail *tail, uint32_t kind, uint64_t generation,
				   uint64_t count, const struct iovec *parts, int part_count,
				   bool last, struct ancient_error *err);

/* Writes what was gathered, when all extents are complete.  Errors: DISK_FULL SYSTEM. */
enum ancient_code core_tail_flush(struct core_tail *tail, struct ancient_error *err);

/* After that, all bytes from `start` to `end`, where they were written at once; otherwise NULL. */
const uint8_t *core_tail_image(const struct core_tail *tail);

/* ---- The window (window.c), and what it needs ---- */

/* Makes the window reach to `bytes` of the file.  What is complete before it begins to be written.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY ADDRESS_SPACE. */
enum ancient_code core_tail_widen(struct core_tail *tail, uint64_t bytes,
				  struct ancient_error *err);

/* Writes the rest of what the window holds, which ends at `to`.  Nothing is being written. */
enum ancient_code core_tail_write_window(struct core_tail *tail, uint64_t to,
					 struct ancient_error *err);

/* All that the window left behind will be read: maps its pages in one step, not one by one. */
void core_tail_populate(const struct core_tail *tail);

/* Room in the file up to `to`, and if there is as much, `step` bytes more. */
enum ancient_code core_tail_make_room(struct core_tail *tail, uint64_t to, uint64_t step,
				      struct ancient_error *err);

enum ancient_code core_tail_write_file(struct core_tail *tail, struct iovec *parts, int count,
				       uint64_t offset, struct ancient_error *err);

enum ancient_code core_tail_fail_room(const struct core_tail *tail, struct ancient_error *err);

/* ---- For what appends extents of its own (payloads.c) ---- */

/* Room for an extent of `length` bytes from `end` on, in memory, zeroed, or in the file: all of it
 * is written, by core_tail_write, before `end` moves on.
 * Errors: NO_ROOM DISK_FULL SYSTEM MEMORY. */
enum ancient_code core_tail_begin(struct core_tail *tail, uint64_t length,
				  struct ancient_error *err);

struct ancient_extent core_tail_header(uint32_t kind, uint64_t generation, uint64_t count,
				       uint64_t content, uint64_t checksum, bool last);

enum ancient_code core_tail_write(struct core_tail *tail, struct iovec *parts, int count,
				  uint64_t offset, struct ancient_error *err);

#endif
