/* c-reader/verify: what threads share out of the extents: the checksums of contents, and the walks
 * over blocks, which begin at any waypoint (FORMAT 4.3).
 *
 * Nothing that is read here is trusted, waypoints least of all.  Where each segment of an extent
 * ends exactly where the next begins, the walk from its start would have met the same blocks.
 * Everything else, faults included, is left to verify_extents.c, which walks the extent as if there
 * were one thread, and so a file has the same fault whatever their number.
 */
#include "verify/verify_ahead.h"

#include <stdlib.h>

#include "verify/verify_blocks.h"

#define PIECE (1u << 16) /* bytes between two calls of ancient_reader_task_step */
#define RUN (1u << 20)   /* bytes of contents that make a job together */

/* What a job does; its numbers are this and, in v->ahead, an extent, or the first and the last but
 * one of a run of them, or a segment. */
enum { SUM, SEGMENT, EXTENTS };

/* Blocks of a values extent from one header to another: [start, end). */
struct reader_segment {
	uint64_t start, end, limit;
	uint64_t at;    /* where the walk has ended, */
	uint64_t last;  /* header of the last block that it met */
	uint64_t count; /* of blocks */
	bool fine;      /* it met no fault */
};

/* An extent whose content was looked at. */
struct reader_ahead_extent {
	uint64_t at, content, checksum; /* as its header said, like its kind */
	uint32_t kind;
	bool summed;              /* its checksum matches */
	size_t segment, segments; /* the first, and how many; of a values extent */
};

/* ---- Jobs -------------------------------------------------------------------------- */

static enum ancient_code sum(struct reader_task *task, struct reader_ahead_extent *extent)
{
	const unsigned char *map = task->v->file->map;
	uint64_t at = extent->at + sizeof(struct ancient_extent), left = extent->content;
	XXH3_state_t *hash = XXH3_createState();
	enum ancient_code code = ANCIENT_OK;

	if (hash == NULL)
		return ANCIENT_OK; /* it is summed when its turn comes */
	XXH3_64bits_reset(hash);
	while (left > 0 && code == ANCIENT_OK) {
		size_t piece = left < PIECE ? left : PIECE;
		XXH3_64bits_update(hash, map + at, piece);
		at += piece;
		left -= piece;
		code = ancient_reader_task_step(task, piece);
	}
	extent->summed = XXH3_64bits_digest(hash) == extent->checksum;
	XXH3_freeState(hash);
	return code;
}

static enum ancient_code walk(struct reader_task *task, struct reader_segment *segment)
{
	const struct reader_region blocks = {.start = segment->start,
					     .end = segment->limit + ANCIENT_WORD};
	struct reader_blocks walked;
	enum ancient_code code = ANCIENT_OK;

	ancient_reader_blocks_begin(&walked, &blocks);
	walked.piece = segment->limit; /* no pieces are made: the segment is one */
	while (walked.at < segment->end && walked.code == ANCIENT_OK && code == ANCIENT_OK) {
		uint64_t before = walked.at, until = before + PIECE;
		ancient_reader_blocks_walk(task->v, &walked,
					   until < segment->end ? until : segment->end);
		code = ancient_reader_task_step(task, walked.at - before);
	}
	segment->at = walked.at;
	segment->last = walked.last;
	segment->count = walked.count;
	segment->fine = walked.code == ANCIENT_OK;
	return code;
}

static enum ancient_code do_job(void *context, bool helper, const struct reader_job *job,
				struct ancient_error *err)
{
	struct reader_task task = {context, helper, err};
	struct reader_ahead *ahead = &task.v->ahead;
	enum ancient_code code = ANCIENT_OK;

	if (job->number[0] == SUM)
		return sum(&task, &ahead->extents[job->number[1]]);
	if (job->number[0] == SEGMENT)
		return walk(&task, &ahead->segments[job->number[1]]);
	for (uint64_t i = job->number[1]; i < job->number[2] && code == ANCIENT_OK; i++) {
		struct reader_ahead_extent *extent = &ahead->extents[i];
		code = sum(&task, extent);
		for (size_t s = 0; s < extent->segments && code == ANCIENT_OK; s++)
			code = walk(&task, &ahead->segments[extent->segment + s]);
	}
	return code;
}

/* ---- Extents, by their headers ------------------------------------------------------- */

