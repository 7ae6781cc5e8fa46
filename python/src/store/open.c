/* python/store: open(), a file by its path or a descriptor, at its newest generation or an older
 * one, and the warning where a superblock of it is damaged. */
#include "store/open.h"

#include "module/choice.h"
#include "module/errors.h"
#include "module/text.h"
#include "module/snapshot.h"
#include "store/store.h"
#include "typed/schema.h"

static int parse_strings(PyObject *given, bool *ret_as_bytes)
{
	static const char *const words[] = {"str", "bytes"};
	int word = given == NULL ? 0 : py_choice(given, "strings is 'str' or 'bytes'", words, 2);

	*ret_as_bytes = word == 1;
	return word < 0 ? -1 : 0;
}

/* None leaves it to the reader (struct ancient_options). */
static int parse_advice(PyObject *given, int *ret_advice)
{
	static const char *const words[] = {"random", "sequential", "willneed", "normal"};
	int word;

	if (given == Py_None)
		return 0;
	word = py_choice(given, "advice is 'random', 'sequential', 'willneed', 'normal' or None",
			 words, 4);
	*ret_advice = word + 1;
	return word < 0 ? -1 : 0;
}

/* None is the newest. */
static int parse_generation(PyObject *given, uint64_t *ret_generation)
{
	long long number;
	int overflow;
	PyObject *exact;

	if (given == Py_None)
		return 0;
	exact = PyNumber_Index(given);
	if (exact == NULL)
		return -1;
	number = PyLong_AsLongLongAndOverflow(exact, &overflow);
	Py_DECREF(exact);
	if (number == -1 && PyErr_Occurred())
		return -1;
	if (overflow != 0 || number < 1) {
		PyErr_Format(PyExc_ValueError, "generation is a number from 1 to 2^63 - 1, not %R",
			     given);
		return -1;
	}
	*ret_generation = (uint64_t)number;
	return 0;
}

int py_warn_damaged(struct py_snapshot *snapshot)
{
	PyObject *category = snapshot->state->damaged_file_warning;
	struct ancient_info info;
	PyObject *file;
	int failed;

	ancient_file_info(snapshot->file, &info);
	if (info.damaged_slot < 0)
		return 0;
	file = info.path != NULL ? Py_NewRef(snapshot->name) : PyUnicode_FromString("FILE");
	if (file == NULL)
		return -1;
	if (info.hidden_generation != 0)
		failed = PyErr_WarnFormat(
			category, 1,
			"%U: superblock %d is damaged and hides generation %llu; the newest that "
			"can be seen is %llu: run `ancientctl recover %U`",
			snapshot->name, info.damaged_slot,
			(unsigned long long)info.hidden_generation,
			(unsigned long long)info.newest_generation, file);
	else
		failed = PyErr_WarnFormat(
			category, 1,
			"%U: superblock %d is damaged; no generation after %llu is known: run "
			"`ancientctl recover %U`",
			snapshot->name, info.damaged_slot,
			(unsigned long long)info.newest_generation, file);
	Py_DECREF(file);
	return failed;
}

static PyObject *wrap(struct py_state *state, struct ancient_file *file, PyObject *name,
		      const struct py_options *opened)
{
	struct py_snapshot *snapshot = py_snapshot_new(state, file, name, opened);
	PyObject *store = NULL;

	if (snapshot != NULL && py_warn_damaged(snapshot) == 0)
		store = py_store_new(state, snapshot, false);
	Py_XDECREF(snapshot);
	return store;
}

PyObject *py_open_path(struct py_state *state, PyObject *path, const struct py_options *opened)
{
	const struct ancient_options options = py_reader_options(opened);
	struct ancient_file *file;
	struct ancient_error err;
	enum ancient_code code;
	PyObject *bytes, *name, *store = NULL;

	if (!PyUnicode_FSConverter(path, &bytes)) {
		if (!PyUnicode_Check(path) || !PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
			return NULL;
		/* No file is called so, which opening it will tell. */
		PyErr_Clear();
		bytes = py_utf8(path);
		if (bytes == NULL)
			return NULL;
	}
	name = PyUnicode_DecodeFSDefault(PyBytes_AS_STRING(bytes));
	if (name != NULL) {
		Py_BEGIN_ALLOW_THREADS code =
			ancient_file_open(PyBytes_AS_STRING(bytes), &options, &file, &err);
		Py_END_ALLOW_THREADS if (code == ANCIENT_OK) store =
			wrap(state, file, name, opened);
		else py_raise(state, name, &err);
	}
	Py_XDECREF(name);
	Py_DECREF(bytes);
	return store;
}

static PyObject *open_descriptor(struct py_state *state, PyObject *number,
				 const struct py_options *opened)
{
	const struct ancient_options options = py_reader_options(opened);
	struct ancient_file *file;
	struct ancient_error err;
	enum ancient_code code;
	PyObject *name, *store = NULL;
	int fd = PyObject_AsFileDescriptor(number);

	if (fd < 0)
		return NULL;
	name = PyUnicode_FromFormat("descriptor %d", fd);
	if (name == NULL)
		return NULL;
	Py_BEGIN_ALLOW_THREADS code = ancient_file_open_fd(fd, NULL, &options, &file, &err);
	Py_END_ALLOW_THREADS if (code == ANCIENT_OK) store = wrap(state, file, name, opened);
	else py_raise(state, name, &err);
	Py_DECREF(name);
	return store;
}

PyObject *py_open(PyObject *module, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"file", "strings", "schema", "raw", "generation", "advice", NULL};
	struct py_state *state = PyModule_GetState(module);
	PyObject *file, *strings = NULL, *schema = Py_None, *generation = Py_None,
			*advice = Py_None, *store;
	struct py_options opened = {0};
	int raw = 0;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|$OOpOO:open", names, &file, &strings,
					 &schema, &raw, &generation, &advice) ||
	    parse_strings(strings, &opened.as_bytes) < 0 ||
	    parse_advice(advice, &opened.advice) < 0 ||
	    parse_generation(generation, &opened.generation) < 0)
		return NULL;
	if (PyBool_Check(file) || file == Py_None)
		return PyErr_Format(PyExc_TypeError,
				    "open() takes a path (str, bytes or os.PathLike) or a "
				    "descriptor (int), not %.200s",
				    Py_TYPE(file)->tp_name);
	opened.raw = raw != 0;
	if (schema != Py_None) {
		opened.given = py_schema_given(state, schema);
		if (opened.given == NULL)
			return NULL;
	}
	store = PyLong_Check(file) ? open_descriptor(state, file, &opened)
				   : py_open_path(state, file, &opened);
	Py_XDECREF((PyObject *)opened.given);
	return store;
}
