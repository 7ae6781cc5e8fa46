/* ocaml/stubs: attach, detach, and the calls that read an attached file.
 *
 * A handle is a custom block that points to a struct on the C heap, because a call that has
 * released the runtime must find the struct while the collector moves the block.
 */
#include "handles.h"
#include "errors.h"
#include "primitives.h"
#include "protect.h"
#include "ranges.h"
#include "source.h"
#include "trials.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <caml/alloc.h>
#include <caml/fail.h>
#include <caml/memory.h>

/* Guards users, closing and store of every handle. */
static pthread_mutex_t handles_lock = PTHREAD_MUTEX_INITIALIZER;

#define Handle_val(v) (*(struct ancient_ml_store **)Data_custom_val(v))

/* A handle that is dropped without detach stays attached: values of its file may be in use. */
static void handle_finalize(value v)
{
	struct ancient_ml_store *held = Handle_val(v);

	if (held != NULL && held->store == NULL) {
		free(held->name);
		free(held);
	}
}

static struct custom_operations handle_operations = {
	.identifier = "ancient.handle",
	.finalize = handle_finalize,
	.compare = custom_compare_default,
	.hash = custom_hash_default,
	.serialize = custom_serialize_default,
	.deserialize = custom_deserialize_default,
	.compare_ext = custom_compare_ext_default,
	.fixed_length = custom_fixed_length_default,
};

/* ---- Running calls -------------------------------------------------------------- */

struct ancient_ml_store *ancient_ml_store_hold(value handle, const char *where)
{
	struct ancient_ml_store *held = Handle_val(handle);
	bool attached;

	pthread_mutex_lock(&handles_lock);
	attached = held->store != NULL && !held->closing;
	if (attached)
		held->users++;
	pthread_mutex_unlock(&handles_lock);
	if (!attached)
		ancient_ml_invalid_argument("%s: %s is detached", where, held->name);
	return held;
}

/* Giving up the addresses takes long. */
static void detach(struct ancient_store *store, bool unseen)
{
	CAMLparam0();
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};

	ancient_ml_call_begin(&call, true);
	if (unseen)
		ancient_store_discard(store);
	else
		ancient_store_detach(store);
	ancient_ml_call_end(&call);
	CAMLreturn0;
}

