/* ocaml/stubs: describes the OCaml heap to core while it copies values (which pointers lead to
 * blocks, which custom types may be copied, which headers may be marked), and gives the custom
 * blocks of an attached file the operations of this process.  Called by mark.c, share.c, handles.c.
 */
#include "source.h"
#include "errors.h"
#include "primitives.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <caml/address_class.h>
#include <caml/bigarray.h>
#include <caml/domain.h>
#include <caml/fail.h>
#include <caml/major_gc.h>
#include <caml/memory.h>

#include <ancient/format.h>

#define BIGARRAY_IDENTIFIER "_bigarr02" /* in files; OCaml versions have called it otherwise */

/* ---- Identifiers ---------------------------------------------------------------- */

/* Every identifier seen, never freed: custom operations in mapped files point to them. */
struct identifier {
	struct identifier *next;
	bool registered;
	char text[];
};

static pthread_mutex_t identifiers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct identifier *identifiers;

/* The entry of `text`, made where there is none; NULL where memory fails. */
static struct identifier *intern_locked(const char *text)
{
	struct identifier *entry;
	size_t length = strlen(text);

	for (entry = identifiers; entry != NULL; entry = entry->next)
		if (strcmp(entry->text, text) == 0)
			return entry;
	entry = malloc(sizeof *entry + length + 1);
	if (entry == NULL)
		return NULL;
	memcpy(entry->text, text, length + 1);
	entry->registered = false;
	entry->next = identifiers;
	identifiers = entry;
	return entry;
}

static bool is_registered(const char *text)
{
	/* core accepts these by itself; found here, they need no lock. */
	static const char *const well_known[] = {"_j", "_i", "_n", BIGARRAY_IDENTIFIER, "_z"};
	const struct identifier *entry;
	bool registered = false;

	for (size_t i = 0; i < sizeof well_known / sizeof *well_known; i++)
		if (strcmp(text, well_known[i]) == 0)
			return true;
	pthread_mutex_lock(&identifiers_lock);
	for (entry = identifiers; entry != NULL; entry = entry->next)
		if (entry->registered && strcmp(entry->text, text) == 0)
			registered = true;
	pthread_mutex_unlock(&identifiers_lock);
	return registered;
}

static void lock_identifiers(void)
{
	pthread_mutex_lock(&identifiers_lock);
}

static void unlock_identifiers(void)
{
	pthread_mutex_unlock(&identifiers_lock);
}

/* Another thread may hold the lock, attaching a file without the runtime, while this one forks. */
__attribute__((constructor)) static void prepare_for_fork(void)
{
	pthread_atfork(lock_identifiers, unlock_identifiers, unlock_identifiers);
}

CAMLprim value ancient_ml_register_custom(value identifier)
{
	struct identifier *entry;
	mlsize_t length = caml_string_length(identifier);

	if (length == 0 || length > ANCIENT_CUSTOM_ID_MAX ||
	    strlen(String_val(identifier)) != length)
		ancient_ml_invalid_argument("Ancient.register_custom: bad identifier, expected 1 "
					    "to 55 bytes, none of them zero");
	pthread_mutex_lock(&identifiers_lock);
	entry = intern_locked(String_val(identifier));
	if (entry != NULL)
		entry->registered = true;
	pthread_mutex_unlock(&identifiers_lock);
	if (entry == NULL)
		caml_raise_out_of_memory();
	return Val_unit;
}

/* ---- Source values -------------------------------------------------------------- */

#ifdef ANCIENT_ML_PAGE_TABLE

static enum ancient_source_class classify(void *context, uint64_t word)
{
	struct ancient_ml_source *source = context;
	uint64_t page = word >> Page_log;
	uint64_t slot = page % ANCIENT_ML_PAGE_CACHE;

	if (!source->cached) {
		memset(source->cache, 0, sizeof source->cache);
		source->cached = true;
	}
	if (source->cache[slot].page != page) {
		source->cache[slot].page = page;
		source->cache[slot].holds_values = Is_in_value_area(word) != 0;
	}
	return source->cache[slot].holds_values ? ANCIENT_SOURCE_BLOCK : ANCIENT_SOURCE_FOREIGN;
}

#endif

static struct ancient_source_custom custom(void *context, uint64_t word)
{
	const struct custom_operations *operations = (const struct custom_operations *)word;
	const char *identifier = operations->identifier;
	/* Bigarrays of Unix.map_file have other operations, whose finalizer unmaps the file; a copy
	 * gets the plain ones. */
	bool bigarray = operations->serialize == caml_ba_ops.serialize;

