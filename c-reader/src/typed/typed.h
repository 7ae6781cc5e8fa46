/* c-reader: typed values (FORMAT 12.3): what the files typed*.c share. */
#ifndef ANCIENT_READER_TYPED_H
#define ANCIENT_READER_TYPED_H

#include "value/gate.h"
#include "schema/schema.h"

/* A value that was held against its type, unboxed types looked through. */
struct typed_shape {
	uint32_t number; /* of the type */
	const struct ancient_type *type;
	uint64_t word;
	bool flat;                 /* the word is a double's bits */
	struct reader_block block; /* where the word is a pointer; wosize 0 otherwise */
	uint32_t constructor;      /* of a variant */
};

/* The type of a typed value.  Errors: ARGUMENT. */
enum ancient_code typed_type(const struct ancient_file *file, const struct ancient_schema *schema,
			     struct ancient_typed typed, const struct ancient_type **ret_type,
			     struct ancient_error *err);

/* Opens a value.  unboxed: also a type that is [@@unboxed], as it is; otherwise what is
 * inside. */
enum ancient_code typed_open(const struct ancient_file *file, const struct ancient_schema *schema,
			     struct ancient_typed typed, bool unboxed,
			     struct typed_shape *ret_shape, struct ancient_error *err);

/* The same, and WRONG_KIND where the type is not of this kind. */
enum ancient_code typed_open_kind(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  enum ancient_type_kind kind, struct typed_shape *ret_shape,
				  struct ancient_error *err);

enum ancient_code typed_wrong_kind(const struct ancient_file *file, const struct ancient_type *type,
				   const char *expected, struct ancient_error *err);

/* BAD_SHAPE: "Package.t: expected ..., found " what the word is. */
enum ancient_code typed_bad_shape(const struct ancient_file *file, const struct ancient_type *type,
				  uint64_t word, struct ancient_error *err, const char *format, ...)
	READER_PRINTF(5, 6) READER_COLD;

/* The type of a value that is no element of a float array; NULL where typed_type has to say. */
static inline const struct ancient_type *typed_quick_type(const struct ancient_schema *schema,
							  struct ancient_typed typed)
{
	return READER_LIKELY(typed.type < schema->count && typed.flat == 0)
		       ? &schema->types[typed.type]
		       : NULL;
}

/* What an unboxed type is inside: one step, and all of them. */
uint32_t typed_inside(const struct ancient_type *type);
bool typed_is_float(const struct ancient_schema *schema, uint32_t type);

/* The type of an array's elements. */
uint32_t typed_element(const struct ancient_schema *schema, uint32_t number);

/* Field `index` of an opened block, whose type is `type`; flat where the block is. */
struct ancient_typed typed_part(const struct ancient_file *file, const struct reader_block *block,
				uint64_t index, uint32_t type);

/* The constructor with this number among the constant ones or the others; SCHEMA_NONE. */
uint32_t typed_constructor_numbered(const struct ancient_schema *schema, uint32_t type,
				    bool constant, int64_t number);

/* A block of tag 0 and this size, 0 for any, inside of a container; BAD_SHAPE otherwise. */
enum ancient_code typed_cell_any(const struct ancient_file *file, const struct ancient_type *type,
				 uint64_t word, uint64_t size, const char *what,
				 struct reader_block *ret_block, struct ancient_error *err);
static inline enum ancient_code typed_cell(const struct ancient_file *file,
					   const struct ancient_type *type, uint64_t word,
					   uint64_t size, const char *what,
					   struct reader_block *ret_block,
					   struct ancient_error *err)
{
	uint64_t offset;

	if (size != 0 && READER_LIKELY(reader_gate_exact(file, word, 0, size, &offset))) {
		*ret_block = (struct reader_block){offset, size, 0};
		return ANCIENT_OK;
	}
	return typed_cell_any(file, type, word, size, what, ret_block, err);
}

/* A table's array of buckets, and its seed. */
enum ancient_code typed_buckets(const struct ancient_file *file, const struct ancient_type *type,
				const struct reader_block *table, struct reader_block *ret_buckets,
				uint32_t *ret_seed, struct ancient_error *err);

/* The next element, or binding, of an iterator, in both `key` and `value` or in `key` alone;
 * NO_INDEX at the end.  Neither `only` nor a torn file is looked at. */
enum ancient_code typed_iterate(struct ancient_iterator *iterator, struct ancient_typed *key,
				struct ancient_typed *value, struct ancient_error *err);

enum {
	TYPED_TABLE_SIZE,
	TYPED_TABLE_DATA,
	TYPED_TABLE_SEED,
	TYPED_TABLE_INITIAL,
	TYPED_TABLE_FIELDS
};
enum { TYPED_CONS_KEY, TYPED_CONS_DATA, TYPED_CONS_NEXT, TYPED_CONS_FIELDS };
enum {
	TYPED_MAP_LEFT,
	TYPED_MAP_KEY,
	TYPED_MAP_DATA,
	TYPED_MAP_RIGHT,
	TYPED_MAP_HEIGHT,
	TYPED_MAP_FIELDS
};
enum { TYPED_SET_LEFT, TYPED_SET_KEY, TYPED_SET_RIGHT, TYPED_SET_HEIGHT, TYPED_SET_FIELDS };

#endif
