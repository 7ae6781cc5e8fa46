/* ocaml: compaction.
 *
 * The runtime is released all the while, but for moments: then signal handlers run, and the
 * caller's function of progress.  What they raise stops the compaction and comes out.
 */
#include "stubs.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/callback.h>
#include <caml/fail.h>
#include <caml/memory.h>
#include <caml/signals.h>

struct watch {
	value *progress;  /* int -> int -> unit, or none; a root of the caller */
	value *exception; /* what it raised; the same */
};

static bool tell(void *context, uint64_t done, uint64_t total)
{
	struct watch *watch = context;
	value result;

	caml_leave_blocking_section();
	result = caml_process_pending_actions_exn();
	if (!Is_exception_result(result) && Is_block(*watch->progress))
		result = caml_callback2_exn(Field(*watch->progress, 0), Val_long((intnat)done),
					    Val_long((intnat)total));
	if (Is_exception_result(result))
		*watch->exception = Extract_exception(result);
	caml_enter_blocking_section_no_pending();
	return Is_block(*watch->exception);
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
	struct watch watch = {&progress, &exception};
	const struct ancient_compact_options options = {
		.base = (uint64_t)Nativeint_val(base),
		.order = (enum ancient_order)Int_val(order),
		.progress = tell,
		.context = &watch,
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
		/* A signal, while it waited for the lock. */
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
