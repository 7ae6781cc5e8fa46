/* c-reader/file: commit records (FORMAT 4.2): read, tested, and found by their generation.  Called
 * when a file is opened, by the log and by the verification. */
#include <string.h>

#include <xxhash.h>

#include "base/read_at.h"
#include "base/words.h"
#include "file/commit_record.h"

#define COMMIT_EXTENTS 63u /* that a commit may have beside its record (FORMAT 4.1) */

#define HEADER(field) offsetof(struct ancient_extent, field)
#define IMAGE(field) (sizeof(struct ancient_extent) + offsetof(struct ancient_superblock, field))

static bool fault(struct reader_fault *ret_fault, const char **ret_what, enum ancient_code code,
		  unsigned rule, uint64_t offset, uint64_t expected, uint64_t found,
		  const char *what)
{
	*ret_fault = (struct reader_fault){code, rule, offset, expected, found};
	*ret_what = what;
	return false;
}

static bool test_header(const struct ancient_extent *header, uint64_t at,
			struct reader_fault *ret_fault, const char **ret_what)
{
	uint64_t sum = XXH3_64bits(header, HEADER(header_checksum));

	if (header->magic != ANCIENT_EXTENT_MAGIC)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(1), at,
			     ANCIENT_EXTENT_MAGIC, header->magic, "an extent's magic");
	if (header->header_checksum != sum)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(1),
			     at + HEADER(header_checksum), sum, header->header_checksum,
			     "the checksum of the header");
	if (header->kind != ANCIENT_EXTENT_RECORD)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(2),
			     at + HEADER(kind), ANCIENT_EXTENT_RECORD, header->kind,
			     "a commit record");
	if (header->flags != ANCIENT_EXTENT_LAST)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(2),
			     at + HEADER(flags), ANCIENT_EXTENT_LAST, header->flags,
			     "the last extent of its commit");
	if (header->content != ANCIENT_SUPERBLOCK_BYTES || header->length != ANCIENT_RECORD_BYTES)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(7),
			     at + HEADER(content), ANCIENT_SUPERBLOCK_BYTES, header->content,
			     "256 bytes of content");
	return true;
}

static bool test_image(const struct reader_record *record, uint64_t at,
		       const struct ancient_superblock *super, struct reader_fault *ret_fault,
		       const char **ret_what)
{
	static const uint8_t magic[] = ANCIENT_MAGIC_BYTES;
	const struct ancient_superblock *image = &record->image;
	uint64_t sum = XXH3_64bits(image, offsetof(struct ancient_superblock, checksum));

#define TEST(condition, field, wanted, text)                                                       \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(7),       \
				     at + IMAGE(field), wanted, image->field, text);               \
	} while (0)

	TEST(image->checksum == sum && memcmp(image->magic, magic, sizeof(magic)) == 0 &&
		     image->byte_order == ANCIENT_BYTE_ORDER,
	     checksum, sum, "a superblock that counts");
	if (memcmp(image->uuid, super->uuid, sizeof(super->uuid)) != 0)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_EXTENT, READER_E(7),
			     at + IMAGE(uuid), super->uuid[0], image->uuid[0], "the file's UUID");
	TEST(image->base == super->base, base, super->base, "the file's base");
	TEST(image->reserve == super->reserve, reserve, super->reserve, "the file's reserve");
	TEST(image->generation == record->header.generation, generation, record->header.generation,
	     "the generation of its extent");
	TEST(image->used == at + ANCIENT_RECORD_BYTES, used, at + ANCIENT_RECORD_BYTES,
	     "used, the end of the record");
	TEST(ancient_superblock_holds(image), fields_generation, image->generation,
	     "fields of its generation");
	TEST(image->record == at, record, at, "the place of the record");
	return true;
#undef TEST
}

bool ancient_reader_record_test(const struct reader_record *record, uint64_t offset,
				const struct ancient_superblock *super,
				struct reader_fault *ret_fault, const char **ret_what)
{
	uint64_t sum;

