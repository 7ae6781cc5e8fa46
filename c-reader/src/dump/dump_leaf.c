/* c-reader/dump: values without fields as JSON (FORMAT, appendix A): integers, strings, floats,
 * bigarrays and other custom blocks.  Called by both dumps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/zarith_text.h"
#include "dump/dump_leaf.h"
#include "value/bigarray.h"
#include "value/gate_custom.h"

/* A Z.t of more limbs than this has no decimal here (TOO_LARGE): the conversion takes the
 * square of the length, and a file must not be able to ask for hours.  315 000 digits. */
#define LIMBS_MAX 16384u

/* An object begins, with this member. */
static void open_member(struct reader_json *json, const char *name)
{
	ancient_reader_json_begin(json, '{');
	ancient_reader_json_key(json, name);
}

/* ---- Numbers and strings --------------------------------------------------------- */

void ancient_reader_dump_immediate(struct reader_json *json, int64_t value)
{
	const int64_t exact = (int64_t)1 << 53;

	if (value >= -exact && value <= exact) {
		ancient_reader_json_int(json, value);
		return;
	}
	open_member(json, "int");
	ancient_reader_json_int(json, value);
	ancient_reader_json_end(json, '}');
}

static double as_double(uint64_t word)
{
	double value;

	memcpy(&value, &word, sizeof(value));
	return value;
}

static void dump_string(struct dump_output *out, const struct reader_block *block)
{
	uint64_t length, last;

	/* Fetched again since the gate, so tested again. */
	if (reader_string_length(out->file, block, &length, &last))
		ancient_reader_json_text(&out->json, (const char *)out->file->map + block->offset,
					 length);
	else
		ancient_reader_dump_output_note(
			out, ancient_reader_refuse(out->file->name, out->err, ANCIENT_E_BAD_STRING,
						   "the file changed while it was read"));
}

static void dump_float(struct dump_output *out, const struct reader_block *block)
{
	open_member(&out->json, "float");
	ancient_reader_json_double(&out->json, as_double(reader_field(out->file, block, 0)));
	ancient_reader_json_end(&out->json, '}');
}

static void dump_float_array(struct dump_output *out, const struct reader_block *block)
{
	open_member(&out->json, "floats");
	ancient_reader_json_begin(&out->json, '[');
	for (uint64_t i = 0; i < block->wosize && dump_output_good(out); i++)
		ancient_reader_json_double(&out->json,
					   as_double(reader_field(out->file, block, i)));
	ancient_reader_json_end(&out->json, ']');
	ancient_reader_json_end(&out->json, '}');
}

/* ---- Bigarrays ------------------------------------------------------------------- */

static const char *const kind_names[ANCIENT_BIGARRAY_KINDS] = {
	"float32", "float64", "int8",      "uint8",     "int16",     "uint16", "int32",
	"int64",   "int",     "nativeint", "complex32", "complex64", "char",   "float16",
};

/* IEEE binary16. */
static double half(uint16_t bits)
{
	int exponent = bits >> 10 & 31, fraction = bits & 1023;
	double value;

	if (exponent == 31)
		value = fraction == 0 ? (double)INFINITY : (double)NAN;
	else if (exponent == 0)
		value = ldexp(fraction, -24);
	else
		value = ldexp(fraction + 1024, exponent - 25);
	return (bits & 0x8000) != 0 ? -value : value;
}

static double single(const unsigned char *at)
{
	float value;

	memcpy(&value, at, sizeof(value));
	return (double)value;
}

