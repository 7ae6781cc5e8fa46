/* python/module: looks words up (choice.h). */
#include "module/choice.h"

int py_choice(PyObject *given, const char *expected, const char *const *words, size_t count)
{
	if (!PyUnicode_Check(given)) {
		PyErr_Format(PyExc_TypeError, "%s, not %.200s", expected, Py_TYPE(given)->tp_name);
		return -1;
	}
	for (size_t i = 0; i < count; i++)
		if (PyUnicode_CompareWithASCIIString(given, words[i]) == 0)
			return (int)i;
	PyErr_Format(PyExc_ValueError, "%s, not %.60R", expected, given);
	return -1;
}
