/* python/typed: the order of maps and sets: range(), prefix(), first(), last() and reversed(), the
 * class Range and its iterator.  A Range has found its ends for both directions when it is made, so
 * that it keeps no key of the caller's. */
#include "typed/range.h"

#include "module/errors.h"
#include "module/interrupt.h"
#include "module/module.h"
#include "module/threads.h"
#include "store/pickle.h"
#include "typed/bound.h"
#include "typed/iter.h"
#include "typed/range_parts.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "docs.h"

/* Where a range comes from, and what it gives. */
struct source {
	struct py_snapshot *snapshot;
	struct py_schema *schema;
	enum py_wanted wanted;
	bool keyed; /* of a map */
};

struct range {
	PyObject_HEAD struct source source;
	PyObject *container;          /* the map or set */
	struct ancient_range ends[2]; /* forwards and backwards */
	bool whole;                   /* without bounds: all keys of the container are in it */
	Py_ssize_t length;            /* -1: not counted yet */
};

struct range_iter {
	PyObject_HEAD struct source source; /* its snapshot is NULL at the end */
	struct ancient_range range;
};

static void source_take(struct source *source, const struct source *from)
{
	*source = *from;
	Py_INCREF(source->snapshot);
	Py_INCREF(source->schema);
}

static struct source source_of(const struct py_typed *view)
{
	return (struct source){view->view.snapshot, view->schema, PY_KEYS,
			       py_schema_type(view->schema, view->type)->kind == ANCIENT_TYPE_MAP};
}

static void source_drop(struct source *source)
{
	Py_CLEAR(source->schema);
	Py_CLEAR(source->snapshot);
}

/* 1: a binding; 0: the end; -1: an exception. */
static int advance(const struct source *source, struct ancient_range *range,
		   struct ancient_typed *ret_key, struct ancient_typed *ret_part)
{
	struct ancient_error err;
	enum ancient_code code = ancient_range_next(range, ret_key, ret_part, &err);

	if (code == ANCIENT_OK && !source->keyed)
		*ret_part = *ret_key;
	if (code == ANCIENT_OK || code == ANCIENT_E_NO_INDEX)
		return code == ANCIENT_OK;
	py_raise(source->snapshot->state, source->snapshot->name, &err);
	return -1;
}

/* ---- Iteration ------------------------------------------------------------------------ */

static PyObject *iterate(const struct source *source, const struct ancient_range *range)
{
	PyTypeObject *type = source->snapshot->state->range_iter;
	struct range_iter *iter = (struct range_iter *)type->tp_alloc(type, 0);

	if (iter == NULL)
		return NULL;
	source_take(&iter->source, source);
	iter->range = *range;
	return (PyObject *)iter;
}

static PyObject *range_iter_next(PyObject *object)
{
	struct range_iter *iter = (struct range_iter *)object;
	struct source source = {0};
	struct ancient_typed key, part;
	PyObject *element = NULL;
	int more = 0;

	Py_BEGIN_CRITICAL_SECTION(object);
	/* With references of its own: a signal's handler that runs meanwhile, or a thread while
	 * that waits, may call this too and reach the end. */
	if (iter->source.snapshot != NULL) {
		source_take(&source, &iter->source);
		more = advance(&source, &iter->range, &key, &part);
		if (more != 1)
			source_drop(&iter->source);
	}
	Py_END_CRITICAL_SECTION();
	if (more == 1)
		element = py_iter_item(source.snapshot, source.schema, source.wanted, source.keyed,
				       key, part);
	source_drop(&source);
	return element;
}

static PyObject *range_iterate(PyObject *object)
{
	const struct range *self = (const struct range *)object;

	return iterate(&self->source, &self->ends[0]);
}

static PyObject *range_reversed(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct range *self = (const struct range *)object;

	return iterate(&self->source, &self->ends[1]);
}

/* ---- Making one ------------------------------------------------------------------------ */

static int begin(const struct py_typed *view, const struct ancient_range_bounds *bounds,
		 struct ancient_range *ret_range)
{
	struct ancient_error err;

	if (ancient_range_init(view->view.snapshot->file, view->schema->schema, py_typed_of(view),
			       bounds, ret_range, &err) == ANCIENT_OK)
		return 0;
	py_raise(view->view.snapshot->state, view->view.snapshot->name, &err);
	return -1;
}

static struct range *range_new(const struct source *source, PyObject *container)
{
	PyTypeObject *type = source->snapshot->state->range;
	struct range *range = (struct range *)type->tp_alloc(type, 0);

	if (range == NULL)
		return NULL;
	source_take(&range->source, source);
	range->container = Py_NewRef(container);
	range->length = -1;
	return range;
}

