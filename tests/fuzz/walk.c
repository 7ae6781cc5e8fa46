/* tests/fuzz: visits all values that can be reached from a file, and calls every accessor on each.
 */
#include "fuzz.h"

struct walk {
	const struct ancient_file *file;
	uint64_t base, used;
	uint8_t *met;                /* a bit for each word of the file */
	struct ancient_value *stack; /* blocks that were met and not yet opened */
	size_t depth, values;
	bool sound;
	void (*visit)(const struct ancient_file *file, struct ancient_value value, void *context);
	void *context;
};

static void meet(struct walk *w, struct ancient_value value)
{
	uint64_t offset = value.word - w->base, word = offset / 8;

	if (++w->values > FUZZ_VALUES) {
		w->sound = false;
		return;
	}
	if (!ancient_value_is_int(value) && offset < w->used) {
		if (w->met[word / 8] >> (word % 8) & 1)
			return;
		w->met[word / 8] |= (uint8_t)(1u << (word % 8));
		w->stack[w->depth++] = value; /* at most one for each bit */
	}
	w->sound &= fuzz_value(w->file, value);
	if (w->visit != NULL)
		w->visit(w->file, value, w->context);
}

static void open_blocks(struct walk *w)
{
	struct ancient_block block;
	struct ancient_value field;

	while (w->depth > 0) {
		struct ancient_value value = w->stack[--w->depth];
		if (ancient_block_get(w->file, value, &block, NULL) != ANCIENT_OK)
			continue;
		for (uint64_t i = 0; i < block.size && w->values <= FUZZ_VALUES; i++) {
			FUZZ_CHECK(ancient_block_field(w->file, &block, i, &field, &fuzz_err) ==
				   ANCIENT_OK);
			meet(w, field);
		}
	}
}

bool fuzz_each_value(const struct ancient_file *file,
		     void (*visit)(const struct ancient_file *file, struct ancient_value value,
				   void *context),
		     void *context)
{
	struct walk w = {.file = file, .sound = true, .visit = visit, .context = context};
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	struct ancient_info info;
	enum ancient_code code;

	ancient_file_info(file, &info);
	w.base = info.base;
	w.used = info.used;
	w.met = calloc(1, info.used / 64 + 1);
	w.stack = calloc(info.used / 8 + 1, sizeof(*w.stack));
	FUZZ_CHECK(w.met != NULL && w.stack != NULL);
	ancient_cursor_init(file, 0, &cursor);
	while ((code = ancient_cursor_next(&cursor, &entry, &fuzz_err)) == ANCIENT_OK) {
		meet(&w, entry.root);
		open_blocks(&w);
	}
	if (code != ANCIENT_E_NO_KEY)
		w.sound = false;
	free(w.met);
	free(w.stack);
	return w.sound;
}

/* ---- Accessors ------------------------------------------------------------------- */

/* An accessor answers on its own kinds, with a value or with what is wrong with the bytes, and
 * says WRONG_KIND on the others. */
static bool is_of_kind(enum ancient_code code, bool own, bool *sound)
{
	if (!fuzz_ok(code)) {
		FUZZ_CHECK(own ? fuzz_class_of(code) == FUZZ_CORRUPT
			       : code == ANCIENT_E_WRONG_KIND);
		*sound &= !own;
		return false;
	}
	FUZZ_CHECK(own);
	return true;
}

static void use_block(const struct ancient_file *file, struct ancient_value value,
		      enum ancient_kind kind, bool *sound)
{
	struct ancient_value field = {42}, forced;
	struct ancient_block block;
	enum ancient_code code = ancient_block_get(file, value, &block, &fuzz_err);

