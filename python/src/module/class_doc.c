/* python/module: docstrings of classes by name (class_doc.h). */
#include "module/class_doc.h"

#include <string.h>

#include "docs.h"

#define CLASS(name) {#name, PY_DOC_##name},

static const struct {
	const char *name, *text;
} docs[] = {PY_DOC_EACH_CLASS(CLASS)};

const char *py_class_doc(const char *name)
{
	for (size_t i = 0; i < Py_ARRAY_LENGTH(docs); i++)
		if (strcmp(docs[i].name, name) == 0)
			return docs[i].text;
	return "";
}

int py_set_class_doc(PyObject *class)
{
	const char *text = py_class_doc(((PyTypeObject *)class)->tp_name),
		   *body = strstr(text, "--\n\n");
	PyObject *doc;
	int failed;

	if (*text == '\0')
		return 0;
	/* The signature before it is for classes in C: here inspect has the real one. */
	doc = PyUnicode_FromString(body != NULL ? body + strlen("--\n\n") : text);
	failed = doc == NULL ? -1 : PyObject_SetAttrString(class, "__doc__", doc);
	Py_XDECREF(doc);
	return failed;
}
