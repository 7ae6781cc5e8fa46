/* ocaml/stubs: Ancient.recover.
 */
#include "errors.h"
#include "primitives.h"
#include "runtime.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

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
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_recovered recovered;
	struct ancient_error err;
	bool drop = Bool_val(drop_lost);
	enum ancient_code code;
	char *name;

	if (strlen(String_val(path)) != caml_string_length(path))
		ancient_ml_invalid_argument("Ancient.recover: a zero byte in the path");
	name = caml_stat_strdup(String_val(path));
	do {
		ancient_ml_call_begin(&call, true);
		code = ancient_recover(name, drop, &recovered, &err);
	} while (ancient_ml_call_again(&call, code));
	caml_stat_free(name);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.recover", &err);
	CAMLreturn(record_of(&recovered));
}
