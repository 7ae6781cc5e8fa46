/* c-reader/verify: the identifiers of custom blocks: the customs extent in force (FORMAT 6, rules
 * C1 and C2). */
#include <stdlib.h>
#include <string.h>

#include "value/gate_custom.h"
#include "verify/verify_customs.h"

static const struct reader_region *in_force(const struct reader_verify *v)
{
	const struct ancient_superblock *super = &v->file->super;
	uint64_t start = super->customs + sizeof(struct ancient_extent);
	const struct reader_region *region;

	if (super->customs > super->used)
		return NULL;
	region = ancient_reader_region_find(v, ANCIENT_EXTENT_CUSTOMS, start, 0);
	if (region == NULL || region->start != start ||
	    region->count != super->custom_slots - ANCIENT_CUSTOM_WELL_KNOWN)
		return NULL;
	return region;
}

static enum ancient_code bad_record(struct reader_verify *v, const struct reader_region *region,
				    size_t index, const char *expected)
{
	const struct reader_fault fault = {
		ANCIENT_E_BAD_CUSTOM, READER_C(2),
		region->start + index * sizeof(struct ancient_custom_record), 0, index};
	return ancient_reader_fail(v->file->name, v->err, &fault, "expected %s in slot %zu",
				   expected, index + ANCIENT_CUSTOM_WELL_KNOWN);
}

/* 1 to 55 bytes, then zeros. */
static bool is_record(const struct ancient_custom_record *record)
{
	size_t length = strnlen(record->identifier, sizeof(record->identifier));

	if (length < 1 || length > ANCIENT_CUSTOM_ID_MAX || record->zero != 0)
		return false;
	for (size_t i = length; i < sizeof(record->identifier); i++)
		if (record->identifier[i] != 0)
			return false;
	return true;
}

static bool is_well_known(const char *identifier)
{
	for (size_t i = 0; i < ANCIENT_CUSTOM_WELL_KNOWN; i++)
		if (strcmp(identifier, ancient_reader_custom_well_known[i]) == 0)
			return true;
	return false;
}

/* By identifier, and by place among equal ones. */
static int compare(const void *a, const void *b)
{
	const struct ancient_custom_record *const *x = a, *const *y = b;
	int order = memcmp((*x)->identifier, (*y)->identifier, sizeof((*x)->identifier));

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* The first record, in file order, whose identifier an earlier one has; count: none. */
static size_t first_twin(const struct ancient_custom_record *records,
			 const struct ancient_custom_record **sorted, size_t count)
{
	size_t first = count;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &records[i];
	qsort(sorted, count, sizeof(sorted[0]), compare);
	for (size_t i = 1; i < count; i++) {
		size_t index = (size_t)(sorted[i] - records);
		if (memcmp(sorted[i - 1]->identifier, sorted[i]->identifier,
			   sizeof(records->identifier)) == 0 &&
		    index < first)
			first = index;
	}
	return first;
}

static enum ancient_code check_records(struct reader_verify *v, const struct reader_region *region,
				       const struct ancient_custom_record *records,
				       const struct ancient_custom_record **sorted)
{
	size_t count = region->count, twin = first_twin(records, sorted, count);

	for (size_t i = 0; i < count; i++) {
		if (!is_record(&records[i]))
			return bad_record(v, region, i,
					  "an identifier of 1 to 55 bytes, then zeros,");
		if (is_well_known(records[i].identifier))
			return bad_record(v, region, i, "an identifier that is not well known");
		if (i == twin)
			return bad_record(v, region, i, "an identifier of its own");
	}
	return ANCIENT_OK;
}

enum ancient_code ancient_reader_verify_customs(struct reader_verify *v)
{
	const struct ancient_file *file = v->file;
	const struct reader_region *region;
	struct ancient_custom_record *records;
	const struct ancient_custom_record **sorted;
	enum ancient_code code;

	if (file->super.customs == 0)
		return ANCIENT_OK;
	region = in_force(v);
	if (region == NULL)
		return ancient_reader_fail(
			file->name, v->err,
			&(struct reader_fault){ANCIENT_E_BAD_CUSTOM, READER_C(1),
					       READER_SUPER(file, customs), 0, file->super.customs},
			"expected the offset of a customs extent with %u records, found "
			"%llu",
			file->super.custom_slots - ANCIENT_CUSTOM_WELL_KNOWN,
			(unsigned long long)file->super.customs);
	/* A copy, at most 512 KiB: sorting needs bytes that stay as they are. */
	records = malloc(region->count * sizeof(*records));
	sorted = malloc(region->count * sizeof(*sorted));
	if (records == NULL || sorted == NULL) {
		code = ancient_reader_refuse(file->name, v->err, ANCIENT_E_MEMORY, "verification");
	} else {
		memcpy(records, file->map + region->start, region->count * sizeof(*records));
		code = check_records(v, region, records, sorted);
	}
	free(records);
	free(sorted);
	return code;
}
