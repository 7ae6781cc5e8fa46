/* core/store: relocates pointers of a file that is mapped elsewhere than at its base.
 *
 * Values extents are walked linearly, without following a pointer (FORMAT 4), so no damage in the
 * file can lead the walk outside it.
 */
#include "store/relocate.h"

#include <errno.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "base/progress.h"
#include "file/extent.h"
#include "memory/file_mapping.h"

/* Relocates the field at `at` if it is a pointer into the file. */
static void move_value(const struct core_mapping *map, uint64_t *at)
{
	uint64_t word = *at;

	if ((word & 1) == 0 && word - map->file_base < map->used)
		*at = word + core_mapping_delta(map);
}

static void move_custom(const struct core_mapping *map, uint64_t *field, uint64_t wosize)
{
	uint64_t slot = field[0] - (map->file_base - ANCIENT_CUSTOM_WINDOW);

	if (slot >= ANCIENT_CUSTOM_WINDOW)
		return;
	field[0] += core_mapping_delta(map);
	if (slot / ANCIENT_CUSTOM_SLOT == ANCIENT_CUSTOM_BIGARRAY &&
	    wosize >= ANCIENT_BIGARRAY_WORDS)
		move_value(map, &field[1]);
}

static enum ancient_code move_block(const struct core_mapping *map, const char *name, uint64_t *at,
				    uint64_t left, uint64_t *ret_words, struct ancient_error *err)
{
	uint64_t wosize = *at >> ANCIENT_HEADER_WOSIZE_SHIFT, tag = *at & ANCIENT_HEADER_TAG_MASK;

	if (wosize >= left) {
		struct core_fault fault = {ANCIENT_E_BAD_BLOCK, 303,
					   (uint64_t)((uint8_t *)at - map->base), left - 1, wosize};

		return ancient_core_fail_fault(
			err, fault,
			"%s: damaged block header: a block of %llu words in a room "
			"of %llu at offset %llu",
			name, (unsigned long long)wosize, (unsigned long long)left - 1,
			(unsigned long long)fault.offset);
	}
	if (tag <= ANCIENT_TAG_LAST_PLAIN || tag == ANCIENT_TAG_FORWARD)
		for (uint64_t i = 1; i <= wosize; i++)
			move_value(map, at + i);
	else if (tag == ANCIENT_TAG_CUSTOM && wosize >= 1)
		move_custom(map, at + 1, wosize);
	*ret_words = wosize + 1;
	return ANCIENT_OK;
}

/* Goes on at store->relocated_words. */
static enum ancient_code move_extent(struct ancient_store *store, uint64_t offset, uint64_t content,
				     struct core_progress *progress, struct ancient_error *err)
{
	const struct core_mapping *map = &store->map;
	uint64_t *first = (uint64_t *)(void *)(map->base + offset + sizeof(struct ancient_extent));
	uint64_t words = content / 8 - 1; /* without the filler */
	uint64_t at = store->relocated_words;
	enum ancient_code code = ANCIENT_OK;

	while (at < words && code == ANCIENT_OK) {
		uint64_t step = 0;

		code = move_block(map, store->name, first + at, words - at, &step, err);
		at += step;
		if (code == ANCIENT_OK)
			code = core_progress_add(progress, step * 8, err);
	}
	store->relocated_words = at;
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
	return move_extent(store, offset, extent.content, progress, err);
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
