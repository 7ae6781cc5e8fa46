/* python/store: Store.verify..  The interpreter lock is released, and taken again for each call of
 * the progress callback. */
#include "store/verify.h"

#include "module/errors.h"
#include "store/store.h"

struct verification {
	PyThreadState *thread; /* as released; of this thread and interpreter */
	PyObject *progress;    /* callable, or NULL */
	bool failed;           /* an exception is set */
	uint64_t total;        /* of the last call; 0: none yet */
};

static bool call_progress(struct verification *v, uint64_t done, uint64_t total)
{
	PyObject *result;

	if (PyErr_CheckSignals() < 0)
		return true;
	if (v->progress == NULL)
		return false;
	result = PyObject_CallFunction(v->progress, "KK", (unsigned long long)done,
				       (unsigned long long)total);
	Py_XDECREF(result);
	return result == NULL;
}

/* Also without a callback: Ctrl-C must end the verification of a large file. */
static bool on_progress(void *context, uint64_t done, uint64_t total)
{
	struct verification *v = context;

	PyEval_RestoreThread(v->thread);
	v->total = total;
	v->failed = call_progress(v, done, total);
	v->thread = PyEval_SaveThread();
	return v->failed;
}

static PyObject *verified_record(struct py_state *state, const struct ancient_verify_result *result)
{
	const uint64_t numbers[] = {result->extents, result->blocks, result->pointers, result->keys,
				    result->names,   result->bytes,  result->schemas};
	PyObject *record = PyStructSequence_New(state->verified);
	size_t i;

	if (record == NULL)
		return NULL;
	for (i = 0; i < Py_ARRAY_LENGTH(numbers); i++)
		PyStructSequence_SetItem(record, (Py_ssize_t)i,
					 PyLong_FromUnsignedLongLong(numbers[i]));
	if (PyErr_Occurred())
		Py_CLEAR(record);
	return record;
}

static PyObject *verify(struct py_snapshot *snapshot, PyObject *progress, unsigned threads)
{
	struct verification v = {.progress = progress};
	struct ancient_verify_options options = {
		.progress = on_progress, .context = &v, .threads = threads};
	struct ancient_verify_result result;
	struct ancient_error err;
	enum ancient_code code;

	v.thread = PyEval_SaveThread();
	code = ancient_file_verify(snapshot->file, &options, &result, &err);
	PyEval_RestoreThread(v.thread);
	if (v.failed)
		return NULL;
	if (code != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	/* The reader calls once in so many bytes, so the last call may say less than the total. */
	if (v.total == 0)
		v.total = 8 * snapshot->words;
	if (call_progress(&v, v.total, v.total))
		return NULL;
	return verified_record(snapshot->state, &result);
}

PyObject *py_store_verify(PyObject *self, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"progress", "threads", NULL};
	PyObject *progress = Py_None, *result;
	int threads = 1;
	struct py_snapshot *snapshot;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|$Oi:verify", names, &progress, &threads))
		return NULL;
	if (progress != Py_None && !PyCallable_Check(progress))
		return PyErr_Format(PyExc_TypeError,
				    "progress is called with (done, total), and %.200s is not "
				    "callable",
				    Py_TYPE(progress)->tp_name);
	if (threads < 0) {
		PyErr_Format(PyExc_ValueError, "threads is a number from 0 on, not %d", threads);
		return NULL;
	}
	snapshot = py_store_snapshot(self);
	if (snapshot == NULL)
		return NULL;
	result = verify(snapshot, progress == Py_None ? NULL : progress,
			threads == 0 ? ANCIENT_ALL_PROCESSORS : (unsigned)threads);
	Py_DECREF(snapshot);
	return result;
}
