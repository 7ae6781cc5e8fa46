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
 *     struct ancient_member member;                                  // for very many records
 *     ancient_member_init(&access, package.type, 1, &member);        // once
 *     ancient_member_int(&member, package, &number, &err);
 *
 * Each function gives what the functions of <ancient_schema.h> with the same ends of their names
 * give, errors included.  What most values are is read inline; the rest, and whatever is not as
 * it should be, goes to those functions.
 *
 * Trust.  None here either.  Each access tests that the address is one of a block, that the
 * header is the one the type asks for, and that the words read lie inside the file: all of it on
 * each access, also after ancient_file_verify.  A verified file gives nothing up: whoever may
 * write to it may change it the moment after.  What is believed is the program's own memory: the
 * schema, struct ancient_access and struct ancient_member.
 *
 * Lifetime and threads.  An access borrows file and schema, owns nothing, needs no end, and may be
 * used by any number of threads.
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
};

/* Cannot fail.  schema NULL: for the steps alone, which look at no type. */
ANCIENT_API void ancient_access_init(const struct ancient_file *file,
				     const struct ancient_schema *schema,
				     struct ancient_access *ret_access);

/* ---- Steps ------------------------------------------------------------------------- */

static inline uint64_t ancient_access_load(const unsigned char *at)
{
	return __atomic_load_n((const uint64_t *)(const void *)at, __ATOMIC_RELAXED);
}

/* Nothing is handed out that was read from a file torn away: it may be zeros. */
static inline bool ancient_access_stands(const struct ancient_access *access)
{
	return !__atomic_load_n(access->torn, __ATOMIC_RELAXED);
}

/* The number of the word at address `word`, counted from address `first` on.  An address below
 * `first` wraps, and one that is no multiple of 8 away from it, as an immediate, has its low bits
 * on top: both give a number larger than any file has words. */
static inline uint64_t ancient_access_place(uint64_t first, uint64_t word)
{
	uint64_t bytes = word - first;

	return bytes >> 3 | bytes << 61;
}

/* Where the fields of the block that `word` points to are, if it has just this header and the
 * words of it lie inside the file. */
static inline bool ancient_access_block(const struct ancient_access *access, uint64_t word,
					uint64_t size, unsigned tag,
					const unsigned char **ret_fields)
{
	uint64_t place = ancient_access_place(access->first, word);

	if (place >= access->words || size > access->words - place)
		return false;
	*ret_fields = access->fields + 8 * place;
	return ancient_access_load(*ret_fields - 8) == ANCIENT_HEADER(size, tag);
}

/* The type of a value; false for what is not in the table, and for elements of float arrays. */
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

/* The word of a field of a record or tuple of tag 0, and what is declared of it.  Whether the file
 * stands is for the caller to ask, but where the word turns out to be an integer: zeros are
 * none. */
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

/* The double of a boxed float. */
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

/* What is not as most fields are, and errors. */
static inline enum ancient_code ancient_access_other_int(const struct ancient_access *access,
							 struct ancient_typed typed, uint32_t index,
							 int64_t *ret_int,
							 struct ancient_error *err)
{
	struct ancient_typed field;
	enum ancient_code code =
		ancient_typed_field(access->file, access->schema, typed, index, &field, err);

	if (code != ANCIENT_OK)
		return code;
	return ancient_typed_int(access->file, access->schema, field, ret_int, err);
}

static inline enum ancient_code ancient_access_other_float(const struct ancient_access *access,
							   struct ancient_typed typed,
							   uint32_t index, double *ret_float,
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
		return ancient_access_other_int(access, typed, index, ret_int, err);
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
		return ancient_access_other_float(access, typed, index, ret_float, err);
	return ANCIENT_OK;
}

/* ---- One field of many records -------------------------------------------------------- */

/* A field of a type, looked up once, for reading it in any number of records of that type.
 * Borrows the access, which must stay where it is and as it is. */
struct ancient_member { /* all private */
	const struct ancient_access *access;
	const unsigned char *headers, *words; /* of the first block that there can be */
	uint64_t first, places;               /* its address, and how many there can be */
	uint64_t header;
	uint64_t type;
	uint32_t index;
	uint32_t field_type;
	enum ancient_type_kind kind;
};

/* Cannot fail: that there is no such type or field is an error of the accessors. */
ANCIENT_API void ancient_member_init(const struct ancient_access *access, uint32_t type,
				     uint32_t index, struct ancient_member *ret_member);

/* The field's word in a record, tested just as by ancient_access_word. */
static inline bool ancient_member_word(const struct ancient_member *member,
				       struct ancient_typed record, uint64_t *ret_word)
{
	uint64_t place = ancient_access_place(member->first, record.value.word);

	if ((record.type | (uint64_t)record.flat << 32) != member->type ||
	    place >= member->places ||
	    ancient_access_load(member->headers + 8 * place) != member->header)
		return false;
	*ret_word = ancient_access_load(member->words + 8 * place);
	return true;
}

/* As ancient_access_field: of a record of another type, the field at the same index. */
static inline enum ancient_code ancient_member_get(const struct ancient_member *member,
						   struct ancient_typed record,
						   struct ancient_typed *ret_field,
						   struct ancient_error *err)
{
	struct ancient_value value;

	if (!ancient_member_word(member, record, &value.word) ||
	    !ancient_access_stands(member->access))
		return ancient_access_field(member->access, record, member->index, ret_field, err);
	*ret_field = ancient_typed_of(value, member->field_type);
	return ANCIENT_OK;
}

static inline enum ancient_code ancient_member_int(const struct ancient_member *member,
						   struct ancient_typed record, int64_t *ret_int,
						   struct ancient_error *err)
{
	struct ancient_value value;

	if (!ancient_member_word(member, record, &value.word) || member->kind != ANCIENT_TYPE_INT ||
	    !ancient_value_is_int(value))
		return ancient_access_other_int(member->access, record, member->index, ret_int,
						err);
	*ret_int = ancient_value_to_int(value);
	return ANCIENT_OK;
}

static inline enum ancient_code ancient_member_float(const struct ancient_member *member,
						     struct ancient_typed record, double *ret_float,
						     struct ancient_error *err)
{
	uint64_t word;

	if (!ancient_member_word(member, record, &word) || member->kind != ANCIENT_TYPE_FLOAT ||
	    !ancient_access_double(member->access, word, ret_float))
		return ancient_access_other_float(member->access, record, member->index, ret_float,
						  err);
	return ANCIENT_OK;
}

#ifdef __cplusplus
}
#endif

#endif
