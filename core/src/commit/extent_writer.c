/* core: the bytes a commit appends to the file (FORMAT 4, 8.2 step 3). */
#include "commit/extent_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xxhash.h>

#include "file/extent.h"
#include "base/fail.h"
#include "file/file_io.h"
#include "file/disk_space.h"

#define HEADER sizeof(struct ancient_extent)
#define SMALL_BYTES (64u << 10) /* extents up to this are gathered in memory */

static enum ancient_code grow(struct core_sink *sink, uint64_t more, struct ancient_error *err);

void core_tail_init(struct core_tail *tail, struct core_mapping *map, int fd, const char *name,
		    uint64_t start, uint64_t reserve)
{
	tail->map = map;
	tail->fd = fd;
	tail->start = tail->end = start;
	tail->reserve = reserve < map->limit ? reserve : map->limit;
	tail->sink.name = name;
	tail->sink.address = map->file_base + start + HEADER;
	tail->sink.grow = grow;
}

enum ancient_code core_tail_fail_room(const struct core_tail *tail, struct ancient_error *err)
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

enum ancient_code core_tail_write_file(struct core_tail *tail, struct iovec *parts, int count,
				       uint64_t offset, struct ancient_error *err)
{
	if (core_file_write(tail->fd, parts, count, offset))
		return ANCIENT_OK;
	return core_fail_system(err, core_fail_code(errno), errno, "%s: cannot be written",
				tail->sink.name);
}

/* The first growth of a small one: memory, with a place for the header before the values. */
static enum ancient_code grow_small(struct core_tail *tail, uint64_t words,
				    struct ancient_error *err)
{
	uint64_t capacity = words < 256 ? 256 : words * 2;

	if (capacity > SMALL_BYTES / 8)
		capacity = SMALL_BYTES / 8;
	capacity = (capacity + 7) & ~7ull; /* the extent ends on a multiple of 64 bytes */
	if (!core_buffer_take(&tail->image, HEADER + capacity * 8 - tail->image.used))
		return core_fail_memory(err, tail->sink.name);
	tail->sink.words = (uint64_t *)(void *)(tail->image.data + HEADER);
	tail->sink.capacity = capacity - 1; /* the filler's place */
	return ANCIENT_OK;
}

enum ancient_code core_tail_make_room(struct core_tail *tail, uint64_t to, uint64_t step,
				      struct ancient_error *err)
{
	uint64_t from = tail->room > tail->start ? tail->room : tail->start;
	enum ancient_code code = ANCIENT_E_DISK_FULL;

	if (to > tail->reserve)
		return core_tail_fail_room(tail, err);
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

static enum ancient_code grow(struct core_sink *sink, uint64_t more, struct ancient_error *err)
{
	struct core_tail *tail = (struct core_tail *)(void *)sink;
	uint64_t words;
	enum ancient_code code;

	/* One word more, for the filler. */
	if (more > tail->reserve / 8 || sink->used + more + 1 > tail->reserve / 8)
		return core_tail_fail_room(tail, err);
	words = sink->used + more + 1;
	if (tail->open == 0 && words <= SMALL_BYTES / 8)
		return grow_small(tail, words, err);
	code = core_tail_widen(tail, tail->start + HEADER + words * 8, err);
	if (code != ANCIENT_OK)
		return code;
	sink->words = (uint64_t *)(void *)(tail->map->base + tail->start + HEADER);
	sink->capacity = (tail->open - tail->start - HEADER) / 8 - 1;
	if (tail->image.used) {
		memcpy(sink->words, tail->image.data + HEADER, sink->used * 8);
		tail->image.used = 0;
	}
	return ANCIENT_OK;
}

void core_tail_done(struct core_tail *tail)
{
	core_buffer_done(&tail->image);
	core_sink_done(&tail->sink);
}

/* What is gathered gets its room by being written; all that needs a look before is the limit
 * whose excess is a signal. */
enum ancient_code core_tail_flush(struct core_tail *tail, struct ancient_error *err)
{
	struct iovec part = {tail->image.data, tail->image.used};
	uint64_t to = tail->gathered + tail->image.used;
	enum ancient_code code = ANCIENT_OK;

