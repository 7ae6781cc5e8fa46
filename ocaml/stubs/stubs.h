/* ocaml: what the stubs share.  Nothing here knows the file format: the stubs unbox,
 * check, let core work, and raise or build.
 *
 * All functions are called with the runtime held unless their comment says otherwise.
 * `where` names the OCaml function the user called and begins the message of an
 * Invalid_argument.
 */
#ifndef ANCIENT_OCAML_STUBS_H
#define ANCIENT_OCAML_STUBS_H

#define CAML_NAME_SPACE
#define CAML_INTERNALS /* page table, custom operations, blocking sections */

#include <stdbool.h>
#include <stdint.h>

#include <caml/mlvalues.h>
#include <caml/custom.h>
#include <caml/version.h>

#include <ancient/error.h>
#include <ancient/store.h>

/* OCaml 4 with naked pointers keeps a table of the pages that hold values; what is not in
 * it is no value to the runtime's own functions (compare, hash, extern). */
#if OCAML_VERSION < 50000 && !defined(NO_NAKED_POINTERS)
#define ANCIENT_ML_PAGE_TABLE 1
#endif

/* ---- errors.c ------------------------------------------------------------------- */

/* Raises the OCaml exception that fits `err`. */
CAMLnoreturn_start void ancient_ml_raise(const char *where,
					 const struct ancient_error *err) CAMLnoreturn_end;

/* Raises Invalid_argument with a formatted text. */
CAMLnoreturn_start void ancient_ml_invalid_argument(const char *format, ...) CAMLnoreturn_end;

/* ---- ranges.c: where ancient values lie ------------------------------------------ */

/* Registers [start, end), or counts it once more where a range begins at `start` already;
 * false where memory fails, and then nothing is registered. */
bool ancient_ml_range_add(uint64_t start, uint64_t end);

/* The range that begins at `start` now ends at `end`; false where memory fails. */
bool ancient_ml_range_extend(uint64_t start, uint64_t end);

/* One count less; the last one takes the range off. */
void ancient_ml_range_drop(uint64_t start);

bool ancient_ml_range_holds(uint64_t address);

/* ---- source.c: what the runtime knows about source values and customs ------------ */

#define ANCIENT_ML_PAGE_CACHE 1024u

struct ancient_ml_source {
	struct ancient_source source;
#ifdef ANCIENT_ML_PAGE_TABLE
	/* Answers of the page table, by page number modulo the size; once zeroed, it says
	 * rightly that page 0 holds no values.  Most small values ask for none: last, so that
	 * all before it can be initialised without it. */
	bool cached;
	struct {
		uint64_t page;
		bool holds_values;
	} cache[ANCIENT_ML_PAGE_CACHE];
#endif
};

/* Fills in everything; valid while no OCaml code runs and nothing is allocated.  Headers may be
 * marked where nobody else can see them, unless ANCIENT_MARKS=no is in the environment (for
 * tests: the copies are the same). */
void ancient_ml_source_init(struct ancient_ml_source *source);

/* For ancient_store_options; needs no runtime. */
bool ancient_ml_link_custom(void *context, const char *identifier, void *room);

/* ---- handles.c: attached files --------------------------------------------------- */

struct ancient_ml_store {
	struct ancient_store *store; /* NULL once detached */
	uint64_t start;              /* of its range */
	unsigned users;              /* calls under way, which may have released the runtime */
	bool closing;                /* detach was called; the last user does it */
	bool unseen;                 /* and nothing of it was ever in the heap */
	char *name;                  /* for messages after detach */
};

/* The store of a handle, for one call: raises Invalid_argument where it is detached.  The
 * handle must stay rooted until ancient_ml_store_release. */
struct ancient_ml_store *ancient_ml_store_hold(value handle, const char *where);
void ancient_ml_store_release(struct ancient_ml_store *held);

/* Registers what the store has mapped since; false where memory fails. */
bool ancient_ml_store_register(const struct ancient_ml_store *held);

/* ---- The primitives of ancient.ml -------------------------------------------------- */

value ancient_ml_attach(value fd, value base, value reserve, value read_only, value protect);
value ancient_ml_detach(value handle, value unseen);
value ancient_ml_keys(value handle);
value ancient_ml_keys_next(value handle, value walk);
value ancient_ml_attached(value handle);
value ancient_ml_file_name(value handle);
value ancient_ml_get(value handle, value key);
value ancient_ml_keys(value handle);
value ancient_ml_keys_next(value handle, value walk);
value ancient_ml_get_named(value handle, value name);
value ancient_ml_refresh(value handle);
value ancient_ml_generation(value handle);
value ancient_ml_verify(value handle);
value ancient_ml_share(value handle, value bindings, value order, value durable);
value ancient_ml_share_many(value handle, value bindings, value order, value durable);
value ancient_ml_compact(value path, value base, value order, value progress);
value ancient_ml_mark(value root, value order);
value ancient_ml_delete(value heap);
value ancient_ml_alive(value heap);
value ancient_ml_is_ancient(value v);
value ancient_ml_address_of(value v);
value ancient_ml_register_custom(value identifier);
value ancient_ml_entry(value handle, value which, value fingerprint, value ours);
value ancient_ml_hash128(value text);
value ancient_ml_custom_identifier(value v);
intnat ancient_ml_word_number(value v);
value ancient_ml_word_number_byte(value v);

#endif
