/* python/raw: Tagged, the copy of a block that to_python makes: a tag and a tuple; no view of a
 * file. */
#include "raw/tagged.h"

#include "module/module.h"
#include "docs.h"

/* Levels that the repr of nested Tagged shows; an OCaml list nests one for each element. */
#define REPR_LEVELS 8

struct tagged {
	PyObject_HEAD unsigned tag;
	PyObject *fields; /* tuple */
};

PyObject *py_tagged_new(struct py_state *state, unsigned tag, PyObject *fields)
{
	struct tagged *self = (struct tagged *)state->tagged->tp_alloc(state->tagged, 0);

	if (self == NULL) {
		Py_DECREF(fields);
		return NULL;
	}
	self->tag = tag;
	self->fields = fields;
	return (PyObject *)self;
}

static PyObject *tagged_make(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"tag", "fields", NULL};
	struct py_state *state = PyType_GetModuleState(type);
	int tag;
	PyObject *fields;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "iO:Tagged", names, &tag, &fields))
		return NULL;
	if (tag < 0 || tag > 255)
		return PyErr_Format(PyExc_ValueError, "tag is 0 to 255, not %d", tag);
	fields = PySequence_Tuple(fields);
	return fields == NULL ? NULL : py_tagged_new(state, (unsigned)tag, fields);
}

/* No tp_clear, as tuple has none: a Tagged is immutable, so that every cycle through one
 * passes an object that can be changed, and is broken there. */
static int tagged_traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	Py_VISIT(((struct tagged *)self)->fields);
	return 0;
}

/* Nesting is as deep as the value; every second level is a tuple, whose own dealloc defers
 * what lies too deep. */
static void tagged_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	PyObject_GC_UnTrack(self);
	Py_XDECREF(((struct tagged *)self)->fields);
	type->tp_free(self);
	Py_DECREF(type);
}

static PyObject *tagged_item(PyObject *self, Py_ssize_t i)
{
	PyObject *fields = ((struct tagged *)self)->fields;

	if (i < 0 || i >= PyTuple_GET_SIZE(fields))
		return PyErr_Format(PyExc_IndexError,
				    "index out of range: the Tagged has %zd fields",
				    PyTuple_GET_SIZE(fields));
	return Py_NewRef(PyTuple_GET_ITEM(fields, i));
}

/* By sq_item and this it can be unpacked.  It has neither length nor __iter__, so that numpy,
 * pandas and their kin take it for one object. */
static PyObject *tagged_subscript(PyObject *self, PyObject *key)
{
	PyObject *fields = ((struct tagged *)self)->fields;
	Py_ssize_t i;

	if (PySlice_Check(key))
		return PyObject_GetItem(fields, key);
	if (!PyIndex_Check(key))
		return PyErr_Format(PyExc_TypeError,
				    "indices of Tagged are int or slice, not %.200s",
				    Py_TYPE(key)->tp_name);
	i = PyNumber_AsSsize_t(key, PyExc_IndexError);
	if (i == -1 && PyErr_Occurred())
		return NULL;
	return tagged_item(self, i < 0 ? i + PyTuple_GET_SIZE(fields) : i);
}

static PyObject *tagged_compare(PyObject *a, PyObject *b, int operation)
{
	const struct tagged *left = (const struct tagged *)a, *right = (const struct tagged *)b;

	if (Py_TYPE(a) != Py_TYPE(b) || (operation != Py_EQ && operation != Py_NE))
		Py_RETURN_NOTIMPLEMENTED;
	if (left->tag != right->tag)
		return PyBool_FromLong(operation == Py_NE);
	return PyObject_RichCompare(left->fields, right->fields, operation);
}

static Py_hash_t tagged_hash(PyObject *self)
{
	const struct tagged *tagged = (const struct tagged *)self;
	Py_hash_t hash = PyObject_Hash(tagged->fields);

	if (hash == -1)
		return -1;
	hash = (Py_hash_t)((Py_uhash_t)hash * 31 + tagged->tag);
	return hash == -1 ? -2 : hash;
}

static PyObject *tagged_repr(PyObject *self)
{
	/* How many Tagged within each other this thread is printing. */
	static _Thread_local int depth;
	const struct tagged *tagged = (const struct tagged *)self;
	PyObject *text;

	if (depth >= REPR_LEVELS)
		return PyUnicode_FromFormat("Tagged(%u, ...)", tagged->tag);
	depth++;
	text = PyUnicode_FromFormat("Tagged(%u, %R)", tagged->tag, tagged->fields);
	depth--;
	return text;
}

static PyObject *tagged_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	const struct tagged *tagged = (const struct tagged *)self;

	return Py_BuildValue("O(IO)", Py_TYPE(self), tagged->tag, tagged->fields);
}

static PyObject *get_tag(PyObject *self, void *Py_UNUSED(closure))
{
	return PyLong_FromUnsignedLong(((struct tagged *)self)->tag);
}

static PyObject *get_fields(PyObject *self, void *Py_UNUSED(closure))
{
	return Py_NewRef(((struct tagged *)self)->fields);
}

static PyMethodDef tagged_methods[] = {
	{"__reduce__", tagged_reduce, METH_NOARGS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef tagged_attributes[] = {
	{"tag", get_tag, NULL, PY_DOC_Tagged_tag, NULL},
	{"fields", get_fields, NULL, PY_DOC_Tagged_fields, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot tagged_slots[] = {
	{Py_tp_doc, PY_DOC_Tagged},          {Py_tp_new, tagged_make},
	{Py_tp_dealloc, tagged_dealloc},     {Py_tp_traverse, tagged_traverse},
	{Py_tp_repr, tagged_repr},           {Py_tp_richcompare, tagged_compare},
	{Py_tp_hash, tagged_hash},           {Py_tp_methods, tagged_methods},
	{Py_tp_getset, tagged_attributes},   {Py_sq_item, tagged_item},
	{Py_mp_subscript, tagged_subscript}, {0, NULL},
};

static PyType_Spec tagged_spec = {
	.name = "ancient.Tagged",
	.basicsize = sizeof(struct tagged),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
	.slots = tagged_slots,
};

int py_tagged_init(PyObject *module, struct py_state *state)
{
	PyObject *names;
	int failed;

	if (py_add_type(module, &tagged_spec, NULL, &state->tagged) < 0)
		return -1;
	names = Py_BuildValue("(ss)", "tag", "fields");
	failed = names == NULL ? -1
			       : PyObject_SetAttrString((PyObject *)state->tagged, "__match_args__",
							names);
	Py_XDECREF(names);
	return failed;
}
