/* python/typed: makes the reader's key of a Python object, by the key type of the container..  An
 * object that equals no value of the type makes no key: the container has no such binding, as a
 * dict. */
#include "typed/key.h"

#include "typed/class.h"
#include "typed/record.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "typed/variant.h"

#include <string.h>

#define NONE 0
#define MADE 1
#define SEARCH 2

#define MOST_PARTS 65536u /* of a key */

/* Fields of a key; freed with it. */
struct py_key_memory {
	struct py_key_memory *next;
	struct ancient_key fields[];
};

static struct ancient_key *keys_alloc(struct py_keys *keys, size_t count)
{
	struct py_key_memory *memory =
		PyMem_Malloc(sizeof *memory + (count + 1) * sizeof(struct ancient_key));

	if (memory == NULL) {
		PyErr_NoMemory();
		return NULL;
	}
	memory->next = keys->memory;
	keys->memory = memory;
	return memory->fields;
}

void py_keys_done(struct py_keys *keys)
{
	while (keys->memory != NULL) {
		struct py_key_memory *memory = keys->memory;

		keys->memory = memory->next;
		PyMem_Free(memory);
	}
	Py_CLEAR(keys->alive);
}

/* Keeps an object until the key is done with; steals it. */
static int keep(struct py_keys *keys, PyObject *object)
{
	int failed = -1;

	if (object != NULL && keys->alive == NULL)
		keys->alive = PyList_New(0);
	if (object != NULL && keys->alive != NULL)
		failed = PyList_Append(keys->alive, object);
	Py_XDECREF(object);
	return failed;
}

/* ---- Leaves ------------------------------------------------------------------------- */

/* MADE with *ret_int, NONE, -1 */
static int to_integer(PyObject *object, int64_t *ret_int)
{
	PyObject *number;
	int overflow;

	if (!PyIndex_Check(object))
		return NONE;
	number = PyNumber_Index(object);
	if (number == NULL)
		return -1;
	*ret_int = PyLong_AsLongLongAndOverflow(number, &overflow);
	Py_DECREF(number);
	if (*ret_int == -1 && PyErr_Occurred())
		return -1;
	return overflow == 0 ? MADE : NONE;
}

static int int_key(PyObject *object, int bits, struct ancient_key *ret_key)
{
	int64_t number;
	int made = to_integer(object, &number);

	if (made != MADE)
		return made;
	if (bits < 64 &&
	    (number < -(INT64_C(1) << (bits - 1)) || number >= INT64_C(1) << (bits - 1)))
		return NONE;
	*ret_key = ancient_key_int(number);
	return MADE;
}

static int boxed_key(PyObject *object, enum ancient_key_kind kind, struct ancient_key *ret_key)
{
	int made = int_key(object, kind == ANCIENT_KEY_INT32 ? 32 : 64, ret_key);

	if (made == MADE)
		*ret_key = ancient_key_boxed(kind, ret_key->as.integer);
	return made;
}

/* The reader makes no keys of Zarith's integers beyond 63 bits. */
static int z_key(PyObject *object, struct ancient_key *ret_key)
{
	int made;

	if (!PyIndex_Check(object))
		return NONE;
	made = int_key(object, 63, ret_key);
	return made == NONE ? SEARCH : made;
}

static int bool_key(PyObject *object, struct ancient_key *ret_key)
{
	if (!PyBool_Check(object))
		return NONE;
	*ret_key = ancient_key_int(object == Py_True);
	return MADE;
}

static int unit_key(PyObject *object, struct ancient_key *ret_key)
{
	if (!PyTuple_Check(object) || PyTuple_GET_SIZE(object) != 0)
		return NONE;
	*ret_key = ancient_key_int(0);
	return MADE;
}