void ancient_ml_store_release(struct ancient_ml_store *held)
{
	struct ancient_store *last = NULL;
	bool unseen = false;

	pthread_mutex_lock(&handles_lock);
	if (--held->users == 0 && held->closing) {
		last = held->store;
		unseen = held->unseen;
		__atomic_store_n(&held->store, NULL, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&handles_lock);
	if (last != NULL) {
		/* First the page table: from then on the collector of OCaml 4 ignores the range. */
		if (held->start != 0)
			ancient_ml_range_drop(held->start);
		ancient_ml_watch_drop(held->watch);
		detach(last, unseen);
	}
}

/* Where nothing was published yet there is no range, and another process may decide where it will
 * begin. */
bool ancient_ml_store_register(struct ancient_ml_store *held)
{
	uint64_t start, end;
	bool done = true;

	ancient_store_range(held->store, &start, &end);
	if (start == end)
		return true;
	if (__atomic_load_n(&held->start, __ATOMIC_ACQUIRE) != 0) {
		ancient_ml_watch_extend(held->watch, end);
		return ancient_ml_range_extend(start, end);
	}
	pthread_mutex_lock(&handles_lock);
	if (held->start == 0) {
		done = ancient_ml_range_add(start, end);
		if (done) {
			held->watch = ancient_ml_watch_add(start, end, held->name, held->protect);
			__atomic_store_n(&held->start, start, __ATOMIC_RELEASE);
		}
	}
	pthread_mutex_unlock(&handles_lock);
	return done;
}

struct ancient_ml_key_name ancient_ml_key_name_of(value name)
{
	struct ancient_ml_key_name copy = {.text = ""};
	mlsize_t length = caml_string_length(name);

	memcpy(copy.text, String_val(name), length <= ANCIENT_NAME_MAX ? length : ANCIENT_NAME_MAX);
	return copy;
}

void ancient_ml_store_finish(struct ancient_ml_store *held, const struct ancient_ml_call *call,
			     const char *where, enum ancient_code code,
			     const struct ancient_error *err)
{
	bool registered = ancient_ml_store_register(held);

	ancient_ml_store_release(held);
	ancient_ml_call_raise(call);
	if (code != ANCIENT_OK)
		ancient_ml_raise(where, err);
	if (!registered)
		caml_raise_out_of_memory();
}

/* ---- Attach and detach ------------------------------------------------------------ */

/* A thousand handles on the heap make a cycle of the collector: a program that attaches one file
 * after the other allocates so little that what the dead ones hold would pile up. */
#define HANDLES_A_CYCLE 1000

static value handle_alloc(void)
{
	value handle = caml_alloc_custom(&handle_operations, sizeof(void *), 1, HANDLES_A_CYCLE);

	Handle_val(handle) = calloc(1, sizeof(struct ancient_ml_store));
	if (Handle_val(handle) == NULL)
		caml_raise_out_of_memory();
	return handle;
}

/* Whether the caller, or the descriptor, says that nothing is to be written through the handle. */
static bool only_reads(int fd, const struct ancient_store_options *options)
{
	return options->read_only || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY;
}

/* Takes the store over, or detaches it where memory fails. */
static bool handle_fill(struct ancient_ml_store *held, struct ancient_store *store,
			const struct ancient_store_options *options, bool read_only,
			const struct ancient_store_generation *at)
{
	char *name = strdup(ancient_store_name(store));

	held->store = store;
	held->name = name;
	held->protect = options->protect;
	if (name == NULL || !ancient_ml_store_register(held)) {
		free(name);
		held->name = NULL;
		held->store = NULL;
		detach(store, true);
		return false;
	}
	held->read_only = read_only;
	held->older = at->generation != 0;
	held->at = *at;
	return true;
}

/* The caller's base is only preferred: where something else is mapped there, a tombstone of a
 * detached file included, the library chooses another one. */
static bool try_any_base(enum ancient_code code, const struct ancient_error *err,
			 struct ancient_store_options *options)
{
	if (code != ANCIENT_E_BAD_BASE || err->system != EEXIST || options->base == 0)
		return false;
	options->base = 0;
	return true;
}

/* Attaches, and finds the generation `at`, where that is not 0.  Called without the runtime. */
static enum ancient_code attach_at(int fd, const struct ancient_store_options *options,
				   struct ancient_store_generation *at,
				   struct ancient_store **ret_store, struct ancient_error *err)
{
	struct ancient_store *store;
	enum ancient_code code = ancient_store_attach(fd, NULL, options, &store, err);

	if (code != ANCIENT_OK)
		return code;
	if (at->generation != 0)
		code = ancient_store_generation_find(store, at->generation, at, err);
	if (code == ANCIENT_OK)
		*ret_store = store;
	else
		ancient_store_discard(store);
	return code;
}

/* Whether a file that is to be written was relocated, as where its addresses are in quarantine. */
static bool is_relocated_writer(const struct ancient_store *store,
				const struct ancient_store_options *options)
{
	struct ancient_error err;

	return !options->read_only && ancient_store_writable(store, &err) == ANCIENT_E_RELOCATED;
}

/* NULL if the text is empty, or there is no room for it. */
static const char *copy_path(value text, char *room, size_t bytes)
{
	size_t length = caml_string_length(text);

	return length > 0 && length < bytes ? strcpy(room, String_val(text)) : NULL;
}

/* any_protection: `protect` holds where the file is not attached yet.
 * generation: 0: the newest, whichever that is.
 * replaces: the path of the file that a new one will replace, or empty.
 * path: by which the descriptor was opened, or empty. */
CAMLprim value ancient_ml_attach(value fd, value base, value reserve, value read_only,
				 value protect, value any_protection, value generation,
				 value replaces, value path)
{
	CAMLparam3(base, replaces, path);
	CAMLlocal2(handle, exception);
	struct ancient_ml_call call = {.exception = &exception};
	char replaced[4096], opened[4096]; /* paths; where they are longer, none */
	struct ancient_store_options options = {
		.base = (uint64_t)Nativeint_val(base),
		.reserve = (uint64_t)Long_val(reserve),
		.read_only = Bool_val(read_only),
		.protect = Bool_val(protect),
		.any_protection = Bool_val(any_protection),
		.ocaml_version = OCAML_VERSION,
		.link_custom = ancient_ml_link_custom,
	};
	struct ancient_store_generation at = {.generation = (uint64_t)Long_val(generation)};
	int descriptor = Int_val(fd);
	struct ancient_store *store = NULL;
	struct ancient_error err;
	enum ancient_code code;
	bool tried = false, relocated, again;

	options.replaces = copy_path(replaces, replaced, sizeof replaced);
	options.path = copy_path(path, opened, sizeof opened);
	ancient_ml_trials_step();
	handle = handle_alloc();
	do {
		ancient_ml_call_begin(&call, true);
		code = attach_at(descriptor, &options, &at, &store, &err);
		relocated = code == ANCIENT_OK && !tried && is_relocated_writer(store, &options);
		if (relocated)
			ancient_store_discard(store);
		again = ancient_ml_call_again(&call, code) || try_any_base(code, &err, &options);
		if (relocated)
			ancient_ml_trials_finish();
		tried = tried || relocated;
	} while (relocated || again);
	ancient_ml_call_raise(&call);
	if (code != ANCIENT_OK)
		ancient_ml_raise("Ancient.attach", &err);
	if (!handle_fill(Handle_val(handle), store, &options, only_reads(descriptor, &options),
			 &at))
		caml_raise_out_of_memory();
	CAMLreturn(handle);
}

CAMLprim value ancient_ml_attach_byte(value *arguments, int count)
{
	(void)count;
	return ancient_ml_attach(arguments[0], arguments[1], arguments[2], arguments[3],
				 arguments[4], arguments[5], arguments[6], arguments[7],
				 arguments[8]);
}

/* Lets no other call begin; false where another thread was first. */
static bool handle_close(struct ancient_ml_store *held, bool unseen)
{
	bool first;

	pthread_mutex_lock(&handles_lock);
	first = !held->closing;
	if (first)
		held->unseen = unseen;
	__atomic_store_n(&held->closing, true, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&handles_lock);
	return first;
}

/* unseen: the program has never got a value of the file. */
CAMLprim value ancient_ml_detach(value handle, value unseen)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.detach");
	bool first = handle_close(held, Bool_val(unseen));
	enum ancient_code code;

	/* Where nothing was ever shared, readers find a file without keys (FORMAT 8.1).  An error,
	 * or a handler that raises during the wait for the file's lock, leaves it EMPTY. */
	if (first && !held->read_only)
		do {
			ancient_ml_call_begin(&call, true);
			code = ancient_commit_nothing(held->store, NULL);
		} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_release(held);
	ancient_ml_trials_step();
	if (!first)
		ancient_ml_invalid_argument("Ancient.detach: %s is detached", held->name);
	ancient_ml_call_raise(&call);
	CAMLreturn(Val_unit);
}

