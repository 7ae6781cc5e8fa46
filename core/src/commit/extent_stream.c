/* core/commit: the stream buffer, in which a large values extent is built and written.
 *
 * The buffer is anonymous memory, in huge pages, at the addresses where the values will be mapped.
 * It is written piece by piece by a worker thread, because filling new pages of a file takes about
 * as long as copying the values.  When the next piece is complete, the file is mapped shared over
 * the piece that was written, whose words can still be changed there.  Words of a piece that the
 * copy changed while the worker wrote it were recorded, and are stored again in the mapping.  So
 * the file's content does not depend on the timing of the thread.
 */
#include "commit/extent_stream.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/worker.h"
#include "memory/file_mapping.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define PIECE ((uint64_t)4 << 20)          /* least size of a piece */
#define PIECE_ALIGN ((uint64_t)2 << 20)    /* pieces end at multiples of this: a huge page */
#define ALLOCATE_STEP ((uint64_t)32 << 20) /* disk space allocated at a time */

/* The offset of the page that contains the commit's first byte. */
static uint64_t first_page(const struct core_extent_writer *writer)
{
	return writer->start & ~(ancient_core_mapping_page() - 1);
}

/* Extends the buffer to the offset `to`, a multiple of pages. */
static enum ancient_code extend_buffer(struct core_extent_writer *writer, uint64_t to,
				       struct ancient_error *err)
{
	uint64_t shared =
		writer->buffer_end == first_page(writer) && writer->map->used > first_page(writer)
			? writer->start - writer->buffer_end
			: 0;
	uint8_t *at = writer->map->base + writer->buffer_end;
	void *got = mmap(shared ? NULL : at, to - writer->buffer_end, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | (shared ? 0 : MAP_FIXED), -1, 0);