static int char_key(PyObject *object, struct ancient_key *ret_key)
{
	if (PyBytes_Check(object) && PyBytes_GET_SIZE(object) == 1) {
		*ret_key = ancient_key_int((unsigned char)PyBytes_AS_STRING(object)[0]);
		return MADE;
	}
	if (!PyUnicode_Check(object) || PyUnicode_GET_LENGTH(object) != 1 ||
	    PyUnicode_READ_CHAR(object, 0) > 0xFF)
		return NONE;
	*ret_key = ancient_key_int((int64_t)PyUnicode_READ_CHAR(object, 0));
	return MADE;
}

int py_key_string(struct py_keys *keys, PyObject *object, struct ancient_key *ret_key)
{
	const char *bytes;
	Py_ssize_t length;
	PyObject *encoded;

	if (py_key_borrow(object, ret_key))
		return MADE;
	if (!PyUnicode_Check(object))
		return NONE;
	bytes = PyUnicode_AsUTF8AndSize(object, &length);
	if (bytes == NULL) {
		PyErr_Clear();
		encoded = PyUnicode_AsEncodedString(object, "utf-8", "surrogateescape");
		if (encoded == NULL) { /* other surrogates: no string of a file has them */
			if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
				return -1;
			PyErr_Clear();
			return NONE;
		}
		bytes = PyBytes_AS_STRING(encoded);
		length = PyBytes_GET_SIZE(encoded);
		if (keep(keys, encoded) < 0)
			return -1;
	}
	*ret_key = ancient_key_string(bytes, (size_t)length);
	return MADE;
}

static int float_key(PyObject *object, struct ancient_key *ret_key)
{
	if (PyFloat_Check(object))
		*ret_key = ancient_key_float(PyFloat_AS_DOUBLE(object));
	else if (PyLong_Check(object)) {
		double number = PyLong_AsDouble(object);

		if (number == -1.0 && PyErr_Occurred()) {
			PyErr_Clear();
			return NONE;
		}
		*ret_key = ancient_key_float(number);
	} else {
		return NONE;
	}
	return MADE;
}

/* ---- Blocks --------------------------------------------------------------------------- */

/* Fields from a function that gives the i-th part as a new reference. */
typedef PyObject *(*part_of)(PyObject *object, uint32_t index);

static PyObject *tuple_part(PyObject *object, uint32_t index)
{
	return Py_NewRef(PyTuple_GET_ITEM(object, (Py_ssize_t)index));
}

static int fields_key(struct py_keys *keys, const struct ancient_field *fields, uint32_t count,
		      PyObject *object, part_of part, struct ancient_key *ret_fields)
{
	uint32_t i;
	int made = MADE;

	for (i = 0; i < count && made == MADE; i++) {
		PyObject *value = part(object, i);

		made = value == NULL ? -1
				     : py_key_make(keys, fields[i].type, value, &ret_fields[i]);
		if (keep(keys, value) < 0)
			return -1;
	}
	return made;
}

static int tuple_key(struct py_keys *keys, const struct ancient_type *type, PyObject *object,
		     struct ancient_key *ret_key)
{
	struct ancient_key *fields;
	int made;

	if (!PyTuple_Check(object) || PyTuple_GET_SIZE(object) != (Py_ssize_t)type->field_count)
		return NONE;
	fields = keys_alloc(keys, type->field_count);
	if (fields == NULL)
		return -1;
	made = fields_key(keys, type->fields, type->field_count, object, tuple_part, fields);
	*ret_key = ancient_key_tuple(fields, type->field_count);
	return made;
}

/* Whether a view lies in the same file, so that it can be compared in place. */
static bool same_file(const struct py_keys *keys, PyObject *object)
{
	const struct py_typed *view = (const struct py_typed *)object;

	return view->flat == 0 && view->view.snapshot != NULL &&
	       view->view.snapshot->file == keys->snapshot->file;
}

