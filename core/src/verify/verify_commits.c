/* core/verify: commit records, history and waypoints (FORMAT 3.5, 4.2, 4.3; rules E7, E8, S7). */
#include "verify/verify_commits.h"

#include <string.h>

#include "file/commit_record.h"

#define IMAGE(name) (sizeof(struct ancient_extent) + offsetof(struct ancient_superblock, name))

static enum ancient_code bad_extent(struct core_verify *v, unsigned rule, uint64_t offset,
				    uint64_t expected, uint64_t found, const char *what)
{
	return ancient_core_verify_wrong(v, ANCIENT_E_BAD_EXTENT, rule, offset, expected, found,
					 what);
}

static enum ancient_code check_record(struct core_verify *v,
				      const struct core_verify_commits *commits, uint64_t offset,
				      uint64_t history)
{
	struct core_commit_record record;
	const struct ancient_superblock *image = &record.image;
	struct core_fault fault;
	const char *what;

	if (v->pages.used - offset < sizeof record)
		return bad_extent(v, 207, offset + offsetof(struct ancient_extent, content),
				  ANCIENT_SUPERBLOCK_BYTES, v->pages.used - offset,
				  "a commit record of another length");
	memcpy(&record, v->pages.file + offset, sizeof record);
	if (!ancient_core_commit_record_test(&record, offset, &v->superblock, &fault, &what))
		return ancient_core_verify_wrong(v, fault.code, fault.rule, fault.offset,
						 fault.expected, fault.found, what);
	if (image->history != history)
		return bad_extent(v, 207, offset + IMAGE(history), history, image->history,
				  "not the history of the extents");
	if (image->previous != commits->last_record)
		return bad_extent(v, 207, offset + IMAGE(previous), commits->last_record,
				  image->previous, "not the place of the record before");
	if (image->generation == v->superblock.generation &&
	    memcmp(image, &v->superblock, sizeof *image) != 0)
		return bad_extent(v, 207, offset + IMAGE(checksum), v->superblock.checksum,
				  image->checksum, "not the superblock in force");
	return ANCIENT_OK;
}

/* Whether a block's header, or the filler at `end`, lies at `offset`. */
static bool is_start(const struct core_verify *v, uint64_t offset, uint64_t end)
{
	uint64_t bit = (offset + 8) / 8;

	return offset == end || (v->starts[bit / 8] >> bit % 8) & 1;
}

static enum ancient_code check_waypoints(struct core_verify *v,
					 const struct core_verify_commits *commits, uint64_t offset,
					 const struct ancient_extent *extent)
{
	uint64_t content = commits->values_end - commits->values, end = commits->values_end - 8;
	uint64_t wanted = commits->values ? ANCIENT_WAYPOINTS(content) : 0;

	if (wanted == 0 || extent->count != wanted)
		return bad_extent(v, 208, offset + offsetof(struct ancient_extent, count), wanted,
				  extent->count, "not as many waypoints as mebibytes of values");
	for (uint64_t i = 0; i < wanted; i++) {
		uint64_t at = offset + sizeof *extent + i * 8, found = core_verify_word(v, at);
		uint64_t first = commits->values + (i + 1) * ANCIENT_WAYPOINT_STEP;

		while (first < end && !is_start(v, first, end))
			first += 8;
		if (first > end)
			first = end;
		if (found != first)
			return bad_extent(v, 208, at, first, found,
					  "not the first block at or behind a mebibyte");
	}
	return ANCIENT_OK;
}

static enum ancient_code end_commit(struct core_verify *v, struct core_verify_commits *commits,
				    uint64_t offset, bool record)
{
	uint64_t history =
		ancient_core_history_after(commits->history, commits->sums, commits->count);
	enum ancient_code code = ANCIENT_OK;

	if (record)
		code = check_record(v, commits, offset, history);
	if (code == ANCIENT_OK && record && !v->later && !commits->waypoints && commits->values &&
	    ANCIENT_WAYPOINTS(commits->values_end - commits->values) != 0)
		code = bad_extent(v, 208, offset + offsetof(struct ancient_extent, kind),
				  ANCIENT_EXTENT_WAYPOINTS, ANCIENT_EXTENT_RECORD,
				  "a commit of mebibytes of values without waypoints");
	commits->last_record = record ? offset : 0;
	commits->waypoints = false;
	if (record)
		commits->newest_record = offset;
	commits->history = history;
	commits->count = 0;
	commits->values = commits->values_end = 0;
	return code;
}

enum ancient_code ancient_core_verify_commit_part(struct core_verify *v,
						  struct core_verify_commits *commits,
						  uint64_t offset,
						  const struct ancient_extent *extent)
{
	enum ancient_code code = ANCIENT_OK;

	if (extent->kind == ANCIENT_EXTENT_RECORD)
		return end_commit(v, commits, offset, true);
	if (commits->count == CORE_COMMIT_EXTENTS)
		return bad_extent(v, 202, offset + offsetof(struct ancient_extent, kind),
				  ANCIENT_EXTENT_RECORD, extent->kind,
				  "more than 63 extents in a commit");
	commits->sums[1 + commits->count++] = extent->header_checksum;
	if (extent->kind == ANCIENT_EXTENT_VALUES) {
		commits->values = offset + sizeof *extent;
		commits->values_end = commits->values + extent->content;
	}
	commits->waypoints |= extent->kind == ANCIENT_EXTENT_WAYPOINTS;
	if (extent->kind == ANCIENT_EXTENT_WAYPOINTS)
		code = check_waypoints(v, commits, offset, extent);
	if (code == ANCIENT_OK && extent->flags & ANCIENT_EXTENT_LAST)
		code = end_commit(v, commits, offset, false);
	return code;
}

enum ancient_code ancient_core_verify_commits_end(struct core_verify *v,
						  const struct core_verify_commits *commits)
{
	const struct ancient_superblock *sb = &v->superblock;
	uint64_t slot = sb->generation % 2 * ANCIENT_SUPERBLOCK_SLOT;

	if (!ancient_superblock_holds(sb))
		return ANCIENT_OK;
	if (sb->history != commits->history)
		return ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_SUPERBLOCK, 107,
			slot + offsetof(struct ancient_superblock, history), commits->history,
			sb->history, "not the history of the extents");
	if (sb->record != commits->newest_record)
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_SUPERBLOCK, 107,
						 slot + offsetof(struct ancient_superblock, record),
						 commits->newest_record, sb->record,
						 "not the place of the newest commit record");
	return ANCIENT_OK;
}