static double twice(const unsigned char *at)
{
	double value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static int64_t integer(const unsigned char *at, size_t bytes, bool is_signed)
{
	uint64_t value = 0;
	unsigned unused = 64 - 8 * (unsigned)bytes;

	memcpy(&value, at, bytes);
	return is_signed ? (int64_t)(value << unused) >> unused : (int64_t)value;
}

static void dump_complex(struct reader_json *json, double real, double imaginary)
{
	ancient_reader_json_begin(json, '[');
	ancient_reader_json_double(json, real);
	ancient_reader_json_double(json, imaginary);
	ancient_reader_json_end(json, ']');
}

static void dump_element(struct reader_json *json, const struct ancient_bigarray *array,
			 const unsigned char *at)
{
	switch (array->kind) {
	case ANCIENT_BIGARRAY_FLOAT32:
		ancient_reader_json_double(json, single(at));
		break;
	case ANCIENT_BIGARRAY_FLOAT64:
		ancient_reader_json_double(json, twice(at));
		break;
	case ANCIENT_BIGARRAY_FLOAT16:
		ancient_reader_json_double(json, half((uint16_t)integer(at, 2, false)));
		break;
	case ANCIENT_BIGARRAY_COMPLEX32:
		dump_complex(json, single(at), single(at + 4));
		break;
	case ANCIENT_BIGARRAY_COMPLEX64:
		dump_complex(json, twice(at), twice(at + 8));
		break;
	case ANCIENT_BIGARRAY_INT8_UNSIGNED:
	case ANCIENT_BIGARRAY_INT16_UNSIGNED:
	case ANCIENT_BIGARRAY_CHAR:
		ancient_reader_json_int(json, integer(at, array->item_bytes, false));
		break;
	default:
		ancient_reader_json_int(json, integer(at, array->item_bytes, true));
	}
}

void ancient_reader_dump_bigarray(struct dump_output *out, const struct ancient_bigarray *array)
{
	struct reader_json *json = &out->json;

	open_member(json, "bigarray");
	ancient_reader_json_string(json, kind_names[array->kind]);
	ancient_reader_json_string_member(json, "layout", array->fortran ? "fortran" : "c");
	ancient_reader_json_key(json, "dims");
	ancient_reader_json_begin(json, '[');
	for (unsigned i = 0; i < array->dims; i++)
		ancient_reader_json_unsigned(json, array->dim[i]);
	ancient_reader_json_end(json, ']');
	ancient_reader_json_key(json, "data");
	ancient_reader_json_begin(json, '[');
	for (uint64_t i = 0; i < array->count && dump_output_good(out); i++)
		dump_element(json, array,
			     (const unsigned char *)array->data + i * array->item_bytes);
	ancient_reader_json_end(json, ']');
	ancient_reader_json_end(json, '}');
}

static void dump_gated_bigarray(struct dump_output *out, const struct reader_block *block,
				const struct reader_bigarray *array)
{
	struct ancient_bigarray view;
	enum ancient_code code =
		ancient_reader_bigarray_view(out->file, block, array, &view, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code == ANCIENT_OK)
		ancient_reader_dump_bigarray(out, &view);
}

/* ---- Other customs --------------------------------------------------------------- */

static void dump_zarith(struct dump_output *out, const struct reader_block *block)
{
	uint64_t head = reader_field(out->file, block, 1), count = head & ~(1ull << 63);
	const uint64_t limit = out->options->limit;
	uint64_t *limbs;
	char *digits;

	if (count > block->wosize - 2) {
		ancient_reader_dump_output_note(
			out, ancient_reader_refuse(out->file->name, out->err, ANCIENT_E_BAD_CUSTOM,
						   "the file changed while it was read"));
		return;
	}
	if (count > LIMBS_MAX || (limit != 0 && count / 2 > limit)) {
		ancient_reader_dump_output_note(
			out, ancient_reader_refuse(out->file->name, out->err, ANCIENT_E_TOO_LARGE,
						   "an integer of %llu words",
						   (unsigned long long)count));
		return;
	}
	limbs = malloc((count + 1) * sizeof(*limbs));
	for (uint64_t i = 0; limbs != NULL && i < count; i++)
		limbs[i] = reader_field(out->file, block, 2 + i);
	digits = limbs == NULL ? NULL : ancient_reader_limbs_text(limbs, count, head >> 63 != 0);
	free(limbs);
	if (digits == NULL) {
		ancient_reader_dump_output_no_memory(out);
		return;
	}
	open_member(&out->json, "z");
	ancient_reader_json_digits(&out->json, digits, true);
	ancient_reader_json_end(&out->json, '}');
	free(digits);
}

static void dump_other(struct dump_output *out, struct ancient_value value)
{
	struct ancient_custom custom;
	enum ancient_code code = ancient_custom_get(out->file, value, &custom, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code != ANCIENT_OK)
		return;
	ancient_reader_json_begin(&out->json, '{');
	ancient_reader_json_string_member(&out->json, "custom", custom.identifier);
	ancient_reader_json_key(&out->json, "hex");
	ancient_reader_json_hex(&out->json, custom.payload, custom.bytes);
	ancient_reader_json_end(&out->json, '}');
}

static void dump_boxed(struct dump_output *out, struct ancient_value value, const char *member)
{
	int64_t number;
	enum ancient_code code = ancient_boxed_int_get(out->file, value, &number, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code != ANCIENT_OK)
		return;
	open_member(&out->json, member);
	ancient_reader_json_int(&out->json, number);
	ancient_reader_json_end(&out->json, '}');
}

static void dump_custom(struct dump_output *out, const struct reader_block *block,
			const struct reader_bigarray *array)
{
	const struct ancient_value value = {block->offset + out->file->super.base};
	uint32_t slot = UINT32_MAX; /* none, where the word changed since the gate */

	if (array->tested) {
		dump_gated_bigarray(out, block, array);
		return;
	}
	ancient_reader_custom_slot(out->file, reader_field(out->file, block, 0), &slot);
	switch (slot) {
	case ANCIENT_CUSTOM_INT64:
		dump_boxed(out, value, "int64");
		break;
	case ANCIENT_CUSTOM_INT32:
		dump_boxed(out, value, "int32");
		break;
	case ANCIENT_CUSTOM_NATIVEINT:
		dump_boxed(out, value, "nativeint");
		break;
	case ANCIENT_CUSTOM_ZARITH:
		if (block->wosize >= 2) {
			dump_zarith(out, block);
			break;
		}
		/* fall through */
	default:
		dump_other(out, value);
	}
}

void ancient_reader_dump_leaf(struct dump_output *out, const struct reader_block *block,
			      const struct reader_bigarray *array)
{
	if (!dump_output_good(out))
		return;
	switch (block->tag) {
	case ANCIENT_TAG_STRING:
		dump_string(out, block);
		break;
	case ANCIENT_TAG_DOUBLE:
		dump_float(out, block);
		break;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		dump_float_array(out, block);
		break;
	default:
		dump_custom(out, block, array);
	}
}
