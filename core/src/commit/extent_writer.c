/* core/commit: the extents that a commit appends to the file (FORMAT 4, 8.2 step 3). */
#include "commit/extent_writer.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <xxhash.h>

#include "base/fail.h"
#include "commit/extent_flush.h"
#include "commit/extent_stream.h"
#include "file/disk_space.h"
#include "file/extent.h"
#include "file/file_io.h"

#define HEADER sizeof(struct ancient_extent)
#define WAYPOINT_WORDS ((uint64_t)ANCIENT_WAYPOINT_STEP / 8)
#define SMALL_BYTES (64u << 10) /* extents of at most this size are gathered in `image` */

static enum ancient_code grow(struct core_copy_target *target, uint64_t more,
			      struct ancient_error *err);
static void shrink(struct core_copy_target *target, uint64_t used);

void ancient_core_extent_writer_init(struct core_extent_writer *writer, struct core_mapping *map,
				     int fd, const char *name, uint64_t start, uint64_t reserve)
{
	writer->map = map;
	writer->fd = fd;
	writer->start = writer->end = start;
	writer->reserve = reserve < map->limit ? reserve : map->limit;
	writer->target.name = name;
	writer->target.address = map->file_base + start + HEADER;
	writer->target.grow = grow;
	writer->target.shrink = shrink;
	writer->boundary = WAYPOINT_WORDS;
}

enum ancient_code ancient_core_extent_writer_fail_full(const struct core_extent_writer *writer,
						       struct ancient_error *err)
{
	return ancient_core_fail(
		err, ANCIENT_E_NO_ROOM,
		"%s: the file has reached the end of the address space reserved for it, "
		"%llu bytes",
		writer->target.name, (unsigned long long)writer->reserve);
}

struct ancient_extent ancient_core_extent_writer_header(struct core_extent_writer *writer,
							uint32_t kind, uint64_t generation,
							uint64_t count, uint64_t content,
							uint64_t checksum)
{
	struct ancient_extent extent = {
		.magic = ANCIENT_EXTENT_MAGIC,
		.kind = kind,
		.length = ancient_core_extent_length(content, false),
		.content = content,
		.count = count,
		.generation = generation,
		.content_checksum = checksum,
	};

	extent.header_checksum =
		XXH3_64bits(&extent, offsetof(struct ancient_extent, header_checksum));
	assert(writer->sum_count < CORE_WRITTEN_EXTENTS);
	writer->sums[1 + writer->sum_count++] = extent.header_checksum;
	return extent;
}

enum ancient_code ancient_core_extent_writer_write_file(struct core_extent_writer *writer,
							struct iovec *parts, int count,
							uint64_t offset, struct ancient_error *err)
{
	if (ancient_core_file_write(writer->fd, parts, count, offset))
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ancient_core_fail_code(errno), errno,
					"%s: cannot be written", writer->target.name);
}

/* Room for a small values extent, in `image`, with a place for its header before the values. */
static enum ancient_code grow_small(struct core_extent_writer *writer, uint64_t words,
				    struct ancient_error *err)
{
	uint64_t capacity = words < 256 ? 256 : words * 2;

	if (capacity > SMALL_BYTES / 8)
		capacity = SMALL_BYTES / 8;
	capacity = (capacity + 7) & ~7ull; /* the extent ends on a multiple of 64 bytes */
	if (!ancient_core_buffer_take(&writer->image, HEADER + capacity * 8 - writer->image.used))
		return ancient_core_fail_memory(err, writer->target.name);
	writer->target.words = (uint64_t *)(void *)(writer->image.data + HEADER);
	writer->room = capacity - 1; /* one word is left for the filler */
	return ANCIENT_OK;
}

enum ancient_code ancient_core_extent_writer_allocate(struct core_extent_writer *writer,
						      uint64_t to, uint64_t step,
						      struct ancient_error *err)
{
	uint64_t from = writer->allocated > writer->start ? writer->allocated : writer->start;
	enum ancient_code code = ANCIENT_E_DISK_FULL;

	if (to > writer->reserve)
		return ancient_core_extent_writer_fail_full(writer, err);
	if (to <= writer->allocated)
		return ANCIENT_OK;
	if (writer->room_end)
		writer->stretched = true;
	if (step && step <= writer->reserve - to) {
		writer->stretched = true;
		code = ancient_core_disk_space_make(writer->fd, writer->target.name, from,
						    to + step, NULL);
		if (code == ANCIENT_OK)
			to += step;
	}
	if (code != ANCIENT_OK) /* the larger step failed: try what is needed */
		code = ancient_core_disk_space_make(writer->fd, writer->target.name, from, to, err);
	if (code == ANCIENT_OK)
		writer->allocated = to;
	return code;
}

/* Notes that the first block at or behind each boundary up to `end`, words of the values, is at
 * `word` of them. */
static bool add_waypoints(struct core_extent_writer *writer, uint64_t word, uint64_t end)
{
	for (; writer->boundary <= end; writer->boundary += WAYPOINT_WORDS) {
		uint64_t *to = ancient_core_buffer_take(&writer->waypoints, sizeof *to);

		if (!to)
			return false;
		*to = word;
	}
	return true;
}

