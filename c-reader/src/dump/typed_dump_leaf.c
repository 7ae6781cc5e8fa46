/* c-reader/dump: typed values without parts as JSON (ancient_schema.h, Dump): numbers, strings and
 * bigarrays.  Called by typed_dump.c. */
#include "dump/typed_dump_leaf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/error.h"
#include "dump/dump_leaf.h"

static void write_double(struct reader_json *json, double number)
{
	if (isfinite(number)) {
		ancient_reader_json_double(json, number);
		return;
	}
	ancient_reader_json_begin(json, '{');
	ancient_reader_json_key(json, "float");
	ancient_reader_json_double(json, number);
	ancient_reader_json_end(json, '}');
}

static void write_float(struct dump_output *out, const struct ancient_schema *schema,
			struct ancient_typed typed)
{
	double number;
	enum ancient_code code = ancient_typed_float(out->file, schema, typed, &number, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code == ANCIENT_OK)
		write_double(&out->json, number);
}

static void write_int(struct dump_output *out, const struct ancient_schema *schema,
		      enum ancient_type_kind kind, struct ancient_typed typed)
{
	int64_t integer;
	char c;
	enum ancient_code code = ancient_typed_int(out->file, schema, typed, &integer, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code != ANCIENT_OK)
		return;
	switch (kind) {
	case ANCIENT_TYPE_UNIT:
		ancient_reader_json_null(&out->json);
		break;
	case ANCIENT_TYPE_BOOL:
		ancient_reader_json_bool(&out->json, integer != 0);
		break;
	case ANCIENT_TYPE_CHAR:
		c = (char)(unsigned char)integer;
		ancient_reader_json_text(&out->json, &c, 1);
		break;
	default:
		ancient_reader_json_int(&out->json, integer);
	}
}

static void write_string(struct dump_output *out, const struct ancient_schema *schema,
			 struct ancient_typed typed, bool bytes)
{
	const char *text;
	size_t length;
	enum ancient_code code =
		ancient_typed_string(out->file, schema, typed, &text, &length, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code != ANCIENT_OK)
		return;
	if (!bytes) {
		ancient_reader_json_text(&out->json, text, length);
		return;
	}
	ancient_reader_json_begin(&out->json, '{');
	ancient_reader_json_key(&out->json, "bytes");
	ancient_reader_json_hex(&out->json, (const unsigned char *)text, length);
	ancient_reader_json_end(&out->json, '}');
}

static void write_z(struct dump_output *out, const struct ancient_schema *schema,
		    struct ancient_typed typed)
{
	const uint64_t limit = out->options->limit;
	struct ancient_z z;
	char *digits;
	uint64_t magnitude;
	enum ancient_code code = ancient_typed_z(out->file, schema, typed, &z, out->err);

	if (code == ANCIENT_OK && limit != 0 && z.bytes > limit)
		code = ancient_reader_refuse(out->file->name, out->err, ANCIENT_E_TOO_LARGE,
					     "an integer of %llu bytes",
					     (unsigned long long)z.bytes);
	if (code == ANCIENT_OK)
		code = ancient_typed_z_text(out->file, schema, typed, &digits, out->err);
	ancient_reader_dump_output_note(out, code);
	if (code != ANCIENT_OK)
		return;
	ancient_reader_decimal(digits + (digits[0] == '-'), UINT64_MAX, &magnitude);
	ancient_reader_json_digits(&out->json, digits, magnitude > 1ull << 53);
	free(digits);
}

static void write_bigarray(struct dump_output *out, const struct ancient_schema *schema,
			   struct ancient_typed typed)
{
	struct ancient_bigarray array;
	enum ancient_code code = ancient_typed_bigarray(out->file, schema, typed, &array, out->err);

	ancient_reader_dump_output_note(out, code);
	if (code == ANCIENT_OK)
		ancient_reader_dump_bigarray(out, &array);
}

bool ancient_reader_typed_dump_leaf(struct dump_output *out, const struct ancient_schema *schema,
				    const struct ancient_type *type, struct ancient_typed typed)
{
	switch (type->kind) {
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		write_string(out, schema, typed, type->bytes);
		return true;
	case ANCIENT_TYPE_Z:
		write_z(out, schema, typed);
		return true;
	case ANCIENT_TYPE_FLOAT:
		write_float(out, schema, typed);
		return true;
	case ANCIENT_TYPE_BIGARRAY:
		write_bigarray(out, schema, typed);
		return true;
	default:
		if (type->kind >= ANCIENT_TYPE_FLOATARRAY)
			return false;
		write_int(out, schema, type->kind, typed);
		return true;
	}
}