	(void)context;
	if (bigarray)
		identifier = BIGARRAY_IDENTIFIER;
	return (struct ancient_source_custom){
		.identifier = identifier,
		.registered = identifier != NULL && is_registered(identifier),
		.operations = bigarray ? (uint64_t)&caml_ba_ops : 0,
	};
}

/* While this thread holds the runtime and neither allocates nor lets go of it, no other OCaml
 * thread runs, no signal handler in OCaml, and no collector. */
#if OCAML_VERSION < 50000

static int by_address(const void *a, const void *b)
{
	const struct ancient_source_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* The chunks of the heap when they were last listed, and values that differ when chunks were added
 * or removed since; only a compaction of the heap removes any. */
static struct {
	struct ancient_source_range *ranges;
	size_t count;
	intnat chunks, words, compactions;
	const void *first, *young_start, *young_end;
} heap;

static bool chunks_are_current(void)
{
	return heap.ranges != NULL && heap.chunks == Caml_state->stat_heap_chunks &&
	       heap.words == Caml_state->stat_heap_wsz &&
	       heap.compactions == Caml_state->stat_compactions && heap.first == caml_heap_start &&
	       heap.young_start == Caml_state->young_start &&
	       heap.young_end == Caml_state->young_end;
}

/* The chunks of the major heap, and the minor heap; false where memory fails. */
static bool list_chunks(void)
{
	size_t count = 1;
	char *chunk;

	for (chunk = caml_heap_start; chunk != NULL; chunk = Chunk_next(chunk))
		count++;
	free(heap.ranges);
	heap.ranges = malloc(count * sizeof *heap.ranges);
	if (heap.ranges == NULL)
		return false;
	heap.ranges[0].start = (uint64_t)Caml_state->young_start;
	heap.ranges[0].end = (uint64_t)Caml_state->young_end;
	count = 1;
	for (chunk = caml_heap_start; chunk != NULL; chunk = Chunk_next(chunk)) {
		heap.ranges[count].start = (uint64_t)chunk;
		heap.ranges[count++].end = (uint64_t)chunk + Chunk_size(chunk);
	}
	qsort(heap.ranges, count, sizeof *heap.ranges, by_address);
	heap.count = count;
	heap.chunks = Caml_state->stat_heap_chunks;
	heap.words = Caml_state->stat_heap_wsz;
	heap.compactions = Caml_state->stat_compactions;
	heap.first = caml_heap_start;
	heap.young_start = Caml_state->young_start;
	heap.young_end = Caml_state->young_end;
	return true;
}

/* Only headers in the heap may be marked: other blocks, static data among them, may lie in
 * read-only memory. */
static void describe_heap(struct ancient_ml_source *source, bool wanted)
{
	if (!chunks_are_current() && !list_chunks())
		return;
	source->source.ranges = heap.ranges;
	source->source.range_count = heap.count;
	source->source.marks = wanted ? ANCIENT_MARKS_RANGES : ANCIENT_MARKS_NONE;
}

#else

/* Headers may be marked while this is the only domain, because another domain might read them at
 * any time.  None can start meanwhile: only OCaml code of this domain could spawn it.  Static data
 * and ancient values have the colour NOT_MARKABLE. */
static void describe_heap(struct ancient_ml_source *source, bool wanted)
{
	if (wanted && caml_domain_alone())
		source->source.marks = ANCIENT_MARKS_COLOUR;
}

#endif

void ancient_ml_source_init(struct ancient_ml_source *source)
{
	const char *wanted = getenv("ANCIENT_MARKS");

#ifdef ANCIENT_ML_PAGE_TABLE
	memset(source, 0, offsetof(struct ancient_ml_source, cache));
	source->source.classify = classify;
#else
	memset(source, 0, sizeof *source);
#endif
	source->source.context = source;
	source->source.custom = custom;
	describe_heap(source, wanted == NULL || strcmp(wanted, "no") != 0);
}

/* ---- Custom blocks of a file ----------------------------------------------------- */

/* The identifier is set even where this process lacks the operations, so that such a block can be
 * shared into another file. */
bool ancient_ml_link_custom(void *context, const char *identifier, void *room)
{
	struct custom_operations linked = {0};
	const struct custom_operations *found;
	const struct identifier *entry;

	(void)context;
	if (strcmp(identifier, BIGARRAY_IDENTIFIER) == 0)
		found = &caml_ba_ops;
	else
		found = caml_find_custom_operations((char *)identifier);
	if (found != NULL)
		linked = *found;
	pthread_mutex_lock(&identifiers_lock);
	entry = intern_locked(identifier);
	pthread_mutex_unlock(&identifiers_lock);
	if (entry != NULL)
		linked.identifier = entry->text;
	memcpy(room, &linked, sizeof linked);
	return true;
}
