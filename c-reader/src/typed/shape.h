/* c-reader/typed: a value opened by its type: shape.c, which every typed access goes through. */
#ifndef ANCIENT_READER_TYPED_SHAPE_H
#define ANCIENT_READER_TYPED_SHAPE_H

#include "schema/schema.h"
#include "value/gate.h"

/* A value whose shape was compared with its type. */
struct typed_shape {
	uint32_t number; /* of the type */
	const struct ancient_type *type;
	uint64_t word;
	bool flat;                 /* the word is a double's bits */
	struct reader_block block; /* where the word is a pointer; wosize 0 otherwise */
	uint32_t constructor;      /* of a variant */
};

/* The type of a typed value.  Errors: ARGUMENT. */
enum ancient_code ancient_reader_typed_type(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed,
					    const struct ancient_type **ret_type,
					    struct ancient_error *err);

/* Opens a value.
 *
 * unboxed   true: a value of an [@@unboxed] type is opened as it is, with no block; false: as a
 *           value of the type inside */
enum ancient_code ancient_reader_typed_open(const struct ancient_file *file,
					    const struct ancient_schema *schema,
					    struct ancient_typed typed, bool unboxed,
					    struct typed_shape *ret_shape,
					    struct ancient_error *err);

/* The same, and WRONG_KIND where the type is not of this kind. */
enum ancient_code
ancient_reader_typed_open_kind(const struct ancient_file *file, const struct ancient_schema *schema,
			       struct ancient_typed typed, enum ancient_type_kind kind,
			       struct typed_shape *ret_shape, struct ancient_error *err);

/* ---- Errors ---------------------------------------------------------------------- */

/* WRONG_KIND: "expected a value of type EXPECTED, found one of Package.t". */
enum ancient_code ancient_reader_typed_wrong_kind(const struct ancient_file *file,
						  const struct ancient_type *type,
						  const char *expected, struct ancient_error *err);

/* BAD_SHAPE: "Package.t: expected ..., found " and what the word is. */
enum ancient_code ancient_reader_typed_bad_shape(const struct ancient_file *file,
						 const struct ancient_type *type, uint64_t word,
						 struct ancient_error *err, const char *format, ...)
	READER_PRINTF(5, 6) READER_COLD;

/* NO_INDEX: "Package.t: expected an index below COUNT, found INDEX". */
enum ancient_code ancient_reader_typed_no_index(const struct ancient_file *file,
						const struct ancient_type *type, uint64_t index,
						uint64_t count, struct ancient_error *err);

/* ---- Types ----------------------------------------------------------------------- */

/* The type of a value that is a word of its own; NULL for an element of a float array, and for a
 * type that the schema does not have, where ancient_reader_typed_type decides. */
static inline const struct ancient_type *typed_word_type(const struct ancient_schema *schema,
							 struct ancient_typed typed)
{
	return READER_LIKELY(typed.type < schema->count && typed.flat == 0)
		       ? &schema->types[typed.type]
		       : NULL;
}

/* Whether values are blocks of the standard library that hold a list or an array of elements. */
static inline bool typed_is_holder(enum ancient_type_kind kind)
{
	return kind >= ANCIENT_TYPE_QUEUE && kind <= ANCIENT_TYPE_DYNARRAY;
}

/* The type inside an [@@unboxed] type, one step. */
uint32_t ancient_reader_typed_inside(const struct ancient_type *type);

/* Whether the type is float, or unboxed and float inside. */
bool ancient_reader_typed_is_float(const struct ancient_schema *schema, uint32_t type);

/* The constructor with this number, among the constant ones or among the others; SCHEMA_NONE. */
uint32_t ancient_reader_typed_constructor_numbered(const struct ancient_schema *schema,
						   uint32_t type, bool constant, int64_t number);

#endif
