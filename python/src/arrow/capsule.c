/* python/arrow: capsules (capsule.h).  What a capsule holds is released with it, unless a consumer
 * has taken it out: then its `release` is NULL. */
#include "arrow/capsule.h"

#define SCHEMA "arrow_schema"
#define ARRAY "arrow_array"
#define STREAM "arrow_array_stream"

/* A capsule of a copy of `*held`. */
#define CAPSULE(name, held, destructor)                                                            \
	do {                                                                                       \
		void *copy = PyMem_RawMalloc(sizeof *(held));                                      \
		PyObject *capsule;                                                                 \
		if (copy != NULL)                                                                  \
			memcpy(copy, held, sizeof *(held));                                        \
		capsule = copy == NULL ? PyErr_NoMemory() : PyCapsule_New(copy, name, destructor); \
		if (capsule == NULL) {                                                             \
			(held)->release(held);                                                     \
			PyMem_RawFree(copy);                                                       \
		}                                                                                  \
		return capsule;                                                                    \
	} while (0)

#define DESTRUCTOR(function, type, name)                                                           \
	static void function(PyObject *capsule)                                                    \
	{                                                                                          \
		struct type *held = PyCapsule_GetPointer(capsule, name);                           \
                                                                                                   \
		if (held->release != NULL)                                                         \
			held->release(held);                                                       \
		PyMem_RawFree(held);                                                               \
	}

DESTRUCTOR(destroy_schema, ArrowSchema, SCHEMA)
DESTRUCTOR(destroy_array, ArrowArray, ARRAY)
DESTRUCTOR(destroy_stream, ArrowArrayStream, STREAM)

PyObject *py_capsule_schema(struct ArrowSchema *schema)
{
	CAPSULE(SCHEMA, schema, destroy_schema);
}

PyObject *py_capsule_array(struct ArrowArray *array)
{
	CAPSULE(ARRAY, array, destroy_array);
}

PyObject *py_capsule_stream(struct ArrowArrayStream *stream)
{
	CAPSULE(STREAM, stream, destroy_stream);
}

#define TO(type, name)                                                                             \
	do {                                                                                       \
		struct type *held;                                                                 \
		if (!PyCapsule_CheckExact(capsule))                                                \
			return (void *)PyErr_Format(PyExc_TypeError,                               \
						    "expected a capsule \"%s\", found %.200s",     \
						    name, Py_TYPE(capsule)->tp_name);              \
		held = PyCapsule_GetPointer(capsule, name);                                        \
		if (held != NULL && held->release == NULL) {                                       \
			PyErr_SetString(PyExc_ValueError, "the capsule's content is gone");        \
			held = NULL;                                                               \
		}                                                                                  \
		return held;                                                                       \
	} while (0)

struct ArrowSchema *py_capsule_to_schema(PyObject *capsule)
{
	TO(ArrowSchema, SCHEMA);
}

struct ArrowArray *py_capsule_to_array(PyObject *capsule)
{
	TO(ArrowArray, ARRAY);
}

struct ArrowArrayStream *py_capsule_to_stream(PyObject *capsule)
{
	TO(ArrowArrayStream, STREAM);
}
