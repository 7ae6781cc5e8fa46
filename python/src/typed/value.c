/* python/typed: the Python object for a value of known type, by the kind of the type. */
#include "typed/value.h"

#include "module/class_doc.h"
#include "module/errors.h"
#include "module/snapshot.h"
#include "raw/bigarray.h"
#include "raw/floatarray.h"
#include "raw/value.h"
#include "raw/view.h"
#include "typed/nested.h"
#include "typed/record.h"
#include "typed/schema.h"
#include "typed/variant.h"

#include <string.h>

PyObject *py_typed_new(PyTypeObject *type, struct py_snapshot *snapshot, struct py_schema *schema,
		       struct ancient_typed typed)
{
	struct py_typed *self;

	if (type == NULL) {
		PyErr_SetString(PyExc_RuntimeError, "ancient was not imported as a package");
		return NULL;
	}
	self = (struct py_typed *)type->tp_alloc(type, 0);
	if (self == NULL)
		return NULL;
	py_typed_fill(self, snapshot, schema, typed);
	return (PyObject *)self;
}

void py_typed_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);
	struct py_typed *self = (struct py_typed *)object;

	py_view_clear_weak_references(object);
	Py_XDECREF(self->view.snapshot);
	Py_XDECREF(self->schema);
	type->tp_free(object);
	Py_DECREF(type);
}

bool py_is_typed(const struct py_state *state, PyObject *object)
{
	PyTypeObject *const bases[] = {state->record,  state->variant, state->list, state->array,
				       state->mapping, state->set,     state->ref};
	size_t i;

	for (i = 0; i < Py_ARRAY_LENGTH(bases); i++)
		if (PyObject_TypeCheck(object, bases[i]))
			return ((struct py_typed *)object)->schema != NULL;
	return false;
}

static PyObject *raise(struct py_snapshot *snapshot, const struct ancient_error *err)
{
	return py_raise(snapshot->state, snapshot->name, err);
}

/* ---- Leaves ----------------------------------------------------------------------- */

static PyObject *int_value(struct py_snapshot *snapshot, const struct py_schema *schema,
			   struct ancient_typed typed, enum ancient_type_kind kind)
{
	struct ancient_error err;
	int64_t number;

	if (ancient_typed_int(snapshot->file, schema->schema, typed, &number, &err) != ANCIENT_OK)
		return raise(snapshot, &err);
	switch (kind) {
	case ANCIENT_TYPE_UNIT:
		return PyTuple_New(0);
	case ANCIENT_TYPE_BOOL:
		return PyBool_FromLong(number != 0);
	case ANCIENT_TYPE_CHAR:
		return PyUnicode_FromOrdinal((int)(number & 0xFF));
	default:
		return py_int(number);
	}
}

static PyObject *float_value(struct py_snapshot *snapshot, const struct py_schema *schema,
			     struct ancient_typed typed)
{
	struct ancient_error err;
	double number;

	if (ancient_typed_float(snapshot->file, schema->schema, typed, &number, &err) != ANCIENT_OK)
		return raise(snapshot, &err);
	return PyFloat_FromDouble(number);
}

static PyObject *string_value(struct py_snapshot *snapshot, const struct py_schema *schema,
			      struct ancient_typed typed, bool as_bytes)
{
	struct ancient_error err;
	const char *bytes;
	size_t length;

	if (ancient_typed_string(snapshot->file, schema->schema, typed, &bytes, &length, &err) !=
	    ANCIENT_OK)
		return raise(snapshot, &err);
	return py_text(snapshot, bytes, length, as_bytes);
}

PyObject *py_typed_integer(struct py_snapshot *snapshot, const struct py_schema *schema,
			   struct ancient_typed typed)
{
	struct ancient_error err;
	struct ancient_z z;
	uint64_t held = 0;
	PyObject *number, *negated;

	if (ancient_value_is_int(typed.value))
		return int_value(snapshot, schema, typed, ANCIENT_TYPE_INT);
	if (ancient_typed_z(snapshot->file, schema->schema, typed, &z, &err) != ANCIENT_OK)
		return raise(snapshot, &err);
	if (py_hold(snapshot, z.magnitude, z.bytes, &held) < 0)
		return NULL;
	/* y# copies the bytes before anything looks at them. */
	number = PyObject_CallMethod((PyObject *)&PyLong_Type, "from_bytes", "y#s",
				     (const char *)z.magnitude, (Py_ssize_t)z.bytes, "little");
	if (number == NULL || py_stands(snapshot) < 0) {
		Py_XDECREF(number);
		return NULL;
	}
	if (!z.negative)
		return number;
	negated = PyNumber_Negative(number);
	Py_DECREF(number);
	return negated;
}

