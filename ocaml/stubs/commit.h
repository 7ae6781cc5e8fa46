/* ocaml/stubs: begins and finishes a commit with the runtime released. */
#ifndef ANCIENT_OCAML_COMMIT_H
#define ANCIENT_OCAML_COMMIT_H

#include "handles.h"
#include "runtime.h"

/* Waits for the file's lock and begins a commit; a handler of a signal may end that with an
 * exception.  From here to finish or abort nothing may raise, because the lock is held. */
enum ancient_code ancient_ml_commit_begin(struct ancient_ml_call *call,
					  const struct ancient_ml_store *held,
					  struct ancient_commit **ret_commit,
					  struct ancient_error *err);

enum ancient_code ancient_ml_commit_finish(struct ancient_ml_call *call,
					   struct ancient_commit *commit, bool durable,
					   struct ancient_error *err);

#endif
