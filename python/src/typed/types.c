/* python/typed: Types, the namespace in which a schema's types and constructors are found by name,
 * as `T.Leaf` in patterns. */
#include "typed/types.h"

#include "module/module.h"
#include "module/text.h"
#include "module/threads.h"
#include "store/pickle.h"
#include "typed/class.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "docs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <structmember.h>

struct types {
	PyObject_HEAD struct py_schema *schema;
	uint32_t root;
	PyObject *weak_references;
};

PyObject *py_types_new(struct py_schema *schema, uint32_t root)
{
	PyTypeObject *type = schema->state->types;
	struct types *self = (struct types *)type->tp_alloc(type, 0);

	if (self == NULL)
		return NULL;
	Py_INCREF(schema);
	self->schema = schema;
	self->root = root;
	return (PyObject *)self;
}

static void types_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	py_clear_weak_references(self, &((struct types *)self)->weak_references);
	Py_XDECREF(((struct types *)self)->schema);
	type->tp_free(self);
	Py_DECREF(type);
}

static bool is_variant(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_VARIANT || type->kind == ANCIENT_TYPE_POLYVARIANT;
}

/* ---- Finding ---------------------------------------------------------------------- */

/* A constructor of one type; NULL without an exception where it has none of that name. */
static PyObject *constructor_in(struct py_schema *schema, uint32_t type, const char *name)
{
	int64_t index;

	if (!is_variant(py_schema_type(schema, type)))
		return NULL;
	index = ancient_type_constructor_index(schema->schema, type, name, strlen(name));
	return index < 0 ? NULL : py_constructor_of(schema, type, (uint32_t)index);
}

/* A type by its short name, its path or the whole of its name. */
static PyObject *type_named(struct py_schema *schema, const char *name)
{
	char shown[280];
	uint32_t i;
	int pass;

	for (pass = 0; pass < 3; pass++)
		for (i = 0; i < schema->count; i++) {
			const struct ancient_type *type = py_schema_type(schema, i);
			const char *found = pass == 0 ? type->name : type->path;

			if (!py_type_has_class(type) || found == NULL)
				continue;
			if (pass == 2) {
				py_class_name(type, shown, sizeof shown);
				found = shown;
			}
			if (strcmp(found, name) == 0)
				return (PyObject *)py_class_of(schema, i);
		}
	return NULL;
}

/* A constructor of any type; an exception where two types have one. */
static PyObject *constructor_named(struct py_schema *schema, const char *name)
{
	const struct ancient_type *owner = NULL, *type;
	PyObject *found = NULL, *other;
	uint32_t i;

	for (i = 0; i < schema->count; i++) {
		type = py_schema_type(schema, i);
		other = constructor_in(schema, i, name);
		if (other == NULL && PyErr_Occurred())
			return NULL;
		if (other == NULL || other == found)
			continue;
		if (found != NULL)
			return PyErr_Format(PyExc_AttributeError,
					    "%.80s is a constructor of %.120s and of %.120s: "
					    "name the type too, types['%.80s'].%.80s",
					    name, owner->name, type->name, owner->name, name);
		found = other;
		owner = type;
	}
	return found;
}

static PyObject *find(const struct types *self, PyObject *object)
{
	PyObject *bytes = PyUnicode_Check(object) ? py_utf8(object) : NULL, *found;
	const char *name;

	if (bytes == NULL)
		return NULL;
	name = PyBytes_AS_STRING(bytes);
	found = constructor_in(self->schema, self->root, name);
	if (found == NULL && !PyErr_Occurred())
		found = type_named(self->schema, name);
	if (found == NULL && !PyErr_Occurred())
		found = constructor_named(self->schema, name);
	Py_DECREF(bytes);
	return found;
}

static PyObject *types_attribute(PyObject *object, PyObject *name)
{
	PyObject *found = find((struct types *)object, name);

	if (found != NULL)
		return Py_NewRef(found);
	if (PyErr_Occurred())
		return NULL;
	found = PyObject_GenericGetAttr(object, name);
	if (found != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError))
		return found;
	PyErr_Clear();
	return PyErr_Format(PyExc_AttributeError,
			    "the schema has no record, variant or constructor %R", name);
}

static PyObject *types_subscript(PyObject *object, PyObject *name)
{
	PyObject *found;

	if (!PyUnicode_Check(name))
		return PyErr_Format(PyExc_TypeError, "types are found by name, a str, not %.200s",
				    Py_TYPE(name)->tp_name);
	found = find((struct types *)object, name);
	if (found == NULL && !PyErr_Occurred())
		PyErr_Format(PyExc_KeyError, "the schema has no record, variant or constructor %R",
			     name);
	return Py_XNewRef(found);
}

/* ---- Listing ---------------------------------------------------------------------- */

static int add_name(PyObject *names, const char *name)
{
	PyObject *text = PyUnicode_FromString(name);
	int failed = text == NULL ? -1 : PySet_Add(names, text);

	Py_XDECREF(text);
	return failed;
}

static int add_names(PyObject *names, const struct ancient_type *type)
{
	char name[280];
	uint32_t i;

	if (!py_type_has_class(type))
		return 0;
	if (type->path != NULL) {
		py_class_name(type, name, sizeof name);
		if (add_name(names, name) < 0)
			return -1;
	}
	for (i = 0; i < type->constructor_count; i++)
		if (add_name(names, type->constructors[i].name) < 0)
			return -1;
	return 0;
}

