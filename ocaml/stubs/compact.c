/* ocaml/stubs: Ancient.compact.
 *
 * The runtime is released while core works, but for handlers of signals, and calls of the caller's
 * progress function.  An exception that they raise stops the compaction and is raised by
 * Ancient.compact.
 */
#include "errors.h"
#include "primitives.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

struct progress {
	struct ancient_ml_call *call;
	const value *function; /* (int -> int -> unit) option; a root of the caller */
};

/* core's progress callback; true stops the compaction. */
static bool call_progress(void *context, uint64_t done, uint64_t total)
{
	const struct progress *state = context;

	return ancient_ml_call_back(state->call, state->function, done, total);
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

CAMLprim value ancient_ml_compact(value path, value base, value order, value progress)
{
	CAMLparam3(path, base, progress);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct progress state = {&call, &progress};
	const struct ancient_compact_options options = {
		.base = (uint64_t)Nativeint_val(base),
		.order = (enum ancient_order)Int_val(order),
		.progress = Is_block(progress) ? call_progress : NULL,
		.context = &state,
	};
	struct ancient_compacted compacted;
	struct ancient_error err;
	enum ancient_code code;
	char *name;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.compact: a zero byte in the path");
	name = strdup(String_val(path));
	if (name == NULL)
		caml_raise_out_of_memory();
	do {
		ancient_ml_call_begin(&call, true);
		code = ancient_compact(name, &options, &compacted, &err);
	} while (ancient_ml_call_again(&call, code));
	free(name);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.compact", &err);
	CAMLreturn(record_of(&compacted));
}