/* Room for `words` words, the filler's apart. */
static enum ancient_code make_room(struct core_extent_writer *writer, uint64_t words,
				   struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	enum ancient_code code;

	if (writer->buffer_end == 0 && words < SMALL_BYTES / 8)
		return grow_small(writer, words + 1, err);
	code = ancient_core_extent_stream_extend(writer, writer->start + HEADER + (words + 1) * 8,
						 err);
	if (code != ANCIENT_OK)
		return code;
	target->words = (uint64_t *)(void *)(writer->map->base + writer->start + HEADER);
	writer->room = (writer->buffer_end - writer->start - HEADER) / 8 - 1;
	if (writer->image.used) {
		memcpy(target->words, writer->image.data + HEADER, target->used * 8);
		writer->image.used = 0;
	}
	return ANCIENT_OK;
}

/* For a block of `more` words, header included, that does not end before the capacity: the values
 * need room, or the block reaches past a boundary. */
static enum ancient_code grow(struct core_copy_target *target, uint64_t more,
			      struct ancient_error *err)
{
	struct core_extent_writer *writer = (struct core_extent_writer *)(void *)target;
	uint64_t end = target->used + more;
	enum ancient_code code = ANCIENT_OK;

	if (more > writer->reserve / 8 || end + 1 > writer->reserve / 8)
		return ancient_core_extent_writer_fail_full(writer, err);
	if (end > writer->room)
		code = make_room(writer, end, err);
	if (code != ANCIENT_OK)
		return code;
	if (!add_waypoints(writer, target->used, target->used) ||
	    !add_waypoints(writer, end, end - 1))
		return ancient_core_fail_memory(err, target->name);
	target->capacity = writer->room < writer->boundary ? writer->room : writer->boundary;
	return ANCIENT_OK;
}

/* Waypoints behind `used` led to blocks that are gone. */
static void shrink(struct core_copy_target *target, uint64_t used)
{
	struct core_extent_writer *writer = (struct core_extent_writer *)(void *)target;
	struct core_buffer *waypoints = &writer->waypoints;

	ancient_core_extent_stream_shrink(writer, used);
	target->used = used;
	while (waypoints->used &&
	       ((uint64_t *)(void *)(waypoints->data + waypoints->used))[-1] > used) {
		waypoints->used -= sizeof(uint64_t);
		writer->boundary -= WAYPOINT_WORDS;
	}
	target->capacity = writer->room < writer->boundary ? writer->room : writer->boundary;
}

void ancient_core_extent_writer_done(struct core_extent_writer *writer)
{
	ancient_core_buffer_done(&writer->waypoints);
	ancient_core_buffer_done(&writer->image);
	ancient_core_copy_target_done(&writer->target);
}

const uint8_t *ancient_core_extent_writer_image(const struct core_extent_writer *writer)
{
	return writer->gathered == writer->start && writer->flushed == writer->end
		       ? writer->image.data
		       : NULL;
}

