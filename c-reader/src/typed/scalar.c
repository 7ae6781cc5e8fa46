/* c-reader/typed: values that are read whole: integers, floats, strings, Z.t, arrays of numbers,
 * bigarrays.  The public functions ancient_typed_int and so on. */
#include <stdlib.h>
#include <string.h>

#include "base/zarith_text.h"
#include "typed/shape.h"

/* A Z.t of more limbs is not converted: the time grows with their square. */
#define LIMBS_MAX 16384u

static enum ancient_code open_int(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  int64_t *ret_int, struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);

	if (code != ANCIENT_OK)
		return code;
	switch (shape.type->kind) {
	case ANCIENT_TYPE_INT32:
	case ANCIENT_TYPE_INT64:
	case ANCIENT_TYPE_NATIVEINT:
		*ret_int = (int64_t)reader_field(file, &shape.block, 1);
		/* Tested before, but somebody may be writing to it. */
		if (shape.type->kind == ANCIENT_TYPE_INT32 && *ret_int != (int32_t)*ret_int)
			return ancient_reader_typed_bad_shape(file, shape.type, shape.word, err,
							      "an integer of 32 bits");
		return ANCIENT_OK;
	case ANCIENT_TYPE_Z:
		if (reader_is_pointer(shape.word))
			return ancient_reader_refuse(file->name, err, ANCIENT_E_TOO_LARGE,
						     "an integer past 2^62 - 1");
		/* fall through */
	case ANCIENT_TYPE_UNIT:
	case ANCIENT_TYPE_BOOL:
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_CHAR:
		*ret_int = (int64_t)shape.word >> 1;
		return ANCIENT_OK;
	default:
		return ancient_reader_typed_wrong_kind(file, shape.type, "integers", err);
	}
}

enum ancient_code ancient_typed_int(const struct ancient_file *file,
				    const struct ancient_schema *schema, struct ancient_typed typed,
				    int64_t *ret_int, struct ancient_error *err)
{
	const struct ancient_type *type = typed_word_type(schema, typed);
	int64_t integer = (int64_t)typed.value.word >> 1;
	enum ancient_code code = ANCIENT_OK;

	if (type == NULL || type->kind != ANCIENT_TYPE_INT || reader_is_pointer(typed.value.word))
		code = open_int(file, schema, typed, &integer, err);
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		*ret_int = integer;
	return code;
}

enum ancient_code ancient_typed_float(const struct ancient_file *file,
				      const struct ancient_schema *schema,
				      struct ancient_typed typed, double *ret_float,
				      struct ancient_error *err)
{
	const struct ancient_type *type = typed_word_type(schema, typed);
	struct typed_shape shape;
	uint64_t bits = 0, offset;
	enum ancient_code code = ANCIENT_OK;

	if (type != NULL && type->kind == ANCIENT_TYPE_FLOAT &&
	    reader_gate_exact(file, typed.value.word, ANCIENT_TAG_DOUBLE, 1, &offset)) {
		bits = reader_word(file, offset);
	} else {
		code = ancient_reader_typed_open_kind(file, schema, typed, ANCIENT_TYPE_FLOAT,
						      &shape, err);
		if (code == ANCIENT_OK)
			bits = shape.flat ? shape.word : reader_field(file, &shape.block, 0);
	}
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK)
		memcpy(ret_float, &bits, sizeof(bits));
	return code;
}

static bool is_string(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_STRING || type->kind == ANCIENT_TYPE_BYTES;
}

enum ancient_code ancient_typed_string(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct ancient_typed typed, const char **ret_bytes,
				       size_t *ret_length, struct ancient_error *err)
{
	const struct ancient_type *type = typed_word_type(schema, typed);
	struct typed_shape shape = {.word = typed.value.word};
	uint64_t offset, length;
	enum ancient_code code = ANCIENT_OK;

	if (type == NULL || !is_string(type) ||
	    !reader_gate_string(file, typed.value.word, &offset, &length)) {
		code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);
		if (code == ANCIENT_OK && !is_string(shape.type))
			code = ancient_reader_typed_wrong_kind(file, shape.type, "string or bytes",
							       err);
	}
	if (code != ANCIENT_OK)
		return reader_settle(file, code, err);
	return ancient_string_get(file, (struct ancient_value){shape.word}, ret_bytes, ret_length,
				  err);
}

/* ---- Z.t --------------------------------------------------------------------------- */

static enum ancient_code open_z(const struct ancient_file *file,
				const struct ancient_schema *schema, struct ancient_typed typed,
				struct ancient_z *z, struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code =
		ancient_reader_typed_open_kind(file, schema, typed, ANCIENT_TYPE_Z, &shape, err);
	uint64_t head, limbs;

	if (code != ANCIENT_OK)
		return code;
	if (!reader_is_pointer(shape.word)) {
		int64_t integer = (int64_t)shape.word >> 1;
		z->negative = integer < 0;
		z->small = integer < 0 ? -(uint64_t)integer : (uint64_t)integer;
		z->magnitude = NULL;
		z->bytes = sizeof(z->small);
		return ANCIENT_OK;
	}
	head = reader_field(file, &shape.block, 1);
	limbs = head & ~(1ull << 63);
	/* Fetched again since the gate, so tested again. */
	if (limbs > shape.block.wosize - 2)
		return ancient_reader_typed_bad_shape(file, shape.type, shape.word, err,
						      "an integer that stays");
	*z = (struct ancient_z){.negative = head >> 63 != 0,
				.magnitude = file->map + shape.block.offset + 2 * ANCIENT_WORD,
				.bytes = limbs * ANCIENT_WORD};
	return ANCIENT_OK;
}

