/* python/arrow: the rows of a batch as Python's objects, for ancient._notebook, which shows the
 * first ones and needs no library for Arrow.  The batch is one that ancient_arrow.h has made,
 * whatever the file says; of long texts and lists, no more than the beginning is taken. */
#include "arrow/arrow.h"
#include "arrow/capsule.h"

#define LETTERS 400 /* of a text or bytes; bytes, in UTF-8 */
#define ITEMS 10    /* of a list; then Ellipsis */
#define CELLS 10000 /* in all, nested ones included; then Ellipsis in place of each */

static PyObject *cell(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t at,
		      int *left);

/* ---- Values ------------------------------------------------------------------------ */

static bool bit(const void *bits, int64_t at)
{
	return ((const uint8_t *)bits)[at / 8] >> (at % 8) & 1;
}

static int64_t offset(const struct ArrowArray *array, int64_t at)
{
	return ((const int32_t *)array->buffers[1])[at];
}

static PyObject *text(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t at)
{
	const char *bytes = (const char *)array->buffers[2] + offset(array, at);
	int64_t length = offset(array, at + 1) - offset(array, at);

	length = length < LETTERS ? length : LETTERS;
	if (strcmp(type->format, "z") == 0)
		return PyBytes_FromStringAndSize(bytes, length);
	return PyUnicode_DecodeUTF8(bytes, length, "replace"); /* it may be cut in a letter */
}

/* 16 bytes, as Python has them in int.from_bytes(…, "little", signed=True). */
static PyObject *decimal(const int64_t *words)
{
	PyObject *high = PyLong_FromLongLong(words[1]), *bits = PyLong_FromLong(64);
	PyObject *low = PyLong_FromUnsignedLongLong((uint64_t)words[0]);
	PyObject *shifted = high == NULL || bits == NULL ? NULL : PyNumber_Lshift(high, bits);
	PyObject *all = shifted == NULL || low == NULL ? NULL : PyNumber_Or(shifted, low);

	Py_XDECREF(high);
	Py_XDECREF(bits);
	Py_XDECREF(low);
	Py_XDECREF(shifted);
	return all;
}

#define NUMBER(type) (((const type *)array->buffers[1])[at])

static PyObject *number(char format, const struct ArrowArray *array, int64_t at)
{
	switch (format) {
	case 'c':
		return PyLong_FromLong(NUMBER(int8_t));
	case 'C':
		return PyLong_FromLong(NUMBER(uint8_t));
	case 's':
		return PyLong_FromLong(NUMBER(int16_t));
	case 'S':
		return PyLong_FromLong(NUMBER(uint16_t));
	case 'i':
		return PyLong_FromLong(NUMBER(int32_t));
	case 'l':
		return PyLong_FromLongLong(NUMBER(int64_t));
	case 'e':
		return PyFloat_FromDouble(PyFloat_Unpack2((const char *)&NUMBER(uint16_t), 1));
	case 'f':
		return PyFloat_FromDouble((double)NUMBER(float));
	case 'g':
		return PyFloat_FromDouble(NUMBER(double));
	case 'b':
		return PyBool_FromLong(bit(array->buffers[1], at));
	case 'd':
		return decimal((const int64_t *)array->buffers[1] + 2 * at);
	default:
		return PyErr_Format(PyExc_TypeError, "no cell of the type \"%c\"", format);
	}
}

/* ---- Nested ones ------------------------------------------------------------------- */

static PyObject *fields(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t at,
			int *left)
{
	PyObject *all = PyDict_New();

	for (int64_t i = 0; all != NULL && i < type->n_children; i++) {
		PyObject *one = cell(type->children[i], array->children[i], at, left);

		if (one == NULL || PyDict_SetItemString(all, type->children[i]->name, one) < 0)
			Py_CLEAR(all);
		Py_XDECREF(one);
	}
	return all;
}

/* Items `from` .. `end` - 1 of the child. */
static PyObject *items(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t from,
		       int64_t end, int *left)
{
	const int64_t count = end - from < ITEMS ? end - from : ITEMS;
	PyObject *all = PyList_New(0);

	for (int64_t i = 0; all != NULL && i < count; i++) {
		PyObject *one = cell(type->children[0], array->children[0], from + i, left);

		if (one == NULL || PyList_Append(all, one) < 0)
			Py_CLEAR(all);
		Py_XDECREF(one);
	}
	if (all != NULL && count < end - from && PyList_Append(all, Py_Ellipsis) < 0)
		Py_CLEAR(all);
	return all;
}

/* As deep as the types, which ancient_arrow.h bounds. */
static PyObject *cell(const struct ArrowSchema *type, const struct ArrowArray *array, int64_t at,
		      int *left)
{
	const char *format = type->format;

	if (--*left < 0)
		return Py_NewRef(Py_Ellipsis);
	if (format[0] == 'n' || (array->buffers[0] != NULL && !bit(array->buffers[0], at)))
		Py_RETURN_NONE;
	if (type->dictionary != NULL) {
		const int64_t index = format[0] == 'c'   ? NUMBER(int8_t)
				      : format[0] == 's' ? NUMBER(int16_t)
							 : NUMBER(int32_t);
		return text(type->dictionary, array->dictionary, index);
	}
	if (format[0] == 'u' || format[0] == 'z')
		return text(type, array, at);
	if (format[0] != '+')
		return number(format[0], array, at);
	if (format[1] == 's')
		return fields(type, array, at, left);
	if (format[1] == 'w') /* pairs */
		return items(type, array, 2 * at, 2 * at + 2, left);
	return items(type, array, offset(array, at), offset(array, at + 1), left);
}

PyObject *py_arrow_cells(PyObject *Py_UNUSED(module), PyObject *args)
{
	PyObject *schema_capsule, *array_capsule, *rows;
	const struct ArrowSchema *type;
	const struct ArrowArray *array;
	int left = CELLS;

	if (!PyArg_ParseTuple(args, "OO", &schema_capsule, &array_capsule))
		return NULL;
	type = py_capsule_to_schema(schema_capsule);
	array = type == NULL ? NULL : py_capsule_to_array(array_capsule);
	rows = array == NULL ? NULL : PyList_New(0);
	for (int64_t at = 0; rows != NULL && at < array->length; at++) {
		PyObject *row = fields(type, array, at, &left);

		if (row == NULL || PyList_Append(rows, row) < 0)
			Py_CLEAR(rows);
		Py_XDECREF(row);
	}
	return rows;
}
