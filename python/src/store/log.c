/* python/store: Store.log(), the commits of a file, and the times that commits and info() tell. */
#include "store/log.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "store/store.h"

/* ---- Times ------------------------------------------------------------------------ */

/* datetime.fromtimestamp(seconds, timezone.utc) */
static PyObject *whole_seconds(PyObject *datetime, uint64_t seconds)
{
	PyObject *class = PyObject_GetAttrString(datetime, "datetime");
	PyObject *zone = class == NULL ? NULL : PyObject_GetAttrString(datetime, "timezone");
	PyObject *utc = zone == NULL ? NULL : PyObject_GetAttrString(zone, "utc");
	PyObject *time = NULL;

	if (utc != NULL)
		time = PyObject_CallMethod(class, "fromtimestamp", "KO",
					   (unsigned long long)seconds, utc);
	Py_XDECREF(utc);
	Py_XDECREF(zone);
	Py_XDECREF(class);
	return time;
}

/* In integers, since a float has no room for the microseconds of a year to come. */
static PyObject *time_of(PyObject *datetime, uint64_t nanoseconds)
{
	const uint64_t second = 1000000000;
	PyObject *whole = whole_seconds(datetime, nanoseconds / second);
	PyObject *part, *time = NULL;

	if (whole == NULL)
		return NULL;
	part = PyObject_CallMethod(datetime, "timedelta", "iii", 0, 0,
				   (int)(nanoseconds % second / 1000));
	if (part != NULL)
		time = PyNumber_Add(whole, part);
	Py_XDECREF(part);
	Py_DECREF(whole);
	return time;
}

PyObject *py_time(struct py_state *state, uint64_t nanoseconds)
{
	PyObject *datetime = PY_SHARED_LOAD(&state->datetime);

	if (nanoseconds == 0)
		Py_RETURN_NONE;
	/* Not with the package: a reader that asks for no time does without it. */
	if (datetime == NULL)
		datetime = py_keep(&state->datetime, PyImport_ImportModule("datetime"));
	return datetime == NULL ? NULL : time_of(datetime, nanoseconds);
}

/* ---- Commits ---------------------------------------------------------------------- */

static PyObject *commit_record(struct py_state *state, const struct ancient_commit_info *commit)
{
	const uint64_t numbers[] = {commit->published, commit->removed, commit->key_count,
				    commit->bytes, commit->used};
	PyObject *record = PyStructSequence_New(state->commit), *time;
	size_t i;

	if (record == NULL)
		return NULL;
	time = py_time(state, commit->time);
	if (time == NULL) {
		Py_DECREF(record);
		return NULL;
	}
	PyStructSequence_SetItem(record, 0, PyLong_FromUnsignedLongLong(commit->generation));
	PyStructSequence_SetItem(record, 1, time);
	for (i = 0; i < Py_ARRAY_LENGTH(numbers); i++)
		PyStructSequence_SetItem(record, (Py_ssize_t)i + 2,
					 PyLong_FromUnsignedLongLong(numbers[i]));
	if (PyErr_Occurred())
		Py_CLEAR(record);
	return record;
}

static int collect(struct py_snapshot *snapshot, PyObject *list, Py_ssize_t limit)
{
	struct ancient_commit_info commit;
	enum ancient_code code = ANCIENT_OK;
	struct ancient_log log;
	struct ancient_error err;
	Py_ssize_t count;

	ancient_log_init(snapshot->file, &log);
	for (count = 0; count < limit; count++) {
		PyObject *record = NULL;
		int failed;

		code = ancient_log_next(&log, &commit, &err);
		if (code != ANCIENT_OK)
			break;
		if (py_interrupted((uint64_t)count) == 0)
			record = commit_record(snapshot->state, &commit);
		failed = record == NULL ? -1 : PyList_Append(list, record);
		Py_XDECREF(record);
		if (failed < 0)
			return -1;
	}
	if (code == ANCIENT_OK || code == ANCIENT_E_NO_GENERATION)
		return 0;
	py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}

PyObject *py_store_log(PyObject *self, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"limit", NULL};
	struct py_snapshot *snapshot;
	Py_ssize_t limit = PY_SSIZE_T_MAX;
	PyObject *given = Py_None, *list;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O:log", names, &given))
		return NULL;
	if (given != Py_None)
		limit = PyNumber_AsSsize_t(given, NULL); /* a larger one is as good */
	if (limit == -1 && PyErr_Occurred())
		return NULL;
	if (limit < 0)
		return PyErr_Format(PyExc_ValueError, "limit is a number from 0 on, not %R", given);
	snapshot = py_store_snapshot(self);
	if (snapshot == NULL)
		return NULL;
	list = PyList_New(0);
	if (list != NULL && collect(snapshot, list, limit) < 0)
		Py_CLEAR(list);
	Py_DECREF(snapshot);
	return list;
}
