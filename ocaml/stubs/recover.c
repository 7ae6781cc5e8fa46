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

/* A record of type Ancient.recovered. */
static value record_of(const struct ancient_recovered *recovered)
{
	CAMLparam0();
	CAMLlocal1(some);
	value record;

	some = Val_long(0);
	if (recovered->recovered != 0) {
		some = caml_alloc_small(1, 0);
		Field(some, 0) = Val_long((intnat)recovered->recovered);
	}
	record = caml_alloc_small(3, 0);
	Field(record, 0) = Val_long((intnat)recovered->generation);
	Field(record, 1) = some;
	Field(record, 2) = Val_long(recovered->damaged);
	CAMLreturn(record);
}

CAMLprim value ancient_ml_recover(value path)
{
	CAMLparam1(path);
	struct ancient_recovered recovered;
	struct ancient_error err;
	enum ancient_code code;
	char *name;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.recover: a zero byte in the path");
	name = caml_stat_strdup(String_val(path));
	do {
		value result;

		caml_enter_blocking_section_no_pending();
		code = ancient_recover(name, &recovered, &err);
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
