/* core/store: formats an empty file (FORMAT 8.1), and chooses its base address (3.3). */
#include "store/create.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fail.h"
#include "file/disk_space.h"
#include "file/file_io.h"
#include "file/lock.h"
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

static enum ancient_code choose_base(struct ancient_store *store, struct ancient_error *err)
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

/* If the superblock was written in part, truncates the file again: it would be neither a valid file
 * nor an empty one. */
static enum ancient_code write_first(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code =
		core_superblock_write_empty(store->fd, store->name, &store->superblock, err);

	if (code != ANCIENT_OK && !core_superblock_is_written(store->fd, &store->superblock))
		core_disk_space_cut(store->fd, store->name, 0, NULL);
	return code;
}

static enum ancient_code init(struct ancient_superblock *superblock, uint32_t ocaml_version,
			      const char *name, struct ancient_error *err)
{
	core_superblock_init(superblock);
	superblock->ocaml_version = ocaml_version;
	if (getrandom(superblock->uuid, sizeof superblock->uuid, 0) ==
	    (ssize_t)sizeof superblock->uuid)
		return ANCIENT_OK;
	return core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: no random bytes", name);
}

static enum ancient_code format(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock *superblock = &store->superblock;
	enum ancient_code code;

	code = init(superblock, store->options.ocaml_version, store->name, err);
	if (code == ANCIENT_OK)
		code = choose_base(store, err);
	if (code == ANCIENT_OK)
		code = core_disk_space_cut(store->fd, store->name, 0, err);
	if (code == ANCIENT_OK)
		code = core_disk_space_make(store->fd, store->name, 0, ANCIENT_FIRST_EXTENT, err);
	if (code == ANCIENT_OK)
		code = write_first(store, err);
	if (code == ANCIENT_OK && !core_file_flush(store->fd, true))
		code = core_fail_system(err, core_fail_code(errno), errno, "%s: cannot be flushed",
					store->name);
	if (code != ANCIENT_OK)
		core_mapping_release(&store->map);
	return code;
}

/* Whoever made the file was stopped between its slots: generation 0 is there, 1 is not. */
static enum ancient_code finish_first(struct ancient_store *store, struct ancient_error *err)
{
	struct ancient_superblock *superblock = &store->superblock;

	superblock->generation = superblock->fields_generation = 1;
	return core_superblock_write_empty(store->fd, store->name, superblock, err);
}

enum ancient_code core_create(struct ancient_store *store, struct ancient_error *err)
{
	enum ancient_code code = core_lock_take(store->lock_fd, store->name, err);

	if (code != ANCIENT_OK)
		return code;
	code = core_superblock_load(store->fd, store->name, &store->superblock, &store->observed,
				    err);
	if (code == ANCIENT_E_EMPTY)
		code = format(store, err);
	else if (code == ANCIENT_OK && store->superblock.generation == 0)
		code = finish_first(store, err);
	core_lock_drop(store->lock_fd);
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

enum ancient_code core_create_successor(const struct ancient_superblock *old, uint64_t base,
					const char *name, struct ancient_superblock *ret,
					struct ancient_error *err)
{
	enum ancient_code code = init(ret, old->ocaml_version, name, err);

	if (code != ANCIENT_OK)
		return code;
	if (base && !core_superblock_base_fits(base, old->reserve))
		return fail_base(name, base, old->reserve, err);
	if (base) {
		ret->base = base;
		ret->reserve = old->reserve;
	} else {
		choose_successor_base(name, old, ret);
	}
	ret->generation = ret->fields_generation = old->generation + 1;
	if (ret->version < old->version)
		ret->version = old->version;
	return ANCIENT_OK;
}
