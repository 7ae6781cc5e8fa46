/* tests/c-reader/hostile: tables and numbers as Arrow data, which keep Arrow's rules. */
/* Before call.h, whose globals its parameters would hide. */
#include "../../support/arrow_rules.h"

#include "call.h"

#define BATCHES 4u
#define TIMES 16u       /* with failures: a plan of the types has hundreds of allocations */
#define SHORT_TEXT 256u /* where it is made again and again */

bool drain(struct ArrowArrayStream *stream)
{
	struct ArrowSchema types;
	struct ArrowArray batch;
	bool good;

	if (stream->get_schema(stream, &types) != 0)
		return false;
	for (unsigned i = 0; i < BATCHES; i++) {
		batch.release = NULL;
		good = stream->get_next(stream, &batch) == 0;
		if (!good || batch.release == NULL)
			break;
		if (arrow_check(&types, &batch) != NULL)
			fail(arrow_check(&types, &batch));
		batch.release(&batch);
	}
	types.release(&types);
	return good;
}

static void use_stream(struct ancient_typed typed, const struct ancient_arrow_options *options)
{
	struct ancient_file *mine = (struct ancient_file *)(uintptr_t)file;
	struct ArrowArrayStream stream;

	if (!TRY(ancient_arrow_stream, mine, schema, typed, options, &out.as.stream))
		return;
	stream = out.as.stream;
	drain(&stream);
	stream.release(&stream);
	if (failures)
		drain_with_failures(typed, options);
}

void use_as_arrow(struct ancient_typed typed)
{
	const struct ancient_arrow_options options = {.strings = ANCIENT_ARROW_STRINGS_REPLACE,
						      .json = true,
						      .limit = failures ? SHORT_TEXT : TEXT};
	struct ancient_file *mine = (struct ancient_file *)(uintptr_t)file;
	static unsigned times;
	struct ArrowSchema type;
	struct ArrowArray array;

	if (failures && times++ >= TIMES)
		return;
	if (TRY(ancient_arrow_schema, mine, schema, typed.type, &options, &out.as.type)) {
		type = out.as.type;
		type.release(&type);
	}
	use_stream(typed, &options);
	use_stream(typed, NULL);
	if (TRY(ancient_arrow_numbers, mine, typed.value, &out.as.type, &out.as.array)) {
		type = out.as.type;
		array = out.as.array;
		if (arrow_check(&type, &array) != NULL)
			fail(arrow_check(&type, &array));
		array.release(&array);
		type.release(&type);
	}
}
