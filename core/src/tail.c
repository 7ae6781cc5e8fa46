/* core: the bytes a commit appends to the file (FORMAT 4, 8.2 step 3). */
#include "tail.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xxhash.h>

#include "extent.h"
#include "fail.h"
#include "file.h"
#include "room.h"

#define HEADER sizeof(struct ancient_extent)
#define SMALL_BYTES (64u << 10)          /* values up to this are gathered in memory */
#define WINDOW ((uint64_t)4 << 20)       /* larger ones are written in pieces of this */
#define WINDOW_ALIGN ((uint64_t)2 << 20) /* of its ends: a huge page */
#define ROOM_STEP ((uint64_t)32 << 20)   /* made in the file at a time */

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

static enum ancient_code grow(struct core_sink *sink, uint64_t more, struct ancient_error *err);

void core_tail_init(struct core_tail *tail, const struct core_mapping *map, int fd,
		    const char *name, uint64_t start, uint64_t reserve)
{
	tail->map = map;
	tail->fd = fd;
	tail->start = tail->end = start;
	tail->reserve = reserve < map->limit ? reserve : map->limit;
	tail->sink.name = name;
	tail->sink.address = map->file_base + start + HEADER;
	tail->sink.grow = grow;
}

static enum ancient_code fail_room(const struct core_tail *tail, struct ancient_error *err)
{
	return core_fail(err, ANCIENT_E_NO_ROOM,
			 "%s: the file has reached the end of the address space reserved for it, "
			 "%llu bytes",
			 tail->sink.name, (unsigned long long)tail->reserve);
}

struct ancient_extent core_tail_header(uint32_t kind, uint64_t generation, uint64_t count,
				       uint64_t content, uint64_t checksum, bool last)
{
	struct ancient_extent extent = {
		.magic = ANCIENT_EXTENT_MAGIC,
		.kind = kind,
		.flags = last ? ANCIENT_EXTENT_LAST : 0,
		.length = core_extent_length(content, last),
		.content = content,
		.count = count,
		.generation = generation,
		.content_checksum = checksum,
	};

	extent.header_checksum =
		XXH3_64bits(&extent, offsetof(struct ancient_extent, header_checksum));
	return extent;
}

enum ancient_code core_tail_write(struct core_tail *tail, struct iovec *parts, int count,
				  uint64_t offset, struct ancient_error *err)
{
	if (core_file_write(tail->fd, parts, count, offset))
		return ANCIENT_OK;
	return core_fail_system(err, core_fail_code(errno), errno, "%s: cannot be written",
				tail->sink.name);
}

/* The first growth of a small one: memory. */
static enum ancient_code grow_small(struct core_tail *tail, uint64_t words,
				    struct ancient_error *err)
{
	uint64_t capacity = words < 256 ? 256 : words * 2;
	uint64_t *small;

	if (capacity > SMALL_BYTES / 8)
		capacity = SMALL_BYTES / 8;
	small = realloc(tail->small, capacity * 8);
	if (!small)
		return core_fail_memory(err, tail->sink.name);
	tail->small = small;
	tail->sink.words = small;
	tail->sink.capacity = capacity - 1; /* the filler's place */
	return ANCIENT_OK;
}

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

/* Makes room in the file up to `to`, and if there is as much, `step` bytes more. */
static enum ancient_code make_room(struct core_tail *tail, uint64_t to, uint64_t step,
				   struct ancient_error *err)
{
	uint64_t from = tail->room > tail->start ? tail->room : tail->start;
	enum ancient_code code = ANCIENT_E_DISK_FULL;

	if (to > tail->reserve)
		return fail_room(tail, err);
	if (to <= tail->room)
		return ANCIENT_OK;
	if (step && step <= tail->reserve - to) {
		tail->stretched = true;
		code = core_room_make(tail->fd, tail->sink.name, from, to + step, NULL);
		if (code == ANCIENT_OK)
			to += step;
	}
	if (code != ANCIENT_OK) /* perhaps what is needed just fits */
		code = core_room_make(tail->fd, tail->sink.name, from, to, err);
	if (code == ANCIENT_OK)
		tail->room = to;
	return code;
}

/* Writes what the window holds before `to` and, where these are whole pages, has the file itself
 * in their place: they can still be changed there. */
static enum ancient_code write_window(struct core_tail *tail, uint64_t to, bool exchange,
				      struct ancient_error *err)
{
	uint64_t from = tail->written > tail->start ? tail->written : tail->start;
	uint8_t *base = tail->map->base;
	struct iovec part = {base + from, to - from};
	uint64_t step = exchange ? to - tail->start : 0;
	enum ancient_code code = make_room(tail, to, step < ROOM_STEP ? step : ROOM_STEP, err);

	if (code == ANCIENT_OK)
		code = core_tail_write(tail, &part, 1, from, err);
	if (code != ANCIENT_OK || !exchange)
		return code;
	if (mmap(base + tail->written, to - tail->written, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, tail->fd, (off_t)tail->written) == MAP_FAILED)
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped for writing", tail->sink.name);
	tail->written = to;
	return ANCIENT_OK;
}

