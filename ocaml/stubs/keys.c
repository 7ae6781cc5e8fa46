/* ocaml/stubs: iterates over the keys of a file, for Ancient.fold_keys.
 *
 * The state of the iteration is a struct of core in an OCaml byte sequence, so that nothing needs
 * freeing when the user's function raises.
 */
#include "errors.h"
#include "handles.h"
#include "primitives.h"

#include <stdio.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/memory.h>

CAMLprim value ancient_ml_keys(value handle)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.fold_keys");
	struct ancient_store_keys keys = {0};
	struct ancient_error err;
	enum ancient_code code;

	do {
		ancient_ml_call_begin_reading(&call, held);
		code = ancient_store_keys(held->store, ancient_ml_store_at(held), &keys, &err);
	} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_finish(held, &call, "Ancient.fold_keys", code, &err);
	CAMLreturn(caml_alloc_initialized_string(sizeof keys, (const char *)&keys));
}

/* Some (key, name), or None at the end. */
CAMLprim value ancient_ml_keys_next(value handle, value walk)
{
	CAMLparam2(handle, walk);
	CAMLlocal3(name, pair, some);
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.fold_keys");
	struct ancient_store_entry entry = {0};
	struct ancient_ml_key_name copy;
	struct ancient_store_keys keys;
	struct ancient_error err;
	enum ancient_code code;

	memcpy(&keys, Bytes_val(walk), sizeof keys);
	code = ancient_store_keys_next(held->store, &keys, &entry, &err);
	memcpy(Bytes_val(walk), &keys, sizeof keys);
	/* The name lies in the mapping, and no allocation may raise while the store is held. */
	if (code == ANCIENT_OK && entry.name != NULL)
		snprintf(copy.text, sizeof copy.text, "%s", entry.name);
	ancient_ml_store_release(held);
	if (code == ANCIENT_E_NO_KEY)
		CAMLreturn(Val_long(0));
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.fold_keys", &err);
	pair = caml_alloc_small(2, 0);
	Field(pair, 0) = Val_long((intnat)entry.key);
	Field(pair, 1) = Val_long(0);
	if (entry.name != NULL) {
		name = caml_copy_string(copy.text);
		some = caml_alloc_small(1, 0);
		Field(some, 0) = name;
		Store_field(pair, 1, some);
	}
	some = caml_alloc_small(1, 0);
	Field(some, 0) = pair;
	CAMLreturn(some);
}
