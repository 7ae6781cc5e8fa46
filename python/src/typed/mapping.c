/* python/typed: views of hash tables, maps and sets: lookups, counting, iteration..  The classes in
 * ancient._typed derive from them and inherit the rest (keys, operators of sets) from
 * collections.abc. */
#include "typed/mapping.h"

#include "arrow/arrow.h"
#include "module/errors.h"
#include "module/interrupt.h"
#include "module/threads.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "typed/container.h"
#include "typed/absent_key.h"
#include "typed/get_many.h"
#include "typed/iter.h"
#include "typed/key.h"
#include "typed/range.h"
#include "typed/schema.h"
#include "typed/search.h"
#include "typed/value.h"
#include "walk/compare.h"
#include "walk/notebook.h"
#include "walk/repr.h"
#include "walk/walk.h"
#include "docs.h"

#include <string.h>

static PyObject *raise(const struct py_typed *self, const struct ancient_error *err)
{
	return py_raise(self->view.snapshot->state, self->view.snapshot->name, err);
}

/* ---- Lookups ------------------------------------------------------------------------ */

static uint32_t key_type(const struct py_typed *self)
{
	return py_schema_type(self->schema, self->type)->arguments[0];
}

/* Compares with every key, where no key can be made for the reader. */
static int search(const struct py_typed *self, PyObject *wanted, struct ancient_typed *ret_value)
{
	struct ancient_typed key, part;
	struct py_search search;
	struct py_walk walk;
	int found = 0, more;

	more = py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self));
	if (py_search_init(&search, self->view.snapshot, self->schema, key_type(self), wanted) < 0)
		more = -1;
	while (more >= 0 && found == 0 && (more = py_walk_next(&walk, &key, &part)) == 1)
		found = py_search_is(&search, walk.keyed ? key : part);
	py_search_done(&search);
	py_walk_done(&walk);
	if (found == 1)
		*ret_value = part;
	return more < 0 ? -1 : found;
}

static void open_lookup(struct py_mapping *self)
{
	const struct py_typed *typed = &self->container.typed;
	enum ancient_type_kind kind = py_schema_type(typed->schema, key_type(typed))->kind;

	/* Nothing in here lets another thread into the section. */
	Py_BEGIN_CRITICAL_SECTION((PyObject *)self);
	if (!self->opened) {
		ancient_lookup_init(typed->view.snapshot->file, typed->schema->schema,
				    py_typed_of(typed), &self->lookup);
		self->text = kind == ANCIENT_TYPE_STRING || kind == ANCIENT_TYPE_BYTES;
		PY_SHARED_STORE(&self->opened, true);
	}
	Py_END_CRITICAL_SECTION();
}

/* 1 found, 0 not, 2 a search is needed, -1 an exception. */
static inline int find_key(const struct py_mapping *self, const struct ancient_key *key,
			   struct ancient_typed *ret_value)
{
	struct ancient_error err;
	enum ancient_code code = ancient_lookup_find(&self->lookup, key, ret_value, NULL);

	if (code == ANCIENT_OK)
		return 1;
	if (code == ANCIENT_E_NO_KEY)
		return 0;
	/* Keys whose order or hash the reader does not know are searched for. */
	if (code == ANCIENT_E_WRONG_KIND)
		return 2;
	if (code == ANCIENT_E_INTERRUPTED && PyErr_Occurred())
		return -1;
	/* Again, now with a message: making one for each absent key would cost more than the
	 * lookup. */
	code = ancient_lookup_find(&self->lookup, key, ret_value, &err);
	if (code == ANCIENT_OK)
		return 1;
	raise(&self->container.typed, &err);
	return -1;
}

static int find_made(const struct py_mapping *self, PyObject *wanted, bool boxed, bool *ret_again,
		     struct ancient_typed *ret_value)
{
	const struct py_typed *typed = &self->container.typed;
	struct py_keys keys = {
		.snapshot = typed->view.snapshot, .schema = typed->schema, .boxed = boxed};
	struct ancient_key key;
	int found = py_key_make(&keys, key_type(typed), wanted, &key);

	if (found == 1)
		found = find_key(self, &key, ret_value);
	*ret_again = found == 0 && keys.floats && !boxed;
	py_keys_done(&keys);
	return found;
}

static int find_other(const struct py_mapping *self, PyObject *wanted,
		      struct ancient_typed *ret_value)
{
	bool again = false;
	int found = find_made(self, wanted, false, &again, ret_value);

	if (again)
		found = find_made(self, wanted, true, &again, ret_value);
	return found;
}

static inline int container_find(PyObject *object, PyObject *wanted,
				 struct ancient_typed *ret_value)
{
	struct py_mapping *self = (struct py_mapping *)object;
	struct ancient_key key;
	int found;

