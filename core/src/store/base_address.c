/* core/store: the base address of a new file (FORMAT 3.3): the one that the caller wants, or one
 * derived from the UUID.  Called when a file is made, and by compaction for the file that replaces
 * another. */
#include "store/base_address.h"

#include <string.h>

#include "base/fail.h"
#include "file/superblock.h"
#include "memory/file_mapping.h"

/* Derived bases lie in this area, away from programs, libraries, heaps, stacks and the shadow
 * memory of sanitizers.  It is divided into slots, one for a file. */
#define AREA_START 0x200000000000ull
#define AREA_BYTES 0x300000000000ull
#define AREA_SLOT (256ull << 30)
#define SLOT_HEAD (2ull << 20) /* of a slot, before the base: the custom window and a gap */
#define SLOT_TAIL (2ull << 20) /* a gap behind the reserve */

static enum ancient_code reserve(struct ancient_store *store, uint64_t base, uint64_t bytes,
				 struct ancient_error *err)
{
	store->superblock.base = base;
	store->superblock.reserve = bytes;
	return core_mapping_reserve(&store->map, store->name, base, bytes, ANCIENT_FIRST_EXTENT, 0,
				    false, err);
}

static enum ancient_code fail_base(const char *name, uint64_t base, uint64_t bytes,
				   struct ancient_error *err)
{
	return core_fail(err, ANCIENT_E_BAD_BASE,
			 "%s: the base address 0x%llx cannot be used with a reserve of 0x%llx "
			 "bytes: expected a multiple of 0x%x from 0x%llx on, and an end below "
			 "0x%llx (a base of 0 chooses one)",
			 name, (unsigned long long)base, (unsigned long long)bytes,
			 ANCIENT_BASE_ALIGN, ANCIENT_BASE_MIN, ANCIENT_ADDRESS_LIMIT);
}

/* Reserves addresses at the base that the caller gave. */
static enum ancient_code reserve_given(struct ancient_store *store, uint64_t bytes,
				       struct ancient_error *err)
{
	uint64_t base = store->options.base;

	if (!core_superblock_base_fits(base, bytes))
		return fail_base(store->name, base, bytes, err);
	return reserve(store, base, bytes, err);
}

/* The offset of the base in its slot, also derived from the UUID: anywhere in the first quarter.
 * So it rarely meets the tombstone that this process has of an earlier file. */
static uint64_t offset_in_slot(uint64_t slot, const uint8_t uuid[16])
{
	uint64_t seed;

	memcpy(&seed, uuid + 8, sizeof seed);
	return SLOT_HEAD + seed % (slot / 4 / ANCIENT_BASE_ALIGN) * ANCIENT_BASE_ALIGN;
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

enum ancient_code core_base_address_choose(struct ancient_store *store, struct ancient_error *err)
{
	uint64_t bytes = store->options.reserve;

	if (bytes && (bytes % 4096 || bytes < ANCIENT_FIRST_EXTENT))
		return core_fail(err, ANCIENT_E_BAD_BASE,
				 "%s: a reserve is a multiple of 4096 and at least %u, not %llu",
				 store->name, ANCIENT_FIRST_EXTENT, (unsigned long long)bytes);
	if (store->options.base)
		return reserve_given(store, bytes ? bytes : AREA_SLOT - SLOT_HEAD - SLOT_TAIL, err);
	return reserve_derived(store, bytes, err);
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

	if (core_mapping_reserve(&map, name, base, bytes, ANCIENT_FIRST_EXTENT, 0, false, NULL) !=
	    ANCIENT_OK)
		return false;
	core_mapping_release(&map);
	return true;
}

/* Chooses base and reserve of the file that replaces `old`: the next free slot behind its
 * addresses.  If none is free, or its base was given, those of `old`. */
static void choose_successor_base(const char *name, const struct ancient_superblock *old,
				  struct ancient_superblock *ret)
{
	uint64_t slot = slot_of(old), bytes = old->reserve, count, number, taken, offset, before;

	ret->base = old->base;
	ret->reserve = old->reserve;
	if (slot == 0)
		return;
	count = AREA_BYTES / slot;
	number = (old->base - AREA_START) / slot;
	before = offset_in_slot(slot, old->uuid);
	offset = offset_in_slot(slot, ret->uuid);
	taken = (before + bytes + SLOT_TAIL + slot - 1) / slot;
	/* A reserve that extended to the end of its slot does so again. */
	if (bytes == slot - before - SLOT_TAIL && old->used <= slot - offset - SLOT_TAIL)
		bytes = slot - offset - SLOT_TAIL;
	for (uint64_t i = taken; i < count; i++) {
		uint64_t next = AREA_START + (number + i) % count * slot + offset;

		if (!core_superblock_base_fits(next, bytes) || !is_free(name, next, bytes))
			continue;
		ret->base = next;
		ret->reserve = bytes;
		return;
	}
}

enum ancient_code core_base_address_follow(const char *name, const struct ancient_superblock *old,
					   uint64_t base, struct ancient_superblock *ret,
					   struct ancient_error *err)
{
	if (!base) {
		choose_successor_base(name, old, ret);
		return ANCIENT_OK;
	}
	if (!core_superblock_base_fits(base, old->reserve))
		return fail_base(name, base, old->reserve, err);
	ret->base = base;
	ret->reserve = old->reserve;
	return ANCIENT_OK;
}
