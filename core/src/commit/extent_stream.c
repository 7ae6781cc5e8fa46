/* core: the window that large values of a commit grow in; see tail.h.
 *
 * Anonymous memory at the addresses where the values will be, in huge pages.  It is written a
 * piece at a time, by a thread, since to fill new pages of a file takes about as long as to copy
 * values does.  When the next piece is complete, the one before is written: the file is mapped in
 * its place.  Words of it that were changed meanwhile are noted, and set again there; so no byte of
 * the file depends on when the thread came to it.
 */
#include "commit/extent_stream.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fail.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

#define PIECE ((uint64_t)4 << 20)          /* written in pieces of this, or more */
#define PIECE_ALIGN ((uint64_t)2 << 20)    /* of its ends: a huge page */
#define ALLOCATE_STEP ((uint64_t)32 << 20) /* made in the file at a time */

/* Page of the file with the commit's first byte. */
static uint64_t first_page(const struct core_extent_writer *writer)
{
	return writer->start & ~(core_mapping_page() - 1);
}

/* Maps the window further, up to `to`, a multiple of pages. */
static enum ancient_code extend_buffer(struct core_extent_writer *writer, uint64_t to,
				       struct ancient_error *err)
{
	uint64_t shared =
		writer->buffer_end == first_page(writer) ? writer->start - writer->buffer_end : 0;
	uint8_t *at = writer->map->base + writer->buffer_end;
	void *got = mmap(shared ? NULL : at, to - writer->buffer_end, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | (shared ? 0 : MAP_FIXED), -1, 0);

	if (got == MAP_FAILED)
		return core_fail_memory(err, writer->target.name);
	/* Only to save faults: without them nothing is lost. */
	madvise(got, to - writer->buffer_end, MADV_HUGEPAGE);
	/* Where a page is larger than a commit's alignment, the first one holds values that others
	 * may be looking at: it is exchanged for one that has them. */
	if (shared) {
		memcpy(got, at, shared);
		if (mremap(got, to - writer->buffer_end, to - writer->buffer_end,
			   MREMAP_MAYMOVE | MREMAP_FIXED, at) == MAP_FAILED) {
			munmap(got, to - writer->buffer_end);
			return core_fail_memory(err, writer->target.name);
		}
	}
	writer->buffer_end = to;
	return ANCIENT_OK;
}

/* Has the file itself in place of the window up to `to`, whose pages are written: they can still
 * be changed there.  Those words are set again that were changed on their way. */
static enum ancient_code map_written(struct core_extent_writer *writer, uint64_t to,
				     struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	const struct core_changed_word *changed = (const void *)target->changed.data;
	size_t count = target->changed.used / sizeof *changed;

	if (mmap(writer->map->base + writer->buffer_start, to - writer->buffer_start,
		 PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, writer->fd,
		 (off_t)writer->buffer_start) == MAP_FAILED)
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped for writing", target->name);
	writer->buffer_start = to;
	for (size_t i = 0; i < count; i++)
		target->words[changed[i].index] = changed[i].word;
	return ANCIENT_OK;
}

enum ancient_code core_extent_stream_wait(struct core_extent_writer *writer,
					  struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	struct iovec part = {writer->map->base + writer->background.from,
			     writer->background.to - writer->background.from};
	enum ancient_code code;

	if (!writer->worker.busy)
		return ANCIENT_OK;
	core_worker_wait(&writer->worker);
	code = writer->background.code;
	if (code != ANCIENT_OK && err)
		*err = writer->background.error;
	if (code == ANCIENT_OK && target->changed_lost)
		code = core_extent_writer_write_file(writer, &part, 1, writer->background.from,
						     err);
	if (target->changed_lost)
		target->changed.used = 0;
	if (code == ANCIENT_OK)
		code = map_written(writer, writer->background.to, err);
	target->writing_words = target->changed.used = 0;
	target->changed_lost = false;
	return code;
}

