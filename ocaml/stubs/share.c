/* ocaml/stubs: Ancient.share and share_many: one commit of one or more values.
 *
 * The runtime is held while values are copied: from the first put until ancient_commit_settle has
 * restored the marked headers, no OCaml code runs and nothing is allocated or moves.  Between begin
 * and finish nothing may raise, because the lock is held.
 */
#include "commit.h"
#include "errors.h"
#include "handles.h"
#include "primitives.h"
#include "source.h"

#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* Fields of Ancient.binding, and of its schema. */
enum { BINDING_KEY, BINDING_NAME, BINDING_VALUE, BINDING_SCHEMA };
enum { SCHEMA_FINGERPRINT, SCHEMA_TEXT };

/* Fields of Ancient.dedup. */
enum { DEDUP_STRINGS, DEDUP_TYPES };

struct binding {
	uint64_t key;
	const char *name; /* NULL: none */
	uint64_t value;
	struct ancient_schema_text schema; /* its text NULL: none */
	bool once;                         /* equal blocks of it */
	struct ancient_dedup dedup;
};

/* Of binding `i`. */
static struct ancient_dedup read_dedup(value dedup, mlsize_t i)
{
	value types = Field(Field(dedup, DEDUP_TYPES), i);

	return (struct ancient_dedup){
		.strings = Bool_val(Field(dedup, DEDUP_STRINGS)),
		.types = caml_string_length(types) ? (const uint32_t *)String_val(types) : NULL,
	};
}

/* Reads a binding before any header is marked: the name may be part of a shared value, and a
 * string whose header is marked has no length.  Texts do not move while no OCaml code runs. */
static struct binding read_binding(value binding, mlsize_t i, value dedup)
{
	value name = Field(binding, BINDING_NAME), schema = Field(binding, BINDING_SCHEMA);
	struct binding read = {
		.key = (uint64_t)Long_val(Field(binding, BINDING_KEY)),
		.name = Is_block(name) ? String_val(Field(name, 0)) : NULL,
		.value = (uint64_t)Field(binding, BINDING_VALUE),
		.once = Is_block(dedup),
	};

	if (read.once)
		read.dedup = read_dedup(Field(dedup, 0), i);
	if (!Is_block(schema))
		return read;
	schema = Field(schema, 0);
	memcpy(read.schema.fingerprint, String_val(Field(schema, SCHEMA_FINGERPRINT)),
	       sizeof(read.schema.fingerprint));
	read.schema.text = String_val(Field(schema, SCHEMA_TEXT));
	read.schema.length = caml_string_length(Field(schema, SCHEMA_TEXT));
	return read;
}

/* Where it fails, the abort of the commit gives marked headers back. */
static enum ancient_code put_all(struct ancient_commit *commit, const struct binding *bindings,
				 mlsize_t count, enum ancient_order order,
				 struct ancient_copied *copied, struct ancient_error *err)
{
	struct ancient_ml_source source;
	enum ancient_code code = ANCIENT_OK;

	ancient_ml_source_init(&source);
	for (mlsize_t i = 0; i < count && code == ANCIENT_OK; i++) {
		const struct binding *binding = &bindings[i];

		code = ancient_commit_dedup(commit, binding->once ? &binding->dedup : NULL, err);
		if (code != ANCIENT_OK)
			break;
		code = ancient_commit_put_typed(
			commit, binding->key, binding->name,
			binding->schema.text != NULL ? &binding->schema : NULL, &source.source,
			binding->value, order, &copied[i], err);
	}
	if (code == ANCIENT_OK)
		code = ancient_commit_settle(commit, err);
	return code;
}

/* The bytes written for all values.  The roots do not get into the heap, where the collector might
 * still follow them after the file is detached. */
static value bytes_of_copied(const struct ancient_copied *copied, mlsize_t count)
{
	uint64_t bytes = 0;

	for (mlsize_t i = 0; i < count; i++)
		bytes += copied[i].bytes;
	return Val_long((intnat)bytes);
}

/* [| (root, bytes); ... |] */
static value array_of_copied(const struct ancient_copied *copied, mlsize_t count)
{
	CAMLparam0();
	CAMLlocal2(array, pair);

	array = caml_alloc(count, 0);
	for (mlsize_t i = 0; i < count; i++) {
		pair = caml_alloc_small(2, 0);
		Field(pair, 0) = (value)copied[i].root;
		Field(pair, 1) = Val_long((intnat)copied[i].bytes);
		Store_field(array, i, pair);
	}
	CAMLreturn(array);
}

/* The commit, once it has begun. */
static enum ancient_code commit_all(struct ancient_ml_call *call, struct ancient_commit *commit,
				    const struct binding *bindings, mlsize_t count,
				    enum ancient_order order, bool durable,
				    struct ancient_copied *copied, struct ancient_error *err)
{
	enum ancient_code code = put_all(commit, bindings, count, order, copied, err);

	if (code == ANCIENT_OK)
		return ancient_ml_commit_finish(call, commit, durable, err);
	ancient_commit_abort(commit);
	return code;
}

static value share(value handle, value bindings, value order, value durable, value dedup,
		   value (*answer)(const struct ancient_copied *copied, mlsize_t count))
{
	CAMLparam3(handle, bindings, dedup);
	CAMLlocal2(exception, result);
	mlsize_t count = Wosize_val(bindings);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.share");
	struct ancient_copied *copied = calloc(count, sizeof *copied);
	struct binding *read = calloc(count, sizeof *read);
	struct ancient_commit *commit;
	struct ancient_error err;
	enum ancient_code code;
	bool registered = true;

	if (copied == NULL || read == NULL) {
		free(copied);
		free(read);
		ancient_ml_store_release(held);
		caml_raise_out_of_memory();
	}
	code = ancient_ml_commit_begin(&call, held, &commit, &err);
	if (code == ANCIENT_OK) {
		for (mlsize_t i = 0; i < count; i++)
			read[i] = read_binding(Field(bindings, i), i, dedup);
		code = commit_all(&call, commit, read, count, (enum ancient_order)Int_val(order),
				  Bool_val(durable), copied, &err);
	}
	if (code == ANCIENT_OK)
		registered = ancient_ml_store_register(held);
	ancient_ml_store_release(held);
	if (code == ANCIENT_OK && registered)
		result = answer(copied, count);
	free(copied);
	free(read);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.share", &err);
	if (!registered)
		caml_raise_out_of_memory();
	CAMLreturn(result);
}

CAMLprim value ancient_ml_share(value handle, value bindings, value order, value durable,
				value dedup)
{
	return share(handle, bindings, order, durable, dedup, array_of_copied);
}

CAMLprim value ancient_ml_share_many(value handle, value bindings, value order, value durable,
				     value dedup)
{
	return share(handle, bindings, order, durable, dedup, bytes_of_copied);
}
