/* python/typed: errors of attributes and subscripts that records and constructors do not have, with
 * the fields that there are and the functions that do what was meant. */
#include "typed/no_field.h"

#include "module/errors.h"
#include "module/text.h"
#include "typed/class.h"

#define FIELDS_SHOWN 12

/* "version, size, ..." ; NULL with an exception. */
static PyObject *fields_text(PyObject *fields, struct py_nearest *nearest)
{
	PyObject *text = PyUnicode_FromString("");
	Py_ssize_t i, length, count = PyTuple_GET_SIZE(fields);

	for (i = 0; text != NULL && i < count; i++) {
		PyObject *field = PyTuple_GET_ITEM(fields, i);
		const char *bytes = PyUnicode_AsUTF8AndSize(field, &length);

		if (bytes == NULL)
			PyErr_Clear();
		else
			py_nearest_look(nearest, bytes, (size_t)length, field);
		if (i < FIELDS_SHOWN)
			Py_SETREF(text,
				  PyUnicode_FromFormat("%U%s%U", text, i == 0 ? "" : ", ", field));
		else if (i == FIELDS_SHOWN)
			Py_SETREF(text, PyUnicode_FromFormat("%U, ...", text));
	}
	return text;
}

/* What was meant by the name of a constructor with arguments. */
static const char *constructor_hint(PyObject *self, PyObject *name)
{
	struct py_state *state = ((struct py_typed *)self)->schema->state;

	return PyObject_TypeCheck(self, state->variant) &&
			       PyUnicode_CompareWithASCIIString(name, "name") == 0
		       ? ": ancient.constructor(v) is its name"
		       : "";
}

/* "package has no field 'versin': did you mean version? (fields: version, size)" */
static PyObject *no_field_text(PyObject *self, PyObject *name, PyObject *fields)
{
	PyObject *owner = PyType_GetName(Py_TYPE(self)), *shown = NULL, *hint = NULL, *text = NULL;
	struct py_nearest nearest;

	py_nearest_init(&nearest, name);
	if (owner != NULL)
		shown = fields_text(fields, &nearest);
	if (shown != NULL)
		hint = nearest.found != NULL
			       ? PyUnicode_FromFormat(": did you mean %U?", nearest.found)
			       : PyUnicode_FromString("");
	if (hint != NULL && PyTuple_GET_SIZE(fields) == 0)
		text = PyUnicode_FromFormat("%U has no field %.60R, nor any other", owner, name);
	else if (hint != NULL)
		text = PyUnicode_FromFormat("%U has no field %.60R%U (fields: %U)%s", owner, name,
					    hint, shown, constructor_hint(self, name));
	py_nearest_done(&nearest);
	Py_XDECREF(owner);
	Py_XDECREF(shown);
	Py_XDECREF(hint);
	return text;
}

/* A variant is no enumeration of Python's: constants have neither name nor value. */
static PyObject *no_constant_attribute(PyObject *self, PyObject *name)
{
	PyErr_Clear();
	return PyErr_Format(PyExc_AttributeError,
			    "the constant %S has no attribute %.60R: ancient.constructor(v) is its "
			    "name",
			    self, name);
}

PyObject *py_field_or_error(PyObject *self, PyObject *name)
{
	PyObject *found = PyObject_GenericGetAttr(self, name), *fields, *text;
	struct py_schema *schema = ((struct py_typed *)self)->schema;

	/* What begins with _ is what libraries ask every object for: no field, mostly, and often.
	 */
	if (found != NULL || !PyErr_ExceptionMatches(PyExc_AttributeError) ||
	    !PyUnicode_Check(name) || PyUnicode_GET_LENGTH(name) == 0 ||
	    PyUnicode_READ_CHAR(name, 0) == '_')
		return found;
	if (schema == NULL)
		return no_constant_attribute(self, name);
	fields = py_class_fields(schema->state, self);
	if (fields == NULL)
		return NULL;
	PyErr_Clear();
	text = no_field_text(self, name, fields);
	Py_DECREF(fields);
	if (text != NULL)
		PyErr_SetObject(schema->state->errors[ANCIENT_E_NO_FIELD], text);
	Py_XDECREF(text);
	return NULL;
}

PyObject *py_record_not_iterable(PyObject *self, Py_ssize_t Py_UNUSED(index))
{
	return PyErr_Format(PyExc_TypeError,
			    "a record is not iterable: ancient.asdict(v) is a dict of its fields, "
			    "ancient.fields(v) their names (%.200s)",
			    Py_TYPE(self)->tp_name);
}

PyObject *py_record_no_subscript(PyObject *self, PyObject *key)
{
	return PyErr_Format(
		PyExc_TypeError,
		PyUnicode_Check(key)
			? "fields of a record are attributes, and ancient.asdict(v) is a "
			  "dict of them: %R of %.200s"
			: "a record has no subscripts, but attributes: %R of %.200s",
		key, Py_TYPE(self)->tp_name);
}
