/* ocaml/stubs: begins and finishes a commit with the runtime released. */
#ifndef ANCIENT_OCAML_COMMIT_H
#define ANCIENT_OCAML_COMMIT_H

#include "handles.h"

/* Waits for the file's lock and begins a commit.  A signal interrupts the wait: its OCaml handler
 * runs and may raise; that exception is then in *ret_exception, a root of the caller, and the code
 * is INTERRUPTED.  From here to finish or abort nothing may raise, because the lock is held. */
enum ancient_code ancient_ml_commit_begin(const struct ancient_ml_store *held,
					  struct ancient_commit **ret_commit, value *ret_exception,
					  struct ancient_error *err);

enum ancient_code ancient_ml_commit_finish(struct ancient_commit *commit, bool durable,
					   struct ancient_error *err);

#endif
