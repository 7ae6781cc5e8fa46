/* tests/c-reader/hostile: the functions for values without a type. */
#include "call.h"

static struct ancient_value values[VALUES];
static unsigned value_count;

static void meet_value(struct ancient_value value)
{
	if (value_count < VALUES)
		values[value_count++] = value;
}

static void use_fields(struct ancient_value value)
{
	struct ancient_block block;

	if (!TRY(ancient_block_get, file, value, &out.as.block))
		return;
	block = out.as.block;
	for (uint64_t i = 0; i < block.size && i < 40; i++) {
		if (!TRY(ancient_block_field, file, &block, i, &out.as.value))
			continue;
		struct ancient_value field = out.as.value;
		if (!ancient_value_is_int(field))
			meet_value(field);
	}
	TRY(ancient_block_field, file, &block, block.size, &out.as.value);
}

static void use_value(struct ancient_value value, struct ancient_value other)
{
	const struct ancient_key key = ancient_key_value(other);

	if (TRY(ancient_value_kind, file, value, &out.as.kind)) {
		enum ancient_kind kind = out.as.kind;
		touch(GIVES(ancient_kind_name, kind), 1);
	}
	if (GIVES(ancient_value_is_int, value))
		GIVES(ancient_value_to_int, value);
	TRY(ancient_value_force, file, value, &out.as.value);
	use_fields(value);
	if (TRY(ancient_string_get, file, value, &out.as.text, &out.as.size))
		touch(out.as.text, out.as.size + 1);
	TRY(ancient_float_get, file, value, &out.as.number);
	if (TRY(ancient_float_array_get, file, value, &out.as.floats, &out.as.size))
		touch(out.as.floats, 8 * out.as.size);
	TRY(ancient_boxed_int_get, file, value, &out.as.integer);
	if (TRY(ancient_bigarray_get, file, value, &out.as.bigarray))
		touch(out.as.bigarray.data, out.as.bigarray.count * out.as.bigarray.item_bytes);
	if (TRY(ancient_custom_get, file, value, &out.as.custom))
		touch(out.as.custom.payload, out.as.custom.bytes);
	TRY(ancient_hashtbl_find_string, file, value, "vim", 3, &out.as.value);
	TRY(ancient_value_hash, file, value, 7, &out.as.index);
	TRY(ancient_value_compare, file, value, other, &out.as.order);
	TRY(ancient_key_hash, file, &key, 7, &out.as.index);
	TRY(ancient_key_compare, file, value, &key, &out.as.order);
	TRY(ancient_value_dump, file, value, &dump_options);
}

void use_values(struct ancient_value root, struct ancient_value other)
{
	const struct ancient_value seven = {15};

	value_count = 0;
	meet_value(root);
	meet_value(other);
	meet_value(seven);
	for (unsigned i = 0; i < value_count; i++)
		use_value(values[i], values[(i * 7 + 1) % value_count]);
}