static bool all_floats(const struct py_keys *keys, const struct ancient_type *type)
{
	uint32_t i;

	for (i = 0; i < type->field_count; i++)
		if (py_schema_type(keys->schema, type->fields[i].type)->kind != ANCIENT_TYPE_FLOAT)
			return false;
	return type->field_count > 0;
}

static void flatten(struct py_keys *keys, const struct ancient_key *fields, uint32_t count,
		    struct ancient_key *ret_key)
{
	/* A double takes less memory than a key. */
	double *numbers = (double *)keys_alloc(keys, count);
	uint32_t i;

	for (i = 0; numbers != NULL && i < count; i++)
		numbers[i] = fields[i].as.number;
	if (numbers != NULL)
		*ret_key = ancient_key_floats(numbers, count);
}

static int record_key(struct py_keys *keys, uint32_t number, const struct ancient_type *type,
		      PyObject *object, struct ancient_key *ret_key)
{
	PyTypeObject *class = py_class_of(keys->schema, number);
	struct ancient_key *fields;
	int made;

	if (class == NULL)
		return -1;
	if (Py_TYPE(object) != class)
		return NONE;
	if (same_file(keys, object)) {
		*ret_key = ancient_key_value(((struct py_view *)object)->value);
		return MADE;
	}
	fields = keys_alloc(keys, type->field_count);
	if (fields == NULL)
		return -1;
	made = fields_key(keys, type->fields, type->field_count, object, py_record_part, fields);
	if (made != MADE)
		return made;
	*ret_key = type->unboxed ? fields[0] : ancient_key_tuple(fields, type->field_count);
	if (!type->unboxed && all_floats(keys, type)) {
		keys->floats = true;
		if (!keys->boxed)
			flatten(keys, fields, type->field_count, ret_key);
	}
	return PyErr_Occurred() ? -1 : MADE;
}

static int constructor_key(struct py_keys *keys, const struct ancient_type *type,
			   const struct ancient_constructor *constructor, PyObject *object,
			   struct ancient_key *ret_key)
{
	struct ancient_key *fields = keys_alloc(keys, constructor->field_count + 1u);
	uint32_t count = constructor->field_count;
	int made;

	if (fields == NULL)
		return -1;
	if (type->kind == ANCIENT_TYPE_POLYVARIANT) {
		fields[0] = ancient_key_int(constructor->number);
		*ret_key = ancient_key_tuple(fields, count + 1);
		return fields_key(keys, constructor->fields, count, object, py_variant_part,
				  fields + 1);
	}
	made = fields_key(keys, constructor->fields, count, object, py_variant_part, fields);
	*ret_key = type->unboxed ? fields[0]
				 : ancient_key_block((unsigned)constructor->number, fields, count);
	return made;
}

static int variant_key(struct py_keys *keys, uint32_t number, const struct ancient_type *type,
		       PyObject *object, struct ancient_key *ret_key)
{
	const struct py_variant *variant = (const struct py_variant *)object;
	PyObject *constructor;

	if (!PyObject_TypeCheck(object, keys->snapshot->state->variant) ||
	    variant->index >= type->constructor_count)
		return NONE;
	constructor = py_constructor_of(keys->schema, number, variant->index);
	if (constructor == NULL)
		return -1;
	if (constructor != object && constructor != (PyObject *)Py_TYPE(object))
		return NONE;
	if (variant->name != NULL) {
		*ret_key = ancient_key_int(type->constructors[variant->index].number);
		return MADE;
	}
	if (same_file(keys, object)) {
		*ret_key = ancient_key_value(variant->typed.view.value);
		return MADE;
	}
	return constructor_key(keys, type, &type->constructors[variant->index], object, ret_key);
}

static int wrapped_key(struct py_keys *keys, uint32_t type, unsigned tag, PyObject *object,
		       struct ancient_key *ret_key)
{
	struct ancient_key *field = keys_alloc(keys, 1);
	int made;

	if (field == NULL)
		return -1;
	made = py_key_make(keys, type, object, field);
	*ret_key = ancient_key_block(tag, field, 1);
	return made;
}

