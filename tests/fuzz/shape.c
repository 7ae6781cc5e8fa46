/* tests/fuzz: describes values, in the order of a search in depth. */
#include "shape.h"

struct description {
	const struct ancient_file *file; /* NULL: memory */
	bool equals;
	struct shape shape;
	size_t room;
	/* Blocks that were met, by address; open addressing, a power of two. */
	struct met {
		uint64_t word, number;
	} * met;
	size_t met_room, met_count;
	uint64_t *stack; /* of words to describe */
	size_t depth, stack_room;
};

static void *grown(void *memory, size_t *room, size_t wanted, size_t each)
{
	if (wanted <= *room)
		return memory;
	*room = 2 * wanted;
	memory = realloc(memory, *room * each);
	FUZZ_CHECK(memory != NULL);
	return memory;
}

static void add(struct description *d, const void *bytes, size_t size)
{
	d->shape.bytes = grown(d->shape.bytes, &d->room, d->shape.size + size + 1, 1);
	if (size > 0)
		memcpy(d->shape.bytes + d->shape.size, bytes, size);
	d->shape.size += size;
}

static void add_numbers(struct description *d, char kind, uint64_t a, uint64_t b)
{
	add(d, &kind, 1);
	add(d, &a, sizeof a);
	add(d, &b, sizeof b);
}

static struct met *place(struct met *met, size_t room, uint64_t word)
{
	size_t at = (size_t)(word * 0x9E3779B97F4A7C15u >> 20) & (room - 1);

	while (met[at].word != 0 && met[at].word != word)
		at = (at + 1) & (room - 1);
	return &met[at];
}

/* Whether the block was met before; then that is its description. */
static bool was_met(struct description *d, uint64_t word)
{
	struct met *found;

	if (2 * (d->met_count + 1) > d->met_room) {
		size_t room = d->met_room == 0 ? 64 : 2 * d->met_room;
		struct met *larger = calloc(room, sizeof *larger);
		FUZZ_CHECK(larger != NULL);
		for (size_t i = 0; i < d->met_room; i++)
			if (d->met[i].word != 0)
				*place(larger, room, d->met[i].word) = d->met[i];
		free(d->met);
		d->met = larger;
		d->met_room = room;
	}
	found = place(d->met, d->met_room, word);
	if (found->word == 0) {
		*found = (struct met){word, d->met_count++};
		return false;
	}
	add_numbers(d, 'R', found->number, 0);
	return true;
}

static uint64_t *push(struct description *d, uint64_t count)
{
	d->stack = grown(d->stack, &d->stack_room, d->depth + count, sizeof *d->stack);
	d->depth += count;
	return d->stack + d->depth - count;
}

static void add_bytes(struct description *d, uint64_t word, const void *bytes, size_t size)
{
	if (!d->equals && was_met(d, word))
		return;
	add_numbers(d, 'S', size, 0);
	add(d, bytes, size);
}

static void add_floats(struct description *d, uint64_t word, char kind, const void *floats,
		       size_t count)
{
	if (!(d->equals && kind == 'D') && was_met(d, word))
		return;
	add_numbers(d, kind, count, 0);
	add(d, floats, 8 * count);
}

static void add_boxed(struct description *d, uint64_t word, const char *identifier, uint64_t bits)
{
	if (strcmp(identifier, "_i") == 0)
		bits = (uint32_t)bits; /* the rest has no meaning */
	if (!d->equals && was_met(d, word))
		return;
	add_numbers(d, 'C', bits, strlen(identifier));
	add(d, identifier, strlen(identifier));
}

/* ---- In memory ----------------------------------------------------------------------- */

