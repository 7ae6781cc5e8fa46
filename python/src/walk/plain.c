/* python/walk: the plain Python objects that to_python.c makes: of leaves, and of values whose
 * parts were made. */
#include "walk/plain.h"

#include "raw/bigarray_index.h"
#include "raw/custom.h"
#include "raw/floatarray.h"
#include "raw/tagged.h"
#include "raw/value.h"
#include "typed/value.h"
#include "walk/shared_tuple.h"
#include "walk/walk.h"

/* ---- Leaves --------------------------------------------------------------------------- */

uint64_t py_plain_words(const struct py_walk *leaf, uint64_t *ret_elements)
{
	const struct ancient_file *file = leaf->snapshot->file;
	const struct ancient_value value = leaf->typed.value;
	struct ancient_bigarray array;
	struct ancient_custom custom;
	enum ancient_kind kind;
	const double *floats;
	const char *bytes;
	size_t size;

	*ret_elements = 0;
	/* Errors are left to what makes the object. */
	if (py_walk_node(leaf, false) == 0 ||
	    ancient_value_kind(file, value, &kind, NULL) != ANCIENT_OK)
		return 1;
	if (kind == ANCIENT_KIND_STRING &&
	    ancient_string_get(file, value, &bytes, &size, NULL) == ANCIENT_OK)
		return size / 8 + 2;
	if (kind == ANCIENT_KIND_FLOAT_ARRAY &&
	    ancient_float_array_get(file, value, &floats, &size, NULL) == ANCIENT_OK)
		return size + 1;
	if (kind == ANCIENT_KIND_CUSTOM && py_walk_is_raw(leaf) &&
	    ancient_custom_get(file, value, &custom, NULL) == ANCIENT_OK)
		return custom.bytes / 8 + 1;
	if (kind == ANCIENT_KIND_BIGARRAY &&
	    ancient_bigarray_get(file, value, &array, NULL) == ANCIENT_OK) {
		if (!py_walk_is_raw(leaf))
			return array.count / 8 + 1;
		*ret_elements = array.count;
	}
	return 1;
}

static PyObject *frozen_list(PyObject *list)
{
	PyObject *tuple = list == NULL ? NULL : PyList_AsTuple(list);

	Py_XDECREF(list);
	return tuple;
}

/* A view as a plain object. */
static PyObject *plain(struct py_state *state, PyObject *view)
{
	PyObject *identifier, *bytes, *fields;

	if (Py_IS_TYPE(view, state->float_array))
		return py_float_array_tolist(view, NULL);
	if (Py_IS_TYPE(view, state->bigarray))
		return py_bigarray_tolist(view, NULL);
	if (!Py_IS_TYPE(view, state->custom))
		return Py_NewRef(view);
	identifier = py_custom_identifier(view, NULL);
	bytes = identifier == NULL ? NULL : PyBytes_FromObject(view);
	fields = bytes == NULL ? NULL : PyTuple_Pack(2, identifier, bytes);
	Py_XDECREF(identifier);
	Py_XDECREF(bytes);
	return fields == NULL ? NULL : py_tagged_new(state, 255, fields);
}

PyObject *py_plain_leaf(const struct py_walk *leaf, bool frozen)
{
	PyObject *view, *object;

	view = py_walk_is_raw(leaf) ? py_value(leaf->snapshot, leaf->typed.value)
				    : py_typed_value(leaf->snapshot, leaf->schema, leaf->typed);
	if (view == NULL)
		return NULL;
	object = plain(leaf->snapshot->state, view);
	Py_DECREF(view);
	return frozen && object != NULL && PyList_Check(object) ? frozen_list(object) : object;
}

/* ---- Values with parts ------------------------------------------------------------------ */

static PyObject *named_parts(const struct ancient_field *fields, PyObject *parts)
{
	PyObject *dict = PyDict_New();
	Py_ssize_t i;

	for (i = 0; dict != NULL && i < PyList_GET_SIZE(parts); i++)
		if (PyDict_SetItemString(dict, fields[i].name, PyList_GET_ITEM(parts, i)) < 0)
			Py_CLEAR(dict);
	return dict;
}

static PyObject *only_part(PyObject *parts)
{
	return Py_XNewRef(PyList_GetItem(parts, 0));
}

static PyObject *constructor_of(const struct py_walk *walk, PyObject *parts, bool frozen)
{
	const struct ancient_constructor *constructor = &walk->type->constructors[walk->number];
	PyObject *class = walk->snapshot->state->constructor_class, *arguments, *made;

	if (constructor->inline_record && !frozen)
		arguments = named_parts(constructor->fields, parts);
	else
		arguments = PyList_AsTuple(parts);
	if (arguments == NULL)
		return NULL;
	made = PyObject_CallFunction(class, "sO", constructor->name, arguments);
	Py_DECREF(arguments);
	return made;
}

/* A dict of the pairs, of which those met first hold. */
static PyObject *mapping(PyObject *parts, bool frozen)
{
	PyObject *dict;

	if (frozen)
		return PyList_AsTuple(parts);
	dict = PyDict_New();
	if (dict != NULL && PyDict_MergeFromSeq2(dict, parts, 0) < 0)
		Py_CLEAR(dict);
	return dict;
}

static PyObject *option(const struct py_walk *walk, PyObject *parts)
{
	if (walk->number == 0)
		Py_RETURN_NONE;
	if (!py_type_may_be_none(walk->schema, walk->type->arguments[0]))
		return only_part(parts);
	return py_box(walk->snapshot->state->some_class, only_part(parts));
}

static PyObject *made_of(const struct py_walk *walk, PyObject *parts, bool frozen)
{
	const struct py_state *state = walk->snapshot->state;

	switch (walk->kind) {
	case PY_RAW + ANCIENT_KIND_BLOCK:
		return py_tagged_new(walk->snapshot->state, walk->number, Py_NewRef(parts));
	case ANCIENT_TYPE_TUPLE:
		return PyList_AsTuple(parts);
	case ANCIENT_TYPE_RECORD:
		return frozen ? PyList_AsTuple(parts) : named_parts(walk->type->fields, parts);
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		return constructor_of(walk, parts, frozen);
	case ANCIENT_TYPE_OPTION:
		return option(walk, parts);
	case ANCIENT_TYPE_RESULT:
		return py_box(walk->number ? state->ok_class : state->err_class, only_part(parts));
	case ANCIENT_TYPE_REF:
		return only_part(parts);
	case ANCIENT_TYPE_SET:
		return frozen ? PyFrozenSet_New(parts) : PySet_New(parts);
	case ANCIENT_TYPE_HASHTBL:
	case ANCIENT_TYPE_HASHTABLE:
	case ANCIENT_TYPE_MAP:
		return mapping(parts, frozen);
	default:
		return frozen ? PyList_AsTuple(parts) : Py_NewRef(parts);
	}
}

PyObject *py_plain_value(const struct py_walk *walk, PyObject *parts, bool frozen)
{
	PyObject *object = made_of(walk, parts, frozen);

	if (object == NULL || !PyTuple_CheckExact(object))
		return object;
	return py_shared_tuple(walk->snapshot->state, object);
}
