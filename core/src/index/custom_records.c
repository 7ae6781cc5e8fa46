/* core/index: the identifiers of custom slots (FORMAT 6). */
#include "index/custom_records.h"

#include <stddef.h>
#include <string.h>

#include "base/fail.h"
#include "file/extent.h"

static const char *const well_known[ANCIENT_CUSTOM_WELL_KNOWN] = {"_j", "_i", "_n", "_bigarr02",
								  "_z"};

unsigned ancient_core_custom_well_known(const char *identifier)
{
	unsigned i = 0;

	while (i < ANCIENT_CUSTOM_WELL_KNOWN && strcmp(identifier, well_known[i]) != 0)
		i++;
	return i;
}

const char *ancient_core_custom_identifier(unsigned slot)
{
	return well_known[slot];
}

static enum ancient_code damaged(const char *name, unsigned rule, uint64_t offset,
				 uint64_t expected, uint64_t found, const char *what,
				 struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_BAD_CUSTOM, rule, offset, expected, found};

	return ancient_core_fail_fault(
		err, fault, "%s: damaged customs: %s: expected %llu, found %llu at offset %llu",
		name, what, (unsigned long long)expected, (unsigned long long)found,
		(unsigned long long)offset);
}

static bool record_fits(const struct ancient_custom_record *record)
{
	return record->identifier[0] && memchr(record->identifier, 0, sizeof record->identifier);
}

enum ancient_code ancient_core_custom_records(const struct core_pages *pages,
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
		return damaged(pages->name, 401, field, pages->used, at, "end of their extent",
			       err);
	memcpy(&extent, pages->file + at, sizeof extent);
	if (extent.magic != ANCIENT_EXTENT_MAGIC)
		return damaged(pages->name, 401, field, ANCIENT_EXTENT_MAGIC, extent.magic,
			       "magic of their extent", err);
	if (extent.kind != ANCIENT_EXTENT_CUSTOMS)
		return damaged(pages->name, 401, field, ANCIENT_EXTENT_CUSTOMS, extent.kind,
			       "kind of their extent", err);
	if (extent.count != count)
		return damaged(pages->name, 401, field, count, extent.count, "number of records",
			       err);
	if (extent.content != bytes)
		return damaged(pages->name, 401, field, bytes, extent.content, "bytes of records",
			       err);
	records = (const void *)(pages->file + at + sizeof extent);
	for (uint64_t i = 0; i < count; i++)
		if (!record_fits(&records[i]))
			return damaged(pages->name, 402, at + sizeof extent + i * sizeof *records,
				       1, 0, "identifier of 1 to 55 bytes", err);
	*ret_records = records;
	*ret_count = count;
	return ANCIENT_OK;
}
