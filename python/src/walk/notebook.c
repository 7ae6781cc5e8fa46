/* python/walk: the first parts of a view as texts, for ancient._notebook, which makes a table of
 * them.  However large or damaged a value is, no more is read than what is shown and a bounded
 * count. */
#include "walk/notebook.h"

#include "module/interrupt.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "walk/repr.h"
#include "walk/repr_leaf.h"
#include "walk/walk.h"

#define COUNTED 100000 /* parts; of larger values the number is not found out */
#define FIELDS_SHOWN 24

static PyObject *call(PyObject *self, const char *function)
{
	PyObject *module = PyImport_ImportModule("ancient._notebook"), *result;

	if (module == NULL)
		return NULL;
	result = PyObject_CallMethod(module, function, "O", self);
	Py_DECREF(module);
	return result;
}

PyObject *py_repr_html(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return call(self, "html");
}

PyObject *py_key_completions(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return call(self, "completions");
}

/* ---- Rows -------------------------------------------------------------------------- */

/* Appends to a list; steals `item`, NULL where there is an exception. */
static int add(PyObject *list, PyObject *item)
{
	int failed = item == NULL ? -1 : PyList_Append(list, item);

	Py_XDECREF(item);
	return failed;
}

/* The texts of a value: of each field of a record, or one. */
static PyObject *texts_of(const struct py_walk *in, struct ancient_typed value, bool fields)
{
	PyObject *texts = PyList_New(0);
	struct ancient_typed part;
	struct py_walk walk;
	int more = 1, failed = 0;

	if (texts == NULL)
		return NULL;
	if (!fields) {
		failed = add(texts, py_repr_value(in->snapshot, in->schema, value, 1));
	} else {
		if (py_walk_begin(&walk, in->snapshot, in->schema, value) < 0)
			failed = add(texts, py_repr_damage(in->snapshot));
		else
			while (failed == 0 && PyList_GET_SIZE(texts) < FIELDS_SHOWN &&
			       (more = py_walk_next(&walk, NULL, &part)) == 1)
				failed = add(texts,
					     py_repr_value(in->snapshot, in->schema, part, 1));
		py_walk_done(&walk);
		if (failed == 0 && more < 0)
			failed = add(texts, py_repr_damage(in->snapshot));
	}
	if (failed < 0)
		Py_CLEAR(texts);
	return texts;
}

static PyObject *row_of(const struct py_walk *walk, struct ancient_typed key,
			struct ancient_typed part, bool fields)
{
	PyObject *before = walk->keyed ? py_repr_value(walk->snapshot, walk->schema, key, 1)
				       : Py_NewRef(Py_None);
	PyObject *texts = before == NULL ? NULL : texts_of(walk, part, fields);

	if (texts == NULL) {
		Py_XDECREF(before);
		return NULL;
	}
	return Py_BuildValue("NN", before, texts);
}

/* The row in place of what cannot be read. */
static PyObject *damaged_row(const struct py_walk *walk)
{
	PyObject *text = py_repr_damage(walk->snapshot);

	return text == NULL ? NULL : Py_BuildValue("O[N]", Py_None, text);
}

/* 0, or -1 with an exception. */
static int fill(struct py_walk *walk, Py_ssize_t limit, bool fields, PyObject *rows,
		Py_ssize_t *ret_count, bool *ret_all)
{
	struct ancient_typed key = walk->typed, part;
	int more = 1;

	for (*ret_count = 0; *ret_count < COUNTED; (*ret_count)++) {
		if (py_interrupted((uint64_t)*ret_count) < 0)
			return -1;
		more = py_walk_next(walk, &key, &part);
		if (more < 0)
			return add(rows, damaged_row(walk));
		*ret_all = more == 0;
		if (more == 0)
			return 0;
		if (PyList_GET_SIZE(rows) < limit && add(rows, row_of(walk, key, part, fields)) < 0)
			return -1;
	}
	return 0;
}

/* ---- The answer ---------------------------------------------------------------------- */

/* The record type whose fields are columns; NULL: there is none. */
static const struct ancient_type *record_of(const struct py_walk *walk)
{
	const struct ancient_type *type = walk->type;

	if (walk->kind == ANCIENT_TYPE_RECORD)
		return type;
	if (walk->kind == ANCIENT_TYPE_LIST || walk->kind == ANCIENT_TYPE_ARRAY ||
	    walk->kind == ANCIENT_TYPE_SET)
		type = py_schema_type(walk->schema, type->arguments[0]);
	else if (walk->kind == ANCIENT_TYPE_HASHTBL || walk->kind == ANCIENT_TYPE_HASHTABLE ||
		 walk->kind == ANCIENT_TYPE_MAP)
		type = py_schema_type(walk->schema, type->arguments[1]);
	return type->kind == ANCIENT_TYPE_RECORD ? type : NULL;
}

static PyObject *columns_of(const struct py_walk *walk, const struct ancient_type *record)
{
	PyObject *columns;
	uint32_t i;

	if (record == NULL)
		Py_RETURN_NONE;
	columns = PyList_New(0);
	for (i = 0; columns != NULL && i < record->field_count && i < FIELDS_SHOWN; i++)
		if (add(columns,
			Py_BuildValue("ss", record->fields[i].name,
				      py_schema_type(walk->schema, record->fields[i].type)->name)) <
		    0)
			Py_CLEAR(columns);
	return columns;
}

static PyObject *preview(struct py_walk *walk, Py_ssize_t limit)
{
	const struct ancient_type *record = record_of(walk);
	const bool container = walk->kind != ANCIENT_TYPE_RECORD;
	PyObject *columns = columns_of(walk, record), *rows = PyList_New(0);
	Py_ssize_t count = 0;
	bool all = false;
	int failed = columns == NULL || rows == NULL ? -1 : 0;

	if (failed == 0)
		failed = fill(walk, limit, container && record != NULL, rows, &count, &all);
	if (failed < 0) {
		Py_XDECREF(columns);
		Py_XDECREF(rows);
		return NULL;
	}
	return Py_BuildValue("sNNnO", walk->type->name, columns, rows, count,
			     all ? Py_True : Py_False);
}

PyObject *py_preview(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	const struct py_typed *view;
	PyObject *object, *result = NULL;
	struct py_walk walk;
	Py_ssize_t limit;

	if (!PyArg_ParseTuple(args, "On:_preview", &object, &limit))
		return NULL;
	if (!py_is_typed(state, object))
		return PyErr_Format(PyExc_TypeError, "_preview() takes a typed view");
	view = (const struct py_typed *)object;
	if (py_walk_begin(&walk, view->view.snapshot, view->schema, py_typed_of(view)) == 0)
		result = preview(&walk, limit);
	py_walk_done(&walk);
	return result;
}
