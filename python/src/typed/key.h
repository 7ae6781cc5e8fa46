/* python/typed: keys for the reader's lookups, made of Python objects. */
#ifndef ANCIENT_PYTHON_TYPED_KEY_H
#define ANCIENT_PYTHON_TYPED_KEY_H

#include "module/objects.h"

/* Memory of a key under construction. */
struct py_keys {
	struct py_snapshot *snapshot; /* of the container */
	struct py_schema *schema;
	struct py_key_memory *memory;
	PyObject *alive; /* list: objects whose bytes the key borrows */
	bool floats;     /* a record of floats was met: OCaml may have it flat or boxed */
	bool boxed;      /* take it as boxed */
	uint32_t parts;  /* that were made so far */
};

/* 1: made; 0: nothing of that type equals the object; 2: only a search through all keys can
 * tell; -1: an exception. */
int py_key_make(struct py_keys *keys, uint32_t type, PyObject *object, struct ancient_key *ret_key);
/* The key of a str or bytes: 1, 0 or -1 as above. */
int py_key_string(struct py_keys *keys, PyObject *object, struct ancient_key *ret_key);
void py_keys_done(struct py_keys *keys);

/* The key of a str or bytes whose bytes can be borrowed as they are; false: py_key_make. */
static inline bool py_key_borrow(PyObject *object, struct ancient_key *ret_key)
{
	if (PyUnicode_Check(object) && PyUnicode_IS_COMPACT_ASCII(object))
		*ret_key = ancient_key_string(PyUnicode_DATA(object),
					      (size_t)PyUnicode_GET_LENGTH(object));
	else if (PyBytes_Check(object))
		*ret_key = ancient_key_string(PyBytes_AS_STRING(object),
					      (size_t)PyBytes_GET_SIZE(object));
	else
		return false;
	return true;
}

#endif
