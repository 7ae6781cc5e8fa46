/* ocaml/stubs: handles of attached files, and their use by one call at a time or many. */
#ifndef ANCIENT_OCAML_HANDLES_H
#define ANCIENT_OCAML_HANDLES_H

#include "runtime.h"
#include "stubs.h"

#include <ancient/format.h>

struct ancient_ml_watch;

struct ancient_ml_store {
	struct ancient_store *store;        /* NULL once detached */
	uint64_t start;                     /* of its range; 0: nothing was published yet */
	unsigned users;                     /* running calls, which may have released the runtime */
	bool closing;                       /* detach was called; the last running call does it */
	bool unseen;                        /* and the program never got a value of it */
	bool read_only;                     /* whatever other handles of the file may do */
	bool protect;                       /* attached so */
	bool older;                         /* attached at a generation, and so read-only */
	struct ancient_store_generation at; /* that one */
	char *name;                         /* for messages after detach */
	struct ancient_ml_watch *watch;     /* tells of faults; NULL: silent */
};

/* What core's functions that read take: the generation that the handle was attached at, or NULL for
 * the newest. */
static inline const struct ancient_store_generation *
ancient_ml_store_at(const struct ancient_ml_store *held)
{
	return held->older ? &held->at : NULL;
}

/* The store of a handle, for one call: raises Invalid_argument where it is detached.  The
 * handle must stay rooted until ancient_ml_store_release. */
struct ancient_ml_store *ancient_ml_store_hold(value handle, const char *where);
void ancient_ml_store_release(struct ancient_ml_store *held);

/* The name of a key, for a call that may release the runtime. */
struct ancient_ml_key_name {
	char text[ANCIENT_NAME_MAX + 1];
};

struct ancient_ml_key_name ancient_ml_key_name_of(value name);

/* Begins a call of one of core's functions that read: it keeps the runtime, unless core may have to
 * relocate what the file has grown by. */
static inline void ancient_ml_call_begin_reading(struct ancient_ml_call *call,
						 const struct ancient_ml_store *held)
{
	ancient_ml_call_begin(call, ancient_store_is_relocated(held->store));
}

/* Enters what the store has mapped since into the ranges; false where memory fails. */
bool ancient_ml_store_register(struct ancient_ml_store *held);

/* Ends a call that may have met a newer generation: registers, releases, and raises what a handler
 * raised, or where `code` is an error or memory fails. */
void ancient_ml_store_finish(struct ancient_ml_store *held, const struct ancient_ml_call *call,
			     const char *where, enum ancient_code code,
			     const struct ancient_error *err);

#endif