	if (!PY_SHARED_LOAD(&self->opened))
		open_lookup(self);
	if (self->text && py_key_borrow(wanted, &key))
		found = find_key(self, &key, ret_value);
	else
		found = find_other(self, wanted, ret_value);
	return found == 2 ? search(&self->container.typed, wanted, ret_value) : found;
}

int py_container_find(PyObject *object, PyObject *key, struct ancient_typed *ret_value)
{
	return container_find(object, key, ret_value);
}

static int container_contains(PyObject *object, PyObject *key)
{
	struct ancient_typed value;

	return container_find(object, key, &value);
}

static PyObject *mapping_subscript(PyObject *object, PyObject *key)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct ancient_typed value;
	int found = container_find(object, key, &value);

	if (found == 1)
		return py_typed_value(self->view.snapshot, self->schema, value);
	return found < 0 ? NULL : py_raise_absent_key(self, key_type(self), key);
}

static PyObject *mapping_get(PyObject *object, PyObject *const *args, Py_ssize_t nargs,
			     PyObject *keywords)
{
	const struct py_typed *self = (const struct py_typed *)object;
	Py_ssize_t named = keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords);
	struct ancient_typed value;
	int found;

	if (named > 1 || (named == 1 && PyUnicode_CompareWithASCIIString(
						PyTuple_GET_ITEM(keywords, 0), "default") != 0))
		return PyErr_Format(PyExc_TypeError, "get() knows no keyword but default");
	if (nargs < 1 || nargs + named > 2)
		return PyErr_Format(PyExc_TypeError,
				    "get() takes a key and at most one default, got %zd arguments",
				    nargs + named);
	found = container_find(object, args[0], &value);
	if (found == 1)
		return py_typed_value(self->view.snapshot, self->schema, value);
	return found < 0 ? NULL : Py_NewRef(nargs + named == 2 ? args[1] : Py_None);
}

/* ---- All bindings of a key ------------------------------------------------------------ */

static int append(const struct py_typed *self, PyObject *list, struct ancient_typed typed)
{
	PyObject *value = py_typed_value(self->view.snapshot, self->schema, typed);
	int failed = value == NULL ? -1 : PyList_Append(list, value);

	Py_XDECREF(value);
	return failed;
}

/* Appends the values of `key`: 0; 2: a search is needed; -1. */
static int collect_made(const struct py_typed *self, const struct ancient_key *key, PyObject *list)
{
	struct ancient_typed found, value;
	struct ancient_iterator iterator;
	struct ancient_error err;
	enum ancient_code code;
	uint64_t step = 0;

	code = ancient_iterator_init_key(self->view.snapshot->file, self->schema->schema,
					 py_typed_of(self), key, &iterator, &err);
	while (code == ANCIENT_OK) {
		code = ancient_iterator_next(&iterator, &found, &value, &err);
		if (code == ANCIENT_OK &&
		    (py_interrupted(step++) < 0 || append(self, list, value) < 0))
			return -1;
	}
	if (code == ANCIENT_E_NO_INDEX || code == ANCIENT_E_NO_KEY)
		return 0;
	if (code == ANCIENT_E_WRONG_KIND)
		return 2;
	raise(self, &err);
	return -1;
}

static int collect_search(const struct py_typed *self, PyObject *wanted, PyObject *list)
{
	struct ancient_typed key, part;
	struct py_search search;
	struct py_walk walk;
	int more, equal = 0;

	more = py_walk_begin(&walk, self->view.snapshot, self->schema, py_typed_of(self));
	walk.all = true;
	if (py_search_init(&search, self->view.snapshot, self->schema, key_type(self), wanted) < 0)
		more = -1;
	while (more >= 0 && equal >= 0 && (more = py_walk_next(&walk, &key, &part)) == 1) {
		equal = py_search_is(&search, key);
		if (equal == 1 && append(self, list, part) < 0)
			equal = -1;
	}
	py_search_done(&search);
	py_walk_done(&walk);
	return more < 0 || equal < 0 ? -1 : 0;
}

static PyObject *mapping_getall(PyObject *object, PyObject *wanted)
{
	const struct py_typed *self = (const struct py_typed *)object;
	PyObject *list = PyList_New(0);
	int failed = 0, again = 1;

	if (list == NULL)
		return NULL;
	for (int boxed = 0; failed == 0 && boxed < 1 + again; boxed++) {
		struct py_keys keys = {.snapshot = self->view.snapshot,
				       .schema = self->schema,
				       .boxed = boxed == 1};
		struct ancient_key key;
		int made = py_key_make(&keys, key_type(self), wanted, &key);

		failed = made == 1 ? collect_made(self, &key, list) : made;
		again = keys.floats;
		py_keys_done(&keys);
	}
	if (failed == 2)
		failed = PyList_SetSlice(list, 0, PY_SSIZE_T_MAX, NULL) < 0
				 ? -1
				 : collect_search(self, wanted, list);
	if (failed < 0)
		Py_CLEAR(list);
	return list;
}