	if (!test_header(&record->header, offset, ret_fault, ret_what))
		return false;
	sum = XXH3_64bits(&record->image, sizeof(record->image));
	if (record->header.content_checksum != sum)
		return fault(ret_fault, ret_what, ANCIENT_E_BAD_CHECKSUM, READER_E(5),
			     offset + HEADER(content_checksum), sum,
			     record->header.content_checksum, "the checksum of the content");
	return test_image(record, offset, super, ret_fault, ret_what);
}

/* ---- In the mapping -------------------------------------------------------------- */

static enum ancient_code fail_record(const struct ancient_file *file,
				     const struct reader_fault *fault, const char *what,
				     struct ancient_error *err)
{
	return ancient_reader_fail(file->name, err, fault, "expected %s (%#llx), found %#llx", what,
				   (unsigned long long)fault->expected,
				   (unsigned long long)fault->found);
}

enum ancient_code ancient_reader_record_get(const struct ancient_file *file, uint64_t offset,
					    struct reader_record *ret_record,
					    struct ancient_error *err)
{
	uint64_t words[ANCIENT_RECORD_BYTES / ANCIENT_WORD];
	struct reader_record record;
	struct reader_fault what;
	const char *text;

	if (offset % ANCIENT_EXTENT_ALIGN != 0 ||
	    !reader_inside(file, offset, sizeof(record.header))) {
		what = (struct reader_fault){ANCIENT_E_BAD_EXTENT, READER_E(7), offset,
					     file->super.used, offset};
		return fail_record(file, &what, "a commit record before the end", err);
	}
	if (!reader_inside(file, offset, ANCIENT_RECORD_BYTES)) {
		offset += HEADER(content);
		what = (struct reader_fault){ANCIENT_E_BAD_EXTENT, READER_E(7), offset,
					     sizeof(record.image), reader_word(file, offset)};
		return fail_record(file, &what, "the content of a commit record", err);
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		words[i] = reader_word(file, offset + i * ANCIENT_WORD);
	memcpy(&record, words, sizeof(record));
	if (!ancient_reader_record_test(&record, offset, &file->super, &what, &text))
		return fail_record(file, &what, text, err);
	*ret_record = record;
	return ANCIENT_OK;
}

bool ancient_reader_extent_at(const struct ancient_file *file, uint64_t offset,
			      struct ancient_extent *ret)
{
	uint64_t words[sizeof(struct ancient_extent) / ANCIENT_WORD];

	if (!reader_inside(file, offset, sizeof(*ret)))
		return false;
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		words[i] = reader_word(file, offset + i * ANCIENT_WORD);
	memcpy(ret, words, sizeof(*ret));
	return ret->magic == ANCIENT_EXTENT_MAGIC && ret->length >= sizeof(*ret) &&
	       ret->length % ANCIENT_WORD == 0 && reader_inside(file, offset, ret->length) &&
	       ret->header_checksum == XXH3_64bits(ret, HEADER(header_checksum));
}

static enum ancient_code no_generation(const struct ancient_file *file, uint64_t generation,
				       struct ancient_error *err)
{
	return ancient_reader_refuse(
		file->name, err, ANCIENT_E_NO_GENERATION,
		"expected a commit record of generation %llu, found none; the newest is "
		"%llu",
		(unsigned long long)generation, (unsigned long long)file->super.generation);
}

/* From the first extent on; as long as headers are good.  Each step goes on by 64 bytes at least.
 */
static enum ancient_code walk_extents(const struct ancient_file *file, uint64_t generation,
				      struct ancient_superblock *ret_image,
				      struct ancient_error *err)
{
	uint64_t at = ANCIENT_FIRST_EXTENT;
	struct ancient_extent header;
	struct reader_record record;

