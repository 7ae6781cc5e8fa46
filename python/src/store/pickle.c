/* python/store: pickles and copies..  A pickle of a store or view holds no data: it says which file
 * is meant, by path, UUID and generation, where in it the value lies, and of which OCaml type it
 * is. Published values never move or change, so any process finds the value again as long as the
 * file exists..  A pickle may have been tampered with: what it says is checked as what a file says.
 *
 * Snapshots made by loading pickles are shared: a thousand views of one file open it once. */
#include "store/pickle.h"

#include "module/errors.h"
#include "module/snapshot.h"
#include "module/threads.h"
#include "raw/value.h"
#include "store/open.h"
#include "store/store.h"
#include "typed/class_object.h"
#include "typed/schema.h"
#include "typed/value.h"

#include <stdio.h>
#include <string.h>

/* ---- Numbers ---------------------------------------------------------------------- */

static int to_limited(PyObject *object, unsigned long long most, unsigned long long *ret_number)
{
	unsigned long long number;

	if (!PyLong_Check(object)) {
		PyErr_Format(PyExc_TypeError, "a pickle has an int here, not %.200s",
			     Py_TYPE(object)->tp_name);
		return 0;
	}
	number = PyLong_AsUnsignedLongLong(object);
	if (number == (unsigned long long)-1 && PyErr_Occurred()) {
		if (!PyErr_ExceptionMatches(PyExc_OverflowError))
			return 0;
		PyErr_Clear();
		number = most;
		most = 0;
	}
	if (number > most) {
		PyErr_Format(PyExc_ValueError, "a pickle with a number out of range: %R", object);
		return 0;
	}
	*ret_number = number;
	return 1;
}

/* For PyArg_ParseTuple, whose own formats take any int, modulo 2^64 or 2^32. */
static int to_u64(PyObject *object, void *number)
{
	return to_limited(object, UINT64_MAX, number);
}

int py_pickle_u32(PyObject *object, void *number)
{
	unsigned long long wide;

	if (!to_limited(object, UINT32_MAX, &wide))
		return 0;
	*(uint32_t *)number = (uint32_t)wide;
	return 1;
}

/* ---- Which file ------------------------------------------------------------------- */

/* (path, UUID, generation, strings as bytes, raw, schema given to open or None), and True where
 * the file was opened at that generation; one object for each snapshot, so that a pickle of many
 * views holds it once. */
static PyObject *reference_of(struct py_snapshot *snapshot)
{
	struct ancient_info info;
	PyObject *known = PY_SHARED_LOAD(&snapshot->reference);
	const char *given = NULL;
	size_t length = 0;

	if (known != NULL)
		return known;
	ancient_file_info(snapshot->file, &info);
	if (info.path == NULL || info.path[0] != '/') {
		PyErr_SetString(PyExc_TypeError,
				"cannot pickle what was read through a descriptor or from a "
				"directory that is gone: open the file by its path, or pickle "
				"ancient.to_python(value)");
		return NULL;
	}
	if (snapshot->given != NULL)
		given = ancient_schema_text(snapshot->given->schema, &length);
	return py_keep(&snapshot->reference,
		       Py_BuildValue(snapshot->pinned ? "(Ny#KOOz#O)" : "(Ny#KOOz#)",
				     PyUnicode_DecodeFSDefault(info.path), (const char *)info.uuid,
				     (Py_ssize_t)sizeof info.uuid,
				     (unsigned long long)info.generation,
				     snapshot->as_bytes ? Py_True : Py_False,
				     snapshot->raw ? Py_True : Py_False, given, (Py_ssize_t)length,
				     Py_True));
}

/* What a pickle says of a file. */
struct reference {
	PyObject *path; /* borrowed, as the others */
	const char *uuid;
	unsigned long long generation;
	bool pinned;          /* that generation is meant, not a later one */
	PyObject *key;        /* of the newest snapshot among those that are shared */
	PyObject *pinned_key; /* of the one at the generation */
	struct py_options options;
};

static void drop_reference(struct reference *reference)
{
	Py_XDECREF(reference->key);
	Py_XDECREF(reference->pinned_key);
	Py_XDECREF((PyObject *)reference->options.given);
}

static int parse_reference(struct py_state *state, PyObject *tuple, struct reference *ret)
{
	Py_ssize_t uuid_length;
	PyObject *uuid, *given;
	int as_bytes, raw, pinned = 0;

	if (!PyArg_ParseTuple(tuple, "USO&ppO|p;not a reference to an ancient file", &ret->path,
			      &uuid, to_u64, &ret->generation, &as_bytes, &raw, &given, &pinned))
		return -1;
	if (PyBytes_AsStringAndSize(uuid, (char **)(uintptr_t)&ret->uuid, &uuid_length) < 0)
		return -1;
	if (uuid_length != 16) {
		PyErr_SetString(PyExc_ValueError, "a UUID has 16 bytes");
		return -1;
	}
	ret->pinned = pinned != 0;
	ret->options = (struct py_options){.as_bytes = as_bytes != 0, .raw = raw != 0};
	ret->key = Py_BuildValue("(OOiiO)", ret->path, uuid, as_bytes, raw, given);
	ret->pinned_key =
		Py_BuildValue("(OOiiOK)", ret->path, uuid, as_bytes, raw, given, ret->generation);
	if (ret->key != NULL && ret->pinned_key != NULL && given != Py_None)
		ret->options.given = py_schema_given(state, given);
	if (!PyErr_Occurred())
		return 0;
	drop_reference(ret);
	return -1;
}

