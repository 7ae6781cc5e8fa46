/* c-reader/value: fingerprints of values (fingerprint.h): XXH3 with a secret seed, from the leaves
 * upwards: a block's is made of its tag, its size and the fingerprints of its fields. */
#include "value/fingerprint.h"

#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "value/gate_custom.h"

/* Kinds of a Z.t, beside the tags and LOOKUP_IMMEDIATE. */
#define POSITIVE 512u
#define NEGATIVE 513u
#define LONG 8u /* words of a leaf that is worth a place among what was met */

/* A block whose fields are being read. */
struct frame {
	uint64_t at; /* offset, or address of a key's fields */
	uint64_t size, next;
	uint64_t tag; /* and whether `at` is an offset, in its top bit */
	struct reader_fingerprint print;
};
#define IN_FILE (1ull << 63)

struct walk {
	struct reader_fingerprints *prints;
	struct reader_budget *budget;
	struct ancient_error *err;
	struct frame first[8], *stack;
	size_t depth, capacity;
	struct reader_fingerprint print; /* of the value that was finished last */
};

/* In the map while a block's fields are being read; as good as no fingerprint is this. */
static const struct reader_fingerprint under_way = {{UINT64_MAX, UINT64_MAX}};

static enum ancient_code exceeded(const struct walk *w, uint64_t offset)
{
	return ancient_reader_budget_fail(w->budget, offset, "comparison of keys", w->err);
}

static struct reader_fingerprint mix(const struct walk *w, uint64_t kind, const void *bytes,
				     size_t length)
{
	XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, length, w->prints->seed ^ kind << 48);

	return (struct reader_fingerprint){{hash.low64, hash.high64}};
}

/* ---- Leaves ------------------------------------------------------------------------- */

/* The same bits for all that compare equal. */
static uint64_t normal(double number)
{
	uint64_t bits;

	if (number != number)
		return 0x7FF8000000000000u;
	if (number == 0)
		number = 0;
	memcpy(&bits, &number, sizeof(bits));
	return bits << 1 == 0 ? 0 : bits;
}

static struct reader_fingerprint floats(const struct walk *w, const struct lookup_view *view)
{
	struct reader_fingerprint print = {{view->tag, view->size}};

	for (uint64_t i = 0; i < view->size; i++) {
		uint64_t bits = normal(ancient_reader_lookup_float(w->budget->file, view, i));
		const uint64_t both[3] = {print.word[0], print.word[1], bits};
		print = mix(w, view->tag, both, sizeof(both));
	}
	return print;
}

static struct reader_fingerprint custom(const struct walk *w, const struct lookup_view *view)
{
	const uint64_t slot = view->slot;
	struct reader_fingerprint print;

	if (slot == ANCIENT_CUSTOM_ZARITH) {
		print = mix(w, view->negative ? NEGATIVE : POSITIVE,
			    w->budget->file->map + view->offset, view->size * ANCIENT_WORD);
		return print;
	}
	const uint64_t parts[2] = {slot, slot < ANCIENT_CUSTOM_WELL_KNOWN &&
							 slot != ANCIENT_CUSTOM_BIGARRAY
						 ? (uint64_t)view->integer
						 : view->offset};
	return mix(w, ANCIENT_TAG_CUSTOM, parts, sizeof(parts));
}

/* A string, float, array of floats or custom block; long ones are not read twice. */
static enum ancient_code leaf(struct walk *w, const struct lookup_view *view)
{
	const bool string = view->tag == ANCIENT_TAG_STRING;
	const uint64_t words = string ? view->size / ANCIENT_WORD : view->size;
	struct reader_word_entry *entry = NULL;

	if (view->in_file && words >= LONG) {
		entry = ancient_reader_word_map_at(&w->prints->met, view->offset, w->budget);
		if (entry == NULL)
			return exceeded(w, view->offset);
		memcpy(&w->print, entry->value, sizeof(w->print));
		if ((w->print.word[0] | w->print.word[1]) != 0)
			return ANCIENT_OK;
	}
	if (!reader_budget_take(w->budget, words + 1))
		return exceeded(w, view->in_file ? view->offset : ANCIENT_NO_OFFSET);
	if (string)
		w->print = mix(w, ANCIENT_TAG_STRING, view->bytes, view->size);
	else if (view->tag == ANCIENT_TAG_CUSTOM)
		w->print = custom(w, view);
	else
		w->print = floats(w, view);
	if (entry != NULL)
		memcpy(entry->value, &w->print, sizeof(w->print));
	return ANCIENT_OK;
}

/* ---- Blocks ------------------------------------------------------------------------- */

static enum ancient_code push(struct walk *w, const struct lookup_view *view)
{
	const size_t size = sizeof(*w->stack);

	if (w->depth == w->capacity) {
		bool inside = w->stack == w->first;
		size_t capacity = 2 * w->capacity;
		struct frame *stack;
		if (!ancient_reader_budget_hold(w->budget, (inside ? 2 : 1) * w->capacity * size))
			return exceeded(w, view->in_file ? view->offset : ANCIENT_NO_OFFSET);
		stack = realloc(inside ? NULL : w->stack, capacity * size);
		if (stack == NULL) {
			w->budget->code = ANCIENT_E_MEMORY;
			return exceeded(w, ANCIENT_NO_OFFSET);
		}
		if (inside)
			memcpy(stack, w->first, sizeof(w->first));
		w->stack = stack;
		w->capacity = capacity;
	}
	w->stack[w->depth++] =
		(struct frame){.at = view->in_file ? view->offset : (uintptr_t)view->fields,
			       .size = view->size,
			       .tag = view->tag | (view->in_file ? IN_FILE : 0),
			       .print = {{view->tag, view->size}}};
	return ANCIENT_OK;
}

