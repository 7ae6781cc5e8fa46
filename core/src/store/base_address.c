/* core/store: the base address of a new file (FORMAT 3.3): the one that the caller wants, or one
 * derived from the UUID, or for the file that replaces another the next in its cycle.  Also where
 * to map a file whose own base is taken.
 *
 * Published files that replace each other have bases out of a cycle of CYCLE.  A process that
 * attaches one after the other so comes back to addresses that it has had, and need not have others
 * for each: custom windows that it keeps and, on OCaml 4, the runtime's page table stay within a
 * bound.  It is long enough that a process finds the next base free while it still has some of the
 * files before.
 */
#include "store/base_address.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/superblock.h"
#include "memory/address_limits.h"
#include "memory/file_mapping.h"

/* Derived bases lie in this area, away from programs, libraries, heaps, stacks and the shadow
 * memory of sanitizers.  It is divided into slots, one for a file. */
#define AREA_START 0x200000000000ull
#define AREA_BYTES 0x300000000000ull
#define AREA_SLOT (256ull << 30)
#define SLOT_HEAD (2ull << 20) /* of a slot, before the base: the custom window and a gap */
#define SLOT_TAIL (2ull << 20) /* a gap behind the reserve */
#define CYCLE 8u

static enum ancient_code reserve_at(struct core_mapping *map, const char *name, uint64_t base,
				    uint64_t bytes, struct ancient_error *err)
{
	struct core_mapping_wish wish = {
		.name = name, .base = base, .most = bytes, .least = ANCIENT_FIRST_EXTENT};

	wish.reserve = ancient_core_limits_reserve(bytes, wish.least, true);
	return ancient_core_mapping_reserve(map, &wish, err);
}

static enum ancient_code reserve(struct ancient_store *store, uint64_t base, uint64_t bytes,
				 struct ancient_error *err)
{
	store->superblock.base = base;
	store->superblock.reserve = bytes;
	return reserve_at(&store->map, store->name, base, bytes, err);
}

static enum ancient_code fail_base(const char *name, uint64_t base, uint64_t bytes,
				   struct ancient_error *err)
{
	return ancient_core_fail(
		err, ANCIENT_E_BAD_BASE,
		"%s: the base address 0x%llx cannot be used with a reserve of 0x%llx "
		"bytes: expected a multiple of 0x%x from 0x%llx on, and an end below "
		"0x%llx (a base of 0 chooses one)",
		name, (unsigned long long)base, (unsigned long long)bytes, ANCIENT_BASE_ALIGN,
		ANCIENT_BASE_MIN, ANCIENT_ADDRESS_LIMIT);
}

/* Reserves addresses at the base that the caller gave. */
static enum ancient_code reserve_given(struct ancient_store *store, uint64_t bytes,
				       struct ancient_error *err)
{
	uint64_t base = store->options.base;

	if (!ancient_core_superblock_base_fits(base, bytes))
		return fail_base(store->name, base, bytes, err);
	return reserve(store, base, bytes, err);
}

/* The offset of the base in its slot, also derived from the UUID: anywhere in the first quarter.
 * So it rarely meets addresses in quarantine of an earlier file. */
static uint64_t offset_in_slot(uint64_t slot, const uint8_t uuid[16])
{
	uint64_t seed;

	memcpy(&seed, uuid + 8, sizeof seed);
	return SLOT_HEAD + seed % (slot / 4 / ANCIENT_BASE_ALIGN) * ANCIENT_BASE_ALIGN;
}

/* Changes the UUID so that this offset is derived from it. */
static void set_offset_in_slot(uint64_t slot, uint64_t offset, uint8_t uuid[16])
{
	uint64_t places = slot / 4 / ANCIENT_BASE_ALIGN, seed;

	memcpy(&seed, uuid + 8, sizeof seed);
	seed = seed / 2 / places * places + (offset - SLOT_HEAD) / ANCIENT_BASE_ALIGN;
	memcpy(uuid + 8, &seed, sizeof seed);
}

/* Reserves addresses at a base derived from the UUID, so that files made by different programs
 * rarely overlap.  If all slots are taken in this process, smaller slots are tried. */
static enum ancient_code reserve_derived(struct ancient_store *store, uint64_t bytes,
					 struct ancient_error *err)
{
	enum ancient_code code = ANCIENT_E_BAD_BASE;
	uint64_t seed;

	memcpy(&seed, store->superblock.uuid, sizeof seed);
	for (uint64_t slot = AREA_SLOT; slot >= AREA_SLOT / 256; slot /= 16) {
		uint64_t count = AREA_BYTES / slot;
		uint64_t offset = offset_in_slot(slot, store->superblock.uuid);
		uint64_t rest = slot - offset - SLOT_TAIL;

		for (uint64_t i = 0; i < count && code == ANCIENT_E_BAD_BASE; i++) {
			uint64_t at = AREA_START + (seed + i) % count * slot + offset;

			code = reserve(store, at, bytes ? bytes : rest, err);
		}
	}
	return code;
}

/* The size of the slot that the file's base was derived for; 0 if the base was given. */
static uint64_t slot_of(const struct ancient_superblock *file)
{
	uint64_t at = file->base - AREA_START;

	for (uint64_t slot = AREA_SLOT; slot >= AREA_SLOT / 256; slot /= 16)
		if (at < AREA_BYTES && at % slot == offset_in_slot(slot, file->uuid))
			return slot;
	return 0;
}

