/* c-reader/tool/profile: the payloads of bigarrays (payloads.h). */
#include "profile/payloads.h"

#include <stdlib.h>

#include "profile/census.h"
#include "profile/layout.h"
#include "value/gate_custom.h"

static enum ancient_code add(struct profile *profile, uint64_t start, uint64_t bytes,
			     uint64_t block)
{
	if (bytes == 0)
		return ANCIENT_OK;
	if (profile->payload_count == profile->payload_capacity) {
		size_t capacity =
			profile->payload_capacity == 0 ? 64 : 2 * profile->payload_capacity;
		struct profile_payload *payload =
			realloc(profile->payload, capacity * sizeof(*payload));
		if (payload == NULL)
			return profile_no_memory(profile);
		profile->payload = payload;
		profile->payload_capacity = capacity;
	}
	profile->payload[profile->payload_count++] = (struct profile_payload){start, bytes, block};
	return ANCIENT_OK;
}

enum ancient_code profile_payload_add(struct profile *profile, const struct reader_block *block,
				      const struct reader_bigarray *array)
{
	uint64_t start;
	enum ancient_code code =
		ancient_reader_bigarray_payload(profile->file, block, array, &start, profile->err);

	return code == ANCIENT_OK ? add(profile, start, array->bytes, block->offset) : code;
}

enum ancient_code profile_payload_dead(struct profile *profile, const struct reader_block *block)
{
	struct reader_bigarray array = {.tested = false};
	uint64_t start;

	/* What is wrong with it harms nobody. */
	if (ancient_reader_custom_shape(profile->file, block, &array, NULL) != ANCIENT_OK ||
	    !array.tested ||
	    ancient_reader_bigarray_payload(profile->file, block, &array, &start, NULL) !=
		    ANCIENT_OK)
		return ANCIENT_OK;
	return add(profile, start, array.bytes, block->offset);
}

/* ---- The data extents ----------------------------------------------------------------------- */

static int by_start(const void *left, const void *right)
{
	const struct profile_payload *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->block < b->block ? -1 : a->block > b->block;
}

/* `bytes` of a payload that are no other one's. */
static void count(struct profile *profile, const struct profile_payload *payload, uint64_t bytes)
{
	bool shared;
	uint32_t number = profile_census_place(profile, payload->block, &shared);
	struct profile_count *counts;

	if (number == PROFILE_NO_PLACE) {
		profile->part[PROFILE_DEAD_PAYLOADS] += bytes;
		profile->dead[PROFILE_CUSTOM + 1 + ANCIENT_CUSTOM_BIGARRAY].payload += bytes;
		return;
	}
	counts = &profile->places.place[number].count;
	(shared ? &counts->shared : &counts->own)->payload += bytes;
}

static enum ancient_code outside(const struct profile *profile,
				 const struct profile_payload *payload)
{
	const struct reader_fault fault = {ANCIENT_E_BAD_BIGARRAY, READER_V(7),
					   payload->block + ANCIENT_WORD, 0,
					   profile->file->super.base + payload->start};

	return ancient_reader_fail(profile->file->name, profile->err, &fault,
				   "expected the address of a payload inside one data extent, "
				   "found %#llx",
				   (unsigned long long)fault.found);
}

/* One that lies in no data extent: that of a dead block is nothing's. */
static enum ancient_code refuse(const struct profile *profile,
				const struct profile_payload *payload)
{
	bool shared;

	return profile_census_place(profile, payload->block, &shared) == PROFILE_NO_PLACE
		       ? ANCIENT_OK
		       : outside(profile, payload);
}

/* Those that begin before `end`, where no data extent is. */
static enum ancient_code pass_over(struct profile *profile, uint64_t end)
{
	enum ancient_code code = ANCIENT_OK;

	while (code == ANCIENT_OK && profile->payload_next < profile->payload_count &&
	       profile->payload[profile->payload_next].start < end)
		code = refuse(profile, &profile->payload[profile->payload_next++]);
	return code;
}

static enum ancient_code divide(struct profile *profile, uint64_t offset,
				const struct ancient_extent *header, uint64_t padding)
{
	uint64_t at = offset + sizeof(*header), end = at + header->content;
	enum ancient_code code;

	(void)padding;
	if (header->kind != ANCIENT_EXTENT_DATA)
		return ANCIENT_OK;
	code = pass_over(profile, at);
	while (code == ANCIENT_OK && profile->payload_next < profile->payload_count &&
	       profile->payload[profile->payload_next].start < end) {
		const struct profile_payload *payload = &profile->payload[profile->payload_next++];
		const uint64_t behind = payload->start + payload->bytes;
		if (behind > end) {
			code = refuse(profile, payload);
			continue;
		}
		if (payload->start > at) {
			profile->part[PROFILE_PADDING] += payload->start - at;
			at = payload->start;
		}
		if (behind > at) {
			count(profile, payload, behind - at);
			at = behind;
		}
	}
	profile->part[PROFILE_PADDING] += end - at;
	return code;
}

enum ancient_code profile_payloads(struct profile *profile)
{
	enum ancient_code code;

	if (profile->payload_count > 0)
		qsort(profile->payload, profile->payload_count, sizeof(*profile->payload),
		      by_start);
	code = profile_extents(profile, divide);
	return code == ANCIENT_OK ? pass_over(profile, UINT64_MAX) : code;
}
