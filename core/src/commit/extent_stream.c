/* core: the window that large values of a commit grow in; see tail.h.
 *
 * Anonymous memory at the addresses where the values will be, in huge pages.  It is written a
 * piece at a time, by a thread, since to fill new pages of a file takes about as long as to copy
 * values does.  When the next piece is complete, the one before is written: the file is mapped in
 * its place.  Words of it that were changed meanwhile are noted, and set again there; so no byte of
 * the file depends on when the thread came to it.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "commit/extent_writer.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define WINDOW ((uint64_t)4 << 20)       /* written in pieces of this, or more */
#define WINDOW_ALIGN ((uint64_t)2 << 20) /* of its ends: a huge page */
#define ROOM_STEP ((uint64_t)32 << 20)   /* made in the file at a time */

/* Page of the file with the commit's first byte. */
static uint64_t first_page(const struct core_tail *tail)
{
	return tail->start & ~(core_mapping_page() - 1);
}

/* Maps the window further, up to `to`, a multiple of pages. */
static enum ancient_code open_window(struct core_tail *tail, uint64_t to, struct ancient_error *err)
{
	uint64_t shared = tail->open == first_page(tail) ? tail->start - tail->open : 0;
	uint8_t *at = tail->map->base + tail->open;
	void *got = mmap(shared ? NULL : at, to - tail->open, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | (shared ? 0 : MAP_FIXED), -1, 0);

	if (got == MAP_FAILED)
		return core_fail_memory(err, tail->sink.name);
	/* Only to save faults: without them nothing is lost. */
	madvise(got, to - tail->open, MADV_HUGEPAGE);
	/* Where a page is larger than a commit's alignment, the first one holds values that others
	 * may be looking at: it is exchanged for one that has them. */
	if (shared) {
		memcpy(got, at, shared);
		if (mremap(got, to - tail->open, to - tail->open, MREMAP_MAYMOVE | MREMAP_FIXED,
			   at) == MAP_FAILED) {
			munmap(got, to - tail->open);
			return core_fail_memory(err, tail->sink.name);
		}
	}
	tail->open = to;
	return ANCIENT_OK;
}

/* Has the file itself in place of the window up to `to`, whose pages are written: they can still
 * be changed there.  Those words are set again that were changed on their way. */
static enum ancient_code exchange(struct core_tail *tail, uint64_t to, struct ancient_error *err)
{
	struct core_sink *sink = &tail->sink;
	const struct core_late *late = (const void *)sink->late.data;
	size_t count = sink->late.used / sizeof *late;

	if (mmap(tail->map->base + tail->written, to - tail->written, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, tail->fd, (off_t)tail->written) == MAP_FAILED)
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped for writing", sink->name);
	tail->written = to;
	for (size_t i = 0; i < count; i++)
		sink->words[late[i].index] = late[i].word;
	return ANCIENT_OK;
}

enum ancient_code core_tail_rest(struct core_tail *tail, struct ancient_error *err)
{
	struct core_sink *sink = &tail->sink;
	struct iovec part = {tail->map->base + tail->sent.from, tail->sent.to - tail->sent.from};
	enum ancient_code code;

	if (!tail->flight.under_way)
		return ANCIENT_OK;
	core_flight_end(&tail->flight);
	code = tail->sent.code;
	if (code != ANCIENT_OK && err)
		*err = tail->sent.error;
	if (code == ANCIENT_OK && sink->late_lost)
		code = core_tail_write_file(tail, &part, 1, tail->sent.from, err);
	if (sink->late_lost)
		sink->late.used = 0;
	if (code == ANCIENT_OK)
		code = exchange(tail, tail->sent.to, err);
	sink->flight_words = sink->late.used = 0;
	sink->late_lost = false;
	return code;
}

/* In a thread of its own. */
static void write_sent(void *context)
{
	struct core_tail *tail = context;
	uint64_t from = tail->sent.from, to = tail->sent.to, step = to - tail->start;
	struct iovec part = {tail->map->base + from, to - from};
	enum ancient_code code;

	code = core_tail_make_room(tail, to, step < ROOM_STEP ? step : ROOM_STEP,
				   &tail->sent.error);
	if (code == ANCIENT_OK)
		code = core_tail_write_file(tail, &part, 1, from, &tail->sent.error);
	tail->sent.code = code;
}

/* Begins to write what the window holds before `to`. */
static enum ancient_code send_piece(struct core_tail *tail, uint64_t to, struct ancient_error *err)
{
	struct core_sink *sink = &tail->sink;
	uint64_t values = tail->start + sizeof(struct ancient_extent);
	enum ancient_code code = core_tail_rest(tail, err);

	if (code != ANCIENT_OK)
		return code;
	tail->sent.from = tail->written > tail->start ? tail->written : tail->start;
	tail->sent.to = to;
	sink->flight_first = tail->sent.from > values ? (tail->sent.from - values) / 8 : 0;
	sink->flight_words = (to - values) / 8 - sink->flight_first;
	core_flight_begin(&tail->flight, write_sent, tail);
	return ANCIENT_OK;
}

/* Sends what is complete, and moves the window so that it reaches to `bytes` of the file. */
enum ancient_code core_tail_widen(struct core_tail *tail, uint64_t bytes, struct ancient_error *err)
{
	uint64_t used = tail->start + sizeof(struct ancient_extent) + tail->sink.used * 8;
	uint64_t complete = used & ~(WINDOW_ALIGN - 1), sent, to;
	enum ancient_code code = ANCIENT_OK;

	if (tail->open == 0) {
		tail->open = tail->written = first_page(tail);
		core_mapping_retract(tail->map);
	}
	sent = tail->flight.under_way ? tail->sent.to : tail->written;
	if (complete > sent && complete - sent >= WINDOW)
		code = send_piece(tail, complete, err);
	if (code != ANCIENT_OK)
		return code;
	to = (tail->open + WINDOW) & ~(WINDOW_ALIGN - 1);
	if (to < bytes)
		to = core_mapping_round(bytes);
	if (to > tail->reserve)
		to = core_mapping_round(bytes);
	if (to > tail->reserve)
		return core_tail_fail_room(tail, err);
	return to > tail->open ? open_window(tail, to, err) : ANCIENT_OK;
}

void core_tail_unmap(struct core_tail *tail)
{
	uint64_t first = first_page(tail);

	core_flight_end(&tail->flight);
	tail->sink.flight_words = 0;
	if (tail->open == 0)
		return;
	if (first < tail->start) { /* it has others' values */
		mmap(tail->map->base + first, core_mapping_page(),
		     tail->map->protect ? PROT_READ : PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, tail->fd, (off_t)first);
		first += core_mapping_page();
	}
	if (tail->open > first)
		mmap(tail->map->base + first, tail->open - first, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	tail->open = 0;
}

/* Writes what the window holds before `to`, its end. */
enum ancient_code core_tail_write_window(struct core_tail *tail, uint64_t to,
					 struct ancient_error *err)
{
	uint64_t from = tail->written > tail->start ? tail->written : tail->start;
	struct iovec part = {tail->map->base + from, to - from};
	enum ancient_code code = core_tail_make_room(tail, to, 0, err);

	return code == ANCIENT_OK ? core_tail_write_file(tail, &part, 1, from, err) : code;
}

void core_tail_populate(const struct core_tail *tail)
{
	if (tail->written > tail->start)
		madvise(tail->map->base + first_page(tail), tail->written - first_page(tail),
			MADV_POPULATE_READ);
}
