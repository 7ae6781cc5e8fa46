/* python/typed: get_many() of tables and maps.  The reader looks up to 256 keys up in one call, so
 * that the waits for memory overlap. */
#include "typed/get_many.h"

#include "typed/key.h"
#include "typed/nested.h"
#include "typed/mapping.h"
#include "typed/schema.h"
#include "typed/value.h"

/* Keys that are looked up in one call. */
#define BATCH 256

struct batch {
	struct py_decoding *decoding; /* of the values */
	const struct py_typed *mapping;
	enum ancient_type_kind kind; /* of the keys */
	uint32_t type;
	struct py_keys keys;
	size_t count;               /* of keys that were made */
	Py_ssize_t position[BATCH]; /* of each of them among the caller's */
	struct ancient_key key[BATCH];
	struct ancient_typed value[BATCH];
	bool found[BATCH];
};

/* 1: all are made, but those of which there can be none; 0: some must be searched for; -1 */
static int make_keys(struct batch *batch, PyObject *wanted, Py_ssize_t from, Py_ssize_t to)
{
	bool text = batch->kind == ANCIENT_TYPE_STRING || batch->kind == ANCIENT_TYPE_BYTES;
	Py_ssize_t i;

	batch->count = 0;
	for (i = from; i < to; i++) {
		PyObject *object = PyTuple_GET_ITEM(wanted, i);
		struct ancient_key *key = &batch->key[batch->count];
		int made = 1;

		if (!text || !py_key_borrow(object, key))
			made = py_key_make(&batch->keys, batch->type, object, key);
		if (made == 1)
			batch->position[batch->count++] = i;
		else if (made != 0)
			return made < 0 ? -1 : 0;
	}
	return batch->keys.floats ? 0 : 1;
}

static int put(const struct batch *batch, PyObject *list, Py_ssize_t at, struct ancient_typed typed)
{
	PyObject *value = py_decode(batch->decoding, batch->mapping->view.snapshot,
				    batch->mapping->schema, typed);

	if (value == NULL)
		return -1;
	/* Setting releases the default, which is there already. */
	return PyList_SetItem(list, at, value);
}

static int find_alone(const struct batch *batch, PyObject *wanted, PyObject *list, Py_ssize_t from,
		      Py_ssize_t to)
{
	for (Py_ssize_t i = from; i < to; i++) {
		struct ancient_typed value;
		int found = py_container_find((PyObject *)(uintptr_t)batch->mapping,
					      PyTuple_GET_ITEM(wanted, i), &value);

		if (found < 0 || (found == 1 && put(batch, list, i, value) < 0))
			return -1;
	}
	return 0;
}

static int find_batch(struct batch *batch, PyObject *wanted, PyObject *list, Py_ssize_t from,
		      Py_ssize_t to)
{
	const struct py_typed *mapping = batch->mapping;
	int made = make_keys(batch, wanted, from, to);

	/* An error is raised by the single lookups that follow, for the key that has it. */
	if (made < 0)
		return -1;
	if (made == 0 ||
	    ancient_typed_find_many(mapping->view.snapshot->file, mapping->schema->schema,
				    py_typed_of(mapping), batch->key, batch->count, batch->value,
				    batch->found, NULL, NULL) != ANCIENT_OK)
		return find_alone(batch, wanted, list, from, to);
	for (size_t i = 0; i < batch->count; i++)
		if (batch->found[i] && put(batch, list, batch->position[i], batch->value[i]) < 0)
			return -1;
	return 0;
}

static int find_all(const struct py_typed *mapping, PyObject *wanted, PyObject *list)
{
	Py_ssize_t count = PyTuple_GET_SIZE(wanted), from;
	struct batch *batch = PyMem_Malloc(sizeof *batch);
	struct py_decoding decoding = {.steps = 0};
	int failed = 0;

	if (batch == NULL) {
		PyErr_NoMemory();
		return -1;
	}
	batch->mapping = mapping;
	batch->decoding = &decoding;
	batch->type = py_schema_type(mapping->schema, mapping->type)->arguments[0];
	batch->kind = py_schema_type(mapping->schema, batch->type)->kind;
	for (from = 0; from < count && failed == 0; from += BATCH) {
		Py_ssize_t to = count - from < BATCH ? count : from + BATCH;

		batch->keys = (struct py_keys){.snapshot = mapping->view.snapshot,
					       .schema = mapping->schema};
		failed = find_batch(batch, wanted, list, from, to);
		py_keys_done(&batch->keys);
		if (failed == 0)
			failed = PyErr_CheckSignals();
	}
	py_decoding_done(&decoding);
	PyMem_Free(batch);
	return failed;
}

PyObject *py_mapping_get_many(PyObject *object, PyObject *args, PyObject *keywords)
{
	static char *names[] = {"", "default", NULL};
	PyObject *keys, *absent = Py_None, *wanted, *list;
	Py_ssize_t i;

	if (!PyArg_ParseTupleAndKeywords(args, keywords, "O|O:get_many", names, &keys, &absent))
		return NULL;
	if (PyUnicode_Check(keys) || PyBytes_Check(keys))
		return PyErr_Format(PyExc_TypeError,
				    "get_many() takes an iterable of keys, not one key: %R", keys);
	/* A tuple, which nobody changes meanwhile: the keys are read in place. */
	wanted = PySequence_Tuple(keys);
	list = wanted == NULL ? NULL : PyList_New(PyTuple_GET_SIZE(wanted));
	for (i = 0; list != NULL && i < PyTuple_GET_SIZE(wanted); i++)
		PyList_SET_ITEM(list, i, Py_NewRef(absent));
	if (list != NULL && find_all((const struct py_typed *)object, wanted, list) < 0)
		Py_CLEAR(list);
	Py_XDECREF(wanted);
	return list;
}