	while (ancient_reader_extent_at(file, at, &header)) {
		if (header.kind == ANCIENT_EXTENT_RECORD && header.generation == generation) {
			enum ancient_code code = ancient_reader_record_get(file, at, &record, err);

			if (code == ANCIENT_OK)
				*ret_image = record.image;
			return code;
		}
		if (header.generation > generation)
			break;
		at = reader_extent_behind(at, &header);
	}
	return no_generation(file, generation, err);
}

enum ancient_code ancient_reader_commit_start(const struct ancient_file *file, uint64_t record,
					      uint64_t generation, uint64_t *ret_start,
					      uint64_t *ret_before, struct ancient_error *err)
{
	struct reader_fault what = {ANCIENT_E_BAD_EXTENT, READER_E(1), 0, generation, 0};
	uint64_t at = ANCIENT_FIRST_EXTENT, before = 0;
	struct ancient_extent header;

	while (at <= record && ancient_reader_extent_at(file, at, &header)) {
		if (header.generation == generation) {
			*ret_start = at;
			*ret_before = before;
			return ANCIENT_OK;
		}
		before = header.generation;
		at = reader_extent_behind(at, &header);
	}
	what.offset = at;
	return fail_record(file, &what, "the extents before the commit of generation", err);
}

enum ancient_code ancient_reader_record_find(const struct ancient_file *file, uint64_t generation,
					     struct ancient_superblock *ret_image,
					     struct ancient_error *err)
{
	struct reader_record record;
	uint64_t at = ancient_superblock_holds(&file->super) ? file->super.record : 0;

	if (generation > file->super.generation)
		return no_generation(file, generation, err);
	/* Offsets fall strictly, so that the chain ends. */
	while (at != 0 && ancient_reader_record_get(file, at, &record, NULL) == ANCIENT_OK &&
	       record.header.generation >= generation) {
		if (record.header.generation == generation) {
			*ret_image = record.image;
			return ANCIENT_OK;
		}
		if (record.image.previous >= at)
			break;
		at = record.image.previous;
	}
	return walk_extents(file, generation, ret_image, err);
}

/* ---- Before it is mapped --------------------------------------------------------- */

/* Whether the record ends the commit after `super`, whose other extents have these checksums. */
static bool follows(const struct reader_record *record, uint64_t at,
		    const struct ancient_superblock *super, const uint64_t *sums, unsigned count)
{
	struct reader_fault what;
	const char *text;

	return ancient_reader_record_test(record, at, super, &what, &text) &&
	       record->image.previous == super->record &&
	       record->image.history == XXH3_64bits(sums, (1 + count) * sizeof(*sums));
}

bool ancient_reader_commit_behind(int fd, const struct ancient_superblock *super,
				  uint64_t *ret_generation)
{
	uint64_t sums[1 + COMMIT_EXTENTS] = {super->history};
	uint64_t at = reader_round_up(super->used, ANCIENT_COMMIT_ALIGN);

	*ret_generation = 0;
	for (unsigned i = 0; i <= COMMIT_EXTENTS; i++) {
		struct reader_record record;
		const struct ancient_extent *header = &record.header;
		size_t got;

		if (at > super->reserve)
			return true;
		if (!ancient_reader_read_at(fd, at, &record, sizeof(record), &got))
			return false;
		if (header->magic != ANCIENT_EXTENT_MAGIC ||
		    header->header_checksum != XXH3_64bits(header, HEADER(header_checksum)) ||
		    header->generation != super->generation + 1 ||
		    header->length < sizeof(*header) || header->length > super->reserve - at)
			return true;
		if (header->kind == ANCIENT_EXTENT_RECORD) {
			if (follows(&record, at, super, sums, i))
				*ret_generation = header->generation;
			return true;
		}
		if (i < COMMIT_EXTENTS)
			sums[1 + i] = header->header_checksum;
		at = reader_round_up(at + header->length, ANCIENT_EXTENT_ALIGN);
	}
	return true;
}
