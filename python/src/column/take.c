/* python/column: ancient.column and ancient.columns: one field of all elements of a view, copied
 * into buffers in one call. */
#include "column/take.h"

#include "column/column.h"
#include "column/share.h"
#include "column/threads.h"
#include "typed/schema.h"

#include <sched.h>
#include <string.h>

/* ---- Results ---------------------------------------------------------------------- */

/* The names of the constructors of a variant, by their numbers. */
static PyObject *categories_of(const struct ancient_type *type)
{
	PyObject *names = PyTuple_New((Py_ssize_t)type->constructor_count);

	for (uint32_t i = 0; names != NULL && i < type->constructor_count; i++) {
		PyObject *name = PyUnicode_InternFromString(type->constructors[i].name);

		if (name == NULL)
			Py_CLEAR(names);
		else
			PyTuple_SET_ITEM(names, (Py_ssize_t)i, name);
	}
	return names;
}

/* A column without parts. */
static PyObject *plain(struct py_state *state, struct py_large *data, size_t count,
		       const char *format)
{
	return py_column_new(state, data, (Py_ssize_t)count, format,
			     (struct py_column_parts){.present = Py_None});
}

/* What belongs to a column of `count` values; present NULL with an exception. */
static struct py_column_parts parts_of(struct py_column_share *all, size_t i, size_t count)
{
	struct py_state *state = all->job->view->view.snapshot->state;
	const struct ancient_column *column = &all->columns[i];
	struct py_column_output *outputs = &all->outputs[i];
	struct py_column_parts parts = {.present = Py_NewRef(Py_None)};
	bool made = true;

	if (column->optional)
		Py_SETREF(parts.present, plain(state, &outputs->present, count, "?"));
	if (column->kind == ANCIENT_COLUMN_CONSTRUCTOR) {
		parts.categories =
			categories_of(py_schema_type(all->job->view->schema, column->type));
		made = parts.categories != NULL;
	}
	if (made && column->many) {
		parts.offsets = plain(state, &outputs->offsets, all->rows + 1, "q");
		made = parts.offsets != NULL;
	}
	if (!made)
		Py_CLEAR(parts.present);
	return parts;
}

/* The object for a column; memory that is not needed is given back. */
static PyObject *result(struct py_column_share *all, size_t i)
{
	struct py_state *state = all->job->view->view.snapshot->state;
	const struct ancient_column *column = &all->columns[i];
	struct py_column_output *outputs = &all->outputs[i];
	const size_t count = column->many ? outputs->values.count : all->rows;
	struct py_column_parts parts;
	PyObject *made;
	const char *format;

	if (outputs->list != NULL)
		return Py_NewRef(outputs->list);
	if (!py_column_resize(&outputs->data, count + 1, column->item_bytes) ||
	    (column->optional && !py_column_resize(&outputs->present, count + 1, 1)) ||
	    (column->many && !py_column_resize(&outputs->offsets, all->rows + 1, sizeof(int64_t))))
		return PyErr_NoMemory();
	parts = parts_of(all, i, count);
	format = column->kind == ANCIENT_COLUMN_FLOAT  ? "d"
		 : column->kind == ANCIENT_COLUMN_BOOL ? "?"
						       : "q";
	made = py_column_new(state, &outputs->data, (Py_ssize_t)count, format, parts);
	Py_XDECREF(parts.present);
	Py_XDECREF(parts.categories);
	Py_XDECREF(parts.offsets);
	return made;
}

static PyObject *take_all(struct py_column_job *job, PyObject *const *paths, bool keys,
			  size_t threads)
{
	PyObject *results;
	size_t i;

	job->share_count = 1;
	if (py_share_new(job, &job->shares[0]) < 0)
		return NULL;
	for (i = 0; i < job->count; i++)
		if (py_share_add_column(&job->shares[0], i, paths[i], keys) < 0)
			return NULL;
	if (py_job_prepare(job, threads) < 0 || py_job_run(job) < 0 || py_job_join(job) < 0)
		return NULL;
	results = PyTuple_New((Py_ssize_t)job->count);
	for (i = 0; results != NULL && i < job->count; i++) {
		PyObject *column = result(&job->shares[0], i);

		if (column == NULL)
			Py_CLEAR(results);
		else
			PyTuple_SET_ITEM(results, (Py_ssize_t)i, column);
	}
	return results;
}

