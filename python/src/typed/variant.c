/* python/typed: values of variants, polymorphic ones too: constants, which are one object each,
 * and constructors with arguments, which have a class each. */
#include "typed/variant.h"

#include "module/errors.h"
#include "module/module.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "typed/class.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "walk/compare.h"
#include "walk/hash.h"
#include "walk/repr.h"

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

/* ---- As a sequence of arguments ------------------------------------------------------ */

static Py_ssize_t variant_length(PyObject *object)
{
	const struct py_variant *self = (const struct py_variant *)object;

	if (self->typed.schema == NULL)
		return 0;
	return py_schema_type(self->typed.schema, self->typed.type)
		->constructors[self->index]
		.field_count;
}

static PyObject *variant_item(PyObject *object, Py_ssize_t i)
{
	Py_ssize_t length = variant_length(object);

	if (i < 0 || i >= length)
		return PyErr_Format(PyExc_IndexError,
				    "index out of range: the constructor has %zd argument%s",
				    length, length == 1 ? "" : "s");
	return py_variant_part(object, (uint32_t)i);
}

/* A constant has no length, but is true. */
static int variant_true(PyObject *Py_UNUSED(object))
{
	return 1;
}

/* ---- The type ------------------------------------------------------------------------ */

static PyMethodDef variant_methods[] = {
	PY_VIEW_METHODS(py_typed_reduce),
	{NULL, NULL, 0, NULL},
};

static PyType_Slot variant_slots[] = {
	{Py_tp_doc, "A value of an OCaml variant.\n\n"
		    "Each variant type has a class of its own, which derives from this one and\n"
		    "has an attribute for each constructor: a constant, or a class."},
	{Py_tp_dealloc, py_typed_dealloc},
	{Py_tp_repr, py_typed_repr},
	{Py_tp_richcompare, py_typed_compare},
	{Py_tp_hash, py_typed_hash},
	{Py_tp_iter, PySeqIter_New},
	{Py_tp_methods, variant_methods},
	{Py_tp_members, py_view_members},
	{Py_sq_length, variant_length},
	{Py_sq_item, variant_item},
	{Py_nb_bool, variant_true},
	{0, NULL},
};

static PyType_Spec variant_spec = {
	.name = "ancient.Variant",
	.basicsize = sizeof(struct py_variant),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION |
		 Py_TPFLAGS_IMMUTABLETYPE,
	.slots = variant_slots,
};

int py_variant_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &variant_spec, NULL, &state->variant);
}
