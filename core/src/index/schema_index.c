/* core/index: the schema directory (FORMAT 12.1): stores each text once, found by its hash.
 *
 * Texts are not parsed here: their meaning is the business of the caller and of readers.
 */
#include "index/schema_index.h"

#include <string.h>

#include <xxhash.h>

#include "base/buffer.h"
#include "base/fail.h"
#include "base/utf8.h"
#include "index/critbit.h"

#define RECORD sizeof(struct ancient_schema_record)

enum ancient_code ancient_core_schema_index_check(const char *file,
						  const struct ancient_schema_text *schema,
						  struct ancient_error *err)
{
	const uint8_t *text = (const uint8_t *)schema->text;
	size_t length = schema->length, valid;

	if (length < 1 || length > ANCIENT_SCHEMA_MAX)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: a schema has 1 to %u bytes, this one has %zu", file,
					 ANCIENT_SCHEMA_MAX, length);
	valid = ancient_core_utf8_valid(text, length);
	if (valid == length && memchr(text, 0, length))
		valid = (size_t)((const uint8_t *)memchr(text, 0, length) - text);
	if (valid != length)
		return ancient_core_fail(
			err, ANCIENT_E_ARGUMENT,
			"%s: a schema is UTF-8 without 0, this one is not at byte %zu", file,
			valid);
	return ANCIENT_OK;
}

static enum ancient_code damaged(const struct core_pages *pages, uint64_t offset, uint64_t found,
				 struct ancient_error *err)
{
	struct core_fault fault = {ANCIENT_E_BAD_DIRECTORY, 506, offset, ANCIENT_SCHEMA_MAX, found};

	return ancient_core_fail_fault(
		err, fault,
		"%s: damaged schema: expected a record of a text of 1 to %u bytes, "
		"found otherwise (0x%llx) at offset %llu",
		pages->name, ANCIENT_SCHEMA_MAX, (unsigned long long)found,
		(unsigned long long)offset);
}

/* The record that `word` refers to; NULL if it lies outside its buffer or the file. */
static const uint8_t *record_at(const struct core_pages *pages, const struct core_buffer *pending,
				uint64_t word, uint64_t *ret_length)
{
	const uint8_t *record = ancient_core_critbit_at(pages, pending, word, RECORD);

	if (!record)
		return NULL;
	memcpy(ret_length, record + offsetof(struct ancient_schema_record, length), 8);
	if (*ret_length < 1 || *ret_length > ANCIENT_SCHEMA_MAX)
		return NULL;
	return ancient_core_critbit_at(pages, pending, word,
				       ANCIENT_SCHEMA_RECORD_BYTES(*ret_length));
}

static enum ancient_code append(struct core_directory *d, const struct ancient_schema_text *schema,
				const XXH128_canonical_t *hash, uint64_t *ret_record,
				struct ancient_error *err)
{
	struct ancient_schema_record *to;
	uint64_t at = d->schema_records.used;

	to = ancient_core_buffer_append(&d->schema_records,
					ANCIENT_SCHEMA_RECORD_BYTES(schema->length));
	if (!to)
		return ancient_core_fail_memory(err, d->pages.name);
	memcpy(to->text_hash, hash->digest, sizeof to->text_hash);
	memcpy(to->fingerprint, schema->fingerprint, sizeof to->fingerprint);
	to->length = schema->length;
	memcpy(to + 1, schema->text, schema->length);
	*ret_record = CORE_PENDING | at;
	return ANCIENT_OK;
}

/* Checks that the record found is this schema: the same text with the same fingerprint. */
static enum ancient_code check_found(const struct core_directory *d, uint64_t leaf,
				     const struct ancient_schema_text *schema,
				     struct ancient_error *err)
{
	uint64_t length = 0;
	const uint8_t *record = record_at(&d->pages, &d->schema_records, leaf, &length);

	if (!record || length != schema->length ||
	    memcmp(record + RECORD, schema->text, length) != 0)
		return damaged(&d->pages, leaf & ~(CORE_PENDING | ANCIENT_NODE_LEAF), length, err);
	if (memcmp(record + offsetof(struct ancient_schema_record, fingerprint),
		   schema->fingerprint, sizeof schema->fingerprint) != 0)
		return ancient_core_fail(err, ANCIENT_E_ARGUMENT,
					 "%s: the file has this schema with another fingerprint",
					 d->pages.name);
	return ANCIENT_OK;
}

enum ancient_code ancient_core_schema_index_put(struct core_directory *d,
						const struct ancient_schema_text *schema,
						uint64_t *ret_record, struct ancient_error *err)
{
	struct core_critbit tree = {&d->pages, &d->schema_records, &d->schema_branches,
				    NULL,      &d->schemas,        CORE_SCHEMAS};
	struct core_sought sought = {.name.length = ANCIENT_HASH_BYTES};
	XXH128_canonical_t hash;
	uint64_t leaf = 0, bit = 0;
	bool equal = false;
	enum ancient_code code;

	XXH128_canonicalFromHash(&hash, XXH3_128bits(schema->text, schema->length));
	sought.name.bytes = hash.digest;
	code = ancient_core_critbit_find(&tree, &sought, &leaf, err);
	if (code == ANCIENT_OK && leaf)
		code = ancient_core_critbit_compare(&tree, &sought, leaf, &equal, &bit, err);
	if (code == ANCIENT_OK && equal)
		code = check_found(d, leaf, schema, err);
	if (code == ANCIENT_OK && equal)
		*ret_record = leaf & ~ANCIENT_NODE_LEAF;
	if (code != ANCIENT_OK || equal)
		return code;
	code = append(d, schema, &hash, ret_record, err);
	if (code != ANCIENT_OK)
		return code;
	return ancient_core_critbit_put(&tree, &sought, *ret_record | ANCIENT_NODE_LEAF, false, bit,
					err);
}

enum ancient_code ancient_core_schema_index_at(const struct core_pages *pages, uint64_t offset,
					       uint64_t field, struct ancient_schema_text *ret,
					       struct ancient_error *err)
{
	const uint8_t *record;
	uint64_t length = 0;

	if (offset & (CORE_PENDING | ANCIENT_NODE_LEAF))
		return damaged(pages, field, offset, err);
	record = record_at(pages, NULL, offset, &length);
	if (!record || record[RECORD + length] != 0)
		return damaged(pages, field, offset, err);
	memcpy(ret->fingerprint, record + offsetof(struct ancient_schema_record, fingerprint),
	       sizeof ret->fingerprint);
	ret->text = (const char *)record + RECORD;
	ret->length = length;
	return ANCIENT_OK;
}