/* noalloc */
CAMLprim value ancient_ml_attached(value handle)
{
	const struct ancient_ml_store *held = Handle_val(handle);

	return Val_bool(__atomic_load_n(&held->store, __ATOMIC_ACQUIRE) != NULL &&
			!__atomic_load_n(&held->closing, __ATOMIC_ACQUIRE));
}

CAMLprim value ancient_ml_file_name(value handle)
{
	CAMLparam1(handle);

	CAMLreturn(caml_copy_string(Handle_val(handle)->name));
}

/* ---- Reading ---------------------------------------------------------------------- */

CAMLprim value ancient_ml_get(value handle, value key)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.get");
	struct ancient_error err;
	enum ancient_code code;
	uint64_t root = 0;

	do {
		ancient_ml_call_begin_reading(&call, held);
		code = ancient_store_get(held->store, ancient_ml_store_at(held),
					 (uint64_t)Long_val(key), &root, &err);
	} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_finish(held, &call, "Ancient.get", code, &err);
	CAMLreturn((value)root);
}

CAMLprim value ancient_ml_get_named(value handle, value name)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_key_name copy = ancient_ml_key_name_of(name);
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.get_named");
	struct ancient_store_entry entry = {0};
	struct ancient_error err;
	enum ancient_code code;

	do {
		ancient_ml_call_begin_reading(&call, held);
		code = ancient_store_entry_named(held->store, ancient_ml_store_at(held), copy.text,
						 &entry, &err);
	} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_finish(held, &call, "Ancient.get_named", code, &err);
	CAMLreturn((value)entry.root);
}

CAMLprim value ancient_ml_refresh(value handle)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.refresh");
	struct ancient_error err;
	enum ancient_code code = ANCIENT_OK;

	if (!held->older)
		do {
			ancient_ml_call_begin_reading(&call, held);
			code = ancient_store_refresh(held->store, &err);
		} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_finish(held, &call, "Ancient.refresh", code, &err);
	CAMLreturn(Val_unit);
}

CAMLprim value ancient_ml_generation(value handle)
{
	CAMLparam1(handle);
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.generation");
	uint64_t generation =
		held->older ? held->at.generation : ancient_store_generation(held->store);

	ancient_ml_store_release(held);
	CAMLreturn(Val_long((intnat)generation));
}

/* The constructors of Ancient.advice are in the order of enum ancient_advice. */
CAMLprim value ancient_ml_advise(value handle, value advice)
{
	CAMLparam1(handle);
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.advise");

	ancient_store_advise(held->store, (enum ancient_advice)Long_val(advice), NULL);
	ancient_ml_store_release(held);
	CAMLreturn(Val_unit);
}

CAMLprim value ancient_ml_prefetch(value handle)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.prefetch");
	struct ancient_error err;
	enum ancient_code code;

	do {
		ancient_ml_call_begin(&call, true);
		code = ancient_store_prefetch(held->store, &err);
	} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_finish(held, &call, "Ancient.prefetch", code, &err);
	CAMLreturn(Val_unit);
}

CAMLprim value ancient_ml_verify(value handle)
{
	CAMLparam1(handle);
	CAMLlocal1(exception);
	struct ancient_ml_call call = {.exception = &exception};
	struct ancient_ml_store *held = ancient_ml_store_hold(handle, "Ancient.verify");
	struct ancient_error err;
	enum ancient_code code;

	do {
		ancient_ml_call_begin(&call, true);
		code = ancient_store_verify_generation(held->store, ancient_ml_store_at(held),
						       &err);
	} while (ancient_ml_call_again(&call, code));
	ancient_ml_store_finish(held, &call, "Ancient.verify", code, &err);
	CAMLreturn(Val_unit);
}