static void in_memory(struct description *d, uint64_t word)
{
	const uint64_t *fields = (const uint64_t *)(uintptr_t)word;
	uint64_t size = fields[-1] >> ANCIENT_HEADER_WOSIZE_SHIFT;
	unsigned tag = fields[-1] & ANCIENT_HEADER_TAG_MASK;

	switch (tag) {
	case ANCIENT_TAG_STRING:
		add_bytes(d, word, fields, 8 * size - 1 - ((const uint8_t *)fields)[8 * size - 1]);
		return;
	case ANCIENT_TAG_DOUBLE:
	case ANCIENT_TAG_DOUBLE_ARRAY:
		add_floats(d, word, tag == ANCIENT_TAG_DOUBLE ? 'D' : 'A', fields, size);
		return;
	case ANCIENT_TAG_CUSTOM:
		add_boxed(d, word, *(const char *const *)(uintptr_t)fields[0], fields[1]);
		return;
	case ANCIENT_TAG_ABSTRACT:
		d->shape.abstract = true;
		return;
	default:
		break;
	}
	if (size == 0) { /* all are one */
		add_numbers(d, 'B', tag, 0);
	} else if (!was_met(d, word)) {
		uint64_t *below = push(d, size);
		add_numbers(d, 'B', tag, size);
		for (uint64_t i = 0; i < size; i++)
			below[size - 1 - i] = fields[i];
	}
}

/* ---- In a file ----------------------------------------------------------------------- */

static void plain_in_file(struct description *d, struct ancient_value value)
{
	struct ancient_block block;
	struct ancient_value field;
	uint64_t *below;

	FUZZ_CHECK(fuzz_ok(ancient_block_get(d->file, value, &block, &fuzz_err)));
	if (block.size == 0) {
		add_numbers(d, 'B', block.tag, 0);
		return;
	}
	if (was_met(d, value.word))
		return;
	add_numbers(d, 'B', block.tag, block.size);
	below = push(d, block.size);
	for (uint64_t i = 0; i < block.size; i++) {
		FUZZ_CHECK(fuzz_ok(ancient_block_field(d->file, &block, i, &field, &fuzz_err)));
		below[block.size - 1 - i] = field.word;
	}
}

static void in_file(struct description *d, uint64_t word)
{
	struct ancient_value value = {word};
	struct ancient_custom custom;
	enum ancient_kind kind;
	const double *floats;
	const char *bytes;
	size_t count;
	double number;
	uint64_t bits;

	FUZZ_CHECK(fuzz_ok(ancient_value_kind(d->file, value, &kind, &fuzz_err)));
	switch (kind) {
	case ANCIENT_KIND_BLOCK:
		plain_in_file(d, value);
		return;
	case ANCIENT_KIND_STRING:
		FUZZ_CHECK(fuzz_ok(ancient_string_get(d->file, value, &bytes, &count, &fuzz_err)));
		add_bytes(d, word, bytes, count);
		return;
	case ANCIENT_KIND_FLOAT:
		FUZZ_CHECK(fuzz_ok(ancient_float_get(d->file, value, &number, &fuzz_err)));
		add_floats(d, word, 'D', &number, 1);
		return;
	case ANCIENT_KIND_FLOAT_ARRAY:
		FUZZ_CHECK(fuzz_ok(
			ancient_float_array_get(d->file, value, &floats, &count, &fuzz_err)));
		add_floats(d, word, 'A', floats, count);
		return;
	default:
		FUZZ_CHECK(fuzz_ok(ancient_custom_get(d->file, value, &custom, &fuzz_err)));
		FUZZ_CHECK(custom.bytes == sizeof bits);
		memcpy(&bits, custom.payload, sizeof bits);
		add_boxed(d, word, custom.identifier, bits);
	}
}

struct shape fuzz_shape(const struct ancient_file *file, uint64_t word, bool equals)
{
	struct description d = {.file = file, .equals = equals};

	*push(&d, 1) = word;
	while (d.depth > 0) {
		word = d.stack[--d.depth];
		if (word & 1)
			add_numbers(&d, 'I', word, 0);
		else if (file == NULL)
			in_memory(&d, word);
		else
			in_file(&d, word);
	}
	free(d.stack);
	free(d.met);
	return d.shape;
}
