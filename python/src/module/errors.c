/* python/module: the exception classes, one for each line of core/errors.def, the class of the one
 * warning, and raising the exception of a struct ancient_error. */
#include "module/errors.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "module/class_doc.h"

#define ANCIENT_ERROR(code, number, class, python, text)                                           \
	static_assert(number < PY_ERROR_CODES, "PY_ERROR_CODES is too small for " #code);
#include "errors.def"
#undef ANCIENT_ERROR

/* An exception's text is its message, alone: KeyError would quote it, and OSError put
 * "[Errno 2]" before it and the file's name, which the message has already, behind. */
static PyObject *error_str(PyObject *self, PyObject *Py_UNUSED(ignored))
{
	PyObject *args = PyObject_GetAttrString(self, "args");
	PyObject *text;

	if (args == NULL)
		return NULL;
	if (PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 1)
		text = PyObject_Str(PyTuple_GET_ITEM(args, 0));
	else if (PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 2 &&
		 PyLong_Check(PyTuple_GET_ITEM(args, 0)))
		text = PyObject_Str(PyTuple_GET_ITEM(args, 1));
	else
		text = PyTuple_Check(args) && PyTuple_GET_SIZE(args) == 0 ? PyUnicode_FromString("")
									  : PyObject_Str(args);
	Py_DECREF(args);
	return text;
}

static PyMethodDef error_str_method = {"__str__", error_str, METH_NOARGS, NULL};

/* class NAME(bases): with a docstring, a code and, if `filename`, that attribute. */
static PyObject *make_class(const char *name, PyObject *bases, const char *code, PyObject *filename)
{
	PyObject *made = NULL;
	PyObject *members = Py_BuildValue("{ssssss}", "__module__", "ancient", "__doc__",
					  py_class_doc(name), "code", code);

	if (members != NULL &&
	    (filename == NULL || PyDict_SetItemString(members, "filename", filename) == 0))
		made = PyObject_CallFunction((PyObject *)&PyType_Type, "sOO", name, bases, members);
	Py_XDECREF(members);
	return made;
}

/* NO_KEY -> NoKeyError */
static void camel_case(const char *code, char *name, size_t size)
{
	size_t at = 0;
	bool upper = true;

	for (; *code != '\0' && at + sizeof "Error" < size; code++) {
		if (*code == '_') {
			upper = true;
			continue;
		}
		name[at++] = upper ? *code : (char)Py_TOLOWER(*code);
		upper = false;
	}
	memcpy(name + at, "Error", sizeof "Error");
}

static int add_error(PyObject *module, struct py_state *state, const char *code, int number,
		     PyObject *group, PyObject *builtin)
{
	char name[64];
	PyObject *bases, *filename = NULL;
	int within = PyObject_IsSubclass(group, builtin);

	if (within < 0)
		return -1;
	bases = within ? PyTuple_Pack(1, group) : PyTuple_Pack(2, group, builtin);
	if (bases == NULL)
		return -1;
	/* Error.filename would hide the one OSError fills in, so bring that forward again. */
	if (PyObject_IsSubclass(builtin, PyExc_OSError) == 1)
		filename = PyObject_GetAttrString(PyExc_OSError, "filename");
	camel_case(code, name, sizeof name);
	state->errors[number] = make_class(name, bases, code, filename);
	Py_XDECREF(filename);
	Py_DECREF(bases);
	if (state->errors[number] == NULL)
		return -1;
	return PyModule_AddObjectRef(module, name, state->errors[number]);
}

/* One of the three classes without a code of its own. */
static PyObject *add_group(PyObject *module, const char *name, PyObject *base, PyObject *builtin)
{
	PyObject *bases = builtin != NULL ? PyTuple_Pack(2, base, builtin) : PyTuple_Pack(1, base);
	PyObject *made = bases != NULL ? make_class(name, bases, "", NULL) : NULL;

	Py_XDECREF(bases);
	if (made != NULL && PyModule_AddObjectRef(module, name, made) < 0)
		Py_CLEAR(made);
	return made;
}

static int init_base(PyObject *module, struct py_state *state)
{
	static const char *const attributes[] = {"rule", "offset", "expected", "found", "filename"};
	PyObject *str;
	size_t i;
	int failed;

	state->error = add_group(module, "Error", PyExc_Exception, NULL);
	if (state->error == NULL)
		return -1;
	for (i = 0; i < Py_ARRAY_LENGTH(attributes); i++)
		if (PyObject_SetAttrString(state->error, attributes[i], Py_None) < 0)
			return -1;
	str = PyDescr_NewMethod((PyTypeObject *)state->error, &error_str_method);
	if (str == NULL)
		return -1;
	failed = PyObject_SetAttrString(state->error, "__str__", str);
	Py_DECREF(str);
	return failed;
}

static int add_warning(PyObject *module, struct py_state *state)
{
	state->damaged_file_warning = PyErr_NewExceptionWithDoc("ancient.DamagedFileWarning",
								py_class_doc("DamagedFileWarning"),
								PyExc_UserWarning, NULL);
	if (state->damaged_file_warning == NULL)
		return -1;
	return PyModule_AddObjectRef(module, "DamagedFileWarning", state->damaged_file_warning);
}

int py_errors_init(PyObject *module, struct py_state *state)
{
	if (init_base(module, state) < 0 || add_warning(module, state) < 0)
		return -1;
	state->format_error = add_group(module, "FormatError", state->error, PyExc_ValueError);
	if (state->format_error == NULL)
		return -1;
	state->corrupt_error = add_group(module, "CorruptError", state->error, PyExc_ValueError);
	if (state->corrupt_error == NULL)
		return -1;
#define GROUP_SYSTEM state->error
#define GROUP_CALLER state->error
#define GROUP_ABSENT state->error
#define GROUP_FORMAT state->format_error
#define GROUP_CORRUPT state->corrupt_error
#define GROUP_REFUSED state->error
#define ANCIENT_ERROR(code, number, class, python, text)                                           \
	if (add_error(module, state, #code, number, GROUP_##class, PyExc_##python) < 0)            \
		return -1;
#include "errors.def"
#undef ANCIENT_ERROR
	return 0;
}

/* The errno of a code where no system call has set one. */
static int usual_errno(enum ancient_code code)
{
	switch ((int)code) {
	case ANCIENT_E_MISSING:
		return ENOENT;
	case ANCIENT_E_DENIED:
		return EACCES;
	case ANCIENT_E_DIRECTORY:
		return EISDIR;
	case ANCIENT_E_NOT_A_FILE:
		return EINVAL;
	case ANCIENT_E_ADDRESS_SPACE:
		return ENOMEM;
	case ANCIENT_E_INTERRUPTED:
		return EINTR;
	default:
		return EIO;
	}
}

static PyObject *call_class(PyObject *class, PyObject *filename, const struct ancient_error *err)
{
	PyObject *made = NULL;
	/* A name that is not UTF-8 is shown with its bytes as \xNN: always printable. */
	PyObject *message = PyUnicode_DecodeUTF8(err->message, (Py_ssize_t)strlen(err->message),
						 "backslashreplace");

	if (message == NULL)
		return NULL;
	if (PyObject_IsSubclass(class, PyExc_OSError) == 1)
		made = PyObject_CallFunction(
			class, "iOO", err->system != 0 ? err->system : usual_errno(err->code),
			message, filename != NULL ? filename : Py_None);
	else
		made = PyObject_CallOneArg(class, message);
	Py_DECREF(message);
	return made;
}

/* Steals `value`. */
static int set_attribute(PyObject *object, const char *name, PyObject *value)
{
	int failed = value == NULL ? -1 : PyObject_SetAttrString(object, name, value);

	Py_XDECREF(value);
	return failed;
}

static int fill_in(PyObject *exception, PyObject *filename, const struct ancient_error *err)
{
	if (filename != NULL && PyObject_SetAttrString(exception, "filename", filename) < 0)
		return -1;
	if (err->rule != 0 && set_attribute(exception, "rule",
					    PyUnicode_FromString(ancient_rule_name(err->rule))) < 0)
		return -1;
	if (err->offset != ANCIENT_NO_OFFSET &&
	    set_attribute(exception, "offset", PyLong_FromUnsignedLongLong(err->offset)) < 0)
		return -1;
	if (err->expected == 0 && err->found == 0)
		return 0;
	if (set_attribute(exception, "expected", PyLong_FromUnsignedLongLong(err->expected)) < 0)
		return -1;
	return set_attribute(exception, "found", PyLong_FromUnsignedLongLong(err->found));
}

PyObject *py_raise(struct py_state *state, PyObject *filename, const struct ancient_error *err)
{
	unsigned number = (unsigned)err->code;
	PyObject *class = number < PY_ERROR_CODES ? state->errors[number] : NULL;
	PyObject *exception;

	/* A signal's handler has raised, which ended the call (py_asked). */
	if (err->code == ANCIENT_E_INTERRUPTED && PyErr_Occurred())
		return NULL;
	exception = call_class(class != NULL ? class : state->error, filename, err);
	if (exception == NULL)
		return NULL;
	if (fill_in(exception, filename, err) == 0)
		PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
	Py_DECREF(exception);
	return NULL;
}

PyObject *py_fail(struct py_snapshot *snapshot, enum ancient_code code, uint64_t offset,
		  const char *format, ...)
{
	struct ancient_error err = {.code = code, .offset = offset};
	struct ancient_info info;
	va_list args;
	int length;

	ancient_file_info(snapshot->file, &info);
	length = snprintf(err.message, sizeof err.message / 2, "%s", info.name);
	if (length < 0 || (size_t)length >= sizeof err.message / 2)
		length = (int)strlen(err.message);
	length += snprintf(err.message + length, sizeof err.message - (size_t)length, ": ");
	va_start(args, format);
	vsnprintf(err.message + length, sizeof err.message - (size_t)length, format, args);
	va_end(args);
	return py_raise(snapshot->state, snapshot->name, &err);
}