/* Keyword arguments of both functions. */
struct options {
	bool keys;
	size_t threads;
};

static PyObject *take_columns(struct py_state *state, PyObject *object, PyObject *const *paths,
			      size_t count, const struct options *options)
{
	struct py_column_job *job;
	PyObject *results;

	if (!PyObject_TypeCheck(object, state->list) && !PyObject_TypeCheck(object, state->array) &&
	    !PyObject_TypeCheck(object, state->mapping) && !PyObject_TypeCheck(object, state->set))
		return PyErr_Format(
			PyExc_TypeError,
			"columns are taken of a List, Array, Hashtbl, Map or Set of a "
			"store, not of %.200s (a FloatArray is a buffer itself; a Block "
			"has no type: open the file with schema=)",
			Py_TYPE(object)->tp_name);
	job = PyMem_Calloc(1, sizeof *job + options->threads * sizeof job->shares[0]);
	if (job == NULL)
		return PyErr_NoMemory();
	job->view = (const struct py_typed *)object;
	job->count = count;
	results = take_all(job, paths, options->keys, options->threads);
	for (size_t s = job->share_count; s-- > 0;)
		py_share_done(&job->shares[s]);
	PyMem_Free(job);
	return results;
}

/* ---- The functions ---------------------------------------------------------------- */

static int threads_option(PyObject *value, size_t *ret_threads)
{
	int overflow;
	long threads = PyLong_AsLongAndOverflow(value, &overflow);
	cpu_set_t processors;

	if (threads == -1 && PyErr_Occurred())
		return -1;
	if (overflow > 0)
		threads = PY_SHARES_MAX;
	if (threads < 0) {
		PyErr_Format(PyExc_ValueError, "threads is a number from 0 on, not %R", value);
		return -1;
	}
	if (threads == 0)
		threads = sched_getaffinity(0, sizeof processors, &processors) == 0
				  ? CPU_COUNT(&processors)
				  : 1;
	*ret_threads = threads < PY_SHARES_MAX ? (size_t)threads : PY_SHARES_MAX;
	return 0;
}

/* keys=BOOL and threads=INT. */
static int read_options(const char *function, PyObject *const *values, PyObject *names,
			struct options *ret_options)
{
	Py_ssize_t count = names == NULL ? 0 : PyTuple_GET_SIZE(names);

	*ret_options = (struct options){.threads = 1};
	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *name = PyTuple_GET_ITEM(names, i);
		int is = -1;

		if (PyUnicode_CompareWithASCIIString(name, "keys") == 0) {
			is = PyObject_IsTrue(values[i]);
			ret_options->keys = is > 0;
		} else if (PyUnicode_CompareWithASCIIString(name, "threads") == 0) {
			is = threads_option(values[i], &ret_options->threads);
		} else {
			PyErr_Format(PyExc_TypeError,
				     "%s() knows no keyword %R, only keys and threads", function,
				     name);
		}
		if (is < 0)
			return -1;
	}
	return 0;
}

PyObject *py_column(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
	PyObject *whole, *results, *column;
	struct options options;

	if (read_options("column", args + nargs, names, &options) < 0)
		return NULL;
	if (nargs != 1 && nargs != 2)
		return PyErr_Format(PyExc_TypeError,
				    "column() takes a view and a path, got %zd arguments", nargs);
	whole = nargs == 1 ? PyUnicode_New(0, 127) : Py_NewRef(args[1]);
	results = whole == NULL
			  ? NULL
			  : take_columns(PyModule_GetState(module), args[0], &whole, 1, &options);
	column = results == NULL ? NULL : Py_NewRef(PyTuple_GET_ITEM(results, 0));
	Py_XDECREF(results);
	Py_XDECREF(whole);
	return column;
}

PyObject *py_columns(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
	struct options options;

	if (read_options("columns", args + nargs, names, &options) < 0)
		return NULL;
	if (nargs < 2)
		return PyErr_Format(PyExc_TypeError, "columns() takes a view and paths");
	return take_columns(PyModule_GetState(module), args[0], args + 1, (size_t)nargs - 1,
			    &options);
}
