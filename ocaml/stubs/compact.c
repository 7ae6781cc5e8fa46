/* ocaml/stubs: Ancient.compact.
 *
 * The runtime is released while core works, but for handlers of signals, calls of the caller's
 * progress function and of the one that reads schemas.  An exception that they raise stops the
 * compaction and is raised by Ancient.compact.
 */
#include "errors.h"
#include "primitives.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* What the callbacks need.  Functions are options, and roots of the caller. */
struct progress {
	struct ancient_ml_call *call;
	const value *function;                    /* int -> int -> unit */
	const value *types;                       /* schema -> int -> unit: calls set_types */
	const struct ancient_schema_text *schema; /* that `types` is called for */
	uint32_t *words;                          /* that it has set */
};

/* core's progress callback; true stops the compaction. */
static bool call_progress(void *context, uint64_t done, uint64_t total)
{
	const struct progress *state = context;

	return ancient_ml_call_back(state->call, state->function, done, total);
}

/* core's callback for types, which gives NULL where `types` has set nothing. */
static enum ancient_code call_types(void *context, const struct ancient_schema_text *schema,
				    const uint32_t **ret_types, struct ancient_error *err)
{
	struct progress *state = context;

	free(state->words);
	state->words = NULL;
	state->schema = schema;
	if (ancient_ml_call_back(state->call, state->types, (uint64_t)(uintptr_t)state, 0)) {
		*err = (struct ancient_error){.code = ANCIENT_E_INTERRUPTED};
		return ANCIENT_E_INTERRUPTED;
	}
	*ret_types = state->words;
	return ANCIENT_OK;
}

/* The argument of `types`: the address of a struct progress, as an integer. */
static struct progress *progress_of(value state)
{
	return (void *)Long_val(state);
}

CAMLprim value ancient_ml_compact_schema(value state)
{
	const struct ancient_schema_text *schema = progress_of(state)->schema;
	value text = caml_alloc_string(schema->length);

	memcpy(Bytes_val(text), schema->text, schema->length);
	return text;
}

/* They are copied, because the collector may move them. */
CAMLprim value ancient_ml_compact_set_types(value state, value types)
{
	size_t bytes = caml_string_length(types);
	uint32_t *words = malloc(bytes);

	if (words == NULL)
		caml_raise_out_of_memory();
	memcpy(words, String_val(types), bytes);
	free(progress_of(state)->words);
	progress_of(state)->words = words;
	return Val_unit;
}

/* bytes_before, bytes_after, blocks_before, blocks_after */
static value record_of(const struct ancient_compacted *compacted)
{
	value record = caml_alloc_small(4, 0);

	Field(record, 0) = Val_long((intnat)compacted->bytes_before);
	Field(record, 1) = Val_long((intnat)compacted->bytes_after);
	Field(record, 2) = Val_long((intnat)compacted->blocks_before);
	Field(record, 3) = Val_long((intnat)compacted->blocks_after);
	return record;
}

/* dedup: (strings, types) option */
CAMLprim value ancient_ml_compact(value path, value base, value order, value progress, value dedup)
{
	CAMLparam4(path, base, progress, dedup);
	CAMLlocal2(exception, types);
	struct ancient_ml_call call = {.exception = &exception};
	struct progress state = {&call, &progress, &types, NULL, NULL};
	struct ancient_dedup dedup_options = {.strings = false};
	const struct ancient_compact_options options = {
		.base = (uint64_t)Nativeint_val(base),
		.order = (enum ancient_order)Int_val(order),
		.progress = Is_block(progress) ? call_progress : NULL,
		.context = &state,
		.dedup = Is_block(dedup) ? &dedup_options : NULL,
		.types = call_types,
	};
	struct ancient_compacted compacted;
	struct ancient_error err;
	enum ancient_code code;
	char *name;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.compact: a zero byte in the path");
	if (Is_block(dedup)) {
		types = Field(dedup, 0);
		dedup_options.strings = Bool_val(Field(types, 0));
		types = caml_alloc_small(1, 0);
		Field(types, 0) = Field(Field(dedup, 0), 1);
	}
	name = strdup(String_val(path));
	if (name == NULL)
		caml_raise_out_of_memory();
	do {
		ancient_ml_call_begin(&call, true);
		code = ancient_compact(name, &options, &compacted, &err);
	} while (ancient_ml_call_again(&call, code));
	free(name);
	free(state.words);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.compact", &err);
	CAMLreturn(record_of(&compacted));
}
