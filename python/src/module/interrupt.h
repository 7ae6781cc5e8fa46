/* python/module: polling for signals in long loops. */
#ifndef ANCIENT_PYTHON_MODULE_INTERRUPT_H
#define ANCIENT_PYTHON_MODULE_INTERRUPT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

/* Runs the handlers of signals that have come, so that Ctrl-C ends the loop: -1 with an exception,
 * otherwise 0.  Looks once in 4096 steps. */
static inline int py_interrupted(uint64_t step)
{
	return (step & 0xFFF) == 0xFFF ? PyErr_CheckSignals() : 0;
}

/* The state of a thread that waits for the C reader without the interpreter's lock, and can take it
 * again; NULL of all others. */
extern _Thread_local PyThreadState *py_released;

/* Takes the lock for the handlers; true where one has raised. */
bool py_asked_released(void);

/* The same for calls of the C reader, which ask every 65536 steps (struct ancient_options): true
 * where a handler has raised.  Threads that work without the interpreter's lock ask in vain, but
 * for those of py_released. */
static inline bool py_asked(void *context)
{
#if PY_VERSION_HEX >= 0x030D0000
	PyThreadState *running = PyThreadState_GetUnchecked();
#else
	PyThreadState *running = _PyThreadState_UncheckedGet();
#endif

	(void)context;
	if (py_released != NULL)
		return py_asked_released();
	/* PyGILState_Check would say yes to every thread where there are subinterpreters. */
	return running != NULL && running == PyGILState_GetThisThreadState() &&
	       PyErr_CheckSignals() < 0;
}

#endif
