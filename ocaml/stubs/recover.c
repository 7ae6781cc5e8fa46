/* ocaml/stubs: Ancient.recover.
 */
#include "errors.h"
#include "primitives.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>
#include <caml/signals.h>

/* None for 0. */
static value option_of(uint64_t generation)
{
	value some = Val_long(0);

	if (generation != 0) {
		some = caml_alloc_small(1, 0);
		Field(some, 0) = Val_long((intnat)generation);
	}
	return some;
}

/* A record of type Ancient.recovered. */
static value record_of(const struct ancient_recovered *recovered)
{
	CAMLparam0();
	CAMLlocal2(back, lost);
	value record;

	back = option_of(recovered->recovered);
	lost = option_of(recovered->lost);
	record = caml_alloc_small(4, 0);
	Field(record, 0) = Val_long((intnat)recovered->generation);
	Field(record, 1) = back;
	Field(record, 2) = lost;
	Field(record, 3) = Val_long(recovered->damaged);
	CAMLreturn(record);
}

CAMLprim value ancient_ml_recover(value path, value drop_lost)
{
	CAMLparam1(path);
	struct ancient_recovered recovered;
	struct ancient_error err;
	bool drop = Bool_val(drop_lost);
	enum ancient_code code;
	char *name;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.recover: a zero byte in the path");
	name = caml_stat_strdup(String_val(path));
	do {
		value result;

		caml_enter_blocking_section_no_pending();
		code = ancient_recover(name, drop, &recovered, &err);
		caml_leave_blocking_section();
		if (code != ANCIENT_E_INTERRUPTED)
			break;
		/* A signal interrupted the wait for the lock. */
		result = caml_process_pending_actions_exn();
		if (Is_exception_result(result)) {
			caml_stat_free(name);
			caml_raise(Extract_exception(result));
		}
	} while (true);
	caml_stat_free(name);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.recover", &err);
	CAMLreturn(record_of(&recovered));
}
