/* core/commit: the newest complete commit of a file whose superblocks are both lost (FORMAT 8.6).
 *
 * The commits are followed by their extents' headers, so that bytes inside a value which look like
 * a record are not met; only where a header is damaged, the next record is looked for in steps of
 * 64 bytes.  What is found first tells which file it is: other records must agree.  The work is
 * bounded by the file's length: one walk, one scan, and the contents of the last commits. */
#include "commit/record_search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/commit_walk.h"
#include "file/extent.h"
#include "file/file_io.h"
#include "file/superblock.h"

#define PIECE ((size_t)1 << 20) /* of a scan, read at a time */
#define OVERLAP sizeof(struct core_commit_record)
#define NEWEST 64u /* commits whose contents are tested, from the newest back */

struct candidate {
	uint64_t start;
	struct ancient_superblock image;
};

struct search {
	int fd;
	const char *name;
	struct ancient_error *err;
	uint64_t length;
	uint8_t *piece; /* what was read last by the scan, from piece_at on */
	uint64_t piece_at;
	size_t piece_got;
	struct ancient_superblock first;     /* of the first record that was found */
	uint64_t count;                      /* of all records */
	struct candidate candidates[NEWEST]; /* the last of them: number i at i % NEWEST */
};

static enum ancient_code fail_read(const struct search *s)
{
	return ancient_core_fail_system(s->err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read",
					s->name);
}

/* A record was found that ends a commit.  false: it is older than what lies before it. */
static bool add(struct search *s, uint64_t start, const struct ancient_superblock *image)
{
	struct candidate *before = &s->candidates[(s->count - 1) % NEWEST];

	if (s->count && image->generation <= before->image.generation)
		return false;
	if (s->count == 0)
		s->first = *image;
	s->candidates[s->count % NEWEST] = (struct candidate){start, *image};
	s->count++;
	return true;
}

static bool is_in_piece(const struct search *s, uint64_t at)
{
	return s->piece_got && at >= s->piece_at && at - s->piece_at + OVERLAP <= s->piece_got;
}

/* Fills the piece from `at` on, if it does not hold a whole record there. */
static bool fill(struct search *s, uint64_t at)
{
	if (is_in_piece(s, at))
		return true;
	s->piece_at = at;
	return ancient_core_file_read(s->fd, s->piece, PIECE, at, &s->piece_got);
}

/* Skips a hole: a file may be far longer than what is in it. */
static void skip_hole(const struct search *s, uint64_t *at)
{
	off_t data = lseek(s->fd, (off_t)*at, SEEK_DATA);

	if (data > (off_t)*at)
		*at = (uint64_t)data & ~(uint64_t)(ANCIENT_EXTENT_ALIGN - 1);
	else if (data < 0 && errno == ENXIO)
		*at = s->length;
}

/* A record at `at` was found by the scan.  It may be bytes of a value that look like one: it is
 * believed where extents lead to it from where its commit begins.  *ret_added: it is. */
static bool add_scanned(struct search *s, uint64_t at, const struct ancient_superblock *image,
			bool *ret_added)
{
	struct core_commit_walk walk = {.fd = s->fd, .end = s->length, .like = image};
	struct core_commit_found found;
	uint64_t start = ANCIENT_FIRST_EXTENT;

	/* Where there is a record before this one, its end says where the commit begins. */
	if (image->previous < at && image->previous)
		start = core_commit_after(image->previous + OVERLAP);
	if (!ancient_core_commit_at(&walk, start, &found))
		return false;
	*ret_added = found.complete && found.end == at + OVERLAP && add(s, start, image);
	return true;
}

/* The next record at or behind *at, which is moved behind it, or to the end of the file. */
static enum ancient_code scan(struct search *s, uint64_t *at)
{
	struct core_commit_record record;
	bool added = false;

	for (; s->length >= OVERLAP && *at <= s->length - OVERLAP; *at += ANCIENT_EXTENT_ALIGN) {
		if (!is_in_piece(s, *at))
			skip_hole(s, at);
		if (!fill(s, *at))
			return fail_read(s);
		if (s->piece_got < OVERLAP)
			break;
		memcpy(&record, s->piece + (*at - s->piece_at), sizeof record);
		if (record.header.magic == ANCIENT_EXTENT_MAGIC &&
		    ancient_core_commit_record_test(&record, *at, s->count ? &s->first : NULL, NULL,
						    NULL) &&
		    !add_scanned(s, *at, &record.image, &added))
			return fail_read(s);
		if (added) {
			*at = core_commit_after(*at + OVERLAP);
			return ANCIENT_OK;
		}
	}
	*at = s->length;
	return ANCIENT_OK;
}

static enum ancient_code find_all(struct search *s)
{
	struct core_commit_walk walk = {.fd = s->fd, .end = s->length};
	struct core_commit_found found;
	uint64_t at = ANCIENT_FIRST_EXTENT;
	enum ancient_code code = ANCIENT_OK;

	while (at < s->length && code == ANCIENT_OK) {
		walk.like = s->count ? &s->first : NULL;
		if (!ancient_core_commit_at(&walk, at, &found))
			return fail_read(s);
		if (found.whole && (!found.complete || add(s, at, &found.record.image)))
			at = core_commit_after(found.end);
		else
			code = scan(s, &at);
	}
	return code;
}

/* The newest one that is complete, its contents included, and a superblock as writers leave it. */
static enum ancient_code choose(struct search *s, struct ancient_superblock *ret, bool *ret_found)
{
	struct core_commit_walk walk = {
		.fd = s->fd, .end = s->length, .like = &s->first, .contents = true};
	struct core_commit_found found;
	enum ancient_code code;

	for (uint64_t i = s->count; i > 0 && i + NEWEST > s->count; i--) {
		const struct candidate *candidate = &s->candidates[(i - 1) % NEWEST];

		if (!ancient_core_commit_at(&walk, candidate->start, &found))
			return fail_read(s);
		if (!found.complete ||
		    memcmp(&found.record.image, &candidate->image, sizeof candidate->image) != 0)
			continue;
		code = ancient_core_superblock_test(s->name, &candidate->image, s->err);
		if (code == ANCIENT_E_BAD_SUPERBLOCK)
			continue;
		*ret = candidate->image;
		*ret_found = true;
		return code;
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_core_record_search(int fd, const char *name, uint64_t length,
					     struct ancient_superblock *ret, bool *ret_found,
					     struct ancient_error *err)
{
	struct search *s = calloc(1, sizeof *s);
	enum ancient_code code;

	if (!s)
		return ancient_core_fail_memory(err, name);
	*s = (struct search){.fd = fd, .name = name, .err = err, .length = length};
	s->piece = malloc(PIECE);
	code = s->piece ? find_all(s) : ancient_core_fail_memory(err, name);
	if (code == ANCIENT_OK)
		code = choose(s, ret, ret_found);
	free(s->piece);
	free(s);
	return code;
}
