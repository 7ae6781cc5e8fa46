/* c-reader/file: commit records (FORMAT 4.2): what each generation's superblock said, for opening
 * an older generation, for the log, and to tell a damaged superblock from one that is merely older.
 */
#ifndef ANCIENT_READER_COMMIT_RECORD_H
#define ANCIENT_READER_COMMIT_RECORD_H

#include <assert.h>

#include "base/error.h"
#include "base/words.h"

/* The extent header at `offset`, if one is there with its checksum, whose length stays before
 * `used`. */
bool ancient_reader_extent_at(const struct ancient_file *file, uint64_t offset,
			      struct ancient_extent *ret_header);

/* Where the next header is to be expected. */
static inline uint64_t reader_extent_behind(uint64_t at, const struct ancient_extent *header)
{
	return reader_round_up(at + header->length, header->flags & ANCIENT_EXTENT_LAST
							    ? ANCIENT_COMMIT_ALIGN
							    : ANCIENT_EXTENT_ALIGN);
}

struct reader_record { /* as it lies in the file */
	struct ancient_extent header;
	struct ancient_superblock image;
};

static_assert(sizeof(struct reader_record) == ANCIENT_RECORD_BYTES, "commit record size");

/* Tests a copy of the record at `offset`, with the UUID, base and reserve of `super`: rules E1, E2,
 * E5 and E7, but for `previous` and `history`, which say something of other extents.  Where it is
 * wrong, *ret_fault and *ret_what ("expected ...") say how. */
bool ancient_reader_record_test(const struct reader_record *record, uint64_t offset,
				const struct ancient_superblock *super,
				struct reader_fault *ret_fault, const char **ret_what);

/* The record at `offset` of a mapped file, copied and tested.
 * Errors: BAD_EXTENT BAD_CHECKSUM. */
enum ancient_code ancient_reader_record_get(const struct ancient_file *file, uint64_t offset,
					    struct reader_record *ret_record,
					    struct ancient_error *err);

/* Whether a complete commit of the generation after `super`, whose fields hold, begins behind its
 * `used`: *ret_generation is that, or 0.  Looks at extent headers and the record alone.  false:
 * errno. */
bool ancient_reader_commit_behind(int fd, const struct ancient_superblock *super,
				  uint64_t *ret_generation);

/* The record of `generation`, which is not that of file->super: along the chain of records, and
 * where that is broken by a walk over the extents. Errors: NO_GENERATION BAD_EXTENT BAD_CHECKSUM
 * TORN_AWAY. */
enum ancient_code ancient_reader_record_find(const struct ancient_file *file, uint64_t generation,
					     struct ancient_superblock *ret_image,
					     struct ancient_error *err);

/* Where the commit of `generation` begins, whose record is at `record`, and the generation of the
 * commit before it, 0 where it is the first: by a walk over the extents, for a commit whose record
 * names none before it.
 * Errors: BAD_EXTENT. */
enum ancient_code ancient_reader_commit_start(const struct ancient_file *file, uint64_t record,
					      uint64_t generation, uint64_t *ret_start,
					      uint64_t *ret_before, struct ancient_error *err);

#endif