/* Moves *at to the next header.  False: there is none, or it is not in order. */
static bool next_extent(const struct ancient_file *file, uint64_t *at, bool *last,
			struct reader_ahead_extent *ret_extent)
{
	const uint64_t start = *at, used = file->super.used;
	uint64_t kind, length, content;

	if (start >= used || used - start < sizeof(struct ancient_extent) ||
	    reader_word(file, start) != ANCIENT_EXTENT_MAGIC)
		return false;
	kind = reader_word(file, start + offsetof(struct ancient_extent, kind));
	length = reader_word(file, start + offsetof(struct ancient_extent, length));
	content = reader_word(file, start + offsetof(struct ancient_extent, content));
	if (length < sizeof(struct ancient_extent) || length % ANCIENT_WORD != 0 ||
	    length > used - start || content % ANCIENT_WORD != 0 ||
	    content > length - sizeof(struct ancient_extent))
		return false;
	*ret_extent = (struct reader_ahead_extent){
		.at = start,
		.content = content,
		.kind = (uint32_t)kind,
		.checksum = reader_word(file,
					start + offsetof(struct ancient_extent, content_checksum)),
	};
	*last = (kind >> 32 & ANCIENT_EXTENT_LAST) != 0;
	*at = start + length;
	if (*last)
		*at = reader_round_up(*at, ANCIENT_COMMIT_ALIGN);
	return true;
}

static bool add_segment(struct reader_ahead *ahead, uint64_t start, uint64_t end, uint64_t limit)
{
	struct reader_segment *grown = ancient_reader_verify_grow(
		ahead->segments, ahead->segment_count, &ahead->segment_capacity, sizeof(*grown));

	if (grown == NULL)
		return false;
	ahead->segments = grown;
	ahead->segments[ahead->segment_count++] =
		(struct reader_segment){.start = start, .end = end, .limit = limit, .at = start};
	return true;
}

/* Divides a values extent, at the waypoints in the extent `points`, NULL: there are none. */
static bool add_segments(struct reader_verify *v, size_t values,
			 const struct reader_ahead_extent *points)
{
	struct reader_ahead *ahead = &v->ahead;
	struct reader_ahead_extent *extent = &ahead->extents[values];
	uint64_t start = extent->at + sizeof(struct ancient_extent), at = start, count, end;

	if (extent->content < ANCIENT_WORD)
		return true;
	end = start + extent->content - ANCIENT_WORD;
	count = points == NULL ? 0 : points->content / ANCIENT_WORD;
	if (count != ANCIENT_WAYPOINTS(extent->content))
		count = 0; /* what a file claims makes no more segments than its values can have */
	extent->segment = ahead->segment_count;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t point = reader_word(v->file, points->at + sizeof(struct ancient_extent) +
							      i * ANCIENT_WORD);
		if (point % ANCIENT_WORD != 0 || point <= at || point >= end)
			continue; /* another of the same long block, or none that helps */
		if (!add_segment(ahead, at, point, end))
			return false;
		at = point;
	}
	if (!add_segment(ahead, at, end, end))
		return false;
	extent->segments = ahead->segment_count - extent->segment;
	return true;
}

/* Fills v->ahead. */
static bool collect(struct reader_verify *v)
{
	struct reader_ahead *ahead = &v->ahead;
	uint64_t at = ANCIENT_FIRST_EXTENT;
	size_t values = SIZE_MAX; /* of the commit; SIZE_MAX: none yet, or they are divided */
	struct reader_ahead_extent extent;
	bool last;

	while (next_extent(v->file, &at, &last, &extent)) {
		size_t index = ahead->extent_count;
		struct reader_ahead_extent *grown = ancient_reader_verify_grow(
			ahead->extents, index, &ahead->extent_capacity, sizeof(*grown));
		if (grown == NULL)
			return false;
		ahead->extents = grown;
		ahead->extents[ahead->extent_count++] = extent;
		if (extent.kind == ANCIENT_EXTENT_VALUES && values == SIZE_MAX)
			values = index;
		if (values == SIZE_MAX || (extent.kind != ANCIENT_EXTENT_WAYPOINTS && !last))
			continue;
		if (!add_segments(v, values,
				  extent.kind == ANCIENT_EXTENT_WAYPOINTS ? &extent : NULL))
			return false;
		values = SIZE_MAX;
	}
	return true;
}

