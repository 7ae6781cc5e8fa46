/* core: extents (FORMAT 4): walk them. */
#include "extent.h"

#include <string.h>

#include <xxhash.h>

#define FIELD(name) offsetof(struct ancient_extent, name)
#define HEADER sizeof(struct ancient_extent)

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

uint64_t core_extent_length(uint64_t content, bool last)
{
	return last ? HEADER + content : round_up(HEADER + content, ANCIENT_EXTENT_ALIGN);
}

static enum ancient_code fault_at(struct core_fault *ret, unsigned rule, uint64_t offset,
				  uint64_t expected, uint64_t found)
{
	struct core_fault fault = {ANCIENT_E_BAD_EXTENT, rule, offset, expected, found};

	*ret = fault;
	return fault.code;
}

/* E1: a header lies here. */
static enum ancient_code test_header(const struct core_extent_walk *walk, uint64_t at,
				     struct ancient_extent *extent, struct core_fault *ret_fault,
				     const char **ret_what)
{
	uint64_t checksum;

	*ret_what = "no extent header where the walk expects one";
	if (!core_extent_inside(at, HEADER, walk->used))
		return fault_at(ret_fault, 206, at, walk->used, at);
	memcpy(extent, walk->file + at, sizeof *extent);
	if (extent->magic != ANCIENT_EXTENT_MAGIC)
		return fault_at(ret_fault, 201, at, ANCIENT_EXTENT_MAGIC, extent->magic);
	checksum = XXH3_64bits(extent, FIELD(header_checksum));
	*ret_what = "damaged extent header: checksum does not match";
	if (extent->header_checksum != checksum)
		return fault_at(ret_fault, 201, at + FIELD(header_checksum), checksum,
				extent->header_checksum);
	return ANCIENT_OK;
}

/* E2: kind, flags, lengths, count. */
static enum ancient_code test_fields(const struct core_extent_walk *walk, uint64_t at,
				     const struct ancient_extent *extent,
				     struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t room = walk->used - at, length, count = extent->count;
	bool last = extent->flags & ANCIENT_EXTENT_LAST;

	*ret_what = "extent of an unknown kind";
	if (extent->kind < ANCIENT_EXTENT_VALUES || extent->kind > ANCIENT_EXTENT_CUSTOMS)
		return fault_at(ret_fault, 202, at + FIELD(kind), 0, extent->kind);
	*ret_what = "extent with unknown flags";
	if (extent->flags & ~ANCIENT_EXTENT_LAST)
		return fault_at(ret_fault, 202, at + FIELD(flags), ANCIENT_EXTENT_LAST,
				extent->flags);
	*ret_what = "extent content out of range";
	if (extent->content % 8 || extent->content > room - HEADER)
		return fault_at(ret_fault, 202, at + FIELD(content), room - HEADER,
				extent->content);
	length = core_extent_length(extent->content, last);
	*ret_what = "extent length does not fit its content";
	if (extent->length != length || length > room)
		return fault_at(ret_fault, 202, at + FIELD(length), length, extent->length);
	*ret_what = "extent count out of range";
	if (extent->kind == ANCIENT_EXTENT_VALUES) {
		if (extent->content < 8 || count > extent->content / 8 - 1)
			return fault_at(ret_fault, 202, at + FIELD(count), extent->content / 8,
					count);
	} else if (extent->kind == ANCIENT_EXTENT_CUSTOMS) {
		uint64_t records = extent->content / sizeof(struct ancient_custom_record);

		if (count != records || extent->content % sizeof(struct ancient_custom_record))
			return fault_at(ret_fault, 202, at + FIELD(count), records, count);
	} else if (count != 0) {
		return fault_at(ret_fault, 202, at + FIELD(count), 0, count);
	}
	return ANCIENT_OK;
}

/* E3: generations rise from commit to commit and are equal within one. */
static enum ancient_code test_generation(const struct core_extent_walk *walk, uint64_t at,
					 const struct ancient_extent *extent,
					 struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t g = extent->generation;
	bool good = g >= 2 && g <= walk->newest &&
		    (walk->last ? g > walk->generation : g == walk->generation);

	*ret_what = "extent of an unexpected generation";
	if (!good)
		return fault_at(ret_fault, 203, at + FIELD(generation),
				walk->last ? walk->generation + 1 : walk->generation, g);
	return ANCIENT_OK;
}

enum ancient_code core_extent_next(struct core_extent_walk *walk, struct ancient_extent *ret_extent,
				   uint64_t *ret_offset, struct core_fault *ret_fault,
				   const char **ret_what)
{
	uint64_t at = walk->next, end;
	enum ancient_code code;

	*ret_offset = 0;
	if (at == walk->used && walk->last)
		return ANCIENT_OK;
	code = test_header(walk, at, ret_extent, ret_fault, ret_what);
	if (code == ANCIENT_OK)
		code = test_fields(walk, at, ret_extent, ret_fault, ret_what);
	if (code == ANCIENT_OK)
		code = test_generation(walk, at, ret_extent, ret_fault, ret_what);
	if (code != ANCIENT_OK)
		return code;
	end = at + ret_extent->length;
	walk->last = ret_extent->flags & ANCIENT_EXTENT_LAST;
	walk->generation = ret_extent->generation;
	*ret_what = "the last extent does not end its commit";
	if (end == walk->used && !walk->last)
		return fault_at(ret_fault, 206, at + FIELD(flags), ANCIENT_EXTENT_LAST,
				ret_extent->flags);
	walk->next = walk->last && end != walk->used ? round_up(end, ANCIENT_COMMIT_ALIGN) : end;
	*ret_offset = at;
	return ANCIENT_OK;
}
