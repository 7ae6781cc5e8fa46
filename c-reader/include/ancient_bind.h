/* libancient-reader, for generated code: what the headers that `ancientctl codegen` writes are
 * made of.  Programs include such a header, not this one.
 *
 *     struct idx_bind b;
 *     code = idx_bind_key(file, 0, &b, &err);      // once for each open file
 *
 * A header knows the types it was generated from, as tables of constants.  Binding compares
 * them with the types of the file that is open: fields and constructors are looked up by name, and
 * the index of each in this file is stored in the program's struct.  So a field that was added or
 * moved changes nothing, and one that is missing, or of another type, is an error that names it.
 */
#ifndef ANCIENT_BIND_H
#define ANCIENT_BIND_H

#include <ancient_access.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Tables of a generated header ---------------------------------------------- */

struct ancient_bind_field {
	const char *name; /* NULL: part of a tuple, argument, element: by position */
	uint32_t type;
};

struct ancient_bind_constructor {
	const char *name;
	bool constant;
	uint32_t first, count; /* of its arguments in `fields` */
};

struct ancient_bind_type {
	enum ancient_type_kind kind;
	const char *name; /* as OCaml writes it, for messages */
	/* Variants: of their constructors in `constructors`; all others: of their fields,
	 * parts, elements, key and value in `fields`. */
	uint32_t first, count;
	/* bigarray: kind, 256 where the layout is Fortran's, 512 times the dimensions plus 1 */
	uint32_t detail;
};

struct ancient_bind_table {
	const struct ancient_bind_type *types;
	const struct ancient_bind_constructor *constructors;
	const struct ancient_bind_field *fields;
	uint32_t type_count, root;
};

/* ---- Binding -------------------------------------------------------------------- */

/* What every generated `struct idx_bind` begins with.  Borrows the file, which must stay open;
 * holds a reference to the schema. */
struct ancient_bind {
	const struct ancient_file *file;
	struct ancient_schema *schema;
	struct ancient_typed root; /* the value bound */
	struct ancient_access access;
	uint64_t reserved[4];
};

/* Binds `root`, a value of the type `val root` of `schema`.
 *
 * name              stands for the schema in messages; NULL: "schema"
 * ret_fields        the index that each of table->fields has here
 * ret_constructors  the same for table->constructors
 * ret_types         by record and variant of table->types: the type that it is here
 * Errors: NO_FIELD where a field is missing, BAD_SHAPE where a constructor is, or a type is
 * another; TOO_LARGE where the types are too many to compare; MEMORY. */
ANCIENT_API enum ancient_code ancient_bind_value(const struct ancient_file *file,
						 struct ancient_schema *schema,
						 struct ancient_value root, const char *name,
						 const struct ancient_bind_table *table,
						 struct ancient_bind *ret_bind,
						 uint32_t *ret_fields, uint32_t *ret_constructors,
						 uint32_t *ret_types, struct ancient_error *err);

/* The same for what is published under a key, or under a name of `length` bytes, by the schema
 * that the file has for it.
 * Errors also: NO_KEY, BAD_DIRECTORY, TORN_AWAY; BAD_SCHEMA where there is none, or a bad one. */
ANCIENT_API enum ancient_code ancient_bind_key(const struct ancient_file *file, uint64_t key,
					       const struct ancient_bind_table *table,
					       struct ancient_bind *ret_bind, uint32_t *ret_fields,
					       uint32_t *ret_constructors, uint32_t *ret_types,
					       struct ancient_error *err);
ANCIENT_API enum ancient_code ancient_bind_named(const struct ancient_file *file,
						 const char *key_name, size_t length,
						 const struct ancient_bind_table *table,
						 struct ancient_bind *ret_bind,
						 uint32_t *ret_fields, uint32_t *ret_constructors,
						 uint32_t *ret_types, struct ancient_error *err);

/* Gives the schema back. */
ANCIENT_API void ancient_bind_close(struct ancient_bind *bind);

/* ---- Steps of generated accessors ------------------------------------------------ */