/* Whether this process could map a file there. */
static bool is_free(const char *name, uint64_t base, uint64_t bytes)
{
	struct core_mapping map;

	if (!ancient_core_superblock_base_fits(base, bytes) ||
	    reserve_at(&map, name, base, bytes, NULL) != ANCIENT_OK)
		return false;
	ancient_core_mapping_release(&map);
	return true;
}

/* Chooses base and reserve of the file that replaces `old`: the next free slot of this size, of
 * `cycle` that follow each other, or else the next free one at all; the file before may reach over
 * several.  Returns false if none is free. */
static bool choose_slot(const char *name, const struct ancient_superblock *old, uint64_t slot,
			uint64_t cycle, struct ancient_superblock *ret)
{
	uint64_t offset = offset_in_slot(slot, old->uuid), count = AREA_BYTES / slot;
	uint64_t number = (old->base - AREA_START) / slot, first = number / cycle * cycle;
	uint64_t taken = (offset + old->reserve + SLOT_TAIL + slot - 1) / slot;

	for (uint64_t i = taken; i < count + cycle; i++) {
		uint64_t at = i < cycle && taken == 1 ? first + (number - first + i) % cycle
						      : (number + i) % count;

		ret->base = AREA_START + at * slot + offset;
		if (ret->base == old->base || !is_free(name, ret->base, old->reserve))
			continue;
		ret->reserve = old->reserve;
		set_offset_in_slot(slot, offset, ret->uuid);
		return true;
	}
	return false;
}

/* For a compaction.  Writers go from file to file, and need the very base of each, so the cycle is
 * as long as can be.  If no other is free, or its base was given, those of `old`. */
static void choose_successor_base(const char *name, const struct ancient_superblock *old,
				  struct ancient_superblock *ret)
{
	uint64_t slot = slot_of(old);

	if (slot && choose_slot(name, old, slot, AREA_BYTES / slot, ret))
		return;
	ret->base = old->base;
	ret->reserve = old->reserve;
}

/* Reserves addresses at the next base in the cycle of the file that this one will replace.
 * BAD_BASE where that is no file with a base and a reserve that were derived. */
static enum ancient_code reserve_next(struct ancient_store *store)
{
	struct core_superblock_observed observed;
	struct ancient_superblock old, *sb = &store->superblock;
	enum ancient_code code;
	int fd = open(store->options.replaces, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return ANCIENT_E_BAD_BASE;
	code = ancient_core_superblock_load(fd, store->name, &old, &observed, NULL);
	close(fd);
	if (code != ANCIENT_OK || slot_of(&old) != AREA_SLOT ||
	    old.reserve != AREA_SLOT - SLOT_TAIL - offset_in_slot(AREA_SLOT, old.uuid) ||
	    !choose_slot(store->name, &old, AREA_SLOT, CYCLE, sb))
		return ANCIENT_E_BAD_BASE;
	return reserve(store, sb->base, sb->reserve, NULL);
}

enum ancient_code ancient_core_base_address_choose(struct ancient_store *store,
						   struct ancient_error *err)
{
	uint64_t bytes = store->options.reserve;

	if (bytes && (bytes % 4096 || bytes < ANCIENT_FIRST_EXTENT))
		return ancient_core_fail(
			err, ANCIENT_E_BAD_BASE,
			"%s: a reserve is a multiple of 4096 and at least %u, not %llu",
			store->name, ANCIENT_FIRST_EXTENT, (unsigned long long)bytes);
	if (store->options.base)
		return reserve_given(store, bytes ? bytes : AREA_SLOT - SLOT_HEAD - SLOT_TAIL, err);
	if (store->options.replaces && !bytes && reserve_next(store) == ANCIENT_OK)
		return ANCIENT_OK;
	return reserve_derived(store, bytes, err);
}

enum ancient_code ancient_core_base_address_follow(const char *name,
						   const struct ancient_superblock *old,
						   uint64_t base, struct ancient_superblock *ret,
						   struct ancient_error *err)
{
	if (!base) {
		choose_successor_base(name, old, ret);
		return ANCIENT_OK;
	}
	if (!ancient_core_superblock_base_fits(base, old->reserve))
		return fail_base(name, base, old->reserve, err);
	ret->base = base;
	ret->reserve = old->reserve;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_base_address_elsewhere(struct ancient_store *store, uint64_t below,
						      struct ancient_error *err)
{
	const struct ancient_superblock *sb = &store->superblock;
	struct core_mapping_wish wish = {.name = store->name, .least = sb->used};
	enum ancient_code code = ANCIENT_E_BAD_BASE;

	for (uint64_t slot = AREA_SLOT / 16; slot <= AREA_SLOT; slot *= 16) {
		wish.most = slot - SLOT_HEAD - SLOT_TAIL;
		if (sb->used > wish.most / 2)
			continue;
		if (wish.most > sb->reserve)
			wish.most = sb->reserve;
		wish.reserve = ancient_core_limits_reserve(wish.most, sb->used, false);
		for (uint64_t i = AREA_BYTES / slot; i > 0 && code == ANCIENT_E_BAD_BASE; i--) {
			wish.base = AREA_START + (i - 1) * slot + SLOT_HEAD;
			if (wish.base < below)
				code = ancient_core_mapping_reserve(&store->map, &wish, err);
		}
	}
	if (code != ANCIENT_E_BAD_BASE)
		return code;
	wish.base = 0;
	wish.most = sb->reserve;
	wish.reserve = ancient_core_limits_reserve(sb->reserve, sb->used, false);
	return ancient_core_mapping_reserve(&store->map, &wish, err);
}