	if (got == MAP_FAILED)
		return ancient_core_fail_memory(err, writer->target.name);
	/* Only a hint. */
	madvise(got, to - writer->buffer_end, MADV_HUGEPAGE);
	/* Where a page is larger than ANCIENT_COMMIT_ALIGN, the first one also holds values of
	 * earlier commits, if there are any, which other threads may be reading: they are copied,
	 * and the page is replaced in one step. */
	if (shared) {
		memcpy(got, at, shared);
		if (mremap(got, to - writer->buffer_end, to - writer->buffer_end,
			   MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED) {
			munmap(got, to - writer->buffer_end);
			return ancient_core_fail_memory(err, writer->target.name);
		}
	}
	writer->buffer_end = to;
	return ANCIENT_OK;
}

/* Maps the file shared over the buffer up to `to`, a piece that was written, and stores the words
 * again that were changed meanwhile. */
static enum ancient_code map_written(struct core_extent_writer *writer, uint64_t to,
				     struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	const struct core_changed_word *changed = (const void *)target->changed.data;
	size_t count = target->changed.used / sizeof *changed;

	if (mmap(writer->map->base + writer->buffer_start, to - writer->buffer_start,
		 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, writer->fd,
		 (off_t)writer->buffer_start) == MAP_FAILED)
		return ancient_core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
						"%s: cannot be mapped for writing", target->name);
	writer->buffer_start = to;
	for (size_t i = 0; i < count; i++)
		target->words[changed[i].index] = changed[i].word;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_extent_stream_wait(struct core_extent_writer *writer,
						  struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	struct iovec part = {writer->map->base + writer->background.from,
			     writer->background.to - writer->background.from};
	enum ancient_code code;

	if (!writer->worker.busy)
		return ANCIENT_OK;
	ancient_core_worker_wait(&writer->worker);
	code = writer->background.code;
	if (code != ANCIENT_OK && err)
		*err = writer->background.error;
	/* Not all changed words were recorded: the piece in the buffer has them, so write it again.
	 */
	if (code == ANCIENT_OK && target->changed_lost)
		code = ancient_core_extent_writer_write_file(writer, &part, 1,
							     writer->background.from, err);
	if (target->changed_lost)
		target->changed.used = 0;
	if (code == ANCIENT_OK)
		code = map_written(writer, writer->background.to, err);
	target->writing_words = target->changed.used = 0;
	target->changed_lost = false;
	return code;
}

/* Runs on the worker: writes the piece. */
static void write_in_background(void *context)
{
	struct core_extent_writer *writer = context;
	uint64_t from = writer->background.from, to = writer->background.to,
		 step = to - writer->start;
	struct iovec part = {writer->map->base + from, to - from};
	enum ancient_code code;

	code = ancient_core_extent_writer_allocate(
		writer, to, step < ALLOCATE_STEP ? step : ALLOCATE_STEP, &writer->background.error);
	if (code == ANCIENT_OK)
		code = ancient_core_extent_writer_write_file(writer, &part, 1, from,
							     &writer->background.error);
	writer->background.code = code;
}

/* Starts the worker on what the buffer holds before `to`. */
static enum ancient_code write_piece(struct core_extent_writer *writer, uint64_t to,
				     struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	uint64_t values = writer->start + sizeof(struct ancient_extent);
	enum ancient_code code = ancient_core_extent_stream_wait(writer, err);

	if (code != ANCIENT_OK)
		return code;
	writer->background.from =
		writer->buffer_start > writer->start ? writer->buffer_start : writer->start;
	writer->background.to = to;
	target->writing_first =
		writer->background.from > values ? (writer->background.from - values) / 8 : 0;
	target->writing_words = (to - values) / 8 - target->writing_first;
	ancient_core_worker_start(&writer->worker, write_in_background, writer);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_extent_stream_extend(struct core_extent_writer *writer,
						    uint64_t bytes, struct ancient_error *err)
{
	uint64_t used = writer->start + sizeof(struct ancient_extent) + writer->target.used * 8;
	uint64_t complete = used & ~(PIECE_ALIGN - 1), background, to;
	enum ancient_code code = ANCIENT_OK;

	if (writer->buffer_end == 0) {
		writer->buffer_end = writer->buffer_start = first_page(writer);
		ancient_core_mapping_retract(writer->map);
	}
	background = writer->worker.busy ? writer->background.to : writer->buffer_start;
	if (complete > background && complete - background >= PIECE)
		code = write_piece(writer, complete, err);
	if (code != ANCIENT_OK)
		return code;
	to = (writer->buffer_end + PIECE) & ~(PIECE_ALIGN - 1);
	if (to < bytes)
		to = ancient_core_mapping_round(bytes);
	if (to > writer->reserve)
		to = ancient_core_mapping_round(bytes);
	if (to > writer->reserve)
		return ancient_core_extent_writer_fail_full(writer, err);
	return to > writer->buffer_end ? extend_buffer(writer, to, err) : ANCIENT_OK;
}

/* Bytes behind the values stay zero in the file, as long as nothing else is written there. */
void ancient_core_extent_stream_shrink(struct core_extent_writer *writer, uint64_t used)
{
	struct core_copy_target *target = &writer->target;
	uint64_t values = writer->start + sizeof(struct ancient_extent),
		 written = writer->worker.busy ? writer->background.to : writer->buffer_start;
	uint64_t words = written > values ? (written - values) / 8 : 0;

	if (used >= words)
		return;
	if (words > target->used)
		words = target->used;
	memset(target->words + used, 0, (words - used) * 8);
	writer->stretched = true;
	if (writer->worker.busy)
		target->changed_lost = true;
}

void ancient_core_extent_stream_unmap(struct core_extent_writer *writer)
{
	uint64_t first = first_page(writer);

	ancient_core_worker_wait(&writer->worker);
	writer->target.writing_words = 0;
	if (writer->buffer_end == 0)
		return;
	if (first < writer->start) { /* it holds values of earlier commits */
		mmap(writer->map->base + first, ancient_core_mapping_page(),
		     writer->map->protect ? PROT_READ : PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, writer->fd, (off_t)first);
		first += ancient_core_mapping_page();
	}
	if (writer->buffer_end > first)
		mmap(writer->map->base + first, writer->buffer_end - first, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	writer->buffer_end = 0;
}

enum ancient_code ancient_core_extent_stream_write_rest(struct core_extent_writer *writer,
							uint64_t to, struct ancient_error *err)
{
	uint64_t from = writer->buffer_start > writer->start ? writer->buffer_start : writer->start;
	struct iovec part = {writer->map->base + from, to - from};
	enum ancient_code code = ancient_core_extent_writer_allocate(writer, to, 0, err);

	/* Where values were taken back, all of them may be in the file. */
	return code == ANCIENT_OK && from < to
		       ? ancient_core_extent_writer_write_file(writer, &part, 1, from, err)
		       : code;
}

void ancient_core_extent_stream_populate(const struct core_extent_writer *writer)
{
	if (writer->buffer_start > writer->start)
		madvise(writer->map->base + first_page(writer),
			writer->buffer_start - first_page(writer), MADV_POPULATE_READ);
}
