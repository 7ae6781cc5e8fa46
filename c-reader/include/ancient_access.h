/* libancient-reader, typed access without calls: the accessors of a program's inner loops.
 *
 *     struct ancient_access access;
 *     struct ancient_typed size;
 *     int64_t number;
 *
 *     ancient_access_init(file, schema, &access);                    // once
 *     ancient_access_field(&access, package, 1, &size, &err);        // as ancient_typed_field
 *     ancient_access_int(&access, size, &number, &err);              // as ancient_typed_int
 *     ancient_access_field_int(&access, package, 1, &number, &err);  // both in one step
 *
 * ancient_access_NAME gives what ancient_typed_NAME of <ancient_typed.h> gives, errors included.
 * Values of the commonest shape are read inline; all others, and damaged ones, by calling that
 * function.
 *
 * Trust.  The file is not trusted here either.  Each access tests that the address is one of a
 * block, that the header is the one the type asks for, and that the words read lie inside the
 * file.  That holds after ancient_file_verify too, because another process may write to the file
 * after it was verified.  What is trusted is the program's own memory: the schema and the struct
 * ancient_access.
 *
 * Lifetime and threads.  An access borrows file and schema, owns nothing, need not be closed, and
 * may be used by any number of threads.
 */
#ifndef ANCIENT_ACCESS_H
#define ANCIENT_ACCESS_H

#include <ancient/format.h>
#include <ancient_schema.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ancient_access { /* all private */
	const struct ancient_file *file;
	const struct ancient_schema *schema;
	const struct ancient_type *types;
	const unsigned char *fields; /* in the mapping: the first field that a block can have */
	uint64_t first;              /* its address in an OCaml process */
	uint64_t words;              /* from there on */
	const bool *torn;
	uint32_t type_count;
	uint64_t reserved[2];
};

/* Cannot fail.
 *
 * schema   NULL: only the steps below that look at no type may be used */
ANCIENT_API void ancient_access_init(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_access *ret_access);

/* ---- Steps ------------------------------------------------------------------------- */

static inline uint64_t ancient_access_load(const unsigned char *at)
{
	return __atomic_load_n((const uint64_t *)(const void *)at, __ATOMIC_RELAXED);
}

/* Whether the file was not torn away.  Ask after reading and before using what was read: a torn
 * file reads as zeros. */
static inline bool ancient_access_stands(const struct ancient_access *access)
{
	return !__atomic_load_n(access->torn, __ATOMIC_RELAXED);
}

/* The number of the word at address `word`, counted from address `first` on.  An address below
 * `first` wraps around.  The rotation moves the low three bits to the top, so a word that is no
 * multiple of 8, such as an integer, becomes too large as well. */
static inline uint64_t ancient_access_place(uint64_t first, uint64_t word)
{
	uint64_t bytes = word - first;

	return bytes >> 3 | bytes << 61;
}

/* Finds the fields of the block that `word` points to; false unless the block has exactly this
 * header and lies inside the file. */
static inline bool ancient_access_block(const struct ancient_access *access, uint64_t word,
					uint64_t size, unsigned tag,
					const unsigned char **ret_fields)
{
	uint64_t place = ancient_access_place(access->first, word);

	if (place >= access->words || size > access->words - place)
		return false;
	*ret_fields = access->fields + 8 * place;
	return ancient_access_load(*ret_fields - 8) ==
	       (size << ANCIENT_HEADER_WOSIZE_SHIFT | ANCIENT_HEADER_COLOUR | tag);
}

/* The type of a value; false where the schema has no such type, and for an element of a float
 * array. */
static inline bool ancient_access_type(const struct ancient_access *access,
				       struct ancient_typed typed,
				       const struct ancient_type **ret_type)
{
	const uint64_t type_and_flat = typed.type | (uint64_t)typed.flat << 32;

	if (type_and_flat >= access->type_count)
		return false;
	*ret_type = &access->types[type_and_flat];
	return true;
}

/* The word of a field of a record or tuple that is a block of tag 0, and the field's declaration.
 * A torn file reads as zeros, so check ancient_access_stands afterwards unless the word is odd. */
static inline bool ancient_access_word(const struct ancient_access *access,
				       struct ancient_typed typed, uint32_t index,
				       const struct ancient_field **ret_field, uint64_t *ret_word)
{
	const struct ancient_type *type;
	const unsigned char *fields;

	if (!ancient_access_type(access, typed, &type) || index >= type->block_fields ||
	    !ancient_access_block(access, typed.value.word, type->block_fields, 0, &fields))
		return false;
	*ret_word = ancient_access_load(fields + 8ul * index);
	*ret_field = &type->fields[index];
	return true;
}

