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
#define SMALL_BYTES (64u << 10)        /* values up to this are gathered in memory */
#define STEP_LEAST ((uint64_t)1 << 20) /* a mapped tail grows by at least this */
#define STEP_MOST ((uint64_t)32 << 20)

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
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

/* Page of the file with the commit's first byte: where the shared mapping begins. */
static uint64_t map_start(const struct core_tail *tail)
{
	return tail->start & ~(core_mapping_page() - 1);
}

/* Maps the file shared from where it is mapped up to `to`, a multiple of pages. */
static enum ancient_code map_to(struct core_tail *tail, uint64_t to, struct ancient_error *err)
{
	uint64_t from = map_start(tail) + tail->mapped;
	uint8_t *at = tail->map->base + from;

	if (mmap(at, to - from, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, tail->fd,
		 (off_t)from) == MAP_FAILED)
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped for writing", tail->sink.name);
	tail->mapped += to - from;
	/* Only to save faults one by one: older kernels refuse, and nothing is lost. */
	madvise(at, to - from, MADV_POPULATE_WRITE);
	return ANCIENT_OK;
}

/* Makes room in the file for at least `bytes` from its start and maps it. */
static enum ancient_code grow_mapped(struct core_tail *tail, uint64_t bytes,
				     struct ancient_error *err)
{
	uint64_t have = map_start(tail) + tail->mapped;
	uint64_t least = core_mapping_round(bytes), step = tail->mapped / 2, want;
	enum ancient_code code;

	if (step < STEP_LEAST)
		step = STEP_LEAST;
	if (step > STEP_MOST)
		step = STEP_MOST;
	want = have + core_mapping_round(step);
	if (want < least)
		want = least;
	if (want > tail->reserve)
		want = least;
	if (want > tail->reserve)
		return fail_room(tail, err);
	tail->stretched = true;
	code = core_room_make(tail->fd, tail->sink.name, have, want, NULL);
	if (code != ANCIENT_OK && want > least) { /* perhaps what is needed just fits */
		want = least;
		code = core_room_make(tail->fd, tail->sink.name, have, want, err);
	} else if (code != ANCIENT_OK) {
		code = core_room_make(tail->fd, tail->sink.name, have, want, err);
	}
	return code == ANCIENT_OK ? map_to(tail, want, err) : code;
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
	if (tail->mapped == 0 && words <= SMALL_BYTES / 8)
		return grow_small(tail, words, err);
	code = grow_mapped(tail, tail->start + HEADER + words * 8, err);
	if (code != ANCIENT_OK)
		return code;
	sink->words = (uint64_t *)(void *)(tail->map->base + tail->start + HEADER);
	sink->capacity = (map_start(tail) + tail->mapped - tail->start - HEADER) / 8 - 1;
	if (tail->small) {
		memcpy(sink->words, tail->small, sink->used * 8);
		free(tail->small);
		tail->small = NULL;
	}
	return ANCIENT_OK;
}

void core_tail_unmap(struct core_tail *tail)
{
	if (tail->mapped)
		mmap(tail->map->base + map_start(tail), tail->mapped, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	tail->mapped = 0;
}

void core_tail_done(struct core_tail *tail)
{
	free(tail->small);
	tail->small = NULL;
	core_sink_done(&tail->sink);
}

static struct ancient_extent header_of(uint32_t kind, uint64_t generation, uint64_t count,
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

static enum ancient_code write_parts(struct core_tail *tail, struct iovec *parts, int count,
				     uint64_t offset, struct ancient_error *err)
{
	if (core_file_write(tail->fd, parts, count, offset))
		return ANCIENT_OK;
	return core_fail_system(err, core_fail_code(errno), errno, "%s: cannot be written",
				tail->sink.name);
}

static enum ancient_code make_room(struct core_tail *tail, uint64_t length,
				   struct ancient_error *err)
{
	if (length > tail->reserve || tail->end > tail->reserve - length)
		return fail_room(tail, err);
	return core_room_make(tail->fd, tail->sink.name, tail->end, tail->end + length, err);
}

enum ancient_code core_tail_end_values(struct core_tail *tail, uint64_t blocks, uint64_t generation,
				       struct ancient_error *err)
{
	struct core_sink *sink = &tail->sink;
	uint64_t content = (sink->used + 1) * 8, length = core_extent_length(content, false);
	struct ancient_extent header;
	struct iovec parts[2];
	enum ancient_code code;

	if (sink->used == 0)
		return ANCIENT_OK;
	core_sink_patch(sink, tail->map->file_base + tail->start + length + HEADER);
	sink->words[sink->used] = ANCIENT_FILLER;
	header = header_of(ANCIENT_EXTENT_VALUES, generation, blocks, content,
			   XXH3_64bits(sink->words, content), false);
	code = make_room(tail, length, err);
	if (code != ANCIENT_OK)
		return code;
	parts[0].iov_base = &header;
	parts[0].iov_len = sizeof header;
	parts[1].iov_base = tail->small;
	parts[1].iov_len = content;
	code = write_parts(tail, parts, tail->small ? 2 : 1, tail->start, err);
	tail->end = tail->start + length;
	return code;
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
	header = header_of(kind, generation, count, content, XXH3_64bits_digest(state), last);
	XXH3_freeState(state);
	length = header.length;
	code = make_room(tail, length, err);
	if (code != ANCIENT_OK)
		return code;
	all[0].iov_base = &header;
	all[0].iov_len = sizeof header;
	code = write_parts(tail, all, part_count + 1, tail->end, err);
	tail->end += length;
	return code;
}