/* A block of values: its fingerprint, where it is known, or it goes on the stack. */
static enum ancient_code enter(struct walk *w, const struct lookup_view *view, bool *ret_finished)
{
	struct reader_word_entry *entry;

	*ret_finished = view->size == 0;
	if (view->size == 0) {
		const uint64_t tag = view->tag;
		w->print = mix(w, 0, &tag, sizeof(tag));
		return ANCIENT_OK;
	}
	if (!view->in_file)
		return push(w, view);
	entry = ancient_reader_word_map_at(&w->prints->met, view->offset, w->budget);
	if (entry == NULL)
		return exceeded(w, view->offset);
	memcpy(&w->print, entry->value, sizeof(w->print));
	if (memcmp(&w->print, &under_way, sizeof(under_way)) == 0) {
		const struct reader_fault fault = {.code = ANCIENT_E_TOO_LARGE,
						   .offset = view->offset};
		return ancient_reader_fail(w->budget->file->name, w->err, &fault,
					   "the comparison has no end: a value contains itself");
	}
	*ret_finished = (w->print.word[0] | w->print.word[1]) != 0;
	if (*ret_finished)
		return ANCIENT_OK;
	memcpy(entry->value, &under_way, sizeof(under_way));
	return push(w, view);
}

static enum ancient_code look(struct walk *w, struct lookup_item item, bool *ret_finished)
{
	const struct ancient_file *file = w->budget->file;
	struct lookup_view view;
	enum ancient_code code = ancient_reader_lookup_open(file, item, &view, w->err);

	while (code == ANCIENT_OK && view.tag == ANCIENT_TAG_FORWARD) {
		if (!reader_budget_take(w->budget, 1))
			return exceeded(w, view.offset);
		code = ancient_reader_lookup_open(file, ancient_reader_lookup_field(file, &view, 0),
						  &view, w->err);
	}
	if (code != ANCIENT_OK)
		return code;
	*ret_finished = true;
	if (view.tag == LOOKUP_IMMEDIATE) {
		w->print = mix(w, LOOKUP_IMMEDIATE, &view.integer, sizeof(view.integer));
		return ANCIENT_OK;
	}
	if (view.tag <= ANCIENT_TAG_LAST_PLAIN)
		return enter(w, &view, ret_finished);
	return leaf(w, &view);
}

/* Ends the block on top. */
static enum ancient_code leave(struct walk *w)
{
	const struct frame *top = &w->stack[--w->depth];
	struct reader_word_entry *entry;

	w->print = top->print;
	if ((top->tag & IN_FILE) == 0)
		return ANCIENT_OK;
	entry = ancient_reader_word_map_find(&w->prints->met, top->at);
	memcpy(entry->value, &w->print, sizeof(w->print));
	return ANCIENT_OK;
}

static enum ancient_code step(struct walk *w, bool *finished)
{
	struct frame *top = &w->stack[w->depth - 1];
	struct lookup_item item;

	if (*finished) {
		const uint64_t both[4] = {top->print.word[0], top->print.word[1], w->print.word[0],
					  w->print.word[1]};
		top->print = mix(w, 0, both, sizeof(both));
		top->next++;
	}
	if (top->next == top->size) {
		*finished = true;
		return leave(w);
	}
	if (!reader_budget_take(w->budget, 1))
		return exceeded(w, (top->tag & IN_FILE) != 0 ? top->at : ANCIENT_NO_OFFSET);
	item = (top->tag & IN_FILE) != 0
		       ? lookup_word(
				 reader_word(w->budget->file, top->at + top->next * ANCIENT_WORD))
		       : lookup_key((const struct ancient_key *)(uintptr_t)top->at + top->next);
	return look(w, item, finished);
}

/* What an error leaves under way would be taken for a value that contains itself. */
static void forget(struct walk *w)
{
	while (w->depth > 0) {
		const struct frame *top = &w->stack[--w->depth];
		struct reader_word_entry *entry =
			(top->tag & IN_FILE) == 0
				? NULL
				: ancient_reader_word_map_find(&w->prints->met, top->at);
		if (entry != NULL)
			entry->value[0] = entry->value[1] = 0;
	}
}

enum ancient_code ancient_reader_fingerprint(struct reader_fingerprints *prints,
					     struct reader_budget *budget, struct lookup_item item,
					     struct reader_fingerprint *ret_print,
					     struct ancient_error *err)
{
	struct walk w;
	bool finished = false;
	enum ancient_code code;

	if (prints->seed == 0)
		prints->seed = ancient_reader_secret() | 1;
	w.prints = prints;
	w.budget = budget;
	w.err = err;
	w.stack = w.first;
	w.depth = 0;
	w.capacity = sizeof(w.first) / sizeof(w.first[0]);
	code = reader_budget_take(budget, 1) ? look(&w, item, &finished)
					     : exceeded(&w, ANCIENT_NO_OFFSET);
	while (code == ANCIENT_OK && w.depth > 0)
		code = step(&w, &finished);
	forget(&w);
	if (w.stack != w.first) {
		ancient_reader_budget_release(budget, w.capacity * sizeof(*w.stack));
		free(w.stack);
	}
	if (code == ANCIENT_OK)
		*ret_print = w.print;
	return code;
}

void ancient_reader_fingerprints_done(struct reader_fingerprints *prints,
				      struct reader_budget *budget)
{
	ancient_reader_word_map_done(&prints->met, budget);
}
