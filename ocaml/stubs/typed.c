/* ocaml/stubs: reads a root together with its schema, for Ancient.Typed.get.
 */
#include "errors.h"
#include "handles.h"
#include "primitives.h"

#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* `which` is a key or a name. */
static enum ancient_code find_entry(const struct ancient_ml_store *held, value which,
				    struct ancient_store_entry *entry, struct ancient_error *err)
{
	const struct ancient_store_generation *at = ancient_ml_store_at(held);
	enum ancient_code code;
	char *name;

	if (Is_long(which))
		return ancient_store_entry(held->store, at, (uint64_t)Long_val(which), entry, err);
	name = caml_stat_strdup(String_val(which));
	code = ancient_store_entry_named(held->store, at, name, entry, err);
	caml_stat_free(name);
	return code;
}

/* Compares fingerprints, and texts unless `ours` is empty: it is where the fingerprint alone
 * decides. */
static bool is_same(const struct ancient_schema_text *schema, value fingerprint, value ours)
{
	size_t length = caml_string_length(ours);

	return schema->text != NULL &&
	       memcmp(schema->fingerprint, String_val(fingerprint), sizeof(schema->fingerprint)) ==
		       0 &&
	       (length == 0 ||
		(length == schema->length && memcmp(schema->text, String_val(ours), length) == 0));
}

/* None where the file has this schema; otherwise Some of its text, which is empty where it has
 * none. */
static value other_text(const struct ancient_schema_text *schema, value fingerprint, value ours)
{
	CAMLparam2(fingerprint, ours);
	CAMLlocal2(text, some);

	if (is_same(schema, fingerprint, ours))
		CAMLreturn(Val_long(0));
	text = schema->text == NULL ? caml_alloc_string(0)
				    : caml_alloc_initialized_string(schema->length, schema->text);
	some = caml_alloc_small(1, 0);
	Field(some, 0) = text;
	CAMLreturn(some);
}

/* (root, None or Some text); `fingerprint` has 16 bytes, `ours` is the program's text or empty. The
 * store is released after the text is copied, because the text lies in the mapping. */
CAMLprim value ancient_ml_entry(value handle, value which, value fingerprint, value ours)
{
	CAMLparam4(handle, which, fingerprint, ours);
	CAMLlocal2(text, pair);
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.Typed.get");
	struct ancient_store_entry entry = {0};
	struct ancient_error err;
	enum ancient_code code;
	bool registered;

	code = find_entry(held, which, &entry, &err);
	registered = ancient_ml_store_register(held);
	if (code == ANCIENT_OK && registered)
		text = other_text(&entry.schema, fingerprint, ours);
	ancient_ml_store_release(held);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.Typed.get", &err);
	if (!registered)
		caml_raise_out_of_memory();
	pair = caml_alloc_small(2, 0);
	Field(pair, 0) = (value)entry.root;
	Field(pair, 1) = text;
	CAMLreturn(pair);
}
