/* python/arrow: the columns of a schema with their types as text, for ancient._table, which needs
 * no library for Arrow to show what it has. */
#include "arrow/arrow.h"
#include "arrow/capsule.h"

#define LEVELS 64 /* more than ancient_arrow.h makes */

static PyObject *type_text(const struct ArrowSchema *schema, int level);

/* "name: type", with a question mark where it may be null. */
static PyObject *field_text(const struct ArrowSchema *schema, int level)
{
	PyObject *type = type_text(schema, level + 1), *text = NULL;

	if (type != NULL)
		text = PyUnicode_FromFormat("%s: %U%s", schema->name, type,
					    (schema->flags & ARROW_FLAG_NULLABLE) != 0 ? "?" : "");
	Py_XDECREF(type);
	return text;
}

static PyObject *nested_text(const char *name, const struct ArrowSchema *schema, int level)
{
	PyObject *parts = PyList_New(0), *comma = NULL, *joined = NULL, *text = NULL;
	bool good = parts != NULL;

	for (int64_t i = 0; good && i < schema->n_children; i++) {
		PyObject *part = field_text(schema->children[i], level);

		good = part != NULL && PyList_Append(parts, part) == 0;
		Py_XDECREF(part);
	}
	if (good)
		comma = PyUnicode_FromString(", ");
	if (comma != NULL)
		joined = PyUnicode_Join(comma, parts);
	if (joined != NULL)
		text = PyUnicode_FromFormat("%s<%U>", name, joined);
	Py_XDECREF(parts);
	Py_XDECREF(comma);
	Py_XDECREF(joined);
	return text;
}

static PyObject *type_text(const struct ArrowSchema *schema, int level)
{
	static const struct {
		const char *format, *text;
	} known[] = {
		{"n", "null"},    {"b", "bool"},
		{"c", "int8"},    {"C", "uint8"},
		{"s", "int16"},   {"S", "uint16"},
		{"i", "int32"},   {"l", "int64"},
		{"e", "float16"}, {"f", "float32"},
		{"g", "float64"}, {"u", "utf8"},
		{"z", "binary"},  {"d:38,0", "decimal128(38, 0)"},
	};
	const char *format = schema->format;

	if (level > LEVELS)
		return PyUnicode_FromString("...");
	if (schema->dictionary != NULL)
		return PyUnicode_FromString("dictionary<utf8>");
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(format, known[i].format) == 0)
			return PyUnicode_FromString(known[i].text);
	if (strcmp(format, "+s") == 0)
		return nested_text("struct", schema, level);
	if (strcmp(format, "+l") == 0)
		return nested_text("list", schema, level);
	if (strcmp(format, "+m") == 0)
		return nested_text("map", schema, level);
	if (strncmp(format, "+w:", 3) == 0)
		return nested_text("fixed_size_list", schema, level);
	return PyUnicode_FromString(format);
}

PyObject *py_arrow_fields(PyObject *Py_UNUSED(module), PyObject *capsule)
{
	const struct ArrowSchema *schema = py_capsule_to_schema(capsule);
	PyObject *fields = schema == NULL ? NULL : PyList_New(0);

	for (int64_t i = 0; fields != NULL && i < schema->n_children; i++) {
		const struct ArrowSchema *child = schema->children[i];
		PyObject *type = type_text(child, 0);
		PyObject *field =
			type == NULL ? NULL
				     : Py_BuildValue("(sNO)", child->name, type,
						     child->flags & ARROW_FLAG_NULLABLE ? Py_True
											: Py_False);

		if (field == NULL || PyList_Append(fields, field) < 0)
			Py_CLEAR(fields);
		Py_XDECREF(field);
	}
	return fields;
}
