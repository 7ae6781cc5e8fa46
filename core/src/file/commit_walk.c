/* core/file: one commit of a file and whether it is complete (FORMAT 4.2).  Called where a
 * superblock is damaged, and by recovery. */
#include "file/commit_walk.h"

#include <stdlib.h>

#include <xxhash.h>

#include "file/extent.h"
#include "file/file_io.h"

#define PIECE ((size_t)64 << 10) /* of contents, read at a time */

/* E5.  *ret_good: the checksum matches.  false: errno. */
static bool check_content(int fd, uint64_t offset, const struct ancient_extent *header,
			  bool *ret_good)
{
	uint64_t at = offset + sizeof *header, end = at + header->content;
	XXH3_state_t *state = XXH3_createState();
	uint8_t *piece = malloc(PIECE);
	bool read = state && piece;
	size_t got = 1;

	if (state)
		XXH3_64bits_reset(state);
	while (read && at < end && got) {
		read = ancient_core_file_read(
			fd, piece, end - at < PIECE ? (size_t)(end - at) : PIECE, at, &got);
		if (read)
			XXH3_64bits_update(state, piece, got);
		at += read ? got : 0;
	}
	*ret_good = read && at == end && XXH3_64bits_digest(state) == header->content_checksum;
	XXH3_freeState(state);
	free(piece);
	return read;
}

/* Whether the record of the commit, whose other extents have these checksums, follows `before`. */
static bool follows(const struct ancient_superblock *image, const struct ancient_superblock *before,
		    uint64_t *sums, unsigned count)
{
	return image->generation > before->generation && image->previous == before->record &&
	       image->history == ancient_core_history_after(before->history, sums, count);
}

bool ancient_core_commit_at(const struct core_commit_walk *walk, uint64_t start,
			    struct core_commit_found *ret)
{
	uint64_t sums[1 + CORE_COMMIT_EXTENTS], at = start;
	struct core_commit_record record;
	const struct ancient_extent *header = &record.header;

	*ret = (struct core_commit_found){.whole = false};
	for (unsigned count = 0; count <= CORE_COMMIT_EXTENTS; count++) {
		bool good = true;

		if (!ancient_core_commit_record_peek(walk->fd, at, &record))
			return false;
		if (!ancient_core_extent_header_stands(header, at, walk->end) ||
		    (count && header->generation != ret->generation))
			return true;
		ret->generation = header->generation;
		ret->end = at + header->length;
		if (header->kind == ANCIENT_EXTENT_RECORD) {
			ret->complete = ancient_core_commit_record_test(&record, at, walk->like,
									NULL, NULL) &&
					(!walk->before ||
					 follows(&record.image, walk->before, sums, count));
			ret->whole = ret->complete;
			ret->record = record;
			return true;
		}
		if (walk->contents && !check_content(walk->fd, at, header, &good))
			return false;
		if (!good || count == CORE_COMMIT_EXTENTS)
			return true;
		sums[1 + count] = header->header_checksum;
		if (header->flags & ANCIENT_EXTENT_LAST) {
			ret->whole = true;
			return true;
		}
		at = core_extent_behind(ret->end);
	}
	return true;
}

bool ancient_core_commit_follows(int fd, const struct ancient_superblock *superblock,
				 uint64_t *ret_generation)
{
	struct core_commit_walk walk = {
		.fd = fd,
		.end = superblock->reserve,
		.like = superblock,
		.before = ancient_superblock_holds(superblock) ? superblock : NULL,
	};
	struct core_commit_found found;

	*ret_generation = 0;
	if (!ancient_core_commit_at(&walk, core_commit_after(superblock->used), &found))
		return false;
	if (found.complete && found.generation == superblock->generation + 1)
		*ret_generation = found.generation;
	return true;
}
