/* core/store: relocates pointers of a file that is mapped elsewhere than at its base.
 *
 * Values extents are walked linearly, without following a pointer (FORMAT 4), so no damage in the
 * file can lead the walk outside it.  Large ones are shared out among threads as long as that gives
 * what the walk of one thread would (relocate_segments.c).
 */
#include "store/relocate.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/progress.h"
#include "file/extent.h"
#include "memory/file_mapping.h"
#include "store/relocate_block.h"
#include "store/relocate_segments.h"

#define STEP_WORDS (CORE_PROGRESS_STEP / 8)

/* The block at word `at` of the values does not end before them. */
static enum ancient_code fail_block(const struct ancient_store *store,
				    const struct core_relocated *values, uint64_t at,
				    struct ancient_error *err)
{
	const uint64_t *header = &values->words[at];
	uint64_t wosize = *header >> ANCIENT_HEADER_WOSIZE_SHIFT, room = values->count - at - 1;
	struct core_fault fault = {ANCIENT_E_BAD_BLOCK, 303,
				   (uint64_t)((const uint8_t *)header - store->map.base), room,
				   wosize};

	return ancient_core_fail_fault(err, fault,
				       "%s: damaged block header: a block of %llu words in a room "
				       "of %llu at offset %llu",
				       store->name, (unsigned long long)wosize,
				       (unsigned long long)room, (unsigned long long)fault.offset);
}

/* Relocates values from word *at on, by this thread, until handlers of signals may run. */
static enum ancient_code move_blocks(const struct ancient_store *store,
				     const struct core_relocated *values, uint64_t *at,
				     struct ancient_error *err)
{
	uint64_t left = values->count - *at;
	uint64_t stop = left < STEP_WORDS ? values->count : *at + STEP_WORDS;

	*at = core_relocate_blocks(values, *at, stop, values->count);
	return *at < stop ? fail_block(store, values, *at, err) : ANCIENT_OK;
}

/* Goes on at store->relocated_words.  walk: has been moved behind the extent. */
static enum ancient_code move_extent(struct ancient_store *store, uint64_t offset, uint64_t content,
				     const struct core_extent_walk *walk,
				     struct core_progress *progress, struct ancient_error *err)
{
	struct core_relocated values = core_relocated_values(&store->map, offset, content);
	struct core_segments segments;
	uint64_t at = store->relocated_words;
	enum ancient_code code = ANCIENT_OK;

	ancient_core_segments_begin(&segments, store, walk, offset, content, at);
	while (at < values.count && code == ANCIENT_OK) {
		uint64_t before = at;

		if (segments.shared)
			at += ancient_core_segments_relocate(&segments, at);
		else
			code = move_blocks(store, &values, &at, err);
		store->relocated_words = at;
		if (code == ANCIENT_OK)
			code = core_progress_add(progress, (at - before) * 8, err);
	}
	ancient_core_segments_end(&segments);
	return code;
}

/* The extent at walk->next, or the end of the file, where *ret_more is false. */
static enum ancient_code move_next(struct ancient_store *store, struct core_extent_walk *walk,
				   struct core_progress *progress, bool *ret_more,
				   struct ancient_error *err)
{
	struct ancient_extent extent;
	struct core_fault fault;
	const char *what;
	uint64_t offset;
	enum ancient_code code = ancient_core_extent_next(walk, &extent, &offset, &fault, &what);

	*ret_more = code == ANCIENT_OK && offset != 0;
	if (*ret_more)
		code = ancient_core_extent_end(walk, offset, &fault, &what);
	if (code != ANCIENT_OK)
		return ancient_core_fail_fault(
			err, fault, "%s: %s: expected 0x%llx, found 0x%llx at offset %llu",
			store->name, what, (unsigned long long)fault.expected,
			(unsigned long long)fault.found, (unsigned long long)fault.offset);
	if (!*ret_more || extent.kind != ANCIENT_EXTENT_VALUES)
		return ANCIENT_OK;
	return move_extent(store, offset, extent.content, walk, progress, err);
}

/* Adds the mapping's delta to every pointer of the extents from store->relocation to the mapped
 * end. */
static enum ancient_code relocate(struct ancient_store *store, uint64_t newest,
				  struct ancient_error *err)
{
	struct core_progress progress = {.name = store->name, .due = CORE_PROGRESS_STEP};
	struct core_extent_walk walk = store->relocation;
	bool more = true;
	enum ancient_code code = ANCIENT_OK;

	/* The walk stopped at the end of the last commit known; the next commit begins at the next
	 * multiple of ANCIENT_COMMIT_ALIGN. */
	if (walk.next < store->map.used && walk.last)
		walk.next = (walk.next + ANCIENT_COMMIT_ALIGN - 1) &
			    ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1);
	walk.file = store->map.base;
	walk.used = store->map.used;
	walk.newest = newest;
	while (more && code == ANCIENT_OK) {
		code = move_next(store, &walk, &progress, &more, err);
		if (code == ANCIENT_OK) {
			store->relocation = walk;
			store->relocated_words = 0;
		}
	}
	return code;
}

static enum ancient_code protect(const struct ancient_store *store, int protection,
				 struct ancient_error *err)
{
	uint64_t bytes = ancient_core_mapping_round(store->map.used);

	if (!store->options.protect || mprotect(store->map.base, bytes, protection) == 0)
		return ANCIENT_OK;
	return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be protected",
					store->name);
}

enum ancient_code ancient_core_relocate_added(struct ancient_store *store, uint64_t newest,
					      struct ancient_error *err)
{
	enum ancient_code code = protect(store, PROT_READ | PROT_WRITE, err);

	if (code != ANCIENT_OK)
		return code;
	code = relocate(store, newest, err);
	if (code != ANCIENT_OK) {
		protect(store, PROT_READ, NULL);
		return code;
	}
	return protect(store, PROT_READ, err);
}
