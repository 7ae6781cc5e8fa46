/* python/typed: values of variants, polymorphic ones too: constants, which are one object each,
 * and constructors with arguments, which have a class each. */
#include "typed/variant.h"

#include "module/errors.h"
#include "module/module.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "typed/class.h"
#include "typed/no_field.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "walk/hash.h"
#include "walk/order.h"
#include "walk/repr.h"
#include "docs.h"

PyObject *py_variant_new(struct py_snapshot *snapshot, struct py_schema *schema,
			 struct ancient_typed typed)
{
	struct ancient_error err;
	uint32_t index;
	PyObject *constructor, *self;

	if (ancient_typed_constructor(snapshot->file, schema->schema, typed, &index, &err) !=
	    ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	constructor = py_constructor_of(schema, typed.type, index);
	if (constructor == NULL || !PyType_Check(constructor))
		return Py_XNewRef(constructor);
	self = py_typed_new((PyTypeObject *)constructor, snapshot, schema, typed);
	if (self != NULL)
		((struct py_variant *)self)->index = index;
	return self;
}

PyObject *py_variant_part(PyObject *object, uint32_t index)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_snapshot *snapshot = self->view.snapshot;
	struct ancient_typed argument;
	struct ancient_error err;

	if (ancient_typed_argument(snapshot->file, self->schema->schema, py_typed_of(self), index,
				   &argument, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_typed_value(snapshot, self->schema, argument);
}

PyObject *py_constructor(PyObject *module, PyObject *object)
{
	struct py_state *state = PyModule_GetState(module);
	const struct py_variant *self = (const struct py_variant *)object;
	const struct ancient_type *type;

	if (!PyObject_TypeCheck(object, state->variant))
		return PyErr_Format(PyExc_TypeError,
				    "constructor() takes a value of a variant, not %.200s",
				    Py_TYPE(object)->tp_name);
	if (self->name != NULL)
		return Py_NewRef(self->name);
	type = py_schema_type(self->typed.schema, self->typed.type);
	return PyUnicode_FromString(type->constructors[self->index].name);
}

/* ---- Arguments ---------------------------------------------------------------------- */

/* A variant is one object to numpy, pandas and their kin, which ask for a length and __iter__: it
 * has neither.  Unpacking and subscripts do with sq_item and mp_subscript. */

static Py_ssize_t argument_count(const struct py_variant *self)
{
	if (self->typed.schema == NULL)
		return 0;
	return py_schema_type(self->typed.schema, self->typed.type)
		->constructors[self->index]
		.field_count;
}

static PyObject *variant_item(PyObject *object, Py_ssize_t i)
{
	const struct py_variant *self = (const struct py_variant *)object;
	const Py_ssize_t count = argument_count(self);

	/* A constant is nothing to iterate over, rather than an empty list. */
	if (self->name != NULL)
		return PyErr_Format(PyExc_TypeError,
				    "the constant %U has no arguments, so it is not iterable",
				    self->name);
	if (i < 0 || i >= count)
		return PyErr_Format(PyExc_IndexError,
				    "index out of range: the constructor has %zd argument%s", count,
				    count == 1 ? "" : "s");
	return py_variant_part(object, (uint32_t)i);
}

static PyObject *variant_subscript(PyObject *object, PyObject *key)
{
	const Py_ssize_t count = argument_count((struct py_variant *)object);
	Py_ssize_t i;

	if (!PyIndex_Check(key))
		return PyErr_Format(PyExc_TypeError,
				    "arguments of a constructor are found by int, not %.200s: "
				    "fields of an inline record are attributes",
				    Py_TYPE(key)->tp_name);
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (i == -1 && PyErr_Occurred())
		return NULL;
	return variant_item(object, i < 0 ? i + count : i);
}

static PyObject *variant_format(PyObject *object, PyObject *spec)
{
	PyObject *text = PyObject_Str(object), *formatted;

	if (text == NULL)
		return NULL;
	formatted = PyObject_Format(text, spec);
	Py_DECREF(text);
	return formatted;
}

/* ---- The type ------------------------------------------------------------------------ */

static PyMethodDef variant_methods[] = {
	PY_VIEW_METHODS(py_typed_reduce),
	{"__format__", variant_format, METH_O, NULL},
	{NULL, NULL, 0, NULL},
};

static PyType_Slot variant_slots[] = {
	{Py_tp_doc, PY_DOC_Variant},
	{Py_tp_dealloc, py_typed_dealloc},
	{Py_tp_getattro, py_field_or_error},
	{Py_tp_repr, py_typed_repr},
	{Py_tp_richcompare, py_variant_compare},
	{Py_tp_hash, py_typed_hash},
	{Py_tp_methods, variant_methods},
	{Py_tp_members, py_view_members},
	{Py_sq_item, variant_item},
	{Py_mp_subscript, variant_subscript},
	{0, NULL},
};

static PyType_Spec variant_spec = {
	.name = "ancient.Variant",
	.basicsize = sizeof(struct py_variant),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |
		 Py_TPFLAGS_IMMUTABLETYPE,
	.slots = variant_slots,
};

/* For patterns by position on any variant, `case ancient.Variant(x)`, and on its own type: those of
 * constructors name their own fields. */
static PyObject *match_args(void)
{
	return Py_BuildValue("(ssssssss)", "_0", "_1", "_2", "_3", "_4", "_5", "_6", "_7");
}

int py_variant_init(PyObject *module, struct py_state *state)
{
	PyObject *names, *none;
	int failed = -1;

	if (py_add_type(module, &variant_spec, NULL, &state->variant) < 0)
		return -1;
	names = match_args();
	none = PyTuple_New(0);
	if (names != NULL && none != NULL &&
	    PyDict_SetItemString(state->variant->tp_dict, "__match_args__", names) == 0)
		failed = PyDict_SetItemString(state->variant->tp_dict, "__fields__", none);
	Py_XDECREF(names);
	Py_XDECREF(none);
	PyType_Modified(state->variant);
	return failed;
}