/* Writes what is complete, and moves the window so that it reaches to `bytes` of the file. */
static enum ancient_code grow_mapped(struct core_tail *tail, uint64_t bytes,
				     struct ancient_error *err)
{
	uint64_t used = tail->start + HEADER + tail->sink.used * 8;
	uint64_t complete = used & ~(WINDOW_ALIGN - 1), to;
	enum ancient_code code = ANCIENT_OK;

	if (tail->open == 0)
		tail->open = tail->written = first_page(tail);
	if (complete > tail->written && complete - tail->written >= WINDOW)
		code = write_window(tail, complete, true, err);
	to = (tail->open + WINDOW) & ~(WINDOW_ALIGN - 1);
	if (to < bytes)
		to = core_mapping_round(bytes);
	if (to > tail->reserve)
		to = core_mapping_round(bytes);
	if (to > tail->reserve)
		return fail_room(tail, err);
	if (code == ANCIENT_OK && to > tail->open)
		code = open_window(tail, to, err);
	return code;
}

static enum ancient_code grow(struct core_sink *sink, uint64_t more, struct ancient_error *err)
{
	struct core_tail *tail = (struct core_tail *)(void *)sink;
	uint64_t words;
	enum ancient_code code;

	/* One word more, for the filler. */
	if (more > tail->reserve / 8 || sink->used + more + 1 > tail->reserve / 8)
		return fail_room(tail, err);
	words = sink->used + more + 1;
	if (tail->open == 0 && words <= SMALL_BYTES / 8)
		return grow_small(tail, words, err);
	code = grow_mapped(tail, tail->start + HEADER + words * 8, err);
	if (code != ANCIENT_OK)
		return code;
	sink->words = (uint64_t *)(void *)(tail->map->base + tail->start + HEADER);
	sink->capacity = (tail->open - tail->start - HEADER) / 8 - 1;
	if (tail->small) {
		memcpy(sink->words, tail->small, sink->used * 8);
		free(tail->small);
		tail->small = NULL;
	}
	return ANCIENT_OK;
}

void core_tail_unmap(struct core_tail *tail)
{
	uint64_t first = first_page(tail);

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

void core_tail_done(struct core_tail *tail)
{
	free(tail->small);
	tail->small = NULL;
	core_sink_done(&tail->sink);
}

/* The values, gathered in memory or in the window, with their header. */
static enum ancient_code write_values(struct core_tail *tail, struct ancient_extent *header,
				      struct ancient_error *err)
{
	struct iovec parts[2] = {{header, sizeof *header}, {tail->small, header->content}};
	enum ancient_code code;

	if (!tail->small) {
		code = write_window(tail, tail->start + HEADER + header->content, false, err);
		if (code != ANCIENT_OK)
			return code;
	}
	return core_tail_write(tail, parts, tail->small ? 2 : 1, tail->start, err);
}

enum ancient_code core_tail_end_values(struct core_tail *tail, uint64_t blocks, uint64_t generation,
				       struct ancient_error *err)
{
	struct core_sink *sink = &tail->sink;
	uint64_t content = (sink->used + 1) * 8, length = core_extent_length(content, false);
	struct ancient_extent header;
	enum ancient_code code;

	if (sink->used == 0)
		return ANCIENT_OK;
	core_sink_patch(sink, tail->map->file_base + tail->start + length + HEADER);
	sink->words[sink->used] = ANCIENT_FILLER;
	code = make_room(tail, tail->start + length, 0, err);
	if (code != ANCIENT_OK)
		return code;
	if (tail->written > tail->start) /* in one step instead of page by page */
		madvise(tail->map->base + first_page(tail), tail->written - first_page(tail),
			MADV_POPULATE_READ);
	header = core_tail_header(ANCIENT_EXTENT_VALUES, generation, blocks, content,
				  XXH3_64bits(sink->words, content), false);
	code = write_values(tail, &header, err);
	tail->end = tail->start + length;
	return code;
}

enum ancient_code core_tail_room(struct core_tail *tail, uint64_t length, struct ancient_error *err)
{
	if (length > tail->reserve || tail->end > tail->reserve - length)
		return fail_room(tail, err);
	return make_room(tail, tail->end + length, 0, err);
}

enum ancient_code core_tail_extent(struct core_tail *tail, uint32_t kind, uint64_t generation,
				   uint64_t count, const struct iovec *parts, int part_count,
				   bool last, struct ancient_error *err)
{
	struct ancient_extent header;
	struct iovec all[7];
	XXH3_state_t *state = XXH3_createState();
	uint64_t content = 0, length;
	enum ancient_code code;

	if (!state)
		return core_fail_memory(err, tail->sink.name);
	XXH3_64bits_reset(state);
	for (int i = 0; i < part_count; i++) {
		all[i + 1] = parts[i];
		content += parts[i].iov_len;
		XXH3_64bits_update(state, parts[i].iov_base, parts[i].iov_len);
	}
	header =
		core_tail_header(kind, generation, count, content, XXH3_64bits_digest(state), last);
	XXH3_freeState(state);
	length = header.length;
	code = core_tail_room(tail, length, err);
	if (code != ANCIENT_OK)
		return code;
	all[0].iov_base = &header;
	all[0].iov_len = sizeof header;
	code = core_tail_write(tail, all, part_count + 1, tail->end, err);
	tail->end += length;
	return code;
}
