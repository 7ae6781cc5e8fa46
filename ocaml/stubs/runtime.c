/* ocaml/stubs: releases the runtime while core waits or works, and runs the handlers of signals.
 *
 * Core asks whether a signal is pending while a thread waits; then the call ends, with nothing
 * held, its handler runs, and the call is made again.  In long work core lets handlers run in
 * between. Every stub that releases the runtime uses this.
 */
#include "runtime.h"

#include <signal.h>

#include <caml/callback.h>
#include <caml/fail.h>
#include <caml/signals.h>

/* The innermost call of this thread that has released the runtime. */
static _Thread_local struct ancient_ml_call *current;

/* Without the runtime. */
static bool signals_are_pending(void)
{
#if OCAML_VERSION < 50000
	/* Threads use SIGVTALRM to switch: it is pending most of the time. */
	for (int i = 1; i < NSIG; i++)
		if (i != SIGVTALRM && caml_pending_signals[i])
			return true;
	return false;
#else
	return caml_check_pending_signals();
#endif
}

/* Takes what `result` holds, if it is an exception. */
static bool raised(struct ancient_ml_call *call, value result)
{
	if (!Is_exception_result(result))
		return false;
	*call->exception = Extract_exception(result);
	return true;
}

/* Between steps of long work.  Finalisers do not run here: they may need the file.  Without the
 * runtime. */
static bool handle_signals(void)
{
	struct ancient_ml_call *call = current;
	bool stop;

	if (call == NULL)
		return false;
	caml_leave_blocking_section();
#if OCAML_VERSION < 50300
	stop = raised(call, caml_process_pending_signals_exn());
#else
	caml_result result = caml_process_pending_signals_res();

	stop = caml_result_is_exception(result);
	if (stop)
		*call->exception = result.data;
#endif
	caml_enter_blocking_section_no_pending();
	return stop;
}

__attribute__((constructor)) static void prepare(void)
{
	static const struct ancient_signals signals = {
		.pending = signals_are_pending,
		.handle = handle_signals,
	};

	ancient_signals_set(&signals);
}

/* Nothing may raise while a store is held, so no handler runs here. */
void ancient_ml_call_begin(struct ancient_ml_call *call, bool release)
{
	call->released = release;
	if (!release)
		return;
	call->outer = current;
	current = call;
	caml_enter_blocking_section_no_pending();
}

void ancient_ml_call_end(struct ancient_ml_call *call)
{
	if (!call->released)
		return;
	caml_leave_blocking_section();
	current = call->outer;
}

bool ancient_ml_call_again(struct ancient_ml_call *call, enum ancient_code code)
{
	ancient_ml_call_end(call);
	return code == ANCIENT_E_INTERRUPTED && !Is_block(*call->exception) &&
	       !raised(call, caml_process_pending_actions_exn());
}

void ancient_ml_call_raise(const struct ancient_ml_call *call)
{
	if (Is_block(*call->exception))
		caml_raise(*call->exception);
}

bool ancient_ml_call_back(struct ancient_ml_call *call, const value *some, uint64_t first,
			  uint64_t second)
{
	bool stop;

	caml_leave_blocking_section();
	stop = raised(call, caml_callback2_exn(Field(*some, 0), Val_long((intnat)first),
					       Val_long((intnat)second)));
	caml_enter_blocking_section_no_pending();
	return stop;
}
