/* c-reader/file: schema records (FORMAT 12.1), for the directory and for verification. */
#ifndef ANCIENT_READER_SCHEMA_RECORD_H
#define ANCIENT_READER_SCHEMA_RECORD_H

#include "file/directory_node.h"

/* The root of the schema directory. */
struct reader_link ancient_reader_link_schemas(const struct ancient_file *file);

/* The schema record at `offset`, named by the field at `place` (D6): length and final 0. */
struct reader_schema_record {
	uint8_t text_hash[ANCIENT_HASH_BYTES];
	uint8_t fingerprint[ANCIENT_HASH_BYTES];
	const unsigned char *text;
	uint64_t length;
};
enum ancient_code ancient_reader_schema_at(const struct ancient_file *file, uint64_t offset,
					   uint64_t place, struct reader_schema_record *ret_record,
					   struct ancient_error *err);

#endif
