/* core: the writer's own check of a file (FORMAT 10), for the verifying attach.
 *
 * It reads a mapping of its own, which shows the file as it is: the store's may be
 * relocated, and this process may have written to it.
 */
#include "verify/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <xxhash.h>

#include "store/customs.h"
#include "base/fail.h"
#include "copy/source_block.h"
#include "file/superblock.h"

enum ancient_code core_verify_wrong(struct core_verify *v, enum ancient_code code, unsigned rule,
				    uint64_t offset, uint64_t expected, uint64_t found,
				    const char *what)
{
	struct core_fault fault = {code, rule, offset, expected, found};

	return core_fail_fault(
		v->err, fault, "%s: %s: expected 0x%llx, found 0x%llx at offset %llu (rule %c%u)",
		v->pages.name, what, (unsigned long long)expected, (unsigned long long)found,
		(unsigned long long)offset, "?SEVCD"[rule / 100], rule % 100);
}

bool core_verify_inside(const struct core_verify *v, uint64_t offset, uint64_t bytes, uint32_t kind)
{
	const struct core_verify_extent *extent = (const void *)v->extents.data;
	size_t low = 0, high = v->extents.used / sizeof *extent;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (extent[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low < v->extents.used / sizeof *extent && extent[low].kind == kind &&
	       extent[low].start <= offset && bytes <= extent[low].end - offset;
}

bool core_verify_value(const struct core_verify *v, uint64_t word)
{
	uint64_t at = word - v->superblock.base;

	if (word & 1)
		return true;
	if (at % 8 || at >= v->pages.used)
		return false;
	return v->starts[at / 64] >> (at / 8 % 8) & 1;
}

/* S4, E4: words that must be zero; reports the first that is not. */
static enum ancient_code check_zero(struct core_verify *v, unsigned rule, uint64_t from,
				    uint64_t to)
{
	for (uint64_t at = from & ~7ull; at < to; at += 8) {
		uint64_t word = core_verify_word(v, at);

		if (at < from)
			word &= ~0ull << (from - at) * 8;
		if (word)
			return core_verify_wrong(v, ANCIENT_E_BAD_PADDING, rule, at, 0, word,
						 "bytes that must be zero are not");
	}
	return ANCIENT_OK;
}

static enum ancient_code check_superblock(struct core_verify *v)
{
	uint64_t slot = v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT;
	enum ancient_code code = ANCIENT_OK;

	if (v->superblock.zero1)
		return core_verify_wrong(v, ANCIENT_E_BAD_PADDING, 104, slot + 32, 0,
					 v->superblock.zero1, "bytes that must be zero are not");
	code = check_zero(v, 104, slot + offsetof(struct ancient_superblock, zero2),
			  slot + offsetof(struct ancient_superblock, checksum));
	for (uint64_t i = 0; i < ANCIENT_SUPERBLOCKS && code == ANCIENT_OK; i++)
		code = check_zero(v, 104, i * ANCIENT_SUPERBLOCK_SLOT + ANCIENT_SUPERBLOCK_BYTES,
				  (i + 1) * ANCIENT_SUPERBLOCK_SLOT);
	return code;
}

/* The checksum of [start, end), piece by piece. */
static enum ancient_code sum(struct core_verify *v, uint64_t start, uint64_t end, uint64_t *ret)
{
	XXH3_state_t *state = XXH3_createState();
	enum ancient_code code = ANCIENT_OK;

	if (!state)
		return core_fail_memory(v->err, v->pages.name);
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

/* One extent whose header is good: E4 inside, E5, and for values V2 to V8. */
static enum ancient_code check_extent(struct core_verify *v, uint64_t offset,
				      const struct ancient_extent *extent)
{
	uint64_t start = offset + sizeof *extent, end = start + extent->content;
	struct core_verify_extent *to = core_buffer_append(&v->extents, sizeof *to);
	uint64_t checksum = 0;
	enum ancient_code code;

	if (!to)
		return core_fail_memory(v->err, v->pages.name);
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
		return core_verify_wrong(v, ANCIENT_E_BAD_CHECKSUM, 205,
					 offset + offsetof(struct ancient_extent, content_checksum),
					 checksum, extent->content_checksum,
					 "the checksum of an extent does not match");
	if (extent->kind == ANCIENT_EXTENT_VALUES)
		code = core_verify_blocks(v, offset, extent);
	return code;
}

/* E4 for the gap behind an extent that ends at `end`. */
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
	};
	struct ancient_extent extent;
	struct core_fault fault;
	const char *what;
	uint64_t offset;
	enum ancient_code code;

	for (;;) {
		code = core_extent_next(&walk, &extent, &offset, &fault, &what);
		if (code != ANCIENT_OK)
			break;
		if (offset == 0)
			return ANCIENT_OK;
		code = check_extent(v, offset, &extent);
		if (code == ANCIENT_OK)
			code = check_gap(v, walk.next, walk.last);
		if (code != ANCIENT_OK)
			return code;
		code = core_extent_end(&walk, offset, &fault, &what);
		if (code != ANCIENT_OK)
			break;
	}
	return core_verify_wrong(v, code, fault.rule, fault.offset, fault.expected, fault.found,
				 what);
}

/* V9. */
static enum ancient_code check_counts(struct core_verify *v)
{
	uint64_t slot = v->superblock.generation % 2 * ANCIENT_SUPERBLOCK_SLOT;

	if (v->blocks != v->superblock.block_count)
		return core_verify_wrong(v, ANCIENT_E_BAD_COUNT, 309,
					 slot + offsetof(struct ancient_superblock, block_count),
					 v->blocks, v->superblock.block_count,
					 "the count of blocks does not match");
	if (v->bytes != v->superblock.value_bytes)
		return core_verify_wrong(v, ANCIENT_E_BAD_COUNT, 309,
					 slot + offsetof(struct ancient_superblock, value_bytes),
					 v->bytes, v->superblock.value_bytes,
					 "the count of bytes does not match");
	return ANCIENT_OK;
}

/* C2: identifiers are padded with zeros, and unique. */
static enum ancient_code check_records(struct core_verify *v,
				       const struct ancient_custom_record *records, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t offset = (uint64_t)((const uint8_t *)&records[i] - v->pages.file);
		size_t length = strlen(records[i].identifier);
		bool good = records[i].zero == 0 && core_shape_well_known(records[i].identifier) ==
							    ANCIENT_CUSTOM_WELL_KNOWN;

		for (size_t j = length; j < sizeof records[i].identifier; j++)
			good &= records[i].identifier[j] == 0;
		for (uint64_t j = 0; j < i && good; j++)
			good = strcmp(records[i].identifier, records[j].identifier) != 0;
		if (!good)
			return core_verify_wrong(v, ANCIENT_E_BAD_CUSTOM, 402, offset, 0, i,
						 "damaged custom record");
	}
	return ANCIENT_OK;
}

