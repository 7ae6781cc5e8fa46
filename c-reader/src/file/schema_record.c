/* c-reader/file: schema records, read and tested (FORMAT 12.1, rule D6).  Called for each entry
 * that has one, and by verification. */
#include <string.h>

#include "base/error.h"
#include "base/words.h"
#include "file/schema_record.h"

#define AT(field) offsetof(struct ancient_schema_record, field)

struct reader_link ancient_reader_link_schemas(const struct ancient_file *file)
{
	return (struct reader_link){file->super.schemas, READER_SUPER(file, schemas)};
}

/* The two words of a hash, each fetched once, in the order of the bytes. */
static void fetch_hash(const struct ancient_file *file, uint64_t offset,
		       uint8_t ret_hash[ANCIENT_HASH_BYTES])
{
	const uint64_t words[] = {reader_word(file, offset),
				  reader_word(file, offset + ANCIENT_WORD)};

	memcpy(ret_hash, words, ANCIENT_HASH_BYTES);
}

enum ancient_code ancient_reader_schema_at(const struct ancient_file *file, uint64_t offset,
					   uint64_t place, struct reader_schema_record *ret_record,
					   struct ancient_error *err)
{
	struct reader_schema_record record;

	if (offset % ANCIENT_WORD != 0 ||
	    !reader_inside(file, offset, sizeof(struct ancient_schema_record)))
		return ancient_reader_bad_directory(
			file, READER_D(6), place, offset,
			"a schema record inside the file, at a multiple of 8", err);
	fetch_hash(file, offset + AT(text_hash), record.text_hash);
	fetch_hash(file, offset + AT(fingerprint), record.fingerprint);
	record.length = reader_word(file, offset + AT(length));
	if (record.length < 1 || record.length > ANCIENT_SCHEMA_MAX ||
	    !reader_inside(file, offset, ANCIENT_SCHEMA_RECORD_BYTES(record.length)))
		return ancient_reader_bad_directory(
			file, READER_D(6), offset + AT(length), record.length,
			"a schema of 1 byte to 1 MiB, inside the file", err);
	record.text = file->map + offset + sizeof(struct ancient_schema_record);
	if (record.text[record.length] != 0)
		return ancient_reader_bad_directory(
			file, READER_D(6), offset + sizeof(struct ancient_schema_record),
			record.text[record.length], "a 0 byte behind a schema", err);
	*ret_record = record;
	return ANCIENT_OK;
}