static PyObject *all_names(const struct types *self)
{
	PyObject *names = PySet_New(NULL), *list;
	uint32_t i;

	for (i = 0; names != NULL && i < self->schema->count; i++)
		if (add_names(names, py_schema_type(self->schema, i)) < 0)
			Py_CLEAR(names);
	list = names == NULL ? NULL : PySequence_List(names);
	Py_XDECREF(names);
	if (list != NULL && PyList_Sort(list) < 0)
		Py_CLEAR(list);
	return list;
}

static PyObject *types_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	return all_names((struct types *)self);
}

static PyObject *types_repr(PyObject *object)
{
	const struct types *self = (const struct types *)object;
	PyObject *names = all_names(self), *shown, *text = NULL;

	shown = names == NULL ? NULL : PyList_GetSlice(names, 0, 12);
	if (shown != NULL)
		text = PyUnicode_FromFormat("<ancient.Types of %s: %R%s>",
					    py_schema_type(self->schema, self->root)->name, shown,
					    PyList_GET_SIZE(names) > 12 ? " and others" : "");
	Py_XDECREF(shown);
	Py_XDECREF(names);
	return text;
}

/* ---- Pickles and equality --------------------------------------------------------- */

static PyObject *types_reduce(PyObject *object, PyObject *Py_UNUSED(ignored))
{
	const struct types *self = (const struct types *)object;
	PyObject *module = self->schema->state->module;

	return Py_BuildValue("(N(OI))", PyObject_GetAttrString(module, "_restore_types"),
			     self->schema->text, self->root);
}

PyObject *py_restore_types(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	struct py_schema *schema;
	PyObject *types = NULL;
	const char *text;
	Py_ssize_t length;
	uint32_t root;

	if (!PyArg_ParseTuple(args, "y#O&:_restore_types", &text, &length, py_pickle_u32, &root))
		return NULL;
	schema = py_schema_parse(state, text, (size_t)length, "schema");
	if (schema == NULL)
		return NULL;
	if (root < schema->count)
		types = py_types_new(schema, root);
	else
		PyErr_Format(PyExc_ValueError, "the schema has %u types, so none is number %u",
			     schema->count, root);
	Py_DECREF(schema);
	return types;
}

/* A schema is one object for each text. */
static PyObject *types_compare(PyObject *left, PyObject *right, int operator)
{
	const struct types *a = (const struct types *)left, *b = (const struct types *)right;
	bool equal;

	if ((operator!= Py_EQ && operator!= Py_NE) || Py_TYPE(left) != Py_TYPE(right))
		Py_RETURN_NOTIMPLEMENTED;
	equal = a->schema == b->schema && a->root == b->root;
	return PyBool_FromLong(equal == (operator== Py_EQ));
}

static Py_hash_t types_hash(PyObject *object)
{
	const struct types *self = (const struct types *)object;

	return (Py_hash_t)(((uintptr_t)self->schema >> 4) + self->root) & PY_SSIZE_T_MAX;
}

/* ---- The type --------------------------------------------------------------------- */

static PyMethodDef types_methods[] = {
	{"__dir__", types_dir, METH_NOARGS, NULL},
	{"__reduce__", types_reduce, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyMemberDef types_members[] = {
	{"__weaklistoffset__", T_PYSSIZET, offsetof(struct types, weak_references), READONLY, NULL},
	{NULL, 0, 0, 0, NULL},
};

static PyType_Slot types_slots[] = {
	{Py_tp_doc, PY_DOC_Types},          {Py_tp_dealloc, types_dealloc},
	{Py_tp_repr, types_repr},           {Py_tp_getattro, types_attribute},
	{Py_tp_richcompare, types_compare}, {Py_tp_hash, types_hash},
	{Py_tp_methods, types_methods},     {Py_tp_members, types_members},
	{Py_mp_subscript, types_subscript}, {0, NULL},
};

static PyType_Spec types_spec = {
	.name = "ancient.Types",
	.basicsize = sizeof(struct types),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = types_slots,
};

PyObject *py_types(PyObject *module, PyObject *object)
{
	struct py_state *state = PyModule_GetState(module);

	if (py_is_typed(state, object))
		return py_types_new(((struct py_typed *)object)->schema,
				    ((struct py_typed *)object)->type);
	return PyErr_Format(PyExc_TypeError,
			    "types() takes a view of a value that has a type, not %.200s: "
			    "use Store.types(key)",
			    Py_TYPE(object)->tp_name);
}

PyObject *py_fingerprint(PyObject *module, PyObject *object)
{
	uint8_t fingerprint[16];
	PyObject *bytes, *text;

	if (!py_is_typed(PyModule_GetState(module), object))
		return PyErr_Format(PyExc_TypeError,
				    "expected a view of a value that has a type, found %.200s",
				    Py_TYPE(object)->tp_name);
	ancient_schema_fingerprint(((struct py_typed *)object)->schema->schema, fingerprint);
	bytes = PyBytes_FromStringAndSize((const char *)fingerprint, sizeof fingerprint);
	text = bytes == NULL ? NULL : PyObject_CallMethod(bytes, "hex", NULL);
	Py_XDECREF(bytes);
	return text;
}

int py_types_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &types_spec, NULL, &state->types);
}