/* In a thread of its own. */
static void write_in_background(void *context)
{
	struct core_extent_writer *writer = context;
	uint64_t from = writer->background.from, to = writer->background.to,
		 step = to - writer->start;
	struct iovec part = {writer->map->base + from, to - from};
	enum ancient_code code;

	code = core_extent_writer_allocate(writer, to, step < ALLOCATE_STEP ? step : ALLOCATE_STEP,
					   &writer->background.error);
	if (code == ANCIENT_OK)
		code = core_extent_writer_write_file(writer, &part, 1, from,
						     &writer->background.error);
	writer->background.code = code;
}

/* Begins to write what the window holds before `to`. */
static enum ancient_code write_piece(struct core_extent_writer *writer, uint64_t to,
				     struct ancient_error *err)
{
	struct core_copy_target *target = &writer->target;
	uint64_t values = writer->start + sizeof(struct ancient_extent);
	enum ancient_code code = core_extent_stream_wait(writer, err);

	if (code != ANCIENT_OK)
		return code;
	writer->background.from =
		writer->buffer_start > writer->start ? writer->buffer_start : writer->start;
	writer->background.to = to;
	target->writing_first =
		writer->background.from > values ? (writer->background.from - values) / 8 : 0;
	target->writing_words = (to - values) / 8 - target->writing_first;
	core_worker_start(&writer->worker, write_in_background, writer);
	return ANCIENT_OK;
}

/* Sends what is complete, and moves the window so that it reaches to `bytes` of the file. */
enum ancient_code core_extent_stream_extend(struct core_extent_writer *writer, uint64_t bytes,
					    struct ancient_error *err)
{
	uint64_t used = writer->start + sizeof(struct ancient_extent) + writer->target.used * 8;
	uint64_t complete = used & ~(PIECE_ALIGN - 1), background, to;
	enum ancient_code code = ANCIENT_OK;

	if (writer->buffer_end == 0) {
		writer->buffer_end = writer->buffer_start = first_page(writer);
		core_mapping_retract(writer->map);
	}
	background = writer->worker.busy ? writer->background.to : writer->buffer_start;
	if (complete > background && complete - background >= PIECE)
		code = write_piece(writer, complete, err);
	if (code != ANCIENT_OK)
		return code;
	to = (writer->buffer_end + PIECE) & ~(PIECE_ALIGN - 1);
	if (to < bytes)
		to = core_mapping_round(bytes);
	if (to > writer->reserve)
		to = core_mapping_round(bytes);
	if (to > writer->reserve)
		return core_extent_writer_fail_full(writer, err);
	return to > writer->buffer_end ? extend_buffer(writer, to, err) : ANCIENT_OK;
}

void core_extent_stream_unmap(struct core_extent_writer *writer)
{
	uint64_t first = first_page(writer);

	core_worker_wait(&writer->worker);
	writer->target.writing_words = 0;
	if (writer->buffer_end == 0)
		return;
	if (first < writer->start) { /* it has others' values */
		mmap(writer->map->base + first, core_mapping_page(),
		     writer->map->protect ? PROT_READ : PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, writer->fd, (off_t)first);
		first += core_mapping_page();
	}
	if (writer->buffer_end > first)
		mmap(writer->map->base + first, writer->buffer_end - first, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
	writer->buffer_end = 0;
}

/* Writes what the window holds before `to`, its end. */
enum ancient_code core_extent_stream_write_rest(struct core_extent_writer *writer, uint64_t to,
						struct ancient_error *err)
{
	uint64_t from = writer->buffer_start > writer->start ? writer->buffer_start : writer->start;
	struct iovec part = {writer->map->base + from, to - from};
	enum ancient_code code = core_extent_writer_allocate(writer, to, 0, err);

	return code == ANCIENT_OK ? core_extent_writer_write_file(writer, &part, 1, from, err)
				  : code;
}

void core_extent_stream_populate(const struct core_extent_writer *writer)
{
	if (writer->buffer_start > writer->start)
		madvise(writer->map->base + first_page(writer),
			writer->buffer_start - first_page(writer), MADV_POPULATE_READ);
}
