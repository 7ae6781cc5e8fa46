/* ocaml/stubs: Ancient.commits and Ancient.generation_time: what commits left in their records.
 */
#include "errors.h"
#include "handles.h"
#include "primitives.h"

#include <stdlib.h>

#include <caml/alloc.h>
#include <caml/memory.h>

struct log {
	struct ancient_store_commit *commits;
	size_t count, capacity;
};

/* Room for one more. */
static bool log_grow(struct log *log)
{
	size_t capacity = log->capacity != 0 ? 2 * log->capacity : 64;
	struct ancient_store_commit *commits;

	if (log->count < log->capacity)
		return true;
	commits = realloc(log->commits, capacity * sizeof *commits);
	if (commits == NULL)
		return false;
	log->commits = commits;
	log->capacity = capacity;
	return true;
}

/* Reads every commit record from that of the handle's generation on.  Called without the runtime.
 * What is in the log is overwritten. */
static enum ancient_code log_read(const struct ancient_ml_store *held, struct log *log,
				  struct ancient_error *err)
{
	uint64_t next = held->older ? held->at.record : ANCIENT_LOG_NEWEST;
	enum ancient_code code = ANCIENT_OK;

	log->count = 0;
	while (code == ANCIENT_OK) {
		if (!log_grow(log)) {
			err->code = ANCIENT_E_MEMORY;
			return err->code;
		}
		code = ancient_store_log_next(held->store, &next, &log->commits[log->count], err);
		if (code == ANCIENT_OK)
			log->count++;
	}
	return code == ANCIENT_E_NO_GENERATION ? ANCIENT_OK : code;
}

/* Seconds since the epoch, or None. */
static value option_of_time(uint64_t time)
{
	CAMLparam0();
	CAMLlocal1(seconds);
	value some;

	if (time == 0)
		CAMLreturn(Val_long(0));
	seconds = caml_copy_double((double)time / 1e9);
	some = caml_alloc_small(1, 0);
	Field(some, 0) = seconds;
	CAMLreturn(some);
}

/* A record of type Ancient.commit. */
static value record_of_commit(const struct ancient_store_commit *commit)
{
	CAMLparam0();
	CAMLlocal1(time);
	value record;

	time = option_of_time(commit->time);
	record = caml_alloc_small(7, 0);
	Field(record, 0) = Val_long((intnat)commit->generation);
	Field(record, 1) = time;
	Field(record, 2) = Val_long((intnat)commit->published);
	Field(record, 3) = Val_long((intnat)commit->removed);
	Field(record, 4) = Val_long((intnat)commit->keys);
	Field(record, 5) = Val_long((intnat)commit->bytes);
	Field(record, 6) = Val_long((intnat)commit->used);
	CAMLreturn(record);
}

/* An array, the newest commit first. */
CAMLprim value ancient_ml_log(value handle)
{
	CAMLparam1(handle);
	CAMLlocal3(array, record, exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.commits");
	struct log log = {0};
	struct ancient_error err;
	enum ancient_code code;

	do {
		ancient_ml_call_begin(&call, true);
		code = log_read(held, &log, &err);
	} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_register(held);
	ancient_ml_store_release(held);
	if (code == ANCIENT_OK && log.count > 0) {
		array = caml_alloc(log.count, 0);
		for (size_t i = 0; i < log.count; i++) {
			record = record_of_commit(&log.commits[i]);
			Store_field(array, i, record);
		}
	} else {
		array = Atom(0);
	}
	free(log.commits);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.commits", &err);
	CAMLreturn(array);
}

CAMLprim value ancient_ml_generation_time(value handle)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.generation_time");
	struct ancient_store_generation at = held->at;
	struct ancient_error err;
	enum ancient_code code = ANCIENT_OK;

	if (!held->older)
		do {
			ancient_ml_call_begin_reading(&call, held);
			code = ancient_store_refresh(held->store, &err);
			if (code == ANCIENT_OK)
				code = ancient_store_generation_find(
					held->store, ancient_store_generation(held->store), &at,
					&err);
		} while (ancient_ml_call_again(&call, code));
	if (code == ANCIENT_E_EMPTY)
		code = ANCIENT_OK; /* and no time */
	ancient_ml_store_finish(held, &call, "Ancient.generation_time", code, &err);
	CAMLreturn(option_of_time(at.time));
}
