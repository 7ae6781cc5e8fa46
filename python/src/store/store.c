/* python/store: Store, a file at the generation it was opened or refreshed to. */
#include "store/store.h"

#include "module/errors.h"
#include "module/module.h"
#include "module/snapshot.h"
#include "module/text.h"
#include "module/threads.h"
#include "store/describe.h"
#include "store/entry_value.h"
#include "store/info.h"
#include "store/iterate.h"
#include "store/keys.h"
#include "store/log.h"
#include "store/open.h"
#include "store/pickle.h"
#include "store/prefetch.h"
#include "store/verify.h"
#include "typed/path.h"
#include "walk/notebook.h"
#include "typed/schema.h"
#include "docs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <structmember.h>

#include <ancient/format.h>

/* ---- Making one ------------------------------------------------------------------ */

PyObject *py_store_new(struct py_state *state, struct py_snapshot *snapshot, bool pinned)
{
	struct py_store *self = (struct py_store *)state->store->tp_alloc(state->store, 0);

	if (self == NULL)
		return NULL;
	Py_INCREF(snapshot);
	self->snapshot = snapshot;
	self->name = Py_NewRef(snapshot->name);
	self->pinned = pinned;
	return (PyObject *)self;
}

/* ---- Life ------------------------------------------------------------------------ */

static PyObject *raise_closed(PyObject *object)
{
	struct py_store *self = (struct py_store *)object;
	struct py_state *state = PyType_GetModuleState(Py_TYPE(object));
	struct ancient_error err = {.code = ANCIENT_E_CLOSED, .offset = ANCIENT_NO_OFFSET};
	PyObject *name = py_utf8(self->name);

	if (name == NULL)
		return NULL;
	snprintf(err.message, sizeof err.message, "%.400s: %s", PyBytes_AS_STRING(name),
		 ancient_code_text(ANCIENT_E_CLOSED));
	Py_DECREF(name);
	return py_raise(state, self->name, &err);
}

struct py_snapshot *py_store_look(PyObject *object)
{
	struct py_store *self = (struct py_store *)object;
	struct py_snapshot *snapshot;

	Py_BEGIN_CRITICAL_SECTION(object);
	snapshot = self->snapshot;
	Py_XINCREF((PyObject *)snapshot);
	Py_END_CRITICAL_SECTION();
	return snapshot;
}

struct py_snapshot *py_store_snapshot(PyObject *object)
{
	struct py_snapshot *snapshot = py_store_look(object);

	return snapshot != NULL ? snapshot : (struct py_snapshot *)raise_closed(object);
}

/* Puts `new` in the place of `old`, unless another thread has refreshed or closed the store. */
static void replace(PyObject *object, struct py_snapshot *old, struct py_snapshot *new)
{
	struct py_store *self = (struct py_store *)object;
	bool is;

	Py_BEGIN_CRITICAL_SECTION(object);
	is = self->snapshot == old;
	if (is)
		PY_SHARED_STORE(&self->snapshot, (struct py_snapshot *)Py_NewRef(new));
	Py_END_CRITICAL_SECTION();
	if (is)
		Py_DECREF(old); /* the store's */
}

static bool is_closed(PyObject *self)
{
	return PY_SHARED_LOAD(&((struct py_store *)self)->snapshot) == NULL;
}

static PyObject *store_close(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	struct py_store *self = (struct py_store *)object;
	struct py_snapshot *snapshot;

	Py_BEGIN_CRITICAL_SECTION(object);
	snapshot = self->snapshot;
	PY_SHARED_STORE(&self->snapshot, NULL);
	Py_END_CRITICAL_SECTION();
	Py_XDECREF((PyObject *)snapshot);
	Py_RETURN_NONE;
}

static PyObject *store_enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return is_closed(self) ? raise_closed(self) : Py_NewRef(self);
}

static PyObject *store_exit(PyObject *self, PyObject *const *Py_UNUSED(args),
			    Py_ssize_t Py_UNUSED(nargs))
{
	return store_close(self, NULL);
}

static void store_dealloc(PyObject *object)
{
	struct py_store *self = (struct py_store *)object;
	PyTypeObject *type = Py_TYPE(object);

	py_clear_weak_references(object, &self->weak_references);
	Py_XDECREF(self->snapshot);
	Py_XDECREF(self->name);
	type->tp_free(object);
	Py_DECREF(type);
}

/* ---- Generations ------------------------------------------------------------------ */

/* Whether `file` is the one that `old` shows, at an older generation. */
static bool went_back(const struct py_snapshot *old, const struct ancient_file *file)
{
	struct ancient_info before, now;

	ancient_file_info(old->file, &before);
	ancient_file_info(file, &now);
	return now.generation < before.generation &&
	       memcmp(now.uuid, before.uuid, sizeof now.uuid) == 0;
}

