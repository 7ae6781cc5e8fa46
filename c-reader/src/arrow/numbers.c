/* c-reader/arrow: the public ancient_arrow_numbers: float arrays and bigarrays in place, in arrays
 * that each hold a reference to the file. */
#include "arrow/batch.h"
#include "arrow/schema.h"
#include "base/error.h"
#include "base/guard.h"

#include <stdio.h>

/* Arrays within each other: the dimensions of a bigarray from the first on, each but the last a
 * list of so many of the next, then a pair where the numbers are complex, then the numbers. */
struct layers {
	const struct ancient_file *file;
	const void *data;
	const char *format; /* of the numbers */
	unsigned count;
	uint64_t length[18]; /* of each array; the first is the outermost */
	uint64_t size[18];   /* of the lists in it; 0 for the innermost */
};

static enum ancient_code wrong(const struct ancient_file *file, struct ancient_error *err,
			       const char *found)
{
	return ancient_reader_refuse(file->name, err, ANCIENT_E_WRONG_KIND,
				     "expected a float array or a bigarray in C layout, found %s",
				     found);
}

static enum ancient_code add_layer(struct layers *layers, uint64_t size, struct ancient_error *err)
{
	const unsigned i = layers->count;

	/* The size of a list is a number of 32 bits in Arrow. */
	if (size > INT32_MAX)
		return ancient_reader_refuse(layers->file->name, err, ANCIENT_E_TOO_LARGE,
					     "a dimension of %llu", (unsigned long long)size);
	/* What has elements is in the file; lists without any may be as many as somebody wrote. */
	if (layers->length[i] > layers->file->words * ANCIENT_WORD / (size == 0 ? 1 : size))
		return ancient_reader_refuse(
			layers->file->name, err, ANCIENT_E_TOO_LARGE,
			"more lists without an element than the file has bytes");
	layers->size[i] = size;
	layers->length[i + 1] = layers->length[i] * size;
	layers->count++;
	return ANCIENT_OK;
}

static enum ancient_code of_bigarray(const struct ancient_file *file,
				     const struct ancient_bigarray *array, struct layers *layers,
				     struct ancient_error *err)
{
	static const char *const formats[ANCIENT_BIGARRAY_KINDS] = {
		"f", "g", "c", "C", "s", "S", "i", "l", "l", "l", "f", "g", "C", "e"};
	const bool complex = array->kind == ANCIENT_BIGARRAY_COMPLEX32 ||
			     array->kind == ANCIENT_BIGARRAY_COMPLEX64;
	enum ancient_code code = ANCIENT_OK;

	if (array->fortran && array->dims > 1)
		return wrong(file, err, "one in Fortran layout");
	if (array->kind < 0 || array->kind >= (int)ANCIENT_BIGARRAY_KINDS)
		return wrong(file, err, "a bigarray of an unknown kind");
	*layers = (struct layers){.file = file,
				  .data = array->data,
				  .format = formats[array->kind],
				  .length = {array->dims == 0 ? 1 : array->dim[0]}};
	for (unsigned i = 1; i < array->dims && code == ANCIENT_OK; i++)
		code = add_layer(layers, array->dim[i], err);
	if (complex && code == ANCIENT_OK)
		code = add_layer(layers, 2, err);
	return code;
}

static enum ancient_code look(const struct ancient_file *file, struct ancient_value value,
			      struct layers *layers, struct ancient_error *err)
{
	enum ancient_kind kind;
	struct ancient_bigarray array;
	const double *floats;
	size_t count;
	enum ancient_code code = ancient_value_kind(file, value, &kind, err);

	if (code != ANCIENT_OK)
		return code;
	if (kind == ANCIENT_KIND_BIGARRAY) {
		code = ancient_bigarray_get(file, value, &array, err);
		return code != ANCIENT_OK ? code : of_bigarray(file, &array, layers, err);
	}
	if (kind != ANCIENT_KIND_FLOAT_ARRAY)
		return wrong(file, err, ancient_kind_name(kind));
	code = ancient_float_array_get(file, value, &floats, &count, err);
	if (code == ANCIENT_OK)
		*layers = (struct layers){
			.file = file, .data = floats, .format = "g", .length = {count}};
	return code;
}

static bool make_schema(const struct layers *layers, struct ArrowSchema *ret_schema)
{
	struct ArrowSchema *schema = ret_schema;

	for (unsigned i = 0; i <= layers->count; i++) {
		const bool list = i < layers->count;
		char format[24];
		snprintf(format, sizeof(format), "+w:%llu", (unsigned long long)layers->size[i]);
		if (!ancient_reader_arrow_schema_new(schema, list ? format : layers->format,
						     i == 0 ? "" : "item", 0, list, false))
			return false;
		schema = list ? schema->children[0] : NULL;
	}
	return true;
}

static bool make_array(struct ancient_file *file, const struct layers *layers,
		       struct ArrowArray *ret_array)
{
	struct ArrowArray *array = ret_array;

	for (unsigned i = 0; i <= layers->count; i++) {
		const bool list = i < layers->count;
		struct arrow_owned *owned = ancient_reader_arrow_owned(array, list, false);
		if (owned == NULL)
			return false;
		array->length = (int64_t)layers->length[i];
		array->n_buffers = list ? 1 : 2;
		owned->file = ancient_file_ref(file);
		owned->buffers[1] = list ? NULL : layers->data;
		array = list ? array->children[0] : NULL;
	}
	return true;
}

enum ancient_code ancient_arrow_numbers(struct ancient_file *file, struct ancient_value value,
					struct ArrowSchema *ret_schema,
					struct ArrowArray *ret_array, struct ancient_error *err)
{
	struct ArrowSchema schema = {0};
	struct ArrowArray array = {0};
	struct layers layers = {0};
	enum ancient_code code = reader_settle(file, look(file, value, &layers, err), err);

	if (code != ANCIENT_OK)
		return code;
	if (make_schema(&layers, &schema) && make_array(file, &layers, &array)) {
		*ret_schema = schema;
		*ret_array = array;
		return ANCIENT_OK;
	}
	if (schema.release != NULL)
		schema.release(&schema);
	if (array.release != NULL)
		array.release(&array);
	return ancient_reader_refuse(file->name, err, ANCIENT_E_MEMORY, "an array");
}