/* Which of `count` constructors a variant is, `indices` being their indices in this file;
 * `count` where it is none of them. */
ANCIENT_API enum ancient_code ancient_bind_kind(const struct ancient_bind *bind,
						struct ancient_typed typed, const uint32_t *indices,
						uint32_t count, uint32_t *ret_kind,
						struct ancient_error *err);

/* Argument `index` of a variant that must be of `constructor`, both indices of this file.
 * Errors: WRONG_KIND where it is of another constructor. */
ANCIENT_API enum ancient_code ancient_bind_argument(const struct ancient_bind *bind,
						    struct ancient_typed typed,
						    uint32_t constructor, uint32_t index,
						    struct ancient_typed *ret_argument,
						    struct ancient_error *err);

/* ---- Keys of generated code ------------------------------------------------------ */

/* The key of a record, or of a constructor with arguments, is made in two steps.  First its parts,
 * each put where this file has it: `index` of `count` parts; one that is not among them is dropped.
 * Then the key of them, which lies beside the parts, so that it can be copied with them: its `as`
 * is NULL until ancient_bind_key_of points it to the parts. */
static inline void ancient_bind_key_part(struct ancient_key *parts, uint32_t count, uint32_t index,
					 struct ancient_key part)
{
	if (index < count)
		parts[index] = part;
}

/* type      record of this file, of `count` fields; where it has more, which the program cannot
 *           know, a lookup for the key is WRONG_KIND
 * numbers   room for `count`, where all of them are floats; otherwise NULL */
ANCIENT_API void ancient_bind_key_record(const struct ancient_bind *bind, uint32_t type,
					 const struct ancient_key *parts, uint32_t count,
					 double *numbers, struct ancient_key *ret_key);

/* type          variant or polymorphic variant of this file
 * constructor   of it, an index of this file
 * parts         its `count` arguments; of a polymorphic variant, in parts[1], where parts[0] is
 *               filled in here; NULL: none */
ANCIENT_API void ancient_bind_key_constructor(const struct ancient_bind *bind, uint32_t type,
					      uint32_t constructor, struct ancient_key *parts,
					      uint32_t count, struct ancient_key *ret_key);

/* The key for a lookup; generated code has a function PREFIX_..._key_bound that calls this.  A key
 * that was not bound is ARGUMENT wherever one is taken.  It borrows the parts and what they point
 * to. */
static inline struct ancient_key
ancient_bind_key_of(struct ancient_key key, const struct ancient_key *parts, const double *numbers)
{
	if (key.kind == ANCIENT_KEY_BLOCK && key.as.fields == NULL)
		key.as.fields = parts;
	if (key.kind == ANCIENT_KEY_FLOATS && key.as.numbers == NULL)
		key.as.numbers = numbers;
	return key;
}

ANCIENT_INLINE enum ancient_code ancient_bind_bool(const struct ancient_bind *bind,
						   struct ancient_typed typed, bool *ret_bool,
						   struct ancient_error *err)
{
	int64_t number;
	enum ancient_code code = ancient_typed_int(bind->file, bind->schema, typed, &number, err);

	if (code == ANCIENT_OK)
		*ret_bool = number != 0;
	return code;
}

ANCIENT_INLINE enum ancient_code ancient_bind_char(const struct ancient_bind *bind,
						   struct ancient_typed typed,
						   unsigned char *ret_char,
						   struct ancient_error *err)
{
	int64_t number;
	enum ancient_code code = ancient_typed_int(bind->file, bind->schema, typed, &number, err);

	if (code == ANCIENT_OK)
		*ret_char = (unsigned char)number;
	return code;
}

ANCIENT_INLINE enum ancient_code ancient_bind_int32(const struct ancient_bind *bind,
						    struct ancient_typed typed, int32_t *ret_int,
						    struct ancient_error *err)
{
	int64_t number;
	enum ancient_code code = ancient_typed_int(bind->file, bind->schema, typed, &number, err);

	if (code == ANCIENT_OK)
		*ret_int = (int32_t)number;
	return code;
}

#ifdef __cplusplus
}
#endif

#endif
