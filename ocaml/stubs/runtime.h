/* ocaml/stubs: calls of core that may wait, or work for long: the runtime is released meanwhile,
 * and signals are noticed. */
#ifndef ANCIENT_OCAML_RUNTIME_H
#define ANCIENT_OCAML_RUNTIME_H

#include "stubs.h"

/* One call.  In a loop:
 *
 *	struct ancient_ml_call call = {.exception = &exception};
 *
 *	do {
 *		ancient_ml_call_begin(&call, true);
 *		code = ancient_...;
 *	} while (ancient_ml_call_again(&call, code));
 *
 * `exception` is a root of the caller.  Handlers of signals run when the call ends with
 * INTERRUPTED, and during it where core allows that, and never raise: what they raise is in
 * `exception` afterwards, and the code is INTERRUPTED.  The caller gives back what it has, and
 * calls ancient_ml_call_raise. */
struct ancient_ml_call {
	value *exception;
	bool released;
	struct ancient_ml_call *outer; /* of the same thread, from within which a handler runs */
};

/* release: false: core does not wait, and keeps the runtime. */
void ancient_ml_call_begin(struct ancient_ml_call *call, bool release);
bool ancient_ml_call_again(struct ancient_ml_call *call, enum ancient_code code);

/* For a call that does not end with INTERRUPTED. */
void ancient_ml_call_end(struct ancient_ml_call *call);

/* Raises what a handler raised; returns where none did. */
void ancient_ml_call_raise(const struct ancient_ml_call *call);

/* During a call with the runtime released: takes it, calls the function that is in *some, a root of
 * the caller, with two numbers, and releases it.  True: that raised, and the call is to end. */
bool ancient_ml_call_back(struct ancient_ml_call *call, const value *some, uint64_t first,
			  uint64_t second);

#endif