static void raise_went_back(struct py_snapshot *old, const struct ancient_file *file)
{
	struct ancient_info before, now;

	ancient_file_info(old->file, &before);
	ancient_file_info(file, &now);
	py_fail(old, ANCIENT_E_WENT_BACK, ANCIENT_NO_OFFSET,
		"%s: expected generation %llu or a later one, found %llu%s: "
		"refresh(allow_older=True) goes there",
		ancient_code_text(ANCIENT_E_WENT_BACK), (unsigned long long)before.generation,
		(unsigned long long)now.generation,
		now.hidden_generation != 0
			? ", with a newer one that a damaged superblock hides: run `ancientctl "
			  "recover` on the file"
			: "");
}

/* The newest snapshot: `old` itself where nothing has changed; NULL with an exception. */
static struct py_snapshot *newest(struct py_snapshot *old, bool allow_older)
{
	const struct py_options opened = {.as_bytes = old->as_bytes,
					  .raw = old->raw,
					  .given = old->given,
					  .generation = old->pinned};
	struct ancient_file *file;
	struct ancient_error err;
	struct py_snapshot *new;
	enum ancient_code code;

	Py_BEGIN_ALLOW_THREADS code = ancient_file_reopen(old->file, &file, &err);
	Py_END_ALLOW_THREADS if (code != ANCIENT_OK) return (struct py_snapshot *)py_raise(
		old->state, old->name, &err);
	if (file == old->file) {
		ancient_file_close(file);
		Py_INCREF(old);
		return old;
	}
	if (!allow_older && went_back(old, file)) {
		raise_went_back(old, file);
		ancient_file_close(file);
		return NULL;
	}
	new = py_snapshot_new(old->state, file, old->name, &opened);
	if (new != NULL && py_warn_damaged(new) < 0)
		Py_CLEAR(new);
	return new;
}

static PyObject *store_refresh(PyObject *object, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"allow_older", NULL};
	struct py_store *self = (struct py_store *)object;
	struct py_snapshot *old, *new, *now;
	int allow_older = 0;
	bool changed;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|$p:refresh", names, &allow_older))
		return NULL;
	old = py_store_snapshot(object);
	if (old == NULL)
		return NULL;
	if (self->pinned) {
		py_fail(old, ANCIENT_E_ARGUMENT, ANCIENT_NO_OFFSET,
			"a snapshot stays at its generation: refresh the store it was made from");
		Py_DECREF(old);
		return NULL;
	}
	new = newest(old, allow_older != 0);
	/* Where another thread has refreshed or closed the store meanwhile, its snapshot is no
	 * older than this call. */
	if (new != NULL)
		replace(object, old, new);
	now = py_store_look(object);
	changed = now != old;
	Py_XDECREF(now);
	Py_XDECREF(new);
	Py_DECREF(old);
	if (new == NULL)
		return NULL;
	return now == NULL ? raise_closed(object) : PyBool_FromLong(changed);
}

static PyObject *store_snapshot(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	struct py_snapshot *snapshot = py_store_snapshot(self);
	PyObject *pinned;

	if (snapshot == NULL)
		return NULL;
	pinned = py_store_new(snapshot->state, snapshot, true);
	Py_DECREF(snapshot);
	return pinned;
}

/* ---- Information ------------------------------------------------------------------ */

static int open_info(PyObject *self, struct ancient_info *ret_info)
{
	struct py_snapshot *snapshot = py_store_snapshot(self);

	if (snapshot == NULL)
		return -1;
	ancient_file_info(snapshot->file, ret_info);
	Py_DECREF(snapshot);
	return 0;
}

static Py_ssize_t store_length(PyObject *self)
{
	struct ancient_info info;

	if (open_info(self, &info) < 0)
		return -1;
	/* What is stored is believed where the file has room for so many. */
	if (info.key_count <= info.present / sizeof(struct ancient_entry_record))
		return (Py_ssize_t)info.key_count;
	return py_store_count(self);
}

static PyObject *get_name(PyObject *self, void *Py_UNUSED(closure))
{
	return Py_NewRef(((struct py_store *)self)->name);
}

static PyObject *get_closed(PyObject *self, void *Py_UNUSED(closure))
{
	return PyBool_FromLong(is_closed(self));
}

static PyObject *get_generation(PyObject *self, void *Py_UNUSED(closure))
{
	struct ancient_info info;

	return open_info(self, &info) < 0 ? NULL : PyLong_FromUnsignedLongLong(info.generation);
}

static PyObject *get_uuid(PyObject *self, void *Py_UNUSED(closure))
{
	struct ancient_info info;

	return open_info(self, &info) < 0 ? NULL : py_uuid_text(info.uuid);
}