static int check_identity(struct py_snapshot *snapshot, const struct reference *reference)
{
	struct ancient_info info;

	ancient_file_info(snapshot->file, &info);
	if (memcmp(info.uuid, reference->uuid, sizeof info.uuid) != 0) {
		py_fail(snapshot, ANCIENT_E_SUPERSEDED, ANCIENT_NO_OFFSET,
			"the file has been replaced since the pickle was made: pickle what the "
			"new file holds, or ancient.to_python(value)");
		return -1;
	}
	if (info.generation < reference->generation) {
		py_fail(snapshot, ANCIENT_E_SUPERSEDED, ANCIENT_NO_OFFSET,
			"expected generation %llu or a later one, found %llu: an older copy of the "
			"file has taken its place since the pickle was made",
			reference->generation, (unsigned long long)info.generation);
		return -1;
	}
	return 0;
}

static struct py_snapshot *open_again(struct py_state *state, const struct reference *reference,
				      const struct py_options *options, PyObject *key)
{
	PyObject *store = py_open_path(state, reference->path, options);
	struct py_snapshot *snapshot;

	if (store == NULL)
		return NULL;
	snapshot = py_store_snapshot(store);
	Py_DECREF(store);
	if (check_identity(snapshot, reference) == 0 &&
	    PyObject_SetItem(state->restored, key, (PyObject *)snapshot) == 0)
		return snapshot;
	Py_DECREF(snapshot);
	return NULL;
}

/* What came out of a pickle before: 1 with a snapshot, 0 where there is none. */
static int restored_before(struct py_state *state, PyObject *key, struct py_snapshot **ret_snapshot)
{
	PyObject *known = PyObject_CallMethod(state->restored, "get", "(O)", key);

	if (known == NULL)
		return -1;
	if (known == Py_None) {
		Py_DECREF(known);
		return 0;
	}
	*ret_snapshot = (struct py_snapshot *)known;
	return 1;
}

/* The snapshot of the newest generation, which is the pickle's or a later one. */
static struct py_snapshot *restore_newest(struct py_state *state, const struct reference *reference)
{
	struct py_snapshot *snapshot;
	struct ancient_info info;
	int known = restored_before(state, reference->key, &snapshot);

	if (known < 0)
		return NULL;
	if (known == 1) {
		ancient_file_info(snapshot->file, &info);
		if (info.generation >= reference->generation)
			return snapshot;
		Py_DECREF(snapshot);
	}
	return open_again(state, reference, &reference->options, reference->key);
}

/* The snapshot of the pickle's generation, by its commit record; where the file has none, the
 * newest, in which whatever was published then is still there. */
static struct py_snapshot *restore_pinned(struct py_state *state, const struct reference *reference)
{
	struct py_options options = reference->options;
	struct py_snapshot *snapshot;
	int known = restored_before(state, reference->pinned_key, &snapshot);

	if (known != 0)
		return known < 0 ? NULL : snapshot;
	options.generation = reference->generation;
	snapshot = open_again(state, reference, &options, reference->pinned_key);
	if (snapshot != NULL || !PyErr_ExceptionMatches(state->errors[ANCIENT_E_NO_GENERATION]))
		return snapshot;
	PyErr_Clear();
	return restore_newest(state, reference);
}

/* The snapshot that a pickle means, or a later one of the same file.
 *
 * *pinned   whether the pickle's own generation is wanted, whatever the reference says; set where
 *           the reference says so */
static struct py_snapshot *restore_snapshot(struct py_state *state, PyObject *tuple, bool *pinned)
{
	struct reference reference = {0};
	struct py_snapshot *snapshot;

	if (parse_reference(state, tuple, &reference) < 0)
		return NULL;
	if (reference.pinned)
		*pinned = true;
	if (*pinned && reference.generation != 0)
		snapshot = restore_pinned(state, &reference);
	else
		snapshot = restore_newest(state, &reference);
	drop_reference(&reference);
	return snapshot;
}

/* ---- Stores ----------------------------------------------------------------------- */

static PyObject *reduced(struct py_state *state, const char *function, PyObject *arguments)
{
	PyObject *restore = NULL;

	if (arguments != NULL)
		restore = PyObject_GetAttrString(state->module, function);
	if (restore == NULL) {
		Py_XDECREF(arguments);
		return NULL;
	}
	return Py_BuildValue("(NN)", restore, arguments);
}

