/* c-reader/verify: commit records, history and waypoints (FORMAT 3.5, 4.2, 4.3; rules E7, E8, S7).
 */
#include <string.h>

#include "file/commit_record.h"
#include "verify/verify_commits.h"

static enum ancient_code bad(struct reader_verify *v, unsigned rule, uint64_t offset,
			     uint64_t expected, uint64_t found, const char *what)
{
	const struct reader_fault fault = {rule < READER_E(0) ? ANCIENT_E_BAD_SUPERBLOCK
							      : ANCIENT_E_BAD_EXTENT,
					   rule, offset, expected, found};

	return ancient_reader_fail(v->file->name, v->err, &fault,
				   "expected %s (%#llx), found %#llx", what,
				   (unsigned long long)expected, (unsigned long long)found);
}

/* ---- E7 -------------------------------------------------------------------------- */

static uint64_t image_field(uint64_t at, size_t field)
{
	return at + sizeof(struct ancient_extent) + field;
}

#define IMAGE(at, field) image_field(at, offsetof(struct ancient_superblock, field))

static enum ancient_code check_record(struct reader_verify *v, const struct reader_commits *commits,
				      uint64_t at, uint64_t history)
{
	const struct ancient_superblock *super = &v->file->super;
	struct reader_record record;
	enum ancient_code code = ancient_reader_record_get(v->file, at, &record, v->err);

	if (code != ANCIENT_OK)
		return code;
	if (record.image.history != history)
		return bad(v, READER_E(7), IMAGE(at, history), history, record.image.history,
			   "the history of the extents");
	if (record.image.previous != commits->last_record)
		return bad(v, READER_E(7), IMAGE(at, previous), commits->last_record,
			   record.image.previous, "the place of the record before");
	if (record.image.generation == super->generation && super->state != ANCIENT_STATE_FILLING &&
	    memcmp(&record.image, super, sizeof(*super)) != 0)
		return bad(v, READER_E(7), IMAGE(at, checksum), super->checksum,
			   record.image.checksum, "the superblock in force");
	return ANCIENT_OK;
}

/* ---- E8 -------------------------------------------------------------------------- */

/* Whether a block's header lies in [from, to): by the places that the walk over the blocks has put
 * down, of the first fields. */
static bool begins_between(const struct reader_verify *v, uint64_t from, uint64_t to)
{
	uint64_t place = (from + ANCIENT_WORD - READER_FIRST_FIELD) / ANCIENT_WORD;
	uint64_t end = (to + ANCIENT_WORD - READER_FIRST_FIELD) / ANCIENT_WORD;

	while (place < end) {
		uint64_t bits = v->starts[place / 64] >> place % 64;
		uint64_t left = 64 - place % 64;

		if (left > end - place) {
			left = end - place;
			bits &= (1ull << left) - 1;
		}
		if (bits != 0)
			return true;
		place += left;
	}
	return false;
}

static enum ancient_code check_waypoints(struct reader_verify *v,
					 const struct reader_region *values, uint64_t at,
					 const struct ancient_extent *head)
{
	uint64_t content = values->end - values->start, filler = values->end - ANCIENT_WORD;
	uint64_t wanted = values->end == 0 ? 0 : ANCIENT_WAYPOINTS(content);

	if (head->count != wanted || wanted == 0)
		return bad(v, READER_E(8), at + offsetof(struct ancient_extent, count), wanted,
			   head->count, "as many waypoints as there are mebibytes of values");
	for (uint64_t i = 0; i < wanted; i++) {
		uint64_t place = at + sizeof(*head) + i * ANCIENT_WORD;
		uint64_t from = values->start + (i + 1) * ANCIENT_WAYPOINT_STEP;
		uint64_t found = reader_word(v->file, place);
		bool good = found % ANCIENT_WORD == 0 && found >= from && found <= filler &&
			    (found == filler || begins_between(v, found, found + ANCIENT_WORD)) &&
			    !begins_between(v, from < filler ? from : filler, found);

		if (!good)
			return bad(v, READER_E(8), place, from, found,
				   "the first block at or behind a mebibyte");
	}
	return ancient_reader_verify_step(v, 0);
}

/* ---- The walk -------------------------------------------------------------------- */

static enum ancient_code end_commit(struct reader_verify *v, struct reader_commits *commits,
				    uint64_t at, bool record)
{
	uint64_t history;
	enum ancient_code code = ANCIENT_OK;

	commits->sums[0] = commits->history;
	history = XXH3_64bits(commits->sums, (1 + commits->count) * sizeof(commits->sums[0]));
	if (record) {
		code = check_record(v, commits, at, history);
		commits->newest_record = at;
	}
	if (code == ANCIENT_OK && record && !commits->waypoints && commits->values.end != 0 &&
	    !reader_verify_is_later(v->file) &&
	    ANCIENT_WAYPOINTS(commits->values.end - commits->values.start) != 0)
		code = bad(v, READER_E(8), at + offsetof(struct ancient_extent, kind),
			   ANCIENT_EXTENT_WAYPOINTS, ANCIENT_EXTENT_RECORD,
			   "waypoints before the record, for mebibytes of values");
	commits->last_record = record ? at : 0;
	commits->waypoints = false;
	commits->history = history;
	commits->count = 0;
	commits->values = (struct reader_region){0};
	return code;
}

enum ancient_code ancient_reader_verify_commit_part(struct reader_verify *v,
						    struct reader_commits *commits, uint64_t at,
						    const struct ancient_extent *head)
{
	bool record = head->kind == ANCIENT_EXTENT_RECORD;
	enum ancient_code code = ANCIENT_OK;

	if (record)
		return end_commit(v, commits, at, true);
	if (commits->count == READER_COMMIT_EXTENTS)
		return bad(v, READER_E(2), at + offsetof(struct ancient_extent, kind),
			   ANCIENT_EXTENT_RECORD, head->kind, "at most 63 extents in a commit");
	commits->sums[1 + commits->count++] = head->header_checksum;
	if (head->kind == ANCIENT_EXTENT_VALUES)
		commits->values = v->regions[v->region_count - 1];
	commits->waypoints |= head->kind == ANCIENT_EXTENT_WAYPOINTS;
	if (head->kind == ANCIENT_EXTENT_WAYPOINTS)
		code = check_waypoints(v, &commits->values, at, head);
	if (code == ANCIENT_OK && (head->flags & ANCIENT_EXTENT_LAST) != 0)
		code = end_commit(v, commits, at, false);
	return code;
}

enum ancient_code ancient_reader_verify_commits_end(struct reader_verify *v,
						    const struct reader_commits *commits)
{
	const struct ancient_superblock *super = &v->file->super;

	if (!ancient_superblock_holds(super))
		return ANCIENT_OK;
	if (super->history != commits->history)
		return bad(v, READER_S(7), READER_SUPER(v->file, history), commits->history,
			   super->history, "the history of the extents");
	if (super->record != commits->newest_record)
		return bad(v, READER_S(7), READER_SUPER(v->file, record), commits->newest_record,
			   super->record, "the place of the newest commit record");
	return ANCIENT_OK;
}
