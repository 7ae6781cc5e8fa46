/* core/commit: writes again what may never have reached the disk (FORMAT 11.4).
 *
 * When a flush fails, Linux forgets that the pages were dirty: a later flush does not write them,
 * and succeeds.  Their content stays readable until the pages are evicted.  So what no successful
 * flush of ours has covered is read, checked and written, which makes it dirty again.  Each piece
 * is written as it was read, before the next is read: a page that is evicted between a check and a
 * write in two passes would bring the old content of the disk back.
 */
#include "commit/write_again.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/fail.h"
#include "file/commit_record.h"
#include "file/commit_walk.h"
#include "file/disk_space.h"
#include "file/extent.h"
#include "file/file_io.h"

#define PIECE ((size_t)256 << 10) /* read and written at a time */

struct walk {
	int fd;
	const char *name;
	const struct ancient_superblock *superblock;
	struct ancient_error *err;
	uint8_t *piece;
	uint64_t generation, history;     /* of the commit before */
	struct ancient_superblock before; /* its superblock, or zeros */
};

/* Writes [at, at + bytes), at most PIECE, again; they are in walk->piece then.  *ret_got: fewer
 * bytes where the file ends. */
static enum ancient_code write_piece(const struct walk *walk, uint64_t at, size_t bytes,
				     size_t *ret_got)
{
	struct iovec part = {walk->piece, 0};

	if (!ancient_core_file_read(walk->fd, walk->piece, bytes, at, ret_got))
		return ancient_core_fail_system(walk->err, ANCIENT_E_SYSTEM, errno,
						"%s: cannot be read", walk->name);
	part.iov_len = *ret_got;
	if (!ancient_core_file_write(walk->fd, &part, 1, at))
		return ancient_core_fail_system(walk->err, ancient_core_fail_code(errno), errno,
						"%s: cannot be written", walk->name);
	return ANCIENT_OK;
}

/* Writes [at, end) again.  *ret_checksum: what was written, unless the file ends before. */
static enum ancient_code write_bytes(const struct walk *walk, uint64_t at, uint64_t end,
				     uint64_t *ret_checksum, bool *ret_whole)
{
	XXH3_state_t *state = XXH3_createState();
	enum ancient_code code =
		state ? ANCIENT_OK : ancient_core_fail_memory(walk->err, walk->name);
	size_t got = 1;

	if (state)
		XXH3_64bits_reset(state);
	for (; code == ANCIENT_OK && at < end && got; at += got) {
		code = write_piece(walk, at, end - at < PIECE ? (size_t)(end - at) : PIECE, &got);
		if (code == ANCIENT_OK)
			XXH3_64bits_update(state, walk->piece, got);
	}
	*ret_whole = code == ANCIENT_OK && at == end;
	if (*ret_whole)
		*ret_checksum = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return code;
}

/* The extent at `at`, in a commit of `generation` (0: its first).  *ret_good: it is one. */
static enum ancient_code write_extent(const struct walk *walk, uint64_t at, uint64_t generation,
				      struct ancient_extent *ret_header, bool *ret_good)
{
	uint64_t checksum = 0;
	size_t got;
	enum ancient_code code = write_piece(walk, at, sizeof *ret_header, &got);

	*ret_good = false;
	if (code != ANCIENT_OK || got < sizeof *ret_header)
		return code;
	memcpy(ret_header, walk->piece, sizeof *ret_header);
	if (!ancient_core_extent_header_stands(ret_header, at, walk->superblock->used) ||
	    (generation ? ret_header->generation != generation
			: ret_header->generation <= walk->generation))
		return ANCIENT_OK;
	at += sizeof *ret_header;
	code = write_bytes(walk, at, at + ret_header->content, &checksum, ret_good);
	*ret_good = *ret_good && checksum == ret_header->content_checksum;
	return code;
}

/* Whether the record, which is in walk->piece, is that of the commit that ends there. */
static bool test_record(const struct walk *walk, const struct ancient_extent *header,
			uint64_t offset, uint64_t history, struct ancient_superblock *ret_image)
{
	struct core_commit_record record = {.header = *header};

	memcpy(&record.image, walk->piece, sizeof record.image);
	*ret_image = record.image;
	return ancient_core_commit_record_test(&record, offset, walk->superblock, NULL, NULL) &&
	       record.image.history == history;
}

/* The commit that begins at `start`.  *ret_good: it is whole, and *ret_end its end. */
static enum ancient_code write_commit(struct walk *walk, uint64_t start, uint64_t *ret_end,
				      bool *ret_good)
{
	uint64_t sums[1 + CORE_COMMIT_EXTENTS], at = start, history;
	struct ancient_superblock image = {.generation = 0};
	struct ancient_extent header = {.generation = 0};
	unsigned count = 0;

	for (;;) {
		enum ancient_code code =
			write_extent(walk, at, header.generation, &header, ret_good);
		bool record = header.kind == ANCIENT_EXTENT_RECORD;

		if (code != ANCIENT_OK || !*ret_good)
			return code;
		if (!record && count == CORE_COMMIT_EXTENTS) {
			*ret_good = false;
			return ANCIENT_OK;
		}
		if (!record)
			sums[1 + count++] = header.header_checksum;
		*ret_end = at + header.length;
		if (record || header.flags & ANCIENT_EXTENT_LAST) {
			history = ancient_core_history_after(walk->history, sums, count);
			*ret_good = !record || test_record(walk, &header, at, history, &image);
			break;
		}
		at = core_extent_behind(*ret_end);
	}
	if (*ret_good) {
		walk->history = history;
		walk->generation = header.generation;
		walk->before = image;
	}
	return ANCIENT_OK;
}

