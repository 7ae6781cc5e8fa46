/* ocaml/stubs: commits: their begin and their end, which wait for the file's lock and for the disk,
 * and Ancient.remove and Ancient.restore, which copy no values.  share.c has those that do.
 */
#include "commit.h"
#include "errors.h"
#include "primitives.h"

#include <stdio.h>

#include <caml/fail.h>
#include <caml/memory.h>

static enum ancient_code fail_read_only(const struct ancient_ml_store *held,
					struct ancient_error *err)
{
	*err = (struct ancient_error){.code = ANCIENT_E_READ_ONLY, .offset = ANCIENT_NO_OFFSET};
	if (held->older)
		snprintf(err->message, sizeof err->message,
			 "%s: attached at generation %llu, and so for reading only", held->name,
			 (unsigned long long)held->at.generation);
	else
		snprintf(err->message, sizeof err->message,
			 "%s: the file was attached for reading only", held->name);
	return err->code;
}

enum ancient_code ancient_ml_commit_begin(struct ancient_ml_call *call,
					  const struct ancient_ml_store *held,
					  struct ancient_commit **ret_commit,
					  struct ancient_error *err)
{
	enum ancient_code code;

	if (held->read_only)
		return fail_read_only(held, err);
	do {
		ancient_ml_call_begin(call, true);
		code = ancient_commit_begin(held->store, ret_commit, err);
	} while (ancient_ml_call_again(call, code));
	return code;
}

enum ancient_code ancient_ml_commit_finish(struct ancient_ml_call *call,
					   struct ancient_commit *commit, bool durable,
					   struct ancient_error *err)
{
	enum ancient_code code;

	ancient_ml_call_begin(call, true);
	code = ancient_commit_finish(commit, durable, err);
	ancient_ml_call_end(call);
	return code;
}

/* A commit of one `step` of core, which takes a number. */
static value commit_one(value handle, const char *where, value number, value durable,
			enum ancient_code (*step)(struct ancient_commit *commit, uint64_t number,
						  struct ancient_error *err))
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, where);
	struct ancient_commit *commit;
	struct ancient_error err;
	bool registered = true;
	enum ancient_code code = ancient_ml_commit_begin(&call, held, &commit, &err);

	if (code == ANCIENT_OK) {
		code = step(commit, (uint64_t)Long_val(number), &err);
		if (code == ANCIENT_OK)
			code = ancient_ml_commit_finish(&call, commit, Bool_val(durable), &err);
		else
			ancient_commit_abort(commit);
		registered = ancient_ml_store_register(held);
	}
	ancient_ml_store_release(held);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise(where, &err);
	if (!registered)
		caml_raise_out_of_memory();
	CAMLreturn(Val_unit);
}

CAMLprim value ancient_ml_remove(value handle, value key, value durable)
{
	return commit_one(handle, "Ancient.remove", key, durable, ancient_commit_remove);
}

CAMLprim value ancient_ml_restore(value handle, value generation, value durable)
{
	return commit_one(handle, "Ancient.restore", generation, durable, ancient_commit_restore);
}
