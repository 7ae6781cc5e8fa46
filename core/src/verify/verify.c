/* core/verify: the writer's own check of a file against every rule of FORMAT 10: superblocks,
 * extents, counts and customs here, values and directories in the files beside it. */
#include "verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/buffer.h"
#include "base/fail.h"
#include "file/extent.h"
#include "index/custom_records.h"
#include "verify/verify_commits.h"
#include "verify/verify_directory.h"
#include "verify/verify_state.h"
#include "verify/verify_values.h"

/* S4, E4: the words of [from, to) are zero; reports the first that is not. */
static enum ancient_code check_zero(struct core_verify *v, unsigned rule, uint64_t from,
				    uint64_t to)
{
	for (uint64_t at = from & ~7ull; at < to; at += 8) {
		uint64_t word = core_verify_word(v, at);

		if (at < from)
			word &= ~0ull << (from - at) * 8;
		if (word)
			return ancient_core_verify_wrong(v, ANCIENT_E_BAD_PADDING, rule, at, 0,
							 word, "bytes that must be zero are not");
	}
	return ANCIENT_OK;
}

/* S4 */
static enum ancient_code check_padding(struct core_verify *v)
{
	uint64_t slot = v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT;
	size_t zero2 = (v->superblock.version & 0xFFFF) < 2
			       ? offsetof(struct ancient_superblock, fields_generation)
			       : offsetof(struct ancient_superblock, zero2);
	enum ancient_code code = ANCIENT_OK;

	if (v->superblock.zero1 && !v->later)
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_PADDING, 104, slot + 32, 0,
						 v->superblock.zero1,
						 "bytes that must be zero are not");
	if (!v->later)
		code = check_zero(v, 104, slot + zero2,
				  slot + offsetof(struct ancient_superblock, checksum));
	for (uint64_t i = 0; i < ANCIENT_SUPERBLOCKS && code == ANCIENT_OK; i++)
		code = check_zero(v, 104, i * ANCIENT_SUPERBLOCK_SLOT + ANCIENT_SUPERBLOCK_BYTES,
				  (i + 1) * ANCIENT_SUPERBLOCK_SLOT);
	return code;
}

/* S6, S5: of the other slot as it was when the file was last looked at. */
static enum ancient_code check_other_slot(struct core_verify *v)
{
	const struct core_superblock_observed *observed = v->observed;
	uint64_t slot = !(v->superblock.generation % 2) * ANCIENT_SUPERBLOCK_SLOT;
	size_t field = 0;

	if (!observed)
		return ANCIENT_OK;
	if (observed->other_counts &&
	    memcmp(observed->other.uuid, v->superblock.uuid, sizeof v->superblock.uuid) != 0)
		field = offsetof(struct ancient_superblock, uuid);
	else if (observed->other_counts && observed->other.base != v->superblock.base)
		field = offsetof(struct ancient_superblock, base);
	else if (observed->other_counts && observed->other.reserve != v->superblock.reserve)
		field = offsetof(struct ancient_superblock, reserve);
	if (field)
		return ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_SUPERBLOCK, 106, slot + field, 0, 0,
			"the superblocks disagree about what never changes");
	if (!observed->damaged)
		return ANCIENT_OK;
	/* The writer verifies a generation that it knows, and whose slot was damaged since. */
	if (observed->hidden == v->superblock.generation)
		return ancient_core_verify_wrong(v, ANCIENT_E_BAD_SUPERBLOCK, 105,
						 observed->hidden % 2 * ANCIENT_SUPERBLOCK_SLOT,
						 observed->hidden, 0, "damaged superblock");
	return ancient_core_verify_wrong(v, ANCIENT_E_BAD_SUPERBLOCK, 105, slot,
					 v->superblock.generation - 1, observed->hidden,
					 "damaged superblock");
}

static enum ancient_code check_superblock(struct core_verify *v)
{
	enum ancient_code code = check_padding(v);

	return code == ANCIENT_OK ? check_other_slot(v) : code;
}

