/* core/file: commit records (FORMAT 4.2).  Commits end in one; recovery, the log and older
 * generations read them.  They are read with pread: recovery has no mapping it could trust. */
#include "file/commit_record.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include <xxhash.h>

#include "file/commit_walk.h"
#include "file/extent.h"
#include "file/file_io.h"
#include "file/superblock.h"

#define HEADER(name) offsetof(struct ancient_extent, name)
#define IMAGE(name) (sizeof(struct ancient_extent) + offsetof(struct ancient_superblock, name))

static_assert(sizeof(struct core_commit_record) == ANCIENT_RECORD_BYTES, "commit record");

static uint64_t header_sum(const struct ancient_extent *header)
{
	return XXH3_64bits(header, HEADER(header_checksum));
}

void ancient_core_commit_record_make(struct core_commit_record *record,
				     struct ancient_superblock *superblock, uint64_t offset)
{
	superblock->record = offset;
	superblock->used = offset + sizeof *record;
	ancient_core_superblock_seal(superblock);
	*record = (struct core_commit_record){
		.header =
			{
				.magic = ANCIENT_EXTENT_MAGIC,
				.kind = ANCIENT_EXTENT_RECORD,
				.flags = ANCIENT_EXTENT_LAST,
				.length = sizeof *record,
				.content = sizeof record->image,
				.generation = superblock->generation,
				.content_checksum = XXH3_64bits(superblock, sizeof *superblock),
			},
		.image = *superblock,
	};
	record->header.header_checksum = header_sum(&record->header);
}

static bool wrong(struct core_fault *ret_fault, const char **ret_what, enum ancient_code code,
		  unsigned rule, uint64_t offset, uint64_t expected, uint64_t found,
		  const char *what)
{
	if (ret_fault)
		*ret_fault = (struct core_fault){code, rule, offset, expected, found};
	if (ret_what)
		*ret_what = what;
	return false;
}

#define WRONG(code, rule, field, expected, found, what)                                            \
	wrong(ret_fault, ret_what, code, rule, offset + (field), expected, found, what)

static bool test_header(const struct ancient_extent *header, uint64_t offset,
			struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t sum = header_sum(header);

	if (header->magic != ANCIENT_EXTENT_MAGIC)
		return WRONG(ANCIENT_E_BAD_EXTENT, 201, HEADER(magic), ANCIENT_EXTENT_MAGIC,
			     header->magic, "no extent header");
	if (header->header_checksum != sum)
		return WRONG(ANCIENT_E_BAD_EXTENT, 201, HEADER(header_checksum), sum,
			     header->header_checksum, "the checksum of the header does not match");
	if (header->kind != ANCIENT_EXTENT_RECORD)
		return WRONG(ANCIENT_E_BAD_EXTENT, 202, HEADER(kind), ANCIENT_EXTENT_RECORD,
			     header->kind, "not a commit record");
	if (header->flags != ANCIENT_EXTENT_LAST)
		return WRONG(ANCIENT_E_BAD_EXTENT, 202, HEADER(flags), ANCIENT_EXTENT_LAST,
			     header->flags, "not the last extent of its commit");
	if (header->content != ANCIENT_SUPERBLOCK_BYTES || header->length != ANCIENT_RECORD_BYTES)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, HEADER(content), ANCIENT_SUPERBLOCK_BYTES,
			     header->content, "a commit record of another length");
	return true;
}

static bool test_identity(const struct ancient_superblock *image,
			  const struct ancient_superblock *like, uint64_t offset,
			  struct core_fault *ret_fault, const char **ret_what)
{
	if (memcmp(image->uuid, like->uuid, sizeof like->uuid) != 0)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(uuid), like->uuid[0], image->uuid[0],
			     "another file's UUID");
	if (image->base != like->base)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(base), like->base, image->base,
			     "another file's base");
	if (image->reserve != like->reserve)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(reserve), like->reserve,
			     image->reserve, "another file's reserve");
	return true;
}

static bool test_image(const struct core_commit_record *record, uint64_t offset,
		       const struct ancient_superblock *like, struct core_fault *ret_fault,
		       const char **ret_what)
{
	static const uint8_t magic[] = ANCIENT_MAGIC_BYTES;
	const struct ancient_superblock *image = &record->image;
	uint64_t sum = XXH3_64bits(image, offsetof(struct ancient_superblock, checksum));

	if (image->checksum != sum || memcmp(image->magic, magic, sizeof magic) != 0 ||
	    image->byte_order != ANCIENT_BYTE_ORDER)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(checksum), sum, image->checksum,
			     "a superblock that does not count");
	if (like && !test_identity(image, like, offset, ret_fault, ret_what))
		return false;
	if (image->generation != record->header.generation)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(generation),
			     record->header.generation, image->generation,
			     "another generation than its extent's");
	if (image->used != offset + sizeof *record)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(used), offset + sizeof *record,
			     image->used, "used is not the end of the record");
	if (!ancient_superblock_holds(image))
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(fields_generation), image->generation,
			     image->fields_generation, "fields of another generation");
	if (image->record != offset)
		return WRONG(ANCIENT_E_BAD_EXTENT, 207, IMAGE(record), offset, image->record,
			     "the place of another record");
	return true;
}

bool ancient_core_commit_record_test(const struct core_commit_record *record, uint64_t offset,
				     const struct ancient_superblock *like,
				     struct core_fault *ret_fault, const char **ret_what)
{
	uint64_t sum = XXH3_64bits(&record->image, sizeof record->image);