	if (!is_of_kind(code, kind == ANCIENT_KIND_BLOCK || kind == ANCIENT_KIND_LAZY, sound))
		return;
	FUZZ_CHECK(kind == ANCIENT_KIND_BLOCK ? block.tag <= ANCIENT_TAG_LAST_PLAIN
					      : block.size == 1);
	if (block.size > 0)
		FUZZ_CHECK(ancient_block_field(file, &block, block.size - 1, &field, &fuzz_err) ==
			   ANCIENT_OK);
	field.word = 42;
	code = ancient_block_field(file, &block, block.size, &field, &fuzz_err);
	FUZZ_CHECK(!fuzz_ok(code) && code == ANCIENT_E_NO_INDEX && field.word == 42);
	if (kind != ANCIENT_KIND_LAZY)
		return;
	if (!fuzz_ok(ancient_value_force(file, value, &forced, &fuzz_err))) {
		*sound &= fuzz_err.rule == 0; /* a ring of lazies */
		return;
	}
	if (ancient_value_kind(file, forced, &kind, NULL) == ANCIENT_OK)
		FUZZ_CHECK(kind != ANCIENT_KIND_LAZY);
}

static void use_bytes(const struct ancient_file *file, struct ancient_value value,
		      enum ancient_kind kind, bool *sound)
{
	const double *floats;
	const char *bytes;
	size_t count;
	double number;
	int64_t integer;
	enum ancient_code code = ancient_string_get(file, value, &bytes, &count, &fuzz_err);

	if (is_of_kind(code, kind == ANCIENT_KIND_STRING, sound)) {
		fuzz_touch(bytes, count + 1);
		FUZZ_CHECK(bytes[count] == '\0');
	}
	code = ancient_float_array_get(file, value, &floats, &count, &fuzz_err);
	if (is_of_kind(code, kind == ANCIENT_KIND_FLOAT_ARRAY, sound))
		fuzz_touch(floats, count * sizeof(*floats));
	code = ancient_float_get(file, value, &number, &fuzz_err);
	is_of_kind(code, kind == ANCIENT_KIND_FLOAT, sound);
	code = ancient_boxed_int_get(file, value, &integer, &fuzz_err);
	if (is_of_kind(code, kind >= ANCIENT_KIND_INT32 && kind <= ANCIENT_KIND_NATIVEINT, sound) &&
	    kind == ANCIENT_KIND_INT32)
		FUZZ_CHECK(integer == (int32_t)integer);
}

static void use_custom(const struct ancient_file *file, struct ancient_value value,
		       enum ancient_kind kind, bool *sound)
{
	struct ancient_bigarray array;
	struct ancient_custom custom;
	uint64_t count = 1;
	enum ancient_code code = ancient_bigarray_get(file, value, &array, &fuzz_err);

	if (is_of_kind(code, kind == ANCIENT_KIND_BIGARRAY, sound)) {
		FUZZ_CHECK(array.dims <= ANCIENT_BIGARRAY_DIMS_MAX && array.data != NULL);
		FUZZ_CHECK(array.kind >= 0 && array.kind < ANCIENT_BIGARRAY_KINDS);
		for (unsigned i = 0; i < array.dims; i++)
			count *= array.dim[i];
		FUZZ_CHECK(array.count == count);
		fuzz_touch(array.data, array.count * array.item_bytes);
	}
	code = ancient_custom_get(file, value, &custom, &fuzz_err);
	if (is_of_kind(code, kind >= ANCIENT_KIND_INT32, sound)) {
		fuzz_touch(custom.payload, custom.bytes);
		FUZZ_CHECK(strlen(custom.identifier) <= ANCIENT_CUSTOM_ID_MAX);
	}
}

bool fuzz_value(const struct ancient_file *file, struct ancient_value value)
{
	struct ancient_value forced;
	enum ancient_kind kind, again;
	bool sound = true;

	if (!fuzz_ok(ancient_value_kind(file, value, &kind, &fuzz_err)))
		return false;
	FUZZ_CHECK(ancient_kind_name(kind)[0] != '\0');
	FUZZ_CHECK((kind == ANCIENT_KIND_INT) == ancient_value_is_int(value));
	use_block(file, value, kind, &sound);
	use_bytes(file, value, kind, &sound);
	use_custom(file, value, kind, &sound);
	if (kind != ANCIENT_KIND_LAZY)
		FUZZ_CHECK(ancient_value_force(file, value, &forced, &fuzz_err) == ANCIENT_OK &&
			   forced.word == value.word);
	FUZZ_CHECK(ancient_value_kind(file, value, &again, NULL) == ANCIENT_OK && again == kind);
	return sound;
}
