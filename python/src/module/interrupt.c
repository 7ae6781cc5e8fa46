/* python/module: signals during calls of the C reader that go on without the interpreter's lock. */
#include "module/interrupt.h"

_Thread_local PyThreadState *py_released;

bool py_asked_released(void)
{
	PyThreadState *state = py_released;
	bool raised;

	/* A handler may call the reader again, and asks as any other. */
	py_released = NULL;
	PyEval_RestoreThread(state);
	raised = PyErr_CheckSignals() < 0;
	py_released = PyEval_SaveThread();
	return raised;
}