/* Reads a boxed float. */
static inline bool ancient_access_double(const struct ancient_access *access, uint64_t word,
					 double *ret_float)
{
	const unsigned char *fields;
	uint64_t bits;

	if (!ancient_access_block(access, word, 1, ANCIENT_TAG_DOUBLE, &fields))
		return false;
	bits = ancient_access_load(fields);
	if (!ancient_access_stands(access))
		return false;
	memcpy(ret_float, &bits, sizeof(bits));
	return true;
}

/* ---- Accessors --------------------------------------------------------------------- */

static inline enum ancient_code ancient_access_field(const struct ancient_access *access,
						     struct ancient_typed typed, uint32_t index,
						     struct ancient_typed *ret_field,
						     struct ancient_error *err)
{
	const struct ancient_field *field;
	struct ancient_value value;

	if (!ancient_access_word(access, typed, index, &field, &value.word) ||
	    !ancient_access_stands(access))
		return ancient_typed_field(access->file, access->schema, typed, index, ret_field,
					   err);
	*ret_field = ancient_typed_of(value, field->type);
	return ANCIENT_OK;
}

static inline enum ancient_code ancient_access_int(const struct ancient_access *access,
						   struct ancient_typed typed, int64_t *ret_int,
						   struct ancient_error *err)
{
	const struct ancient_type *type;

	if (!ancient_access_type(access, typed, &type) || type->kind != ANCIENT_TYPE_INT ||
	    !ancient_value_is_int(typed.value) || !ancient_access_stands(access))
		return ancient_typed_int(access->file, access->schema, typed, ret_int, err);
	*ret_int = ancient_value_to_int(typed.value);
	return ANCIENT_OK;
}

static inline enum ancient_code ancient_access_float(const struct ancient_access *access,
						     struct ancient_typed typed, double *ret_float,
						     struct ancient_error *err)
{
	const struct ancient_type *type;

	if (!ancient_access_type(access, typed, &type) || type->kind != ANCIENT_TYPE_FLOAT ||
	    !ancient_access_double(access, typed.value.word, ret_float))
		return ancient_typed_float(access->file, access->schema, typed, ret_float, err);
	return ANCIENT_OK;
}

/* ---- A field, and what is in it ----------------------------------------------------- */

/* By the two functions, for fields of less common shapes, and errors. */
static inline enum ancient_code ancient_access_any_int(const struct ancient_access *access,
						       struct ancient_typed typed, uint32_t index,
						       int64_t *ret_int, struct ancient_error *err)
{
	struct ancient_typed field;
	enum ancient_code code =
		ancient_typed_field(access->file, access->schema, typed, index, &field, err);

	if (code != ANCIENT_OK)
		return code;
	return ancient_typed_int(access->file, access->schema, field, ret_int, err);
}

static inline enum ancient_code ancient_access_any_float(const struct ancient_access *access,
							 struct ancient_typed typed, uint32_t index,
							 double *ret_float,
							 struct ancient_error *err)
{
	struct ancient_typed field;
	enum ancient_code code =
		ancient_typed_field(access->file, access->schema, typed, index, &field, err);

	if (code != ANCIENT_OK)
		return code;
	return ancient_typed_float(access->file, access->schema, field, ret_float, err);
}

/* ancient_access_field, and ancient_access_int of what it gives, in one step. */
static inline enum ancient_code ancient_access_field_int(const struct ancient_access *access,
							 struct ancient_typed typed, uint32_t index,
							 int64_t *ret_int,
							 struct ancient_error *err)
{
	const struct ancient_field *field;
	struct ancient_value value;

	if (!ancient_access_word(access, typed, index, &field, &value.word) ||
	    field->kind != ANCIENT_TYPE_INT || !ancient_value_is_int(value))
		return ancient_access_any_int(access, typed, index, ret_int, err);
	*ret_int = ancient_value_to_int(value);
	return ANCIENT_OK;
}

static inline enum ancient_code ancient_access_field_float(const struct ancient_access *access,
							   struct ancient_typed typed,
							   uint32_t index, double *ret_float,
							   struct ancient_error *err)
{
	const struct ancient_field *field;
	uint64_t word;

	if (!ancient_access_word(access, typed, index, &field, &word) ||
	    field->kind != ANCIENT_TYPE_FLOAT || !ancient_access_double(access, word, ret_float))
		return ancient_access_any_float(access, typed, index, ret_float, err);
	return ANCIENT_OK;
}

#ifdef __cplusplus
}
#endif

#endif
