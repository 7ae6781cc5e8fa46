/* python/store: Store.prefetch(), with the interpreter lock released. */
#include "store/prefetch.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "store/store.h"

PyObject *py_store_prefetch(PyObject *self, PyObject *unused)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	PyObject *result = NULL;
	struct ancient_error err;
	enum ancient_code code;

	(void)unused;
	if (snapshot == NULL)
		return NULL;
	py_released = PyEval_SaveThread();
	code = ancient_file_prefetch(snapshot->file, &err);
	PyEval_RestoreThread(py_released);
	py_released = NULL;
	if (code == ANCIENT_OK)
		result = Py_NewRef(Py_None);
	else
		py_raise(snapshot->state, snapshot->name, &err);
	Py_DECREF(snapshot);
	return result;
}