static PyObject *bigarray_value(struct py_snapshot *snapshot, const struct py_schema *schema,
				struct ancient_typed typed)
{
	struct ancient_bigarray array;
	struct ancient_error err;

	if (ancient_typed_bigarray(snapshot->file, schema->schema, typed, &array, &err) !=
	    ANCIENT_OK)
		return raise(snapshot, &err);
	return py_bigarray_new(snapshot, typed.value);
}

/* ---- Containers and others -------------------------------------------------------- */

/* A view, after a check of the value's shape. */
static PyObject *view(PyTypeObject *class, struct py_snapshot *snapshot, struct py_schema *schema,
		      struct ancient_typed typed)
{
	struct ancient_error err;

	if (class == NULL && PyErr_Occurred())
		return NULL;
	if (ancient_typed_check(snapshot->file, schema->schema, typed, &err) != ANCIENT_OK)
		return raise(snapshot, &err);
	return py_typed_new(class, snapshot, schema, typed);
}

static PyObject *container(PyTypeObject *class, struct py_snapshot *snapshot,
			   struct py_schema *schema, struct ancient_typed typed)
{
	PyObject *self = view(class, snapshot, schema, typed);

	if (self != NULL)
		((struct py_container *)self)->length = -1;
	return self;
}

/* An array; one of unboxed floats is a FloatArray. */
static PyObject *array_value(struct py_snapshot *snapshot, struct py_schema *schema,
			     struct ancient_typed typed, const struct ancient_type *type)
{
	struct ancient_error err;
	const double *floats;
	size_t count;
	enum ancient_code code;

	if (type->kind == ANCIENT_TYPE_ARRAY &&
	    py_schema_type(schema, type->arguments[0])->kind != ANCIENT_TYPE_FLOAT)
		return container(snapshot->state->array_class, snapshot, schema, typed);
	code = ancient_typed_floats(snapshot->file, schema->schema, typed, &floats, &count, &err);
	if (code == ANCIENT_OK)
		return py_float_array_make(snapshot, typed.value, floats, count);
	if (code != ANCIENT_E_BAD_SHAPE)
		return raise(snapshot, &err);
	return container(snapshot->state->array_class, snapshot, schema, typed);
}

PyObject *py_box(PyObject *class, PyObject *value)
{
	PyObject *box;

	if (value == NULL)
		return NULL;
	box = class == NULL ? NULL : PyObject_CallOneArg(class, value);
	if (class == NULL)
		PyErr_SetString(PyExc_RuntimeError, "ancient was not imported as a package");
	Py_DECREF(value);
	return box;
}

bool py_type_may_be_none(const struct py_schema *schema, uint32_t number)
{
	const struct ancient_type *type = py_schema_type(schema, number);
	uint32_t steps = 0;

	while (type != NULL && type->kind == ANCIENT_TYPE_LAZY && steps++ < schema->count)
		type = py_schema_type(schema, type->arguments[0]);
	return type != NULL && type->kind == ANCIENT_TYPE_OPTION;
}

/* Lazies, and the standard library's blocks that hold a list or an array. */
static bool is_seen_through(enum ancient_type_kind kind)
{
	return kind == ANCIENT_TYPE_LAZY || kind == ANCIENT_TYPE_QUEUE ||
	       kind == ANCIENT_TYPE_STACK || kind == ANCIENT_TYPE_DYNARRAY;
}

int py_typed_open(struct py_snapshot *snapshot, const struct py_schema *schema,
		  struct ancient_typed *typed)
{
	struct ancient_error err;
	uint64_t steps = 0;

	/* A lazy's type can be a lazy's, but no type is only itself. */
	while (is_seen_through(py_schema_type(schema, typed->type)->kind)) {
		if (steps++ > schema->count) {
			py_fail(snapshot, ANCIENT_E_BAD_SHAPE, ANCIENT_NO_OFFSET,
				"a lazy value of a type that has no other");
			return -1;
		}
		if (ancient_typed_contents(snapshot->file, schema->schema, *typed, typed, &err) !=
		    ANCIENT_OK) {
			raise(snapshot, &err);
			return -1;
		}
	}
	return 0;
}

PyObject *py_typed_other(struct py_snapshot *snapshot, struct py_schema *schema,
			 struct ancient_typed typed)
{
	const struct py_state *state = snapshot->state;
	const struct ancient_type *type;