	if (!test_header(&record->header, offset, ret_fault, ret_what))
		return false;
	if (record->header.content_checksum != sum)
		return WRONG(ANCIENT_E_BAD_CHECKSUM, 205, HEADER(content_checksum), sum,
			     record->header.content_checksum,
			     "the checksum of an extent does not match");
	return test_image(record, offset, like, ret_fault, ret_what);
}

bool ancient_core_commit_record_peek(int fd, uint64_t offset, struct core_commit_record *ret)
{
	size_t got;

	memset(ret, 0, sizeof *ret);
	return ancient_core_file_read(fd, ret, sizeof *ret, offset, &got);
}

enum ancient_code ancient_core_commit_record_read(int fd, const char *name,
						  const struct ancient_superblock *like,
						  uint64_t offset, struct core_commit_record *ret,
						  struct ancient_error *err)
{
	struct core_commit_record record;
	struct core_fault fault;
	const char *what;

	if (!ancient_core_commit_record_peek(fd, offset, &record))
		return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno, "%s: cannot be read",
						name);
	if (!ancient_core_commit_record_test(&record, offset, like, &fault, &what))
		return ancient_core_fail_fault(
			err, fault, "%s: %s: expected 0x%llx, found 0x%llx at offset %llu", name,
			what, (unsigned long long)fault.expected, (unsigned long long)fault.found,
			(unsigned long long)fault.offset);
	*ret = record;
	return ANCIENT_OK;
}

static enum ancient_code no_generation(const char *name, uint64_t generation,
				       const struct ancient_superblock *newest,
				       struct ancient_error *err)
{
	return ancient_core_fail(
		err, ANCIENT_E_NO_GENERATION,
		"%s: no commit record of generation %llu; the newest generation is %llu", name,
		(unsigned long long)generation, (unsigned long long)newest->generation);
}

/* By the headers of all extents, while they are good. */
static enum ancient_code walk_extents(int fd, const char *name,
				      const struct ancient_superblock *newest, uint64_t generation,
				      struct ancient_superblock *ret_image,
				      struct ancient_error *err)
{
	uint64_t at = ANCIENT_FIRST_EXTENT;
	struct core_commit_record record;

	for (;;) {
		if (!ancient_core_commit_record_peek(fd, at, &record))
			return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
							"%s: cannot be read", name);
		if (!ancient_core_extent_header_stands(&record.header, at, newest->used) ||
		    record.header.generation > generation)
			return no_generation(name, generation, newest, err);
		if (record.header.generation == generation &&
		    ancient_core_commit_record_test(&record, at, newest, NULL, NULL)) {
			*ret_image = record.image;
			return ANCIENT_OK;
		}
		at += record.header.length;
		at = record.header.flags & ANCIENT_EXTENT_LAST ? core_commit_after(at)
							       : core_extent_behind(at);
	}
}

enum ancient_code ancient_core_commit_record_find(int fd, const char *name,
						  const struct ancient_superblock *newest,
						  uint64_t generation,
						  struct ancient_superblock *ret_image,
						  struct ancient_error *err)
{
	uint64_t at = ancient_superblock_holds(newest) ? newest->record : 0;
	struct core_commit_record record;

	if (generation > newest->generation)
		return no_generation(name, generation, newest, err);
	while (at &&
	       ancient_core_commit_record_read(fd, name, newest, at, &record, NULL) == ANCIENT_OK &&
	       record.image.generation >= generation) {
		if (record.image.generation == generation) {
			*ret_image = record.image;
			return ANCIENT_OK;
		}
		if (record.image.previous >= at)
			break;
		at = record.image.previous;
	}
	return walk_extents(fd, name, newest, generation, ret_image, err);
}

uint64_t ancient_core_history_after(uint64_t history, uint64_t *sums, unsigned count)
{
	sums[0] = history;
	return XXH3_64bits(sums, (1 + count) * sizeof sums[0]);
}

enum ancient_code ancient_core_history_of_file(int fd, const char *name,
					       const struct ancient_superblock *superblock,
					       uint64_t *ret_history, struct ancient_error *err)
{
	*ret_history = 0;
	return ancient_core_history_continue(fd, name, ANCIENT_FIRST_EXTENT, superblock,
					     ret_history, err);
}

enum ancient_code ancient_core_history_continue(int fd, const char *name, uint64_t from,
						const struct ancient_superblock *superblock,
						uint64_t *history, struct ancient_error *err)
{
	uint64_t at = core_commit_after(from), sums[1 + CORE_COMMIT_EXTENTS];
	struct core_commit_record record;
	const struct ancient_extent *header = &record.header;
	unsigned count = 0;

	while (at < superblock->used) {
		bool last;

		if (!ancient_core_commit_record_peek(fd, at, &record))
			return ancient_core_fail_system(err, ANCIENT_E_SYSTEM, errno,
							"%s: cannot be read", name);
		if (!ancient_core_extent_header_stands(header, at, superblock->used) ||
		    (count == CORE_COMMIT_EXTENTS && header->kind != ANCIENT_EXTENT_RECORD))
			return ancient_core_fail_fault(
				err,
				(struct core_fault){ANCIENT_E_BAD_EXTENT, 201, at,
						    ANCIENT_EXTENT_MAGIC, header->magic},
				"%s: damaged extent header: expected one at offset %llu", name,
				(unsigned long long)at);
		last = header->flags & ANCIENT_EXTENT_LAST;
		if (header->kind != ANCIENT_EXTENT_RECORD)
			sums[1 + count++] = header->header_checksum;
		if (last) {
			*history = ancient_core_history_after(*history, sums, count);
			count = 0;
		}
		at += header->length;
		at = last ? core_commit_after(at) : core_extent_behind(at);
	}
	return ANCIENT_OK;
}