/* ---- Counting ------------------------------------------------------------------------- */

static Py_ssize_t container_length(PyObject *object)
{
	struct py_container *self = (struct py_container *)object;
	const struct py_typed *typed = &self->typed;
	struct ancient_typed key, part;
	struct py_walk walk;
	Py_ssize_t length = 0, known = PY_SHARED_LOAD(&self->length);
	int more;

	if (known >= 0)
		return known;
	more = py_walk_begin(&walk, typed->view.snapshot, typed->schema, py_typed_of(typed));
	while (more >= 0 && (more = py_walk_next(&walk, &key, &part)) == 1)
		length++;
	py_walk_done(&walk);
	if (more < 0)
		return -1;
	PY_SHARED_STORE(&self->length, length);
	return length;
}

/* ---- Iteration ------------------------------------------------------------------------ */

static PyObject *container_iterate(PyObject *object)
{
	return py_iterate(object, PY_KEYS, false);
}

static PyObject *mapping_iterate_items(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return py_iterate(object, PY_ITEMS, false);
}

static PyObject *mapping_iterate_values(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return py_iterate(object, PY_VALUES, false);
}

static PyObject *mapping_all_items(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return py_iterate(object, PY_ITEMS, true);
}

static PyObject *mapping_items(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return PyObject_CallOneArg(((struct py_view *)object)->snapshot->state->items_class,
				   object);
}

static PyObject *mapping_values(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return PyObject_CallOneArg(((struct py_view *)object)->snapshot->state->values_class,
				   object);
}

/* ---- Types -------------------------------------------------------------------------- */

static PyMethodDef mapping_methods[] = {
	PY_NOTEBOOK_METHODS,
	{"_ipython_key_completions_", py_key_completions, METH_NOARGS, NULL},
	{"get", (PyCFunction)(void (*)(void))mapping_get, METH_FASTCALL | METH_KEYWORDS,
	 PY_DOC_Map_get},
	{"get_many", (PyCFunction)(void (*)(void))py_mapping_get_many, METH_VARARGS | METH_KEYWORDS,
	 PY_DOC_Map_get_many},
	{"items", mapping_items, METH_NOARGS, PY_DOC_Map_items},
	{"values", mapping_values, METH_NOARGS, PY_DOC_Map_values},
	{"getall", mapping_getall, METH_O, PY_DOC_Map_getall},
	{"all_items", mapping_all_items, METH_NOARGS, PY_DOC_Map_all_items},
	{"_iterate_items", mapping_iterate_items, METH_NOARGS, NULL},
	{"_iterate_values", mapping_iterate_values, METH_NOARGS, NULL},
	PY_ORDER_METHODS(Map),
	PY_ARROW_METHODS,
	PY_VIEW_METHODS(py_typed_reduce),
	{NULL, NULL, 0, NULL},
};

static PyType_Slot mapping_slots[] = {
	{Py_tp_dealloc, py_typed_dealloc},     {Py_tp_repr, py_typed_repr},
	{Py_tp_richcompare, py_typed_compare}, {Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_iter, container_iterate},       {Py_tp_methods, mapping_methods},
	{Py_tp_members, py_view_members},      {Py_nb_bool, py_container_true},
	{Py_sq_contains, container_contains},  {Py_mp_length, container_length},
	{Py_mp_subscript, mapping_subscript},  {0, NULL},
};

static PyType_Spec mapping_spec = {
	.name = "ancient._Mapping",
	.basicsize = sizeof(struct py_mapping),
	.flags = PY_CONTAINER_FLAGS,
	.slots = mapping_slots,
};

static PyMethodDef set_methods[] = {
	PY_ORDER_METHODS(Set), PY_NOTEBOOK_METHODS,
	PY_ARROW_METHODS,      PY_VIEW_METHODS(py_typed_reduce),
	{NULL, NULL, 0, NULL},
};

static PyType_Slot set_slots[] = {
	{Py_tp_dealloc, py_typed_dealloc},
	{Py_tp_repr, py_typed_repr},
	{Py_tp_iter, container_iterate},
	{Py_tp_methods, set_methods},
	{Py_tp_members, py_view_members},
	{Py_nb_bool, py_container_true},
	{Py_sq_contains, container_contains},
	{Py_sq_length, container_length},
	{0, NULL},
};

static PyType_Spec set_spec = {
	.name = "ancient._Set",
	.basicsize = sizeof(struct py_mapping),
	.flags = PY_CONTAINER_FLAGS,
	.slots = set_slots,
};

int py_mappings_init(PyObject *module, struct py_state *state)
{
	if (py_add_container_type(module, &mapping_spec, &state->mapping) < 0)
		return -1;
	return py_add_container_type(module, &set_spec, &state->set);
}
