/* python/typed: the classes of types as objects: their metaclass, their names in ancient.ocaml, and
 * their pickles.
 *
 * pickle asks copyreg how to pickle an object of a metaclass before it takes it for a class that
 * can be imported by its name; that is what the metaclass is for.  cloudpickle looks first whether
 * the class can be found by its name, and takes any other to pieces, which no class of ours
 * survives; so each has a name that leads to it in ancient.ocaml, as long as it lives. */
#include "typed/class_object.h"

#include "module/module.h"
#include "module/threads.h"
#include "store/pickle.h"
#include "typed/class.h"
#include "typed/schema.h"
#include "typed/value.h"

#define DECLARED                                                                                   \
	"__declared__" /* a schema's text, the type, and, of its parts, the constructor            \
			*/

int py_class_put(PyTypeObject *class, const char *name, PyObject *value)
{
	int failed = value == NULL ? -1 : PyDict_SetItemString(class->tp_dict, name, value);

	Py_XDECREF(value);
	return failed;
}

PyObject *py_class_item(PyTypeObject *class, const char *name)
{
	PyObject *key = PyUnicode_InternFromString(name), *found = NULL;

	if (key != NULL && class->tp_dict != NULL)
		py_dict_item(class->tp_dict, key, &found);
	Py_XDECREF(key);
	return found;
}

PyTypeObject *py_class_object_new(struct py_state *state, PyType_Spec *spec, PyTypeObject *base)
{
#if PY_VERSION_HEX >= 0x030C0000
	PyObject *class = PyType_FromMetaclass(state->class_of_classes, state->module, spec,
					       (PyObject *)base);
#else
	PyObject *class = PyType_FromModuleAndSpec(state->module, spec, (PyObject *)base);

	/* As PyType_FromMetaclass does: the metaclass adds nothing to the struct of a class. */
	if (class != NULL)
		Py_SET_TYPE(class, (PyTypeObject *)Py_NewRef(state->class_of_classes));
#endif
	/* One failing allocation in Python sets no exception. */
	if (class == NULL && !PyErr_Occurred())
		PyErr_NoMemory();
	return (PyTypeObject *)class;
}

/* ---- Names ------------------------------------------------------------------------ */

/* Of a class that nobody else has seen. */
static int set_qualified_name(PyTypeObject *class, PyObject *name)
{
	if (name == NULL)
		return -1;
	Py_XSETREF(((PyHeapTypeObject *)class)->ht_qualname, name);
	return 0;
}

static PyObject *qualified_name(PyTypeObject *class)
{
	return ((PyHeapTypeObject *)class)->ht_qualname;
}

int py_class_declare(struct py_schema *schema, uint32_t type, PyTypeObject *class)
{
	struct py_state *state = schema->state;
	PyObject *taken = PyObject_CallMethod(state->named, "get", "O", qualified_name(class));
	int failed = taken == NULL ? -1 : 0;

	/* Two types of one name are two classes: the later one gets a name that none else has. */
	if (failed == 0 && taken != Py_None)
		failed = set_qualified_name(
			class,
			PyUnicode_FromFormat("%U@%llu", qualified_name(class), ++state->namesakes));
	Py_XDECREF(taken);
	if (failed < 0)
		return -1;
	return py_class_put(class, DECLARED, Py_BuildValue("(OI)", schema->text, type));
}

int py_class_publish(struct py_state *state, PyTypeObject *class)
{
	return PyObject_SetItem(state->named, qualified_name(class), (PyObject *)class);
}

int py_class_declare_part(PyTypeObject *variant, const char *name, uint32_t index,
			  PyTypeObject *class)
{
	PyObject *declared = py_class_item(variant, DECLARED);
	int failed = -1;

	if (declared != NULL &&
	    set_qualified_name(class,
			       PyUnicode_FromFormat("%U.%s", qualified_name(variant), name)) == 0)
		failed = py_class_put(class, DECLARED,
				      Py_BuildValue("(OOI)", PyTuple_GET_ITEM(declared, 0),
						    PyTuple_GET_ITEM(declared, 1), index));
	Py_XDECREF(declared);
	return failed;
}

PyObject *py_class_named(PyObject *module, PyObject *name)
{
	const struct py_state *state = PyModule_GetState(module);
	PyObject *class = PyObject_CallMethod(state->named, "get", "O", name);

	if (class != Py_None)
		return class;
	Py_DECREF(class);
	return PyErr_Format(PyExc_AttributeError,
			    "module 'ancient.ocaml' has no class %R in use: classes come from "
			    "Store.types(key)",
			    name);
}

/* ---- Pickles ---------------------------------------------------------------------- */