enum ancient_code ancient_typed_z(const struct ancient_file *file,
				  const struct ancient_schema *schema, struct ancient_typed typed,
				  struct ancient_z *ret_z, struct ancient_error *err)
{
	struct ancient_z z;
	enum ancient_code code = reader_settle(file, open_z(file, schema, typed, &z, err), err);

	if (code == ANCIENT_OK) {
		*ret_z = z;
		if (z.magnitude == NULL)
			ret_z->magnitude = &ret_z->small;
	}
	return code;
}

enum ancient_code ancient_typed_z_text(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct ancient_typed typed, char **ret_text,
				       struct ancient_error *err)
{
	struct ancient_z z;
	enum ancient_code code = ancient_typed_z(file, schema, typed, &z, err);
	uint64_t *limbs;
	size_t count;
	char *text;

	if (code != ANCIENT_OK)
		return code;
	count = z.bytes / sizeof(uint64_t);
	if (count > LIMBS_MAX)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_TOO_LARGE,
					     "an integer of %llu words", (unsigned long long)count);
	limbs = malloc((count + 1) * sizeof(*limbs));
	if (limbs != NULL)
		memcpy(limbs, z.magnitude, z.bytes);
	text = limbs == NULL ? NULL : ancient_reader_limbs_text(limbs, count, z.negative);
	free(limbs);
	if (text == NULL)
		return ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "an integer");
	code = reader_settle(file, ANCIENT_OK, err);
	if (code != ANCIENT_OK)
		free(text);
	else
		*ret_text = text;
	return code;
}

/* ---- Arrays of numbers ------------------------------------------------------------- */

enum ancient_code ancient_typed_floats(const struct ancient_file *file,
				       const struct ancient_schema *schema,
				       struct ancient_typed typed, const double **ret_floats,
				       size_t *ret_count, struct ancient_error *err)
{
	struct typed_shape shape;
	enum ancient_code code = ancient_reader_typed_open(file, schema, typed, false, &shape, err);

	if (code == ANCIENT_OK && shape.type->kind != ANCIENT_TYPE_FLOATARRAY &&
	    (shape.type->kind != ANCIENT_TYPE_ARRAY ||
	     !ancient_reader_typed_is_float(schema, shape.type->arguments[0])))
		code = ancient_reader_typed_wrong_kind(file, shape.type,
						       "float array or floatarray", err);
	if (code == ANCIENT_OK && shape.block.tag == 0 && shape.block.wosize > 0)
		code = ancient_reader_typed_bad_shape(file, shape.type, shape.word, err,
						      "a float array");
	code = reader_settle(file, code, err);
	if (code == ANCIENT_OK) {
		*ret_floats = (const double *)(const void *)(file->map + shape.block.offset);
		*ret_count = shape.block.wosize;
	}
	return code;
}

enum ancient_code ancient_typed_bigarray(const struct ancient_file *file,
					 const struct ancient_schema *schema,
					 struct ancient_typed typed,
					 struct ancient_bigarray *ret_bigarray,
					 struct ancient_error *err)
{
	const struct ancient_type *type = typed_word_type(schema, typed);
	struct typed_shape shape = {.type = type, .word = typed.value.word};
	struct ancient_bigarray array;
	enum ancient_code code;

	/* Opened once, which computes its shape; a second time for errors and unboxed types. */
	if (type == NULL || type->kind != ANCIENT_TYPE_BIGARRAY ||
	    ancient_bigarray_get(file, typed.value, &array, NULL) != ANCIENT_OK) {
		code = ancient_reader_typed_open_kind(file, schema, typed, ANCIENT_TYPE_BIGARRAY,
						      &shape, err);
		code = reader_settle(file, code, err);
		if (code == ANCIENT_OK)
			code = ancient_bigarray_get(file, (struct ancient_value){shape.word},
						    &array, err);
		if (code != ANCIENT_OK)
			return code;
	}
	if (array.kind != shape.type->bigarray_kind ||
	    array.fortran != shape.type->bigarray_fortran ||
	    (shape.type->bigarray_dims >= 0 && array.dims != (unsigned)shape.type->bigarray_dims))
		return ancient_reader_typed_bad_shape(
			file, shape.type, shape.word, err,
			"kind %d, %s layout and %d dimensions (-1: any)", shape.type->bigarray_kind,
			shape.type->bigarray_fortran ? "Fortran" : "C", shape.type->bigarray_dims);
	*ret_bigarray = array;
	return ANCIENT_OK;
}
