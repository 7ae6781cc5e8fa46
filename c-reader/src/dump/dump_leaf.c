/* c-reader: values without fields as JSON (FORMAT, appendix A). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/zarith_text.h"
#include "dump/dump.h"
#include "value/gate_custom.h"

/* A Z.t of more limbs than this has no decimal here (TOO_LARGE): the conversion takes the
 * square of the length, and a file must not be able to ask for hours.  315 000 digits. */
#define LIMBS_MAX 16384u

/* ---- Objects of one or more members ---------------------------------------------- */

static void begin(struct reader_text *text, const char *member)
{
	reader_text_puts(text, "{");
	text->level++;
	reader_text_line(text);
	reader_text_putf(text, "\"%s\": ", member);
}

static void also(struct reader_text *text, const char *member)
{
	reader_text_comma(text);
	reader_text_putf(text, "\"%s\": ", member);
}

static void end(struct reader_text *text)
{
	text->level--;
	reader_text_line(text);
	reader_text_puts(text, "}");
}

/* Elements of an array: item() before each, and one bracket on either side. */
static void open_items(struct reader_text *text)
{
	reader_text_puts(text, "[");
	text->level++;
}

static void item(struct reader_text *text, bool first)
{
	if (first)
		reader_text_line(text);
	else
		reader_text_comma(text);
}

static void close_items(struct reader_text *text, bool empty)
{
	text->level--;
	if (!empty)
		reader_text_line(text);
	reader_text_puts(text, "]");
}

/* ---- Numbers and strings --------------------------------------------------------- */

void reader_dump_immediate(struct reader_text *text, int64_t value)
{
	const int64_t exact = (int64_t)1 << 53;

	if (value >= -exact && value <= exact) {
		reader_text_int(text, value);
		return;
	}
	begin(text, "int");
	reader_text_int(text, value);
	end(text);
}

static double as_double(uint64_t word)
{
	double value;

	memcpy(&value, &word, sizeof(value));
	return value;
}

static void dump_string(struct reader_text *text, const struct reader_block *block)
{
	uint64_t length, last;

	/* Fetched again since the gate, so tested again. */
	if (reader_string_length(text->file, block, &length, &last))
		reader_text_string(text, (const char *)text->file->map + block->offset, length);
	else
		text->code = reader_refuse(text->file->name, text->err, ANCIENT_E_BAD_STRING,
					   "the file changed while it was read");
}

static void dump_float(struct reader_text *text, const struct reader_block *block)
{
	begin(text, "float");
	reader_text_double(text, as_double(reader_field(text->file, block, 0)));
	end(text);
}