	type = py_schema_type(schema, typed.type);
	if (is_seen_through(type->kind)) {
		if (py_typed_open(snapshot, schema, &typed) < 0)
			return NULL;
		type = py_schema_type(schema, typed.type);
	}
	switch (type->kind) {
	case ANCIENT_TYPE_INT:
	case ANCIENT_TYPE_UNIT:
	case ANCIENT_TYPE_BOOL:
	case ANCIENT_TYPE_CHAR:
	case ANCIENT_TYPE_INT32:
	case ANCIENT_TYPE_INT64:
	case ANCIENT_TYPE_NATIVEINT:
		return int_value(snapshot, schema, typed, type->kind);
	case ANCIENT_TYPE_STRING:
		return string_value(snapshot, schema, typed, type->bytes || snapshot->as_bytes);
	case ANCIENT_TYPE_BYTES:
		return string_value(snapshot, schema, typed, true);
	case ANCIENT_TYPE_FLOAT:
		return float_value(snapshot, schema, typed);
	case ANCIENT_TYPE_Z:
		return py_typed_integer(snapshot, schema, typed);
	case ANCIENT_TYPE_TUPLE:
	case ANCIENT_TYPE_OPTION:
	case ANCIENT_TYPE_RESULT:
		return py_nested_value(snapshot, schema, typed);
	case ANCIENT_TYPE_RECORD:
		return py_record_new(snapshot, schema, typed);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return py_variant_new(snapshot, schema, typed);
	case ANCIENT_TYPE_LIST:
		return container(state->list_class, snapshot, schema, typed);
	case ANCIENT_TYPE_ARRAY:
	case ANCIENT_TYPE_FLOATARRAY:
		return array_value(snapshot, schema, typed, type);
	case ANCIENT_TYPE_REF:
		return view(state->ref, snapshot, schema, typed);
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
		return container(state->hashtbl_class, snapshot, schema, typed);
	case ANCIENT_TYPE_MAP:
		return container(state->map_class, snapshot, schema, typed);
	case ANCIENT_TYPE_SET:
		return container(state->set_class, snapshot, schema, typed);
	case ANCIENT_TYPE_BIGARRAY:
		return bigarray_value(snapshot, schema, typed);
	case ANCIENT_TYPE_LAZY:
	case ANCIENT_TYPE_QUEUE:
	case ANCIENT_TYPE_STACK:
	case ANCIENT_TYPE_DYNARRAY:
		break;
	}
	return py_fail(snapshot, ANCIENT_E_WRONG_KIND, ANCIENT_NO_OFFSET,
		       "a kind of type this package does not know: %d", (int)type->kind);
}

/* ---- The classes that are written in Python --------------------------------------- */

PyObject *py_register(PyObject *module, PyObject *args)
{
	struct py_state *state = PyModule_GetState(module);
	PyObject *some, *ok, *err, *constructor, *items, *values, *keys, *reference;
	PyObject *list, *array, *hashtbl, *map, *set;

	if (!PyArg_ParseTuple(args, "O!O!O!O!O!O!O!O!O!O!O!O!O!:_register", &PyType_Type, &some,
			      &PyType_Type, &ok, &PyType_Type, &err, &PyType_Type, &constructor,
			      &PyType_Type, &items, &PyType_Type, &values, &PyType_Type, &keys,
			      &PyType_Type, &reference, &PyType_Type, &list, &PyType_Type, &array,
			      &PyType_Type, &hashtbl, &PyType_Type, &map, &PyType_Type, &set))
		return NULL;
	if (!PyType_IsSubtype((PyTypeObject *)list, state->list) ||
	    !PyType_IsSubtype((PyTypeObject *)array, state->array) ||
	    !PyType_IsSubtype((PyTypeObject *)hashtbl, state->mapping) ||
	    !PyType_IsSubtype((PyTypeObject *)map, state->mapping) ||
	    !PyType_IsSubtype((PyTypeObject *)set, state->set))
		return PyErr_Format(PyExc_TypeError, "_register() takes classes of this package");
	for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++)
		if (py_set_class_doc(PyTuple_GET_ITEM(args, i)) < 0)
			return NULL;
	Py_XSETREF(state->some_class, Py_NewRef(some));
	Py_XSETREF(state->ok_class, Py_NewRef(ok));
	Py_XSETREF(state->err_class, Py_NewRef(err));
	Py_XSETREF(state->constructor_class, Py_NewRef(constructor));
	Py_XSETREF(state->items_class, Py_NewRef(items));
	Py_XSETREF(state->values_class, Py_NewRef(values));
	Py_XSETREF(state->store_keys_class, Py_NewRef(keys));
	Py_XSETREF(state->reference_class, Py_NewRef(reference));
	Py_XSETREF(state->list_class, (PyTypeObject *)Py_NewRef(list));
	Py_XSETREF(state->array_class, (PyTypeObject *)Py_NewRef(array));
	Py_XSETREF(state->hashtbl_class, (PyTypeObject *)Py_NewRef(hashtbl));
	Py_XSETREF(state->map_class, (PyTypeObject *)Py_NewRef(map));
	Py_XSETREF(state->set_class, (PyTypeObject *)Py_NewRef(set));
	Py_RETURN_NONE;
}