static PyObject *range_between(const struct py_typed *view, struct ancient_range_bounds *bounds)
{
	const struct source source = source_of(view);
	struct range *range = range_new(&source, (PyObject *)view);

	if (range == NULL)
		return NULL;
	range->whole = bounds->from == NULL && bounds->to == NULL && bounds->prefix == NULL;
	bounds->backwards = true;
	if (begin(view, bounds, &range->ends[1]) < 0)
		Py_CLEAR(range);
	bounds->backwards = false;
	if (range != NULL && begin(view, bounds, &range->ends[0]) < 0)
		Py_CLEAR(range);
	return (PyObject *)range;
}

PyObject *py_range(PyObject *object, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"lo", "hi", "inclusive", NULL};
	const struct py_typed *view = (const struct py_typed *)object;
	struct py_keys keys = {.snapshot = view->view.snapshot, .schema = view->schema};
	struct ancient_range_bounds bounds = {0};
	struct ancient_key from, to;
	PyObject *lo = NULL, *hi = NULL, *range = NULL;
	int with_lo = 1, with_hi = 1, low, high;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "|OO$(pp):range", names, &lo, &hi,
					 &with_lo, &with_hi))
		return NULL;
	bounds.from_excluded = with_lo == 0;
	bounds.to_excluded = with_hi == 0;
	low = py_bound_make(&keys, view, lo, false, &from, &bounds.from_excluded);
	high = low < 0 ? -1 : py_bound_make(&keys, view, hi, true, &to, &bounds.to_excluded);
	bounds.from = low == 1 ? &from : NULL;
	bounds.to = high == 1 ? &to : NULL;
	if (high >= 0)
		range = range_between(view, &bounds);
	py_keys_done(&keys);
	return range;
}

PyObject *py_prefix(PyObject *object, PyObject *prefix)
{
	const struct py_typed *view = (const struct py_typed *)object;
	struct py_keys keys = {.snapshot = view->view.snapshot, .schema = view->schema};
	struct ancient_range_bounds bounds = {0};
	struct ancient_key key;
	PyObject *range = NULL;
	int made;

	if (!PyUnicode_Check(prefix) && !PyBytes_Check(prefix))
		return PyErr_Format(PyExc_TypeError, "prefix() takes str or bytes, not %.80s",
				    Py_TYPE(prefix)->tp_name);
	made = py_key_string(&keys, prefix, &key);
	if (made == 0)
		PyErr_SetString(PyExc_ValueError,
				"prefix(): a text with surrogates is the beginning of no key");
	if (made == 1) {
		bounds.prefix = key.count == 0 ? "" : key.as.bytes;
		bounds.prefix_length = key.count;
		range = range_between(view, &bounds);
	}
	py_keys_done(&keys);
	return range;
}

/* ---- Ends ------------------------------------------------------------------------------- */

static PyObject *end_of(PyObject *object, bool last)
{
	const struct py_typed *view = (const struct py_typed *)object;
	const struct ancient_range_bounds bounds = {.backwards = last};
	struct source source = source_of(view);
	struct ancient_range range;
	struct ancient_typed key, part;
	int more = begin(view, &bounds, &range);

	source.wanted = PY_ITEMS;
	if (more == 0)
		more = advance(&source, &range, &key, &part);
	else
		return NULL;
	if (more == 0)
		py_fail(source.snapshot, ANCIENT_E_NO_KEY, ANCIENT_NO_OFFSET, "%s(): it is empty",
			last ? "last" : "first");
	return more != 1 ? NULL
			 : py_iter_item(source.snapshot, source.schema, source.wanted, source.keyed,
					key, part);
}

PyObject *py_first(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return end_of(object, false);
}

PyObject *py_last(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return end_of(object, true);
}

PyObject *py_reversed(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct py_typed *view = (const struct py_typed *)object;
	const struct ancient_range_bounds bounds = {.backwards = true};
	const struct source source = source_of(view);
	struct ancient_range range;

	return begin(view, &bounds, &range) < 0 ? NULL : iterate(&source, &range);
}

/* ---- Range -------------------------------------------------------------------------------- */

static Py_ssize_t range_length(PyObject *object)
{
	struct range *self = (struct range *)object;
	struct ancient_range range = self->ends[0];
	struct ancient_typed key, part;
	Py_ssize_t length = 0, known = PY_SHARED_LOAD(&self->length);
	int more = 0;

	if (known >= 0)
		return known;
	while (py_interrupted((uint64_t)length) == 0 &&
	       (more = advance(&self->source, &range, &key, &part)) == 1)
		length++;
	if (more != 0)
		return -1;
	PY_SHARED_STORE(&self->length, length);
	return length;
}

static int range_true(PyObject *object)
{
	const struct range *self = (const struct range *)object;
	struct ancient_range range = self->ends[0];
	struct ancient_typed key, part;

	return advance(&self->source, &range, &key, &part);
}