static void dump_float_array(struct reader_text *text, const struct reader_block *block)
{
	begin(text, "floats");
	open_items(text);
	for (uint64_t i = 0; i < block->wosize && text->code == ANCIENT_OK; i++) {
		item(text, i == 0);
		reader_text_double(text, as_double(reader_field(text->file, block, i)));
	}
	close_items(text, block->wosize == 0);
	end(text);
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

static void dump_complex(struct reader_text *text, double real, double imaginary)
{
	open_items(text);
	item(text, true);
	reader_text_double(text, real);
	item(text, false);
	reader_text_double(text, imaginary);
	close_items(text, false);
}

static void dump_element(struct reader_text *text, const struct ancient_bigarray *array,
			 const unsigned char *at)
{
	switch (array->kind) {
	case ANCIENT_BIGARRAY_FLOAT32:
		reader_text_double(text, single(at));
		break;
	case ANCIENT_BIGARRAY_FLOAT64:
		reader_text_double(text, twice(at));
		break;
	case ANCIENT_BIGARRAY_FLOAT16:
		reader_text_double(text, half((uint16_t)integer(at, 2, false)));
		break;
	case ANCIENT_BIGARRAY_COMPLEX32:
		dump_complex(text, single(at), single(at + 4));
		break;
	case ANCIENT_BIGARRAY_COMPLEX64:
		dump_complex(text, twice(at), twice(at + 8));
		break;
	case ANCIENT_BIGARRAY_INT8_UNSIGNED:
	case ANCIENT_BIGARRAY_INT16_UNSIGNED:
	case ANCIENT_BIGARRAY_CHAR:
		reader_text_int(text, integer(at, array->item_bytes, false));
		break;
	default:
		reader_text_int(text, integer(at, array->item_bytes, true));
	}
}

static void dump_bigarray(struct reader_text *text, struct ancient_value value)
{
	struct ancient_bigarray array;

	text->code = ancient_bigarray_get(text->file, value, &array, text->err);
	if (text->code != ANCIENT_OK)
		return;
	begin(text, "bigarray");
	reader_text_putf(text, "\"%s\"", kind_names[array.kind]);
	also(text, "layout");
	reader_text_puts(text, array.fortran ? "\"fortran\"" : "\"c\"");
	also(text, "dims");
	open_items(text);
	for (unsigned i = 0; i < array.dims; i++) {
		item(text, i == 0);
		reader_text_putf(text, "%llu", (unsigned long long)array.dim[i]);
	}
	close_items(text, array.dims == 0);
	also(text, "data");
	open_items(text);
	for (uint64_t i = 0; i < array.count && text->code == ANCIENT_OK; i++) {
		item(text, i == 0);
		dump_element(text, &array,
			     (const unsigned char *)array.data + i * array.item_bytes);
	}
	close_items(text, array.count == 0);
	end(text);
}

/* ---- Other customs --------------------------------------------------------------- */

static void dump_zarith(struct reader_text *text, const struct reader_block *block)
{
	uint64_t head = reader_field(text->file, block, 1), count = head & ~(1ull << 63);
	const uint64_t limit = text->options->limit;
	uint64_t *limbs;
	char *digits;

	if (count > block->wosize - 2) {
		text->code = reader_refuse(text->file->name, text->err, ANCIENT_E_BAD_CUSTOM,
					   "the file changed while it was read");
		return;
	}
	if (count > LIMBS_MAX || (limit != 0 && count / 2 > limit)) {
		text->code = reader_refuse(text->file->name, text->err, ANCIENT_E_TOO_LARGE,
					   "an integer of %llu words", (unsigned long long)count);
		return;
	}
	limbs = malloc((count + 1) * sizeof(*limbs));
	for (uint64_t i = 0; limbs != NULL && i < count; i++)
		limbs[i] = reader_field(text->file, block, 2 + i);
	digits = limbs == NULL ? NULL : reader_limbs_text(limbs, count, head >> 63 != 0);
	free(limbs);
	if (digits == NULL) {
		text->code = reader_refuse(text->file->name, text->err, ANCIENT_E_MEMORY, "dump");
		return;
	}
	begin(text, "z");
	reader_text_puts(text, "\"");
	reader_text_puts(text, digits);
	reader_text_puts(text, "\"");
	end(text);
	free(digits);
}

static void dump_other(struct reader_text *text, struct ancient_value value)
{
	struct ancient_custom custom;

	text->code = ancient_custom_get(text->file, value, &custom, text->err);
	if (text->code != ANCIENT_OK)
		return;
	begin(text, "custom");
	reader_text_string(text, custom.identifier, strlen(custom.identifier));
	also(text, "hex");
	reader_text_puts(text, "\"");
	for (size_t i = 0; i < custom.bytes && text->code == ANCIENT_OK; i++)
		reader_text_putf(text, "%02x", ((const unsigned char *)custom.payload)[i]);
	reader_text_puts(text, "\"");
	end(text);
}

static void dump_boxed(struct reader_text *text, struct ancient_value value, const char *member)
{
	int64_t number;

	text->code = ancient_boxed_int_get(text->file, value, &number, text->err);
	if (text->code != ANCIENT_OK)
		return;
	begin(text, member);
	reader_text_int(text, number);
	end(text);
}

static void dump_custom(struct reader_text *text, const struct reader_block *block)
{
	const struct ancient_value value = {block->offset + text->file->super.base};
	uint32_t slot = UINT32_MAX; /* none, where the word changed since the gate */

	reader_custom_slot(text->file, reader_field(text->file, block, 0), &slot);
	switch (slot) {
	case ANCIENT_CUSTOM_INT64:
		dump_boxed(text, value, "int64");
		break;
	case ANCIENT_CUSTOM_INT32:
		dump_boxed(text, value, "int32");
		break;
	case ANCIENT_CUSTOM_NATIVEINT:
		dump_boxed(text, value, "nativeint");
		break;
	case ANCIENT_CUSTOM_BIGARRAY:
		dump_bigarray(text, value);
		break;
	case ANCIENT_CUSTOM_ZARITH:
		if (block->wosize >= 2) {
			dump_zarith(text, block);
			break;
		}
		/* fall through */
	default:
		dump_other(text, value);
	}
}

void reader_dump_leaf(struct reader_text *text, const struct reader_block *block)
{
	if (text->code != ANCIENT_OK)
		return;
	switch (block->tag) {
	case ANCIENT_TAG_STRING:
		dump_string(text, block);
		break;
	case ANCIENT_TAG_DOUBLE:
		dump_float(text, block);
		break;
	case ANCIENT_TAG_DOUBLE_ARRAY:
		dump_float_array(text, block);
		break;
	default:
		dump_custom(text, block);
	}
}
