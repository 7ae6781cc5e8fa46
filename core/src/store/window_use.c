/* core/store: whether the program can have pointers into the custom window of a file.
 *
 * OCaml's own functions copy the address of the operations for bigarrays alone (Array1.sub,
 * reshape); what the custom types of others do is not known.  A small file is read through for such
 * blocks; in a larger one, some are supposed.
 */
#include "store/window_use.h"

#include <stdlib.h>

#include "file/extent.h"
#include "file/file_io.h"

#define READ_MOST ((uint64_t)4 << 20)

static bool is_copied(const struct ancient_superblock *superblock, const uint64_t *block)
{
	uint64_t slot =
		(block[1] - (superblock->base - ANCIENT_CUSTOM_WINDOW)) / ANCIENT_CUSTOM_SLOT;

	return slot >= ANCIENT_CUSTOM_WELL_KNOWN || slot == ANCIENT_CUSTOM_BIGARRAY;
}

static bool values_have(const struct ancient_superblock *superblock, const uint64_t *words,
			uint64_t count)
{
	while (count > 0) {
		uint64_t wosize = *words >> ANCIENT_HEADER_WOSIZE_SHIFT;
		uint64_t tag = *words & ANCIENT_HEADER_TAG_MASK;

		if (wosize >= count)
			return true;
		if (tag == ANCIENT_TAG_CUSTOM && wosize > 0 && is_copied(superblock, words))
			return true;
		words += wosize + 1;
		count -= wosize + 1;
	}
	return false;
}

static bool file_has(const struct ancient_superblock *superblock, const uint8_t *file)
{
	struct core_extent_walk walk = {.file = file,
					.used = superblock->used,
					.next = ANCIENT_FIRST_EXTENT,
					.newest = superblock->generation,
					.last = true};
	struct ancient_extent extent;
	struct core_fault fault;
	const char *what;
	uint64_t offset;

	for (;;) {
		if (ancient_core_extent_next(&walk, &extent, &offset, &fault, &what) != ANCIENT_OK)
			return true;
		if (offset == 0)
			return false;
		if (ancient_core_extent_end(&walk, offset, &fault, &what) != ANCIENT_OK)
			return true;
		if (extent.kind == ANCIENT_EXTENT_VALUES && extent.content >= 8 &&
		    values_have(superblock, (const void *)(file + offset + sizeof extent),
				extent.content / 8 - 1))
			return true;
	}
}

bool ancient_core_window_in_use(const struct ancient_store *store)
{
	const struct ancient_superblock *superblock = &store->superblock;
	uint64_t used = superblock->used;
	bool in_use = true;
	uint8_t *file;
	size_t got;

	if (superblock->custom_slots > ANCIENT_CUSTOM_WELL_KNOWN || used > READ_MOST)
		return true;
	file = malloc(used);
	if (file && ancient_core_file_read(store->fd, file, used, 0, &got) && got == used)
		in_use = file_has(superblock, file);
	free(file);
	return in_use;
}