static enum ancient_code check_customs(struct core_verify *v)
{
	const struct ancient_custom_record *records = NULL;
	uint64_t count;
	enum ancient_code code =
		core_customs_records(&v->pages, &v->superblock, &records, &count, v->err);

	if (code == ANCIENT_OK && count &&
	    !core_verify_inside(v, v->superblock.customs + sizeof(struct ancient_extent), 8,
				ANCIENT_EXTENT_CUSTOMS))
		code = core_verify_wrong(v, ANCIENT_E_BAD_CUSTOM, 401,
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
			code = core_verify_pointers(v, extent[i].start, extent[i].end);
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
		code = core_verify_directories(v);
	return code;
}

enum ancient_code core_verify_pages(const struct core_pages *pages,
				    const struct ancient_superblock *superblock,
				    struct core_progress *progress, struct ancient_error *err)
{
	struct core_verify v = {
		.pages = *pages, .superblock = *superblock, .progress = progress, .err = err};
	enum ancient_code code;

	v.starts = calloc(pages->used / 64 + 1, 1);
	code = v.starts ? check_all(&v) : core_fail_memory(err, pages->name);
	core_buffer_done(&v.extents);
	free(v.starts);
	return code;
}

uint64_t core_verify_work(const struct ancient_superblock *superblock)
{
	uint64_t values = superblock->value_bytes;

	/* Checksums, then two walks of the values. */
	return superblock->used + 2 * (values < superblock->used ? values : superblock->used);
}

enum ancient_code ancient_store_verify(struct ancient_store *store, struct ancient_error *err)
{
	struct core_progress nobody = {.due = UINT64_MAX};
	struct ancient_superblock superblock;
	struct core_pages pages = {.name = store->name};
	enum ancient_code code;
	void *file;

	pthread_mutex_lock(&store->mutex);
	code = core_store_follow(store, err);
	superblock = store->superblock;
	file = code == ANCIENT_OK ? mmap(NULL, superblock.used, PROT_READ, MAP_SHARED, store->fd, 0)
				  : NULL;
	pthread_mutex_unlock(&store->mutex);
	if (code != ANCIENT_OK)
		return code;
	if (file == MAP_FAILED)
		return core_fail_system(err, ANCIENT_E_ADDRESS_SPACE, errno,
					"%s: cannot be mapped for verification", store->name);
	pages.file = file;
	pages.used = superblock.used;
	code = core_verify_pages(&pages, &superblock, &nobody, err);
	munmap(file, superblock.used);
	return code;
}
