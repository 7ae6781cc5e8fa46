/* core/store: relocates a large values extent by several threads, from waypoint to waypoint.
 *
 * Each segment begins at a waypoint, or where the words relocated so far end, and a walk never
 * writes outside its segment.  A segment counts only where the walk over each one before it ended
 * exactly at the next: by induction the walk from the extent's start would have met the same
 * headers.  Where one does not, what was written behind it is undone.
 *
 * Words are read in a second mapping of the file.  A page that is read first and then written costs
 * two faults, the second of which takes the page that was read out of the page tables, and so
 * interrupts every processor that runs one of the threads: two threads took twice as long as one.
 * The second mapping also has the words that an undo puts back.
 */
#include "store/relocate_segments.h"

#include <sys/mman.h>

#include "base/progress.h"
#include "base/thread.h"
#include "base/worker.h"
#include "memory/address_limits.h"

#define SHARED_BYTES ((uint64_t)4 << 20) /* extents with less left are not worth a thread */
#define STEP_WORDS (CORE_PROGRESS_STEP / 8)
#define THREADS_MAX 8u
#define SEGMENTS_MAX 160u /* in a round */

/* Words of the extent, [start, end). */
struct segment {
	uint64_t start, end;
	uint64_t stop; /* a walk ends at the first header from here on: `end`, or before it */
	uint64_t at;   /* where it has ended */
};

/* What is relocated before signals are handled. */
struct round {
	struct core_relocated values;
	struct segment segments[SEGMENTS_MAX];
	unsigned count;
	unsigned taken; /* by all threads */
};

/* ---- The threads --------------------------------------------------------------------- */

static void take_segments(void *context)
{
	struct round *round = context;
	unsigned i;

	while ((i = __atomic_fetch_add(&round->taken, 1, __ATOMIC_RELAXED)) < round->count) {
		struct segment *segment = &round->segments[i];

		segment->at = core_relocate_blocks(&round->values, segment->start, segment->stop,
						   segment->end);
	}
}

static void share_out(struct round *round, unsigned threads)
{
	struct core_worker workers[THREADS_MAX] = {{.busy = false}};
	unsigned helpers = (round->count < threads ? round->count : threads) - 1;

	for (unsigned i = 0; i < helpers; i++)
		ancient_core_worker_start(&workers[i], take_segments, round);
	take_segments(round);
	for (unsigned i = 0; i < helpers; i++)
		ancient_core_worker_wait(&workers[i]);
}

/* ---- Segments ------------------------------------------------------------------------ */

/* The word that the first waypoint behind `start` leads to; the end of the values, if there is
 * none. Each is loaded once: another process can change the file. */
static uint64_t next_point(struct core_segments *segments, uint64_t start)
{
	for (; segments->next < segments->waypoint_count; segments->next++) {
		uint64_t point =
			__atomic_load_n(&segments->waypoints[segments->next], __ATOMIC_RELAXED);
		uint64_t word = (point - segments->first) / 8;

		if (word > start && word < segments->values.count)
			return word;
	}
	return segments->values.count;
}

static void collect(struct core_segments *segments, uint64_t at, struct round *round)
{
	uint64_t most = segments->threads * STEP_WORDS, left = segments->values.count - at;
	uint64_t enough = at + (left < most ? left : most);

	while (at < enough && round->count < SEGMENTS_MAX) {
		uint64_t end = next_point(segments, at);
		uint64_t stop = end - at < most ? end : at + most;

		round->segments[round->count++] = (struct segment){at, end, stop, at};
		at = end;
	}
}

static void undo(const struct core_relocated *values, const struct segment *segment)
{
	for (uint64_t i = segment->start; i < segment->at; i++)
		if (values->words[i] != values->source[i])
			values->words[i] = values->source[i];
}

uint64_t ancient_core_segments_relocate(struct core_segments *segments, uint64_t at)
{
	struct round round = {.values = segments->values};
	uint64_t end = at;

	collect(segments, at, &round);
	share_out(&round, segments->threads);
	for (unsigned i = 0; i < round.count; i++) {
		const struct segment *segment = &round.segments[i];

		if (end != segment->start) {
			undo(&round.values, segment);
			continue;
		}
		end = segment->at;
		segments->shared = end >= segment->stop;
	}
	return end - at;
}

/* ---- An extent ----------------------------------------------------------------------- */

/* Finds the waypoints that follow in the same commit, which has one extent of each kind, and no gap
 * between them.  What is wrong with an extent is told by the walk of the caller. */
static bool find_waypoints(struct core_segments *segments, const struct core_extent_walk *walk,
			   uint64_t content)
{
	struct core_extent_walk ahead = *walk;
	struct ancient_extent extent = {.kind = ANCIENT_EXTENT_VALUES};
	struct core_fault fault;
	const char *what;
	uint64_t offset = 0;

	while (!ahead.last && extent.kind != ANCIENT_EXTENT_WAYPOINTS)
		if (ancient_core_extent_next(&ahead, &extent, &offset, &fault, &what) != ANCIENT_OK)
			return false;
	if (extent.kind != ANCIENT_EXTENT_WAYPOINTS ||
	    extent.content / ANCIENT_WORD != ANCIENT_WAYPOINTS(content))
		return false;
	segments->waypoints = (const void *)(walk->file + offset + sizeof extent);
	segments->waypoint_count = extent.content / ANCIENT_WORD;
	return true;
}

/* Maps the extent a second time, unless the address space is limited and that would leave little of
 * it to the program's other threads. */
static bool map_view(struct core_segments *segments, int fd, uint64_t offset, uint64_t content)
{
	uint64_t start = offset & ~(ancient_core_mapping_page() - 1);
	uint64_t values = offset + sizeof(struct ancient_extent) - start;
	uint8_t *view;

	segments->view_bytes = values + content;
	if (ancient_core_limits_reserve(segments->view_bytes, 0, true) < segments->view_bytes)
		return false;
	view = mmap(NULL, segments->view_bytes, PROT_READ, MAP_PRIVATE | MAP_NORESERVE, fd,
		    (off_t)start);
	if (view == MAP_FAILED)
		return false;
	segments->view = view;
	segments->values.source = (const void *)(view + values);
	return true;
}

void ancient_core_segments_begin(struct core_segments *segments, const struct ancient_store *store,
				 const struct core_extent_walk *walk, uint64_t offset,
				 uint64_t content, uint64_t at)
{
	*segments = (struct core_segments){
		.values = core_relocated_values(&store->map, offset, content),
		.first = offset + sizeof(struct ancient_extent),
	};
	if ((segments->values.count - at) * 8 < SHARED_BYTES)
		return;
	segments->threads = ancient_core_thread_processors();
	if (segments->threads > THREADS_MAX)
		segments->threads = THREADS_MAX;
	segments->shared = segments->threads > 1 && find_waypoints(segments, walk, content) &&
			   map_view(segments, store->fd, offset, content);
}

void ancient_core_segments_end(struct core_segments *segments)
{
	if (segments->view)
		munmap(segments->view, segments->view_bytes);
}
