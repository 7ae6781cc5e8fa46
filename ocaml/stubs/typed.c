/* ocaml/stubs: reads a root together with its schema, for Ancient.Typed.get.
 */
#include "errors.h"
#include "handles.h"
#include "primitives.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* `which` is a key or a name. */
static enum ancient_code find_entry(struct ancient_ml_call *call,
				    const struct ancient_ml_store *held, value which,
				    struct ancient_store_entry *entry, struct ancient_error *err)
{
	const struct ancient_store_generation *at = ancient_ml_store_at(held);
	bool named = Is_block(which);
	uint64_t key = named ? 0 : (uint64_t)Long_val(which);
	struct ancient_ml_key_name name = {.text = ""};
	enum ancient_code code;

	if (named)
		name = ancient_ml_key_name_of(which);
	do {
		ancient_ml_call_begin_reading(call, held);
		code = named ? ancient_store_entry_named(held->store, at, name.text, entry, err)
			     : ancient_store_entry(held->store, at, key, entry, err);
	} while (ancient_ml_call_again(call, code));
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

/* The file's text, where it has another schema than this, and an empty one where it has none;
 * NULL: the same schema.  The text lies in the mapping, so it is copied before the store is
 * released; false where memory fails. */
static bool copy_other_text(const struct ancient_schema_text *schema, value fingerprint, value ours,
			    char **ret_text)
{
	*ret_text = NULL;
	if (is_same(schema, fingerprint, ours))
		return true;
	*ret_text = malloc(schema->length + 1);
	if (*ret_text == NULL)
		return false;
	if (schema->text != NULL)
		memcpy(*ret_text, schema->text, schema->length);
	return true;
}

/* Some string, or None for NULL.  Frees the text. */
static value option_of_text(char *text, size_t length)
{
	CAMLparam0();
	CAMLlocal1(string);
	value some;

	if (text == NULL)
		CAMLreturn(Val_long(0));
	string = caml_alloc_string(length);
	memcpy(Bytes_val(string), text, length);
	free(text);
	some = caml_alloc_small(1, 0);
	Field(some, 0) = string;
	CAMLreturn(some);
}

/* (root, None or Some text); `fingerprint` has 16 bytes, `ours` is the program's text or empty. */
CAMLprim value ancient_ml_entry(value handle, value which, value fingerprint, value ours)
{
	CAMLparam4(handle, which, fingerprint, ours);
	CAMLlocal3(text, pair, exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.Typed.get");
	struct ancient_store_entry entry = {0};
	struct ancient_error err;
	enum ancient_code code = find_entry(&call, held, which, &entry, &err);
	bool copied = true;
	char *other = NULL;

	if (code == ANCIENT_OK)
		copied = copy_other_text(&entry.schema, fingerprint, ours, &other);
	if (!ancient_ml_store_register(held))
		copied = false;
	ancient_ml_store_release(held);
	if (!copied)
		free(other);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.Typed.get", &err);
	if (!copied)
		caml_raise_out_of_memory();
	text = option_of_text(other, entry.schema.length);
	pair = caml_alloc_small(2, 0);
	Field(pair, 0) = (value)entry.root;
	Field(pair, 1) = text;
	CAMLreturn(pair);
}