/* The checksum of [start, end), in pieces between which progress is reported. */
static enum ancient_code sum(struct core_verify *v, uint64_t start, uint64_t end, uint64_t *ret)
{
	XXH3_state_t *state = XXH3_createState();
	enum ancient_code code = ANCIENT_OK;

	if (!state)
		return ancient_core_fail_memory(v->err, v->pages.name);
	XXH3_64bits_reset(state);
	while (start < end && code == ANCIENT_OK) {
		uint64_t piece =
			end - start < CORE_PROGRESS_STEP ? end - start : CORE_PROGRESS_STEP;

		XXH3_64bits_update(state, v->pages.file + start, piece);
		start += piece;
		code = core_progress_add(v->progress, piece, v->err);
	}
	*ret = XXH3_64bits_digest(state);
	XXH3_freeState(state);
	return code;
}

/* Checks an extent with a good header: E4 inside it, E5, and V2 to V8 if it has values. */
static enum ancient_code check_extent(struct core_verify *v, uint64_t offset,
				      const struct ancient_extent *extent)
{
	uint64_t start = offset + sizeof *extent, end = start + extent->content;
	struct core_verify_extent *to = ancient_core_buffer_append(&v->extents, sizeof *to);
	uint64_t checksum = 0;
	enum ancient_code code;

	if (!to)
		return ancient_core_fail_memory(v->err, v->pages.name);
	to->start = start;
	to->end = end;
	to->kind = extent->kind;
	code = check_zero(v, 204, end, offset + extent->length);
	if (code != ANCIENT_OK)
		return code;
	code = sum(v, start, end, &checksum);
	if (code != ANCIENT_OK)
		return code;
	if (checksum != extent->content_checksum)
		return ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_CHECKSUM, 205,
			offset + offsetof(struct ancient_extent, content_checksum), checksum,
			extent->content_checksum, "the checksum of an extent does not match");
	if (extent->kind == ANCIENT_EXTENT_VALUES)
		code = ancient_core_verify_blocks(v, offset, extent);
	return code;
}

/* E4 for the gap behind an extent that ends at `end`, up to the next commit. */
static enum ancient_code check_gap(struct core_verify *v, uint64_t end, bool last)
{
	uint64_t next = (end + ANCIENT_COMMIT_ALIGN - 1) & ~(uint64_t)(ANCIENT_COMMIT_ALIGN - 1);

	return last ? check_zero(v, 204, end, next < v->pages.used ? next : v->pages.used)
		    : ANCIENT_OK;
}

static enum ancient_code check_extents(struct core_verify *v)
{
	struct core_extent_walk walk = {
		.file = v->pages.file,
		.used = v->pages.used,
		.next = ANCIENT_FIRST_EXTENT,
		.newest = v->superblock.generation,
		.last = true,
		.later = v->later,
	};
	struct core_verify_commits commits = {0};
	struct ancient_extent extent;
	struct core_fault fault;
	const char *what;
	uint64_t offset;
	enum ancient_code code;

	for (;;) {
		code = ancient_core_extent_next(&walk, &extent, &offset, &fault, &what);
		if (code != ANCIENT_OK)
			break;
		if (offset == 0)
			return ancient_core_verify_commits_end(v, &commits);
		code = check_extent(v, offset, &extent);
		if (code == ANCIENT_OK)
			code = ancient_core_verify_commit_part(v, &commits, offset, &extent);
		if (code == ANCIENT_OK)
			code = check_gap(v, walk.next, walk.last);
		if (code != ANCIENT_OK)
			return code;
		code = ancient_core_extent_end(&walk, offset, &fault, &what);
		if (code != ANCIENT_OK)
			break;
	}
	return ancient_core_verify_wrong(v, code, fault.rule, fault.offset, fault.expected,
					 fault.found, what);
}

/* V9: the counts of blocks and bytes. */
static enum ancient_code check_counts(struct core_verify *v)
{
	uint64_t slot = v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT;