PyObject *py_constant_reference(PyObject *self)
{
	PyObject *declared = PyObject_GetAttrString((PyObject *)Py_TYPE(self), DECLARED);
	PyObject *reference = NULL;

	if (declared != NULL)
		reference = Py_BuildValue("(OOI)", PyTuple_GET_ITEM(declared, 0),
					  PyTuple_GET_ITEM(declared, 1),
					  ((struct py_variant *)self)->index);
	Py_XDECREF(declared);
	return reference;
}

/* For copyreg.  A str is for pickle the name of what it imports: that is for classes that
 * programs derive from ours. */
static PyObject *reduce_class(PyObject *module, PyObject *object)
{
	PyObject *declared = NULL;

	if (PyType_Check(object))
		declared = py_class_item((PyTypeObject *)object, DECLARED);
	if (declared == NULL)
		return PyErr_Occurred() ? NULL : PyObject_GetAttrString(object, "__qualname__");
	return Py_BuildValue("(NN)", PyObject_GetAttrString(module, "_restore_class"), declared);
}

static PyObject *no_such(PyObject *made, const char *what)
{
	if (made == NULL && !PyErr_Occurred())
		PyErr_Format(PyExc_ValueError, "the schema has no such %s", what);
	return Py_XNewRef(made);
}

/* What a constructor is: a constant, or a class; borrowed, as the schema keeps it. */
static PyObject *constructor_at(struct py_schema *schema, uint32_t number, uint32_t index)
{
	const struct ancient_type *type = py_schema_type(schema, number);

	if (type == NULL || index >= type->constructor_count)
		return NULL;
	return py_constructor_of(schema, number, index);
}

PyObject *py_restore_class(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	uint32_t number, index = UINT32_MAX;
	struct py_schema *schema;
	PyObject *made = NULL;
	const char *text;
	Py_ssize_t length;

	if (!PyArg_ParseTuple(args, "y#O&|O&:_restore_class", &text, &length, py_pickle_u32,
			      &number, py_pickle_u32, &index))
		return NULL;
	schema = py_schema_parse(state, text, (size_t)length, "schema");
	if (schema == NULL)
		return NULL;
	if (PyTuple_GET_SIZE(args) > 2)
		made = constructor_at(schema, number, index);
	else if (number < schema->count && py_type_has_class(py_schema_type(schema, number)))
		made = (PyObject *)py_class_of(schema, number);
	if (made != NULL && !PyType_Check(made)) /* the class of constants */
		made = (PyObject *)Py_TYPE(made);
	made = no_such(made, "class");
	Py_DECREF(schema);
	return made;
}

PyObject *py_restore_constant(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	struct py_schema *schema;
	const char *text;
	Py_ssize_t length;
	uint32_t number, index;
	PyObject *constant;

	if (!PyArg_ParseTuple(args, "y#O&O&:_restore_constant", &text, &length, py_pickle_u32,
			      &number, py_pickle_u32, &index))
		return NULL;
	schema = py_schema_parse(state, text, (size_t)length, "schema");
	if (schema == NULL)
		return NULL;
	constant = constructor_at(schema, number, index);
	if (constant != NULL && PyType_Check(constant))
		constant = NULL;
	constant = no_such(constant, "constant");
	Py_DECREF(schema);
	return constant;
}

/* ---- The metaclass ---------------------------------------------------------------- */

/* Its own class, which no metaclass of C that derives from `type` inherits. */
static int metaclass_traverse(PyObject *self, visitproc visit, void *arg)
{
	Py_VISIT(Py_TYPE(self));
	return PyType_Type.tp_traverse(self, visit, arg);
}

static int metaclass_clear(PyObject *self)
{
	return PyType_Type.tp_clear(self);
}

static PyType_Slot metaclass_slots[] = {
	{Py_tp_doc, "The class of the classes of OCaml's types: it lets them pickle."},
	{Py_tp_traverse, metaclass_traverse},
	{Py_tp_clear, metaclass_clear},
	{0, NULL},
};

static PyType_Spec metaclass_spec = {
	.name = "ancient._Class",
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC |
		 Py_TPFLAGS_IMMUTABLETYPE,
	.slots = metaclass_slots,
};

static PyMethodDef reduce_method = {"_reduce_class", reduce_class, METH_O, NULL};

int py_class_object_init(PyObject *module, struct py_state *state)
{
	PyObject *copyreg, *function, *done = NULL;

	state->class_of_classes = (PyTypeObject *)PyType_FromModuleAndSpec(
		module, &metaclass_spec, (PyObject *)&PyType_Type);
	if (state->class_of_classes == NULL)
		return -1;
	copyreg = PyImport_ImportModule("copyreg");
	function = PyCFunction_NewEx(&reduce_method, module, NULL);
	if (copyreg != NULL && function != NULL)
		done = PyObject_CallMethod(copyreg, "pickle", "OO", state->class_of_classes,
					   function);
	Py_XDECREF(function);
	Py_XDECREF(copyreg);
	Py_XDECREF(done);
	return done == NULL ? -1 : 0;
}
