/* tests/c-reader/hostile: tables and numbers as Arrow data, which keep Arrow's rules. */
/* Before call.h, whose globals its parameters would hide. */
#include "../../support/arrow_rules.h"

#include "call.h"

#define BATCHES 4u

static void drain(struct ArrowArrayStream *stream)
{
	struct ArrowSchema types;
	struct ArrowArray batch;
	bool more = true;

	if (stream->get_schema(stream, &types) != 0)
		fail("a schema");
	for (unsigned i = 0; i < BATCHES && more; i++) {
		batch.release = NULL;
		more = stream->get_next(stream, &batch) == 0 && batch.release != NULL;
		if (more && arrow_check(&types, &batch) != NULL)
			fail(arrow_check(&types, &batch));
		if (more)
			batch.release(&batch);
	}
	types.release(&types);
	stream->release(stream);
}

void use_as_arrow(struct ancient_typed typed)
{
	static const struct ancient_arrow_options options = {
		.strings = ANCIENT_ARROW_STRINGS_REPLACE, .json = true, .limit = TEXT};
	struct ancient_file *mine = (struct ancient_file *)(uintptr_t)file;
	struct ArrowArrayStream stream;
	struct ArrowSchema type;
	struct ArrowArray array;

	if (TRY(ancient_arrow_schema, mine, schema, typed.type, &options, &type))
		type.release(&type);
	if (TRY(ancient_arrow_stream, mine, schema, typed, &options, &stream))
		drain(&stream);
	if (TRY(ancient_arrow_stream, mine, schema, typed, NULL, &stream))
		drain(&stream);
	if (TRY(ancient_arrow_numbers, mine, typed.value, &type, &array)) {
		if (arrow_check(&type, &array) != NULL)
			fail(arrow_check(&type, &array));
		array.release(&array);
		type.release(&type);
	}
}