PyObject *py_work(PyObject *module, PyObject *store)
{
	struct py_state *state = PyModule_GetState(module);
	struct py_snapshot *snapshot;
	uint64_t steps, bytes;

	if (!PyObject_TypeCheck(store, state->store))
		return PyErr_Format(PyExc_TypeError, "_work() takes a Store");
	snapshot = py_store_snapshot(store);
	if (snapshot == NULL)
		return NULL;
	ancient_file_work(snapshot->file, &steps, &bytes);
	Py_DECREF(snapshot);
	return Py_BuildValue("(KKK)", (unsigned long long)PY_SHARED_LOAD(&state->steps),
			     (unsigned long long)steps, (unsigned long long)bytes);
}

/* ---- The type --------------------------------------------------------------------- */

static PyMethodDef store_methods[] = {
	{"get", (PyCFunction)(void (*)(void))py_store_get, METH_FASTCALL | METH_KEYWORDS,
	 PY_DOC_Store_get},
	{"keys", py_store_keys, METH_NOARGS, PY_DOC_Store_keys},
	{"names", py_store_names, METH_NOARGS, PY_DOC_Store_names},
	{"values", py_store_values, METH_NOARGS, PY_DOC_Store_values},
	{"items", py_store_items, METH_NOARGS, PY_DOC_Store_items},
	{"entry", py_store_entry, METH_O, PY_DOC_Store_entry},
	{"memoryview", py_store_memoryview, METH_O, PY_DOC_Store_memoryview},
	{"raw", py_store_raw, METH_O, PY_DOC_Store_raw},
	{"schema", py_store_schema, METH_O, PY_DOC_Store_schema},
	{"types", py_store_types, METH_O, PY_DOC_Store_types},
	{"at", py_store_at, METH_O, PY_DOC_Store_at},
	{"info", py_store_info, METH_NOARGS, PY_DOC_Store_info},
	{"log", (PyCFunction)(void (*)(void))py_store_log, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_Store_log},
	{"prefetch", py_store_prefetch, METH_NOARGS, PY_DOC_Store_prefetch},
	{"refresh", (PyCFunction)(void (*)(void))store_refresh, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_Store_refresh},
	{"snapshot", store_snapshot, METH_NOARGS, PY_DOC_Store_snapshot},
	{"verify", (PyCFunction)(void (*)(void))py_store_verify, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_Store_verify},
	{"close", store_close, METH_NOARGS, PY_DOC_Store_close},
	{"__enter__", store_enter, METH_NOARGS, NULL},
	{"__exit__", (PyCFunction)(void (*)(void))store_exit, METH_FASTCALL, NULL},
	{"__reduce__", py_store_reduce, METH_NOARGS, NULL},
	{"_numbers", py_store_numbers, METH_NOARGS, NULL},
	{"_rows", py_store_rows, METH_O, NULL},
	{"_iterate_values", py_store_iterate_values, METH_NOARGS, NULL},
	{"_iterate_items", py_store_iterate_items, METH_NOARGS, NULL},
	{"_repr_html_", py_repr_html, METH_NOARGS, NULL},
	{"_ipython_key_completions_", py_key_completions, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef store_attributes[] = {
	{"name", get_name, NULL, PY_DOC_Store_name, NULL},
	{"closed", get_closed, NULL, PY_DOC_Store_closed, NULL},
	{"generation", get_generation, NULL, PY_DOC_Store_generation, NULL},
	{"uuid", get_uuid, NULL, PY_DOC_Store_uuid, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef store_members[] = {
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct py_store, weak_references), READONLY,
	 NULL},
	{NULL, 0, 0, 0, NULL},
};

static PyType_Slot store_slots[] = {
	{Py_tp_doc, PY_DOC_Store},
	{Py_tp_dealloc, store_dealloc},
	{Py_tp_repr, py_store_repr},
	{Py_tp_iter, py_store_iterate},
	{Py_tp_methods, store_methods},
	{Py_tp_getset, store_attributes},
	{Py_tp_members, store_members},
	{Py_sq_contains, py_store_contains},
	{Py_mp_length, store_length},
	{Py_mp_subscript, py_store_subscript},
	{0, NULL},
};

static PyType_Spec store_spec = {
	.name = "ancient.Store",
	.basicsize = sizeof(struct py_store),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE |
		 Py_TPFLAGS_MAPPING,
	.slots = store_slots,
};

int py_store_init(PyObject *module, struct py_state *state)
{
	if (py_add_type(module, &store_spec, "Mapping", &state->store) < 0)
		return -1;
	return py_add_type(module, &py_store_iter_spec, NULL, &state->store_iter);
}
