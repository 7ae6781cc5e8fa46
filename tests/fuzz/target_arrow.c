/* tests/fuzz: Arrow data.
 *
 * Input: a schema, a 0 byte, a file.  For every container that is met below a root, and several
 * sets of options: the stream ends or fails with a message; every batch keeps the rules of Arrow
 * (support/arrow_rules.h); batches of other sizes have the same rows, as many as a walk; a column
 * of numbers or strings has what ancient_scan_next gives for it. */
#include "typed.h"

#include <ancient_arrow.h>

#include "../support/arrow_rules.h"

#define VALUES 40u /* that are visited, below a root */
#define ROWS 600u
#define BATCHES 40u

struct visit {
	struct ancient_file *file;
	struct ancient_schema *schema;
	struct ancient_typed todo[VALUES];
	unsigned count, done;
};

static void meet(struct visit *v, struct ancient_typed typed)
{
	if (v->count < VALUES)
		v->todo[v->count++] = typed;
}

/* ---- Columns ------------------------------------------------------------------------ */

struct column {
	struct ancient_column column;
	union {
		int64_t integers[ROWS];
		double floats[ROWS];
		uint8_t bools[ROWS];
		struct ancient_bytes strings[ROWS];
	} data;
	uint8_t present[ROWS];
	size_t rows;
	bool known;
};

/* The same column by a scan. */
static void scan(const struct visit *v, struct ancient_typed typed, const char *name,
		 struct column *c)
{
	struct ancient_scan rows;
	const bool of_key = strcmp(name, "key") == 0;

	c->known = false;
	if (ancient_scan_init(v->file, v->schema, typed, false, &rows, NULL) != ANCIENT_OK)
		return;
	if (strcmp(name, "value") == 0 || of_key)
		name = "";
	if (ancient_column_init(&rows, of_key, name, &c->column, NULL) != ANCIENT_OK)
		return;
	c->column.data = &c->data;
	c->column.present = c->present;
	c->known = ancient_scan_next(&rows, &c->column, 1, ROWS, &c->rows, NULL) == ANCIENT_OK;
}

static void compare_row(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t i,
			const struct column *c, size_t row)
{
	const void *values = array->n_buffers < 2 ? NULL : array->buffers[1];
	int64_t length;
	const uint8_t *bytes;

	if (array->null_count >= 0 && strcmp(type->format, "n") != 0)
		FUZZ_CHECK(arrow_valid(array, i) == (c->present[row] != 0) ||
			   (type->flags & ARROW_FLAG_NULLABLE) == 0);
	if (c->present[row] == 0)
		return;
	if (type->dictionary == NULL && strcmp(type->format, "l") == 0)
		FUZZ_CHECK(((const int64_t *)values)[i] == c->data.integers[row]);
	else if (type->dictionary == NULL && strcmp(type->format, "i") == 0)
		FUZZ_CHECK(((const int32_t *)values)[i] == c->data.integers[row]);
	else if (type->dictionary == NULL && strcmp(type->format, "C") == 0)
		FUZZ_CHECK(((const uint8_t *)values)[i] == c->data.integers[row]);
	else if (type->dictionary != NULL && strcmp(type->format, "c") == 0)
		FUZZ_CHECK(((const int8_t *)values)[i] == c->data.integers[row]);
	else if (strcmp(type->format, "g") == 0)
		FUZZ_CHECK(memcmp((const double *)values + i, &c->data.floats[row], 8) == 0);
	else if (strcmp(type->format, "b") == 0)
		FUZZ_CHECK(arrow_bit(values, i) == c->data.bools[row]);
	if (strcmp(type->format, "z") != 0 || c->column.kind != ANCIENT_COLUMN_STRING)
		return;
	bytes = arrow_text(type, array, i, &length);
	FUZZ_CHECK((uint64_t)length == c->data.strings[row].length);
	FUZZ_CHECK(memcmp(bytes, c->data.strings[row].bytes, (size_t)length) == 0);
}

static void compare(const struct visit *v, struct ancient_typed typed,
		    const struct ArrowSchema *types, const struct ArrowArray *batch, uint64_t first)
{
	static struct column c;

	for (int64_t i = 0; i < types->n_children && i < 12; i++) {
		const struct ArrowSchema *type = types->children[i];
		/* A struct is a value of its own there; options are looked through here. */
		if (type->format[0] == '+' || strchr(type->name, '.') != NULL)
			continue;
		scan(v, typed, type->name, &c);
		if (!c.known)
			continue;
		for (int64_t row = 0; row < batch->length && first + (uint64_t)row < c.rows; row++)
			compare_row(type, batch->children[i], row, &c, first + (size_t)row);
	}
}

/* ---- Streams ------------------------------------------------------------------------- */

/* How many rows there are; ROWS: as many or more; -1: the walk fails. */
static int64_t walk(const struct visit *v, struct ancient_typed typed)
{
	struct ancient_scan rows;
	size_t count = 0;

	if (ancient_scan_init(v->file, v->schema, typed, false, &rows, NULL) != ANCIENT_OK ||
	    ancient_scan_next(&rows, NULL, 0, ROWS, &count, NULL) != ANCIENT_OK)
		return -1;
	return (int64_t)count;
}