static enum ancient_code fail_lost(const struct walk *walk, uint64_t start,
				   struct core_lost *ret_lost)
{
	const struct core_fault fault = {ANCIENT_E_UNDURABLE, 0, start, walk->generation + 1, 0};

	if (ret_lost)
		*ret_lost = (struct core_lost){start, walk->before};
	if (ancient_superblock_holds(walk->superblock) && start < walk->superblock->durable_used)
		return ancient_core_fail_fault(
			walk->err, fault,
			"%s: what was on the disk is damaged: the commit at offset %llu is not "
			"what was written: verify the file, and publish it again",
			walk->name, (unsigned long long)start);
	return ancient_core_fail_fault(
		walk->err, fault,
		"%s: what was committed after generation %llu and never flushed has been lost in "
		"part: bytes %llu to %llu are not what was written: publish the file again, or "
		"go back by `ancientctl recover --drop-lost %s`",
		walk->name, (unsigned long long)walk->generation, (unsigned long long)start,
		(unsigned long long)walk->superblock->used, walk->name);
}

/* Whether the walk, at the end of the last commit, has come to what the superblock says. */
static bool is_complete(const struct walk *walk, uint64_t end)
{
	const struct ancient_superblock *sb = walk->superblock;

	return end == sb->used && (!ancient_superblock_holds(sb) || walk->history == sb->history);
}

static enum ancient_code write_commits(struct walk *walk, uint64_t from, struct core_lost *ret_lost)
{
	uint64_t start = core_commit_after(from), next, end;

	for (; start < walk->superblock->used; start = next) {
		struct walk before = *walk;
		bool good;
		enum ancient_code code = write_commit(walk, start, &end, &good);

		if (code != ANCIENT_OK)
			return code;
		next = good ? core_commit_after(end) : start;
		if (!good || (next >= walk->superblock->used && !is_complete(walk, end)))
			return fail_lost(&before, start, ret_lost);
	}
	return ANCIENT_OK;
}

/* Where what is not known to be on the disk begins, and the history up to there: that of the record
 * that ends there or, if it is damaged, of all headers before. */
static uint64_t begin(struct walk *walk)
{
	const struct ancient_superblock *sb = walk->superblock;
	struct ancient_superblock durable = *sb;
	uint64_t from = sb->durable_used;
	struct core_commit_record record;

	if (!ancient_superblock_holds(sb) || from < ANCIENT_FIRST_EXTENT + sizeof record)
		return ANCIENT_FIRST_EXTENT;
	if (ancient_core_commit_record_read(walk->fd, walk->name, sb, from - sizeof record, &record,
					    NULL) != ANCIENT_OK) {
		durable.used = from;
		return ancient_core_history_of_file(walk->fd, walk->name, &durable, &walk->history,
						    NULL) == ANCIENT_OK
			       ? from
			       : ANCIENT_FIRST_EXTENT;
	}
	walk->before = record.image;
	walk->generation = record.image.generation;
	walk->history = record.image.history;
	return from;
}

enum ancient_code ancient_core_write_again(int fd, const char *name,
					   const struct ancient_superblock *superblock,
					   struct core_lost *ret_lost, struct ancient_error *err)
{
	struct walk walk = {.fd = fd, .name = name, .superblock = superblock, .err = err};
	uint64_t from = begin(&walk);
	enum ancient_code code;

	if (from == superblock->used)
		return ANCIENT_OK;
	code = ancient_core_disk_space_check(name, superblock->used, err);
	if (code != ANCIENT_OK)
		return code;
	walk.piece = malloc(PIECE);
	code = walk.piece ? write_commits(&walk, from, ret_lost)
			  : ancient_core_fail_memory(err, name);
	free(walk.piece);
	return code;
}

enum ancient_code ancient_core_write_as_data(int fd, const char *name, uint64_t start, uint64_t end,
					     uint64_t generation, uint64_t *ret_sum,
					     struct ancient_error *err)
{
	struct walk walk = {.fd = fd, .name = name, .err = err, .piece = malloc(PIECE)};
	struct ancient_extent header = {
		.magic = ANCIENT_EXTENT_MAGIC,
		.kind = ANCIENT_EXTENT_DATA,
		.content = end - start - sizeof header,
		.generation = generation,
	};
	struct iovec part = {&header, sizeof header};
	bool whole = false;
	enum ancient_code code = walk.piece ? write_bytes(&walk, start + sizeof header, end,
							  &header.content_checksum, &whole)
					    : ancient_core_fail_memory(err, name);

	free(walk.piece);
	if (code == ANCIENT_OK && !whole)
		code = ancient_core_fail(err, ANCIENT_E_TRUNCATED, "%s: the file was cut meanwhile",
					 name);
	if (code != ANCIENT_OK)
		return code;
	header.length = ancient_core_extent_length(header.content, false);
	header.header_checksum =
		XXH3_64bits(&header, offsetof(struct ancient_extent, header_checksum));
	*ret_sum = header.header_checksum;
	if (ancient_core_file_write(fd, &part, 1, start))
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
					"%s: cannot be written", name);
}
