/* core: custom slots of an attached file (FORMAT 6).
 *
 * A custom block begins with an address in the window below base.  This process keeps
 * its own operations there, in anonymous memory that outlives the attachment: bigarrays on
 * the heap that were cut out of the file's (Array1.sub) point into it for ever.
 */
#include "store/customs.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fail.h"
#include "copy/source_block.h"

enum ancient_code core_customs_open(struct ancient_store *store, struct ancient_error *err)
{
	void *window = store->map.base - ANCIENT_CUSTOM_WINDOW;

	if (mprotect(window, ANCIENT_CUSTOM_WINDOW, PROT_READ | PROT_WRITE) == 0)
		return ANCIENT_OK;
	return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
				"%s: no memory for custom operations", store->name);
}

static enum ancient_code damaged(const char *name, unsigned rule, uint64_t offset,
				 uint64_t expected, uint64_t found, const char *what,
				 struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_BAD_CUSTOM, rule, offset, expected, found};

	return core_fail_fault(err, fault,
			       "%s: damaged customs: %s: expected %llu, found %llu at offset %llu",
			       name, what, (unsigned long long)expected, (unsigned long long)found,
			       (unsigned long long)offset);
}

static bool record_fits(const struct ancient_custom_record *record)
{
	return record->identifier[0] && memchr(record->identifier, 0, sizeof record->identifier);
}

enum ancient_code core_customs_records(const struct core_pages *pages,
				       const struct ancient_superblock *superblock,
				       const struct ancient_custom_record **ret_records,
				       uint64_t *ret_count, struct ancient_error *err)
{
	uint64_t count = superblock->custom_slots - ANCIENT_CUSTOM_WELL_KNOWN;
	uint64_t at = superblock->customs;
	uint64_t bytes = count * sizeof(struct ancient_custom_record);
	uint64_t field = superblock->generation % 2 * ANCIENT_SUPERBLOCK_SLOT +
			 offsetof(struct ancient_superblock, customs);
	const struct ancient_custom_record *records;
	struct ancient_extent extent;

	*ret_count = 0;
	if (count == 0)
		return ANCIENT_OK;
	/* Rule C1 is broken where the superblock leads to no such extent. */
	if (at % ANCIENT_EXTENT_ALIGN != 0 ||
	    !core_extent_inside(at, sizeof extent + bytes, pages->used))
		return damaged(pages->name, 401, field, pages->used, at, "extent in the file", err);
	memcpy(&extent, pages->file + at, sizeof extent);
	if (extent.magic != ANCIENT_EXTENT_MAGIC || extent.kind != ANCIENT_EXTENT_CUSTOMS)
		return damaged(pages->name, 401, field, ANCIENT_EXTENT_CUSTOMS, extent.kind,
			       "extent of customs", err);
	if (extent.count != count || extent.content != bytes)
		return damaged(pages->name, 401, field, count, extent.count, "records", err);
	records = (const void *)(pages->file + at + sizeof extent);
	for (uint64_t i = 0; i < count; i++)
		if (!record_fits(&records[i]))
			return damaged(pages->name, 402, at + sizeof extent + i * sizeof *records,
				       1, 0, "identifier of 1 to 55 bytes", err);
	*ret_records = records;
	*ret_count = count;
	return ANCIENT_OK;
}

enum ancient_code core_customs_link(struct ancient_store *store,
				    const struct ancient_superblock *superblock,
				    struct ancient_error *err)
{
	uint8_t *window = store->map.base - ANCIENT_CUSTOM_WINDOW;
	const struct ancient_custom_record *records = NULL;
	struct core_pages pages = core_store_pages(store);
	uint64_t count;
	enum ancient_code code;

	if (store->linked >= superblock->custom_slots)
		return ANCIENT_OK;
	code = core_customs_records(&pages, superblock, &records, &count, err);
	if (code != ANCIENT_OK)
		return code;
	for (; store->linked < superblock->custom_slots; store->linked++) {
		uint32_t slot = store->linked;
		char identifier[ANCIENT_CUSTOM_ID_MAX + 1] = {0};

		if (!store->options.link_custom)
			continue;
		if (slot < ANCIENT_CUSTOM_WELL_KNOWN)
			strncpy(identifier, core_shape_identifier(slot), sizeof identifier - 1);
		else
			memcpy(identifier, records[slot - ANCIENT_CUSTOM_WELL_KNOWN].identifier,
			       sizeof identifier - 1);
		store->options.link_custom(store->options.context, identifier,
					   window + (size_t)slot * ANCIENT_CUSTOM_SLOT);
	}
	return ANCIENT_OK;
}

static bool find(const struct ancient_custom_record *records, uint64_t count,
		 const char *identifier, uint64_t *ret_index)
{
	for (uint64_t i = 0; i < count; i++)
		if (strncmp(records[i].identifier, identifier, sizeof records[i].identifier) == 0) {
			*ret_index = i;
			return true;
		}
	return false;
}

enum ancient_code core_customs_slot(const struct ancient_store *store, struct core_buffer *added,
				    const char *identifier, uint64_t *ret_slot,
				    struct ancient_error *err)
{
	struct core_pages pages = core_store_pages(store);
	const struct ancient_custom_record *records = NULL;
	struct ancient_custom_record *record;
	uint64_t count, fresh = added->used / sizeof *record, index;
	enum ancient_code code;

	*ret_slot = core_shape_well_known(identifier);
	if (*ret_slot < ANCIENT_CUSTOM_WELL_KNOWN)
		return ANCIENT_OK;
	code = core_customs_records(&pages, &store->superblock, &records, &count, err);
	if (code != ANCIENT_OK)
		return code;
	if (!find(records, count, identifier, &index)) {
		if (!find((const void *)added->data, fresh, identifier, &index)) {
			if (ANCIENT_CUSTOM_WELL_KNOWN + count + fresh >= ANCIENT_CUSTOM_SLOTS_MAX)
				return core_fail(
					err, ANCIENT_E_NO_ROOM,
					"%s: no custom slot left for \"%s\": a file has %u",
					store->name, identifier, ANCIENT_CUSTOM_SLOTS_MAX);
			record = core_buffer_append(added, sizeof *record);
			if (!record)
				return core_fail_memory(err, store->name);
			memcpy(record->identifier, identifier, strlen(identifier));
			index = fresh;
		}
		index += count;
	}
	*ret_slot = ANCIENT_CUSTOM_WELL_KNOWN + index;
	return ANCIENT_OK;
}