static void drain(const struct visit *v, struct ancient_typed typed,
		  const struct ancient_arrow_options *options, struct ArrowArrayStream *stream)
{
	const int64_t rows = walk(v, typed);
	struct ArrowSchema types;
	uint64_t got = 0;
	int failed = 0;

	FUZZ_CHECK(stream->get_schema(stream, &types) == 0);
	for (unsigned i = 0; i < BATCHES; i++) {
		struct ArrowArray batch = {0};
		failed = stream->get_next(stream, &batch);
		if (failed != 0) {
			FUZZ_CHECK(batch.release == NULL);
			FUZZ_CHECK(stream->get_last_error(stream) != NULL);
			FUZZ_CHECK(stream->get_next(stream, &batch) == failed);
			break;
		}
		if (batch.release == NULL) {
			FUZZ_CHECK(rows >= 0 && (rows == ROWS || (uint64_t)rows == got));
			break;
		}
		FUZZ_CHECK(batch.length > 0);
		FUZZ_CHECK(options->batch_rows == 0 ||
			   (uint64_t)batch.length <= options->batch_rows);
		FUZZ_CHECK(arrow_check(&types, &batch) == NULL);
		if (got < ROWS)
			compare(v, typed, &types, &batch, got);
		got += (uint64_t)batch.length;
		batch.release(&batch);
	}
	types.release(&types);
}

/* Asks for views and wide offsets in place of text, for text in place of dictionaries. */
static void wish(struct ArrowSchema *types, unsigned *number)
{
	static const char *const of_text[] = {"U", "vu"}, *const of_bytes[] = {"Z", "vz"};

	if (types->dictionary != NULL) {
		types->dictionary->release(types->dictionary);
		types->dictionary = NULL;
		types->format = "vu";
	} else if (strcmp(types->format, "u") == 0) {
		types->format = of_text[(*number)++ % 2];
	} else if (strcmp(types->format, "z") == 0) {
		types->format = of_bytes[(*number)++ % 2];
	}
	for (int64_t i = 0; i < types->n_children; i++)
		wish(types->children[i], number);
}

static void use_stream(const struct visit *v, struct ancient_typed typed)
{
	static const struct ancient_arrow_options sets[] = {
		{0},
		{.strings = ANCIENT_ARROW_STRINGS_BYTES, .batch_rows = 3},
		{.strings = ANCIENT_ARROW_STRINGS_REPLACE, .json = true, .limit = 1u << 14},
	};

	for (unsigned i = 0; i < 2 * sizeof(sets) / sizeof(sets[0]); i++) {
		struct ancient_arrow_options options = sets[i / 2];
		struct ArrowArrayStream stream;
		struct ArrowSchema wishes = {0};
		unsigned number = i;
		if (i % 2 == 1) {
			if (!fuzz_typed_ok(ancient_arrow_schema(v->file, v->schema, typed.type,
								&options, &wishes, &fuzz_err)))
				continue;
			wish(&wishes, &number);
			options.requested = &wishes;
		}
		if (fuzz_typed_ok(ancient_arrow_stream(v->file, v->schema, typed, &options, &stream,
						       &fuzz_err))) {
			drain(v, typed, &options, &stream);
			stream.release(&stream);
			FUZZ_CHECK(stream.release == NULL);
		}
		if (wishes.release != NULL)
			wishes.release(&wishes);
	}
}

static void use_numbers(const struct visit *v, struct ancient_typed typed)
{
	struct ArrowSchema type;
	struct ArrowArray array;

	if (!fuzz_typed_ok(ancient_arrow_numbers(v->file, typed.value, &type, &array, &fuzz_err)))
		return;
	FUZZ_CHECK(arrow_check(&type, &array) == NULL);
	array.release(&array);
	type.release(&type);
}

/* ---- Values -------------------------------------------------------------------------- */

static void use(struct visit *v, struct ancient_typed typed)
{
	struct ancient_iterator it;
	struct ancient_typed key, value = {0};
	struct ancient_typed part;

	for (uint32_t i = 0;
	     i < 16 && ancient_typed_field(v->file, v->schema, typed, i, &part, NULL) == ANCIENT_OK;
	     i++)
		meet(v, part);
	for (uint32_t i = 0; i < 8 && ancient_typed_argument(v->file, v->schema, typed, i, &part,
							     NULL) == ANCIENT_OK;
	     i++)
		meet(v, part);
	if (ancient_typed_contents(v->file, v->schema, typed, &part, NULL) == ANCIENT_OK)
		meet(v, part);
	if (typed.flat == 0)
		use_numbers(v, typed);
	use_stream(v, typed);
	if (ancient_iterator_init(v->file, v->schema, typed, &it, NULL) != ANCIENT_OK)
		return;
	for (unsigned i = 0; i < 4 && ancient_iterator_next(&it, &key, &value, NULL) == ANCIENT_OK;
	     i++) {
		meet(v, key);
		if (ancient_schema_type(v->schema, it.type)->argument_count > 1)
			meet(v, value);
	}
}

static void visit(const struct ancient_file *file, const struct ancient_schema *schema,
		  struct ancient_typed root, void *context)
{
	static struct visit v;

	(void)context;
	v.file = (struct ancient_file *)(uintptr_t)file;
	v.schema = (struct ancient_schema *)(uintptr_t)schema;
	v.count = v.done = 0;
	meet(&v, root);
	while (v.done < v.count)
		use(&v, v.todo[v.done++]);
}

static void run(const uint8_t *data, size_t size)
{
	fuzz_each_root(data, size, 1, visit, NULL);
}

const struct fuzz_target fuzz_arrow = {"arrow", run, 1, false};
