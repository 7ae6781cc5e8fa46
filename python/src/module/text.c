/* python/module: bytes of a str for the reader, and the name most like another.  For the errors
 * that name what may have been meant. */
#include "module/text.h"

#define LETTERS 48 /* longer names are not compared */

PyObject *py_utf8(PyObject *text)
{
	PyObject *bytes = PyUnicode_AsEncodedString(text, "utf-8", "surrogateescape");

	if (bytes != NULL || !PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
		return bytes;
	PyErr_Clear();
	return PyUnicode_AsEncodedString(text, "utf-8", "surrogatepass");
}

/* Letters to change, add or take away to come from one to the other (Levenshtein). */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t row[LETTERS + 1], i, j;

	for (j = 0; j <= b_length; j++)
		row[j] = j;
	for (i = 0; i < a_length; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (j = 0; j < b_length; j++) {
			size_t best = diagonal + (Py_TOLOWER(a[i]) != Py_TOLOWER(b[j]));

			best = row[j] + 1 < best ? row[j] + 1 : best;
			diagonal = row[j + 1];
			best = diagonal + 1 < best ? diagonal + 1 : best;
			row[j + 1] = best;
		}
	}
	return row[b_length];
}

void py_nearest_init(struct py_nearest *nearest, PyObject *wanted)
{
	Py_ssize_t length = 0;

	*nearest = (struct py_nearest){0};
	if (PyUnicode_Check(wanted)) {
		nearest->wanted = PyUnicode_AsUTF8AndSize(wanted, &length);
		PyErr_Clear();
	} else if (PyBytes_Check(wanted)) {
		nearest->wanted = PyBytes_AS_STRING(wanted);
		length = PyBytes_GET_SIZE(wanted);
	}
	nearest->length = (size_t)length;
	if (length == 0 || length > LETTERS)
		nearest->wanted = NULL;
}

void py_nearest_look(struct py_nearest *nearest, const char *name, size_t length, PyObject *object)
{
	size_t found;

	if (nearest->wanted == NULL || length > LETTERS)
		return;
	found = distance(nearest->wanted, nearest->length, name, length);
	if (found > nearest->length / 3 + 1 || found >= nearest->length ||
	    (nearest->found != NULL && found >= nearest->distance))
		return;
	nearest->distance = found;
	Py_XSETREF(nearest->found, Py_NewRef(object));
}

void py_nearest_done(struct py_nearest *nearest)
{
	Py_CLEAR(nearest->found);
}
