/* core/file: the walk over extents (FORMAT 4), with rules E1, E2, E3 and E6. */
#include "file/extent.h"

#include <string.h>

#include <xxhash.h>

#define FIELD(name) offsetof(struct ancient_extent, name)
#define HEADER sizeof(struct ancient_extent)

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

uint64_t ancient_core_extent_length(uint64_t content, bool last)
{
	return last ? HEADER + content : round_up(HEADER + content, ANCIENT_EXTENT_ALIGN);
}

bool ancient_core_extent_header_stands(const struct ancient_extent *header, uint64_t offset,
				       uint64_t end)
{
	return header->magic == ANCIENT_EXTENT_MAGIC &&
	       header->header_checksum == XXH3_64bits(header, FIELD(header_checksum)) &&
	       header->length >= HEADER && header->length % 8 == 0 &&
	       header->content <= header->length - HEADER && offset <= end &&
	       header->length <= end - offset;
}

static enum ancient_code fault_at(struct core_fault *ret, unsigned rule, uint64_t offset,
				  uint64_t expected, uint64_t found)
{
	struct core_fault fault = {ANCIENT_E_BAD_EXTENT, rule, offset, expected, found};

	*ret = fault;
	return fault.code;
}

/* E1: there is an extent header at `at`, with a good checksum. */
static enum ancient_code test_header(const struct core_extent_walk *walk, uint64_t at,
				     struct ancient_extent *extent, struct core_fault *ret_fault,
				     const char **ret_what)
{
	uint64_t checksum;

	*ret_what = "no extent header where the walk expects one";
	if (!core_extent_inside(at, HEADER, walk->used)) /* else E6 has failed before */
		return fault_at(ret_fault, 201, at, walk->used, at);
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

/* The position of a kind within its commit (FORMAT 4), from 1; 0: an unknown kind. */
static unsigned rank(uint32_t kind)
{
	static const uint8_t ranks[] = {
		[ANCIENT_EXTENT_VALUES] = 1,    [ANCIENT_EXTENT_DATA] = 2,
		[ANCIENT_EXTENT_WAYPOINTS] = 3, [ANCIENT_EXTENT_SCHEMA] = 4,
		[ANCIENT_EXTENT_CUSTOMS] = 5,   [ANCIENT_EXTENT_DIRECTORY] = 6,
		[ANCIENT_EXTENT_RECORD] = 7,
	};

	return kind < sizeof ranks ? ranks[kind] : 0;
}

/* E2: length and content. */
static enum ancient_code test_sizes(const struct core_extent_walk *walk, uint64_t at,
				    const struct ancient_extent *extent,
				    struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t left = walk->used - at, content;
	bool last = extent->flags & ANCIENT_EXTENT_LAST;

	*ret_what = "extent length out of range";
	if (extent->length < HEADER || extent->length % 8 || extent->length > left)
		return fault_at(ret_fault, 202, at + FIELD(length), left, extent->length);
	content = extent->length - HEADER;
	*ret_what = "extent content does not fit its length";
	if (extent->content % 8 || extent->content > content ||
	    ancient_core_extent_length(extent->content, last) != extent->length ||
	    (extent->kind == ANCIENT_EXTENT_VALUES && extent->content < 8))
		return fault_at(ret_fault, 202, at + FIELD(content), content, extent->content);
	return ANCIENT_OK;
}

/* Bytes of one of what `count` counts; 0: it is 0. */
static uint64_t counted(uint32_t kind)
{
	return kind == ANCIENT_EXTENT_CUSTOMS     ? sizeof(struct ancient_custom_record)
	       : kind == ANCIENT_EXTENT_WAYPOINTS ? ANCIENT_WORD
						  : 0;
}

/* E2: the fields in their order.  V8 checks the count of a values extent. */
static enum ancient_code test_fields(const struct core_extent_walk *walk, uint64_t at,
				     const struct ancient_extent *extent,
				     struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t item = counted(extent->kind), items = item ? extent->content / item : 0;
	enum ancient_code code;

	if (walk->later && rank(extent->kind) == 0)
		return test_sizes(walk, at, extent, ret_fault, ret_what);
	*ret_what = "extent of an unknown kind, or out of order";
	if (rank(extent->kind) == 0 || (!walk->last && rank(extent->kind) <= rank(walk->kind)))
		return fault_at(ret_fault, 202, at + FIELD(kind), 0, extent->kind);
	*ret_what = "extent with unknown flags";
	if (extent->flags & ~ANCIENT_EXTENT_LAST)
		return fault_at(ret_fault, 202, at + FIELD(flags), ANCIENT_EXTENT_LAST,
				extent->flags);
	code = test_sizes(walk, at, extent, ret_fault, ret_what);
	if (code != ANCIENT_OK || extent->kind == ANCIENT_EXTENT_VALUES)
		return code;
	*ret_what = "extent count out of range";
	if (extent->count != items || (item && extent->content % item))
		return fault_at(ret_fault, 202, at + FIELD(count), items, extent->count);
	return ANCIENT_OK;
}

/* E3: generations rise from commit to commit and are equal within one commit. */
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

enum ancient_code ancient_core_extent_next(struct core_extent_walk *walk,
					   struct ancient_extent *ret_extent, uint64_t *ret_offset,
					   struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t at = walk->next;
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
	if (walk->last ||
	    rank(ret_extent->kind) != 0) /* an unknown one has no place in the order */
		walk->kind = ret_extent->kind;
	walk->last = ret_extent->flags & ANCIENT_EXTENT_LAST;
	walk->generation = ret_extent->generation;
	walk->next = at + ret_extent->length;
	*ret_offset = at;
	return ANCIENT_OK;
}

enum ancient_code ancient_core_extent_end(struct core_extent_walk *walk, uint64_t offset,
					  struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t end = walk->next;

	if (end == walk->used) {
		*ret_what = "the last extent does not end its commit";
		return walk->last ? ANCIENT_OK
				  : fault_at(ret_fault, 206, offset + FIELD(flags),
					     ANCIENT_EXTENT_LAST, 0);
	}
	if (walk->last)
		walk->next = round_up(end, ANCIENT_COMMIT_ALIGN);
	*ret_what = "an extent that leaves no room for the next";
	if (!core_extent_inside(walk->next, HEADER, walk->used))
		return fault_at(ret_fault, 206, offset + FIELD(length), walk->used - offset,
				end - offset);
	return ANCIENT_OK;
}