PyObject *py_store_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	PyObject *reference, *pair = NULL;

	if (snapshot == NULL)
		return NULL;
	reference = reference_of(snapshot);
	if (reference != NULL)
		pair = reduced(
			snapshot->state, "_restore_store",
			Py_BuildValue("(OO)", reference,
				      ((struct py_store *)self)->pinned ? Py_True : Py_False));
	Py_DECREF(snapshot);
	return pair;
}

PyObject *py_restore_store(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	struct py_snapshot *snapshot;
	struct ancient_info info;
	unsigned long long generation;
	PyObject *reference, *store = NULL;
	int made_pinned;
	bool pinned;

	if (!PyArg_ParseTuple(args, "O!p:_restore_store", &PyTuple_Type, &reference, &made_pinned))
		return NULL;
	pinned = made_pinned != 0;
	snapshot = restore_snapshot(state, reference, &pinned);
	if (snapshot == NULL)
		return NULL;
	generation = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(reference, 2));
	ancient_file_info(snapshot->file, &info);
	if (pinned && info.generation != generation)
		py_fail(snapshot, ANCIENT_E_SUPERSEDED, ANCIENT_NO_OFFSET,
			"expected generation %llu, which the snapshot was made of, found %llu and "
			"no commit record of it: pickle the store it was made from, or the values",
			generation, (unsigned long long)info.generation);
	else
		store = py_store_new(state, snapshot, made_pinned != 0);
	Py_DECREF(snapshot);
	return store;
}

/* ---- Views ------------------------------------------------------------------------ */

/* Where a value lies: as an offset, which is even, or an immediate itself, which is odd. */
static unsigned long long place_of(const struct py_view *view)
{
	if (ancient_value_is_int(view->value))
		return view->value.word;
	return view->value.word - view->snapshot->base;
}

static struct ancient_value value_at(const struct py_snapshot *snapshot, unsigned long long place)
{
	struct ancient_value value = {place};

	if ((place & 1) == 0)
		value.word += snapshot->base;
	return value;
}

PyObject *py_view_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	const struct py_view *view = (const struct py_view *)self;
	PyObject *reference = reference_of(view->snapshot);

	if (reference == NULL)
		return NULL;
	return reduced(view->snapshot->state, "_restore_view",
		       Py_BuildValue("(OK)", reference, place_of(view)));
}

PyObject *py_typed_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	const struct py_typed *typed = (const struct py_typed *)self;
	PyObject *reference;

	if (typed->schema == NULL) /* a constant lies in no file: it is restored from its class */
		return reduced(PyType_GetModuleState(Py_TYPE(self)), "_restore_constant",
			       py_constant_reference(self));
	reference = reference_of(typed->view.snapshot);
	if (reference == NULL)
		return NULL;
	return reduced(typed->view.snapshot->state, "_restore_view",
		       Py_BuildValue("(OKOII)", reference, place_of(&typed->view),
				     typed->schema->text, typed->type, typed->flat));
}

static PyObject *typed_at(struct py_snapshot *snapshot, unsigned long long place, PyObject *text,
			  uint32_t type, uint32_t flat)
{
	struct ancient_typed typed = {value_at(snapshot, place), type, flat};
	struct py_schema *schema = py_schema_parse(snapshot->state, PyBytes_AS_STRING(text),
						   (size_t)PyBytes_GET_SIZE(text), "schema");
	PyObject *view = NULL;

	if (schema == NULL)
		return NULL;
	if (type < schema->count)
		view = py_typed_value(snapshot, schema, typed);
	else
		PyErr_Format(PyExc_ValueError, "the schema has %u types, so none is number %u",
			     schema->count, type);
	Py_DECREF(schema);
	return view;
}

PyObject *py_restore_view(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	struct py_snapshot *snapshot;
	PyObject *reference, *text = NULL, *view;
	unsigned long long place;
	uint32_t type = 0, flat = 0;
	bool pinned = false;

	if (!PyArg_ParseTuple(args, "O!O&|SO&O&:_restore_view", &PyTuple_Type, &reference, to_u64,
			      &place, &text, py_pickle_u32, &type, py_pickle_u32, &flat))
		return NULL;
	snapshot = restore_snapshot(state, reference, &pinned);
	if (snapshot == NULL)
		return NULL;
	view = text == NULL ? py_value(snapshot, value_at(snapshot, place))
			    : typed_at(snapshot, place, text, type, flat);
	Py_DECREF(snapshot);
	return view;
}

/* ---- Copies ----------------------------------------------------------------------- */

PyObject *py_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return Py_NewRef(self);
}

PyObject *py_refuse_pickle(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return PyErr_Format(PyExc_TypeError, "cannot pickle %.200s: pickle what it was made from",
			    Py_TYPE(self)->tp_name);
}
