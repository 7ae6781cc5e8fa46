/* c-reader/value: an operand of OCaml's hash and compare: a value of a file or a key of a caller
 * (ancient_schema.h, Lookups), opened in the same way. */
#ifndef ANCIENT_READER_OPERAND_H
#define ANCIENT_READER_OPERAND_H

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

enum ancient_code ancient_reader_lookup_open(const struct ancient_file *file,
					     struct lookup_item item, struct lookup_view *ret_view,
					     struct ancient_error *err);
struct lookup_item ancient_reader_lookup_field(const struct ancient_file *file,
					       const struct lookup_view *view, uint64_t index);
double ancient_reader_lookup_float(const struct ancient_file *file, const struct lookup_view *view,
				   uint64_t index);

/* Whether a caller's key says that it has parts and leads to none: a struct of generated code,
 * whose key was taken out of it as it is (ancient_bind.h). */
static inline bool lookup_key_is_unbound(const struct ancient_key *key)
{
	return key->count > 0 && ((key->kind == ANCIENT_KEY_BLOCK && key->as.fields == NULL) ||
				  (key->kind == ANCIENT_KEY_FLOATS && key->as.numbers == NULL));
}

/* ARGUMENT, with what is to be done.  file: NULL where there is none. */
enum ancient_code ancient_reader_lookup_unbound(const struct ancient_file *file,
						struct ancient_error *err);

static inline struct lookup_item lookup_word(uint64_t word)
{
	return (struct lookup_item){NULL, word};
}

static inline struct lookup_item lookup_key(const struct ancient_key *key)
{
	return (struct lookup_item){key, 0};
}

#endif
