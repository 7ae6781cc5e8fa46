/* python/store: NoKeyError with what helps: the name most like the key, and the keys that there
 * are.  Only the first of them are looked at, so that a failed lookup stays cheap. */
#include "store/absent.h"

#include "module/errors.h"
#include "module/text.h"
#include "store/iterate.h"
#include "store/keys.h"

#include <ancient/format.h>

#define KEYS_LOOKED_AT 64
#define KEYS_SHOWN 6

int py_no_such_text(void)
{
	if (!PyErr_ExceptionMatches(PyExc_UnicodeEncodeError))
		return -1;
	PyErr_Clear();
	return 0;
}

/* A number written as a str, `db["5"]`. */
static void look_at_number(struct py_snapshot *snapshot, PyObject *key, struct py_nearest *nearest)
{
	struct ancient_entry entry;
	PyObject *number;

	if (!PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) > 19)
		return;
	number = PyLong_FromUnicodeObject(key, 10);
	if (number != NULL && py_lookup(snapshot, number, &entry) == 1)
		Py_XSETREF(nearest->found, Py_NewRef(number));
	Py_XDECREF(number);
	PyErr_Clear();
}

/* ---- The message --------------------------------------------------------------------- */

/* The keys as a dict would show them, "'packages', 5, ..."; NULL with an exception. */
static PyObject *keys_text(struct py_snapshot *snapshot, struct py_nearest *nearest)
{
	PyObject *text = PyUnicode_FromString(""), *key;
	struct ancient_cursor cursor;
	struct ancient_entry entry;
	int at;

	ancient_cursor_init(snapshot->file, 0, &cursor);
	for (at = 0; text != NULL && at < KEYS_LOOKED_AT &&
		     ancient_cursor_next(&cursor, &entry, NULL) == ANCIENT_OK;
	     at++) {
		key = py_entry_key(snapshot, &entry);
		if (key == NULL) {
			Py_CLEAR(text);
			break;
		}
		if (entry.name != NULL)
			py_nearest_look(nearest, entry.name, entry.name_length, key);
		if (at < KEYS_SHOWN)
			Py_SETREF(text,
				  PyUnicode_FromFormat("%U%s%R", text, at == 0 ? "" : ", ", key));
		else if (at == KEYS_SHOWN)
			Py_SETREF(text, PyUnicode_FromFormat("%U, ...", text));
		Py_DECREF(key);
	}
	return text;
}

/* Names that no key can have, and numbers. */
static bool out_of_range(PyObject *key)
{
	Py_ssize_t length;
	int overflow;

	if (PyLong_Check(key)) {
		long long number = PyLong_AsLongLongAndOverflow(key, &overflow);

		return overflow != 0 || number < 0 || (uint64_t)number > ANCIENT_KEY_MAX;
	}
	length = PyUnicode_Check(key) ? PyUnicode_GET_LENGTH(key) : 1;
	return length == 0 || length > (Py_ssize_t)ANCIENT_NAME_MAX;
}

static PyObject *hint_of(struct py_snapshot *snapshot, PyObject *key, struct py_nearest *nearest)
{
	if (out_of_range(key))
		return PyUnicode_FromFormat(": keys are 0 to 2^62 - 1, names 1 to %u bytes",
					    ANCIENT_NAME_MAX);
	look_at_number(snapshot, key, nearest);
	if (nearest->found == NULL)
		return PyUnicode_FromString("");
	return PyUnicode_FromFormat(": did you mean %R?", nearest->found);
}

static PyObject *message(struct py_snapshot *snapshot, PyObject *key)
{
	struct py_nearest nearest;
	PyObject *keys, *hint, *text = NULL;

	py_nearest_init(&nearest, key);
	keys = keys_text(snapshot, &nearest);
	hint = keys == NULL ? NULL : hint_of(snapshot, key, &nearest);
	if (hint != NULL && PyUnicode_GET_LENGTH(keys) == 0)
		text = PyUnicode_FromFormat("%.60R%U (the store has no keys)", key, hint);
	else if (hint != NULL)
		text = PyUnicode_FromFormat("%.60R%U (keys: %U)", key, hint, keys);
	py_nearest_done(&nearest);
	Py_XDECREF(keys);
	Py_XDECREF(hint);
	return text;
}

PyObject *py_raise_absent(struct py_snapshot *snapshot, PyObject *key)
{
	PyObject *text = message(snapshot, key);
	const char *shown = text == NULL ? NULL : PyUnicode_AsUTF8(text);

	if (shown != NULL)
		py_fail(snapshot, ANCIENT_E_NO_KEY, ANCIENT_NO_OFFSET, "no such key: %s", shown);
	Py_XDECREF(text);
	return NULL;
}
