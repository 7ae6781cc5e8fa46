/* c-reader: OCaml's hash and order over values of a file and keys of a caller
 * (ancient_schema.h, Lookups): what the files lookup*.c share. */
#ifndef ANCIENT_READER_LOOKUP_H
#define ANCIENT_READER_LOOKUP_H

#include <ancient_schema.h>

#include "value/gate.h"

/* A value: a word of the file, or where `key` is not NULL a caller's. */
struct lookup_item {
	const struct ancient_key *key;
	uint64_t word;
};

#define LOOKUP_IMMEDIATE 256u /* beside the runtime's tags */

/* An item, opened. */
struct lookup_view {
	unsigned tag;
	bool in_file;
	int64_t integer;      /* immediate; int32, int64, nativeint */
	uint64_t size;        /* string: bytes; other blocks: fields, doubles or limbs */
	const char *bytes;    /* string */
	uint32_t slot;        /* custom */
	bool negative;        /* Z.t */
	uint64_t offset;      /* in_file: of the first field, double or limb */
	const double *floats; /* otherwise */
	const struct ancient_key *fields;
};

enum ancient_code lookup_open(const struct ancient_file *file, struct lookup_item item,
			      struct lookup_view *ret_view, struct ancient_error *err);
struct lookup_item lookup_field(const struct ancient_file *file, const struct lookup_view *view,
				uint64_t index);
double lookup_float(const struct ancient_file *file, const struct lookup_view *view,
		    uint64_t index);

static inline struct lookup_item lookup_word(uint64_t word)
{
	return (struct lookup_item){NULL, word};
}

static inline struct lookup_item lookup_key(const struct ancient_key *key)
{
	return (struct lookup_item){key, 0};
}

/* Hashtbl.seeded_hash.  Errors: those of the gate, WRONG_KIND. */
enum ancient_code lookup_hash(const struct ancient_file *file, struct lookup_item item,
			      uint32_t seed, uint32_t *ret_hash, struct ancient_error *err);
uint32_t lookup_hash_string(uint32_t seed, const char *bytes, size_t length);
uint32_t lookup_hash_word(uint32_t seed, uint64_t word); /* of an immediate */

/* compare: -1, 0, 1. */
enum ancient_code lookup_compare(const struct ancient_file *file, struct lookup_item left,
				 struct lookup_item right, int *ret_order,
				 struct ancient_error *err);
enum ancient_code lookup_equal(const struct ancient_file *file, struct ancient_value value,
			       const struct ancient_key *key, bool *ret_equal,
			       struct ancient_error *err);

#endif