enum ancient_code ancient_core_extent_writer_begin(struct core_extent_writer *writer,
						   uint64_t length, struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_OK;

	if (length > writer->reserve || writer->end > writer->reserve - length)
		return ancient_core_extent_writer_fail_full(writer, err);
	if (length > SMALL_BYTES || writer->image.used > SMALL_BYTES - length)
		code = ancient_core_extent_flush(writer, err);
	if (code != ANCIENT_OK)
		return code;
	if (length > SMALL_BYTES)
		return ancient_core_extent_writer_allocate(writer, writer->end + length, 0, err);
	if (writer->image.used == 0)
		writer->gathered = writer->end;
	if (!ancient_core_buffer_append(&writer->image, length))
		return ancient_core_fail_memory(err, writer->target.name);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_extent_writer_write(struct core_extent_writer *writer,
						   struct iovec *parts, int count, uint64_t offset,
						   struct ancient_error *err)
{
	uint8_t *to;

	if (writer->image.used == 0)
		return ancient_core_extent_writer_write_file(writer, parts, count, offset, err);
	to = writer->image.data + (offset - writer->gathered);
	for (; count > 0; parts++, count--) {
		if (parts->iov_len)
			memcpy(to, parts->iov_base, parts->iov_len);
		to += parts->iov_len;
	}
	return ANCIENT_OK;
}

/* A large values extent: writes the rest of the stream buffer, and the header. */
static enum ancient_code write_values(struct core_extent_writer *writer,
				      struct ancient_extent *header, struct ancient_error *err)
{
	struct iovec part = {header, sizeof *header};
	enum ancient_code code = ancient_core_extent_stream_write_rest(
		writer, writer->start + HEADER + header->content, err);

	return code == ANCIENT_OK
		       ? ancient_core_extent_writer_write_file(writer, &part, 1, writer->start, err)
		       : code;
}

/* A small values extent: header and padding are added around the values in `image`. */
static void gather_values(struct core_extent_writer *writer, const struct ancient_extent *header)
{
	uint64_t end = HEADER + header->content;

	memcpy(writer->image.data, header, HEADER);
	memset(writer->image.data + end, 0, header->length - end);
	writer->image.used = header->length;
	writer->gathered = writer->start;
}

enum ancient_code ancient_core_extent_writer_end_values(struct core_extent_writer *writer,
							uint64_t blocks, uint64_t generation,
							struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	uint64_t content = (target->used + 1) * 8,
		 length = ancient_core_extent_length(content, false);
	bool gathered = writer->image.used > 0;
	struct ancient_extent header;
	enum ancient_code code = ANCIENT_OK;

	if (target->used == 0) {
		writer->image.used = 0;
		return ANCIENT_OK;
	}
	code = ancient_core_extent_stream_wait(writer, err);
	if (code != ANCIENT_OK)
		return code;
	if (writer->start + length > writer->reserve)
		return ancient_core_extent_writer_fail_full(writer, err);
	ancient_core_copy_target_patch(target,
				       writer->map->file_base + writer->start + length + HEADER);
	target->words[target->used] = ANCIENT_FILLER;
	if (!gathered)
		code = ancient_core_extent_writer_allocate(writer, writer->start + length, 0, err);
	if (code != ANCIENT_OK)
		return code;
	ancient_core_extent_stream_populate(writer);
	/* The filler counts as a block. */
	if (!add_waypoints(writer, target->used, target->used))
		return ancient_core_fail_memory(err, target->name);
	header =
		ancient_core_extent_writer_header(writer, ANCIENT_EXTENT_VALUES, generation, blocks,
						  content, XXH3_64bits(target->words, content));
	if (gathered)
		gather_values(writer, &header);
	else
		code = write_values(writer, &header, err);
	writer->end = writer->start + length;
	return code;
}

/* Writes the content of an extent, and computes its checksum. */
static enum ancient_code write_content(struct core_extent_writer *writer, const struct iovec *parts,
				       int count, uint64_t *ret_checksum, struct ancient_error *err)
{
	uint64_t at = writer->end + HEADER, content = 0;
	struct iovec copies[CORE_EXTENT_WRITER_PARTS];
	XXH3_state_t *state = NULL;
	enum ancient_code code;

	for (int i = 0; i < count; i++) {
		copies[i] = parts[i];
		content += parts[i].iov_len;
	}
	code = ancient_core_extent_writer_write(writer, copies, count, at, err);
	if (code != ANCIENT_OK)
		return code;
	if (writer->image.used) {
		*ret_checksum = XXH3_64bits(writer->image.data + (at - writer->gathered), content);
		return ANCIENT_OK;
	}
	state = XXH3_createState();
	if (!state)
		return ancient_core_fail_memory(err, writer->target.name);
	XXH3_64bits_reset(state);
	for (int i = 0; i < count; i++)
		XXH3_64bits_update(state, parts[i].iov_base, parts[i].iov_len);
	*ret_checksum = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_extent_writer_append(struct core_extent_writer *writer,
						    uint32_t kind, uint64_t generation,
						    uint64_t count, const struct iovec *parts,
						    int part_count, struct ancient_error *err)
{
	uint64_t content = 0, checksum = 0;
	struct ancient_extent header;
	struct iovec part = {&header, sizeof header};
	enum ancient_code code;

	for (int i = 0; i < part_count; i++)
		content += parts[i].iov_len;
	code = ancient_core_extent_writer_begin(writer, ancient_core_extent_length(content, false),
						err);
	if (code == ANCIENT_OK)
		code = write_content(writer, parts, part_count, &checksum, err);
	if (code != ANCIENT_OK)
		return code;
	header = ancient_core_extent_writer_header(writer, kind, generation, count, content,
						   checksum);
	code = ancient_core_extent_writer_write(writer, &part, 1, writer->end, err);
	writer->end += header.length;
	return code;
}

enum ancient_code ancient_core_extent_writer_append_waypoints(struct core_extent_writer *writer,
							      uint64_t generation,
							      struct ancient_error *err)
{
	uint64_t *word = (uint64_t *)(void *)writer->waypoints.data;
	uint64_t count = writer->waypoints.used / sizeof *word;
	struct iovec part = {word, writer->waypoints.used};

	if (count == 0)
		return ANCIENT_OK;
	for (uint64_t i = 0; i < count; i++)
		word[i] = writer->start + HEADER + word[i] * 8;
	return ancient_core_extent_writer_append(writer, ANCIENT_EXTENT_WAYPOINTS, generation,
						 count, &part, 1, err);
}

enum ancient_code ancient_core_extent_writer_append_record(struct core_extent_writer *writer,
							   const void *record, uint64_t bytes,
							   struct ancient_error *err)
{
	struct iovec part = {(void *)(uintptr_t)record, bytes};
	enum ancient_code code = ancient_core_extent_writer_begin(writer, bytes, err);

	if (code == ANCIENT_OK)
		code = ancient_core_extent_writer_write(writer, &part, 1, writer->end, err);
	if (code == ANCIENT_OK)
		writer->end += bytes;
	return code;
}