static int box_key(struct py_keys *keys, uint32_t type, unsigned tag, PyObject *object,
		   struct ancient_key *ret_key)
{
	PyObject *value = PyObject_GetAttrString(object, "value");
	int made = value == NULL ? -1 : wrapped_key(keys, type, tag, value, ret_key);

	return keep(keys, value) < 0 ? -1 : made;
}

static int option_key(struct py_keys *keys, const struct ancient_type *type, PyObject *object,
		      struct ancient_key *ret_key)
{
	if (object == Py_None) {
		*ret_key = ancient_key_int(0);
		return MADE;
	}
	if (!py_type_may_be_none(keys->schema, type->arguments[0]))
		return wrapped_key(keys, type->arguments[0], 0, object, ret_key);
	if ((PyObject *)Py_TYPE(object) != keys->snapshot->state->some_class)
		return NONE;
	return box_key(keys, type->arguments[0], 0, object, ret_key);
}

static int result_key(struct py_keys *keys, const struct ancient_type *type, PyObject *object,
		      struct ancient_key *ret_key)
{
	const struct py_state *state = keys->snapshot->state;

	if ((PyObject *)Py_TYPE(object) == state->ok_class)
		return box_key(keys, type->arguments[0], 0, object, ret_key);
	if ((PyObject *)Py_TYPE(object) == state->err_class)
		return box_key(keys, type->arguments[1], 1, object, ret_key);
	return NONE;
}

static int make(struct py_keys *keys, uint32_t number, PyObject *object,
		struct ancient_key *ret_key)
{
	const struct ancient_type *type = py_schema_type(keys->schema, number);

	switch (type->kind) {
	case ANCIENT_TYPE_UNIT:
		return unit_key(object, ret_key);
	case ANCIENT_TYPE_BOOL:
		return bool_key(object, ret_key);
	case ANCIENT_TYPE_INT:
		return int_key(object, 63, ret_key);
	case ANCIENT_TYPE_CHAR:
		return char_key(object, ret_key);
	case ANCIENT_TYPE_STRING:
	case ANCIENT_TYPE_BYTES:
		return py_key_string(keys, object, ret_key);
	case ANCIENT_TYPE_FLOAT:
		return float_key(object, ret_key);
	case ANCIENT_TYPE_INT32:
		return boxed_key(object, ANCIENT_KEY_INT32, ret_key);
	case ANCIENT_TYPE_INT64:
		return boxed_key(object, ANCIENT_KEY_INT64, ret_key);
	case ANCIENT_TYPE_NATIVEINT:
		return boxed_key(object, ANCIENT_KEY_NATIVEINT, ret_key);
	case ANCIENT_TYPE_Z:
		return z_key(object, ret_key);
	case ANCIENT_TYPE_TUPLE:
		return tuple_key(keys, type, object, ret_key);
	case ANCIENT_TYPE_RECORD:
		return record_key(keys, number, type, object, ret_key);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return variant_key(keys, number, type, object, ret_key);
	case ANCIENT_TYPE_OPTION:
		return option_key(keys, type, object, ret_key);
	case ANCIENT_TYPE_RESULT:
		return result_key(keys, type, object, ret_key);
	case ANCIENT_TYPE_LAZY:
		return make(keys, type->arguments[0], object, ret_key);
	default: /* lists, arrays, containers: compared as Python compares them */
		return SEARCH;
	}
}

int py_key_make(struct py_keys *keys, uint32_t type, PyObject *object, struct ancient_key *ret_key)
{
	int made;

	/* A view of another file may have more paths than parts: found by its digest instead. */
	if (keys->parts++ >= MOST_PARTS)
		return SEARCH;
	if (Py_EnterRecursiveCall(" while making a key") != 0)
		return -1;
	made = make(keys, type, object, ret_key);
	Py_LeaveRecursiveCall();
	return made;
}