	if (tail->image.used == 0)
		return ANCIENT_OK;
	if (to > tail->room)
		code = core_room_check(tail->sink.name, to, err);
	if (code == ANCIENT_OK)
		code = core_tail_write_file(tail, &part, 1, tail->gathered, err);
	tail->image.used = 0;
	tail->flushed = to;
	return code;
}

const uint8_t *core_tail_image(const struct core_tail *tail)
{
	return tail->gathered == tail->start && tail->flushed == tail->end ? tail->image.data
									   : NULL;
}

enum ancient_code core_tail_begin(struct core_tail *tail, uint64_t length,
				  struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	if (length > tail->reserve || tail->end > tail->reserve - length)
		return core_tail_fail_room(tail, err);
	if (length > SMALL_BYTES || tail->image.used > SMALL_BYTES - length)
		code = core_tail_flush(tail, err);
	if (code != ANCIENT_OK)
		return code;
	if (length > SMALL_BYTES)
		return core_tail_make_room(tail, tail->end + length, 0, err);
	if (tail->image.used == 0)
		tail->gathered = tail->end;
	if (!core_buffer_append(&tail->image, length))
		return core_fail_memory(err, tail->sink.name);
	return ANCIENT_OK;
}

enum ancient_code core_tail_write(struct core_tail *tail, struct iovec *parts, int count,
				  uint64_t offset, struct ancient_error *err)
{
	uint8_t *to;

	if (tail->image.used == 0)
		return core_tail_write_file(tail, parts, count, offset, err);
	to = tail->image.data + (offset - tail->gathered);
	for (; count > 0; parts++, count--) {
		if (parts->iov_len)
			memcpy(to, parts->iov_base, parts->iov_len);
		to += parts->iov_len;
	}
	return ANCIENT_OK;
}

/* The values in the window: what of them is not written yet, and their header. */
static enum ancient_code write_values(struct core_tail *tail, struct ancient_extent *header,
				      struct ancient_error *err)
{
	struct iovec part = {header, sizeof *header};
	enum ancient_code code =
		core_tail_write_window(tail, tail->start + HEADER + header->content, err);

	return code == ANCIENT_OK ? core_tail_write_file(tail, &part, 1, tail->start, err) : code;
}

/* The values in memory: all but the values is in the place that it has there. */
static void gather_values(struct core_tail *tail, const struct ancient_extent *header)
{
	uint64_t end = HEADER + header->content;

	memcpy(tail->image.data, header, HEADER);
	memset(tail->image.data + end, 0, header->length - end);
	tail->image.used = header->length;
	tail->gathered = tail->start;
}

enum ancient_code core_tail_end_values(struct core_tail *tail, uint64_t blocks, uint64_t generation,
				       struct ancient_error *err)
{
	struct core_sink *sink = &tail->sink;
	uint64_t content = (sink->used + 1) * 8, length = core_extent_length(content, false);
	bool gathered = tail->image.used > 0;
	struct ancient_extent header;
	enum ancient_code code = ANCIENT_OK;

	if (sink->used == 0) {
		tail->image.used = 0;
		return ANCIENT_OK;
	}
	code = core_tail_rest(tail, err);
	if (code != ANCIENT_OK)
		return code;
	if (tail->start + length > tail->reserve)
		return core_tail_fail_room(tail, err);
	core_sink_patch(sink, tail->map->file_base + tail->start + length + HEADER);
	sink->words[sink->used] = ANCIENT_FILLER;
	if (!gathered)
		code = core_tail_make_room(tail, tail->start + length, 0, err);
	if (code != ANCIENT_OK)
		return code;
	core_tail_populate(tail);
	header = core_tail_header(ANCIENT_EXTENT_VALUES, generation, blocks, content,
				  XXH3_64bits(sink->words, content), false);
	if (gathered)
		gather_values(tail, &header);
	else
		code = write_values(tail, &header, err);
	tail->end = tail->start + length;
	return code;
}

/* Writes the content of an extent; its checksum. */
static enum ancient_code write_content(struct core_tail *tail, const struct iovec *parts, int count,
				       uint64_t *ret_checksum, struct ancient_error *err)
{
	uint64_t at = tail->end + HEADER, content = 0;
	struct iovec copies[CORE_TAIL_PARTS];
	XXH3_state_t *state = NULL;
	enum ancient_code code;

	for (int i = 0; i < count; i++) {
		copies[i] = parts[i];
		content += parts[i].iov_len;
	}
	code = core_tail_write(tail, copies, count, at, err);
	if (code != ANCIENT_OK)
		return code;
	if (tail->image.used) {
		*ret_checksum = XXH3_64bits(tail->image.data + (at - tail->gathered), content);
		return ANCIENT_OK;
	}
	state = XXH3_createState();
	if (!state)
		return core_fail_memory(err, tail->sink.name);
	XXH3_64bits_reset(state);
	for (int i = 0; i < count; i++)
		XXH3_64bits_update(state, parts[i].iov_base, parts[i].iov_len);
	*ret_checksum = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return ANCIENT_OK;
}

enum ancient_code core_tail_extent(struct core_tail *tail, uint32_t kind, uint64_t generation,
				   uint64_t count, const struct iovec *parts, int part_count,
				   bool last, struct ancient_error *err)
{
	uint64_t content = 0, checksum = 0;
	struct ancient_extent header;
	struct iovec part = {&header, sizeof header};
	enum ancient_code code;

	for (int i = 0; i < part_count; i++)
		content += parts[i].iov_len;
	code = core_tail_begin(tail, core_extent_length(content, last), err);
	if (code == ANCIENT_OK)
		code = write_content(tail, parts, part_count, &checksum, err);
	if (code != ANCIENT_OK)
		return code;
	header = core_tail_header(kind, generation, count, content, checksum, last);
	code = core_tail_write(tail, &part, 1, tail->end, err);
	tail->end += header.length;
	return code;
}