/* The same range, giving something else. */
static PyObject *range_giving(PyObject *object, enum py_wanted wanted)
{
	struct range *self = (struct range *)object;
	struct range *range;

	range = range_new(&self->source, self->container);
	if (range == NULL)
		return NULL;
	range->source.wanted = wanted;
	range->ends[0] = self->ends[0];
	range->ends[1] = self->ends[1];
	range->whole = self->whole;
	range->length = PY_SHARED_LOAD(&self->length);
	return (PyObject *)range;
}

static PyObject *range_keys(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return range_giving(object, PY_KEYS);
}

static PyObject *range_values(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return range_giving(object, PY_VALUES);
}

static PyObject *range_items(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	return range_giving(object, PY_ITEMS);
}

/* Only a range that gives the keys of a map has keys(), by which dict tells mappings from
 * iterables, and what goes with it. */
static bool is_mapping(const struct range *self)
{
	return self->source.keyed && self->source.wanted == PY_KEYS;
}

static bool is_of_mappings(PyObject *name)
{
	return PyUnicode_CompareWithASCIIString(name, "keys") == 0 ||
	       PyUnicode_CompareWithASCIIString(name, "values") == 0 ||
	       PyUnicode_CompareWithASCIIString(name, "items") == 0;
}

static PyObject *range_attribute(PyObject *object, PyObject *name)
{
	const struct range *self = (const struct range *)object;

	if (is_mapping(self) || !PyUnicode_Check(name) || !is_of_mappings(name))
		return PyObject_GenericGetAttr(object, name);
	return PyErr_Format(PyExc_AttributeError,
			    self->source.keyed ? "a range of %s has no %U(): ask the range that "
						 "gave it"
					       : "a range of a set has %s only, no %U()",
			    !self->source.keyed               ? "elements"
			    : self->source.wanted == PY_ITEMS ? "pairs"
							      : "values",
			    name);
}

static PyObject *range_subscript(PyObject *object, PyObject *key)
{
	const struct range *self = (const struct range *)object;

	if (!is_mapping(self))
		return PyErr_Format(PyExc_TypeError,
				    "only a range of a map's keys has subscripts, which are keys: "
				    "list(r)[i]");
	return py_range_value(object, (const struct py_typed *)self->container,
			      self->whole ? NULL : self->ends, key);
}

static PyObject *range_repr(PyObject *object)
{
	const struct range *self = (const struct range *)object;

	return py_range_text((const struct py_typed *)self->container, &self->ends[0],
			     self->source.wanted);
}

/* ---- Types -------------------------------------------------------------------------- */

static void range_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	source_drop(&((struct range *)object)->source);
	Py_XDECREF(((struct range *)object)->container);
	type->tp_free(object);
	Py_DECREF(type);
}

static void range_iter_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	source_drop(&((struct range_iter *)object)->source);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef range_methods[] = {
	{"keys", range_keys, METH_NOARGS, PY_DOC_Range_keys},
	{"values", range_values, METH_NOARGS, PY_DOC_Range_values},
	{"items", range_items, METH_NOARGS, PY_DOC_Range_items},
	{"__reversed__", range_reversed, METH_NOARGS, NULL},
	{"__reduce__", py_refuse_pickle, METH_NOARGS, NULL},
	/* for annotations: Range[int] */
	{"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot range_slots[] = {
	{Py_tp_doc, PY_DOC_Range},          {Py_tp_dealloc, range_dealloc},
	{Py_tp_repr, range_repr},           {Py_tp_getattro, range_attribute},
	{Py_mp_subscript, range_subscript}, {Py_tp_iter, range_iterate},
	{Py_tp_methods, range_methods},     {Py_nb_bool, range_true},
	{Py_sq_length, range_length},       {0, NULL},
};

static PyType_Spec range_spec = {
	.name = "ancient.Range",
	.basicsize = sizeof(struct range),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = range_slots,
};

static PyMethodDef range_iter_methods[] = {
	{"__reduce__", py_refuse_pickle, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot range_iter_slots[] = {
	{Py_tp_dealloc, range_iter_dealloc},
	{Py_tp_iter, PyObject_SelfIter},
	{Py_tp_iternext, range_iter_next},
	{Py_tp_methods, range_iter_methods},
	{0, NULL},
};

static PyType_Spec range_iter_spec = {
	.name = "ancient._RangeIterator",
	.basicsize = sizeof(struct range_iter),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = range_iter_slots,
};

int py_range_init(PyObject *module, struct py_state *state)
{
	if (py_add_type(module, &range_spec, NULL, &state->range) < 0)
		return -1;
	return py_add_type(module, &range_iter_spec, NULL, &state->range_iter);
}
