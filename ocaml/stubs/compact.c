/* ocaml/stubs: Ancient.compact.
 *
 * The runtime is released while core works, except during core's calls of progress: there
 * signal handlers run, and the caller's progress function.  An exception that they raise stops the
 * compaction and is raised by Ancient.compact.
 */
#include "errors.h"
#include "primitives.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/callback.h>
#include <caml/fail.h>
#include <caml/memory.h>
#include <caml/signals.h>

struct progress {
	value *function;  /* (int -> int -> unit) option; a root of the caller */
	value *exception; /* what a handler or the function raised; a root of the caller */
};

/* core's progress callback; true stops the compaction. */
static bool call_progress(void *context, uint64_t done, uint64_t total)
{
	struct progress *state = context;
	value result;

	caml_leave_blocking_section();
	result = caml_process_pending_actions_exn();
	if (!Is_exception_result(result) && Is_block(*state->function))
		result = caml_callback2_exn(Field(*state->function, 0), Val_long((intnat)done),
					    Val_long((intnat)total));
	if (Is_exception_result(result))
		*state->exception = Extract_exception(result);
	caml_enter_blocking_section_no_pending();
	return Is_block(*state->exception);
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
	struct progress state = {&progress, &exception};
	const struct ancient_compact_options options = {
		.base = (uint64_t)Nativeint_val(base),
		.order = (enum ancient_order)Int_val(order),
		.progress = call_progress,
		.context = &state,
	};
	struct ancient_compacted compacted;
	struct ancient_error err;
	enum ancient_code code;
	value result;
	char *name;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.compact: a zero byte in the path");
	name = strdup(String_val(path));
	if (name == NULL)
		caml_raise_out_of_memory();
	for (;;) {
		caml_enter_blocking_section_no_pending();
		code = ancient_compact(name, &options, &compacted, &err);
		caml_leave_blocking_section();
		if (code != ANCIENT_E_INTERRUPTED || Is_block(exception))
			break;
		/* A signal arrived during the wait for the lock. */
		result = caml_process_pending_actions_exn();
		if (Is_exception_result(result)) {
			exception = Extract_exception(result);
			break;
		}
	}
	free(name);
	if (code == ANCIENT_E_INTERRUPTED)
		caml_raise(exception);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.compact", &err);
	CAMLreturn(record_of(&compacted));
}