static bool post(struct reader_verify *v, uint64_t kind, uint64_t first, uint64_t end)
{
	const struct reader_job job = {{kind, first, end}};

	return first == end || ancient_reader_pool_post(v->pool, &job);
}

/* Large contents first: what takes longest begins at once. */
static bool share_out(struct reader_verify *v)
{
	const struct reader_ahead *ahead = &v->ahead;
	size_t first = 0;
	uint64_t bytes = 0;
	bool posted = true;

	for (size_t i = 0; i < ahead->extent_count; i++)
		if (ahead->extents[i].content >= RUN)
			posted = posted && post(v, SUM, i, i + 1);
	for (size_t i = 0; i < ahead->extent_count; i++) {
		const struct reader_ahead_extent *extent = &ahead->extents[i];
		bytes += extent->content;
		if (bytes >= RUN || extent->content >= RUN) {
			posted = posted && post(v, EXTENTS, first, i);
			first = i;
			bytes = extent->content;
		}
		if (extent->content < RUN)
			continue;
		for (size_t s = 0; s < extent->segments; s++)
			posted = posted && post(v, SEGMENT, extent->segment + s, SIZE_MAX);
		first = i + 1;
		bytes = 0;
	}
	return posted && post(v, EXTENTS, first, ahead->extent_count);
}

enum ancient_code ancient_reader_verify_ahead(struct reader_verify *v)
{
	ancient_reader_pool_begin(v->pool, do_job);
	if (!collect(v) || !share_out(v))
		return ancient_reader_refuse(v->file->name, v->err, ANCIENT_E_MEMORY,
					     "verification");
	return ancient_reader_pool_finish(v->pool, v->err);
}

/* ---- What was found ------------------------------------------------------------------ */

/* The bits of an extent's blocks are not those that a walk from its start puts down. */
static void forget(struct reader_verify *v, const struct reader_ahead_extent *extent)
{
	uint64_t start = extent->at + sizeof(struct ancient_extent);
	uint64_t place = (start + ANCIENT_WORD - READER_FIRST_FIELD) / ANCIENT_WORD;
	uint64_t end = place + extent->content / ANCIENT_WORD;

	if (extent->segments == 0)
		return;
	while (place < end)
		if (place % 64 == 0 && end - place >= 64) {
			v->starts[place / 64] = 0;
			place += 64;
		} else {
			v->starts[place / 64] &= ~(1ull << place % 64);
			place++;
		}
}

bool ancient_reader_ahead_find(struct reader_verify *v, uint64_t at,
			       const struct ancient_extent *head, uint64_t *ret_blocks)
{
	struct reader_ahead *ahead = &v->ahead;
	const struct reader_ahead_extent *extent;
	bool fine;

	while (ahead->next < ahead->extent_count && ahead->extents[ahead->next].at < at)
		forget(v, &ahead->extents[ahead->next++]); /* headers that lead elsewhere now */
	if (ahead->next == ahead->extent_count || ahead->extents[ahead->next].at != at)
		return false;
	extent = &ahead->extents[ahead->next++];
	fine = extent->summed && extent->content == head->content &&
	       extent->checksum == head->content_checksum && extent->kind == head->kind &&
	       (extent->kind != ANCIENT_EXTENT_VALUES || extent->segments > 0);
	*ret_blocks = 0;
	for (size_t i = 0; i < extent->segments; i++) {
		const struct reader_segment *segment = &ahead->segments[extent->segment + i];
		fine = fine && segment->fine && segment->at == segment->end;
		*ret_blocks += segment->count;
	}
	for (size_t i = 0; i < extent->segments && fine; i++) {
		const struct reader_segment *segment = &ahead->segments[extent->segment + i];
		fine = segment->start == segment->at ||
		       ancient_reader_add_piece(
			       v, &(struct reader_piece){segment->start, segment->at,
							 segment->limit, segment->last});
	}
	if (!fine)
		forget(v, extent);
	return fine;
}

void ancient_reader_ahead_end(struct reader_verify *v)
{
	while (v->ahead.next < v->ahead.extent_count)
		forget(v, &v->ahead.extents[v->ahead.next++]);
}

void ancient_reader_ahead_done(struct reader_verify *v)
{
	free(v->ahead.extents);
	free(v->ahead.segments);
}