	if (v->blocks != v->superblock.block_count)
		return ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_COUNT, 309,
			slot + offsetof(struct ancient_superblock, block_count), v->blocks,
			v->superblock.block_count, "the count of blocks does not match");
	if (v->bytes != v->superblock.value_bytes)
		return ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_COUNT, 309,
			slot + offsetof(struct ancient_superblock, value_bytes), v->bytes,
			v->superblock.value_bytes, "the count of bytes does not match");
	return ANCIENT_OK;
}

/* C2: identifiers are padded with zeros, and unique. */
static enum ancient_code check_records(struct core_verify *v,
				       const struct ancient_custom_record *records, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t offset = (uint64_t)((const uint8_t *)&records[i] - v->pages.file);
		size_t length = strlen(records[i].identifier);
		bool good = records[i].zero == 0 &&
			    ancient_core_custom_well_known(records[i].identifier) ==
				    ANCIENT_CUSTOM_WELL_KNOWN;

		for (size_t j = length; j < sizeof records[i].identifier; j++)
			good &= records[i].identifier[j] == 0;
		for (uint64_t j = 0; j < i && good; j++)
			good = strcmp(records[i].identifier, records[j].identifier) != 0;
		if (!good)
			return ancient_core_verify_wrong(v, ANCIENT_E_BAD_CUSTOM, 402, offset, 0, i,
							 "damaged custom record");
	}
	return ANCIENT_OK;
}

static enum ancient_code check_customs(struct core_verify *v)
{
	const struct ancient_custom_record *records = NULL;
	uint64_t count;
	enum ancient_code code =
		ancient_core_custom_records(&v->pages, &v->superblock, &records, &count, v->err);

	if (code == ANCIENT_OK && count &&
	    !ancient_core_verify_inside(v, v->superblock.customs + sizeof(struct ancient_extent), 8,
					ANCIENT_EXTENT_CUSTOMS))
		code = ancient_core_verify_wrong(
			v, ANCIENT_E_BAD_CUSTOM, 401,
			v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT +
				offsetof(struct ancient_superblock, customs),
			0, v->superblock.customs, "no extent of customs here");
	return code == ANCIENT_OK ? check_records(v, records, count) : code;
}

static enum ancient_code check_pointers(struct core_verify *v)
{
	const struct core_verify_extent *extent = (const void *)v->extents.data;
	enum ancient_code code = ANCIENT_OK;

	for (size_t i = 0; i < v->extents.used / sizeof *extent && code == ANCIENT_OK; i++)
		if (extent[i].kind == ANCIENT_EXTENT_VALUES)
			code = ancient_core_verify_pointers(v, extent[i].start, extent[i].end);
	return code;
}

static enum ancient_code check_all(struct core_verify *v)
{
	enum ancient_code code = check_superblock(v);

	if (code == ANCIENT_OK)
		code = check_extents(v);
	if (code == ANCIENT_OK)
		code = check_counts(v);
	if (code == ANCIENT_OK)
		code = check_customs(v);
	if (code == ANCIENT_OK)
		code = check_pointers(v);
	if (code == ANCIENT_OK)
		code = ancient_core_verify_directories(v);
	return code;
}

enum ancient_code ancient_core_verify_pages(const struct core_pages *pages,
					    const struct ancient_superblock *superblock,
					    const struct core_superblock_observed *observed,
					    struct core_progress *progress,
					    struct ancient_error *err)
{
	struct core_verify v = {.pages = *pages,
				.superblock = *superblock,
				.observed = observed,
				.later = (superblock->version & 0xFFFF) > ANCIENT_VERSION_MINOR,
				.progress = progress,
				.err = err};
	enum ancient_code code;

	v.starts = calloc(pages->used / 64 + 1, 1);
	code = v.starts ? check_all(&v) : ancient_core_fail_memory(err, pages->name);
	ancient_core_buffer_done(&v.extents);
	free(v.starts);
	return code;
}

uint64_t ancient_core_verify_work(const struct ancient_superblock *superblock)
{
	uint64_t values = superblock->value_bytes;

	/* The checksums, then two walks over the values. */
	return superblock->used + 2 * (values < superblock->used ? values : superblock->used);
}
