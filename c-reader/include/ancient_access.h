/* libancient-reader, typed access without calls: the accessors of a program's inner loops.
 *
 *     struct ancient_access access;
 *     struct ancient_typed size;
 *     int64_t number;
 *
 *     ancient_access_init(file, schema, &access);                    // once
 *     ancient_access_field(&access, package, 1, &size, &err);        // as ancient_typed_field
 *     ancient_access_int(&access, size, &number, &err);              // as ancient_typed_int
 *
 * Each function gives what the function of <ancient_schema.h> with the same end of its name
 * gives, errors included.  What most values are is read inline; the rest, and whatever is not as
 * it should be, goes to that function.
 *
 * Trust.  None here either.  Each access tests that the address is one of a block, that the
 * header is the one the type asks for, and that the words read lie inside the file: all of it on
 * each access, also after ancient_file_verify.  A verified file gives nothing up: whoever may
 * write to it may change it the moment after.  What is
 * believed is the program's own memory: the schema, and struct ancient_access.
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

/* Cannot fail. */
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

/* The fields of the block that `word` points to, where it has just this header and the words of
 * it lie inside the file; NULL otherwise. */
static inline const unsigned char *ancient_access_block(const struct ancient_access *access,
							uint64_t word, uint64_t size, unsigned tag)
{
	/* What is no multiple of 8, as an integer, has its low bits on top, and is too high. */
	uint64_t place = (word - access->first) >> 3 | (word - access->first) << 61;
	const unsigned char *fields;

	if (place >= access->words || size > access->words - place)
		return NULL;
	fields = access->fields + 8 * place;
	return ancient_access_load(fields - 8) == ANCIENT_HEADER(size, tag) ? fields : NULL;
}

/* NULL for what is not in the table, and for elements of float arrays. */
static inline const struct ancient_type *ancient_access_type(const struct ancient_access *access,
							     struct ancient_typed typed)
{
	return typed.type < access->type_count && typed.flat == 0 ? &access->types[typed.type]
								  : NULL;
}

/* ---- Accessors --------------------------------------------------------------------- */

static inline enum ancient_code ancient_access_field(const struct ancient_access *access,
						     struct ancient_typed typed, uint32_t index,
						     struct ancient_typed *ret_field,
						     struct ancient_error *err)
{
	const struct ancient_type *type = ancient_access_type(access, typed);

	if (type != NULL && index < type->field_count && !type->unboxed) {
		const unsigned char *fields =
			ancient_access_block(access, typed.value.word, type->field_count, 0);
		if (fields != NULL) {
			struct ancient_value value = {ancient_access_load(fields + 8ul * index)};
			if (ancient_access_stands(access)) {
				*ret_field = ancient_typed_of(value, type->fields[index].type);
				return ANCIENT_OK;
			}
		}
	}
	return ancient_typed_field(access->file, access->schema, typed, index, ret_field, err);
}

static inline enum ancient_code ancient_access_int(const struct ancient_access *access,
						   struct ancient_typed typed, int64_t *ret_int,
						   struct ancient_error *err)
{
	const struct ancient_type *type = ancient_access_type(access, typed);

	if (type != NULL && type->kind == ANCIENT_TYPE_INT && ancient_value_is_int(typed.value) &&
	    ancient_access_stands(access)) {
		*ret_int = ancient_value_to_int(typed.value);
		return ANCIENT_OK;
	}
	return ancient_typed_int(access->file, access->schema, typed, ret_int, err);
}

static inline enum ancient_code ancient_access_float(const struct ancient_access *access,
						     struct ancient_typed typed, double *ret_float,
						     struct ancient_error *err)
{
	const struct ancient_type *type = ancient_access_type(access, typed);

	if (type != NULL && type->kind == ANCIENT_TYPE_FLOAT) {
		const unsigned char *fields =
			ancient_access_block(access, typed.value.word, 1, ANCIENT_TAG_DOUBLE);
		if (fields != NULL) {
			uint64_t bits = ancient_access_load(fields);
			if (ancient_access_stands(access)) {
				memcpy(ret_float, &bits, sizeof(bits));
				return ANCIENT_OK;
			}
		}
	}
	return ancient_typed_float(access->file, access->schema, typed, ret_float, err);
}

#ifdef __cplusplus
}
#endif

#endif
