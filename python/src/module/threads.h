/* python/module: what objects share where threads run Python at once (free-threaded CPython, PEP
 * 703).  Where the interpreter has a lock all of it is plain loads and stores, and costs nothing.
 *
 * Three ways are enough, and spec/RATIONALE.md says which state goes which:
 *
 *   kept once     made when first wanted and never changed: published by py_keep, or under the
 *                 section of its owner or the lock for classes; read by PY_SHARED_LOAD
 *   a section     the Py_BEGIN_CRITICAL_SECTION of an object that changes: a store, an iterator.
 *                 It ends early where the thread waits or runs Python code, so that what is in it
 *                 stands at every such place
 *   a thread's    what one call counts for itself
 */
#ifndef ANCIENT_PYTHON_MODULE_THREADS_H
#define ANCIENT_PYTHON_MODULE_THREADS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#ifndef Py_BEGIN_CRITICAL_SECTION /* before 3.13 */
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

/* Of a field of a pointer's or integer's size: what was written before the store is seen after the
 * load.  PY_SHARED_SWAP gives what was there before; PY_SHARED_ADD counts, and orders nothing. */
#ifdef Py_GIL_DISABLED
#define PY_SHARED_LOAD(at) __atomic_load_n((at), __ATOMIC_ACQUIRE)
#define PY_SHARED_STORE(at, value) __atomic_store_n((at), (value), __ATOMIC_RELEASE)
#define PY_SHARED_SWAP(at, value) __atomic_exchange_n((at), (value), __ATOMIC_ACQ_REL)
#define PY_SHARED_ADD(at, number) ((void)__atomic_fetch_add((at), (number), __ATOMIC_RELAXED))
#else
#define PY_SHARED_LOAD(at) (*(at))
#define PY_SHARED_STORE(at, value) ((void)(*(at) = (value)))
#define PY_SHARED_SWAP(at, value)                                                                  \
	({                                                                                         \
		__typeof__(*(at)) before = *(at);                                                  \
		*(at) = (value);                                                                   \
		before;                                                                            \
	})
#define PY_SHARED_ADD(at, number) ((void)(*(at) += (number)))
#endif

/* Keeps `made` in *slot, unless another thread has kept one meanwhile; steals it.  What is kept,
 * borrowed; NULL with an exception where `made` is NULL and nothing is kept. */
static inline PyObject *py_keep(PyObject **slot, PyObject *made)
{
#ifdef Py_GIL_DISABLED
	PyObject *kept = NULL;

	if (made == NULL || __atomic_compare_exchange_n(slot, &kept, made, false, __ATOMIC_ACQ_REL,
							__ATOMIC_ACQUIRE))
		return made;
	Py_DECREF(made);
	return kept;
#else
	/* Making it may have run Python code, and so another thread. */
	if (made == NULL)
		return NULL;
	if (*slot == NULL)
		return *slot = made;
	Py_DECREF(made);
	return *slot;
#endif
}

/* To begin the deallocation of an object with, whose weak references another thread may be
 * dropping. */
static inline void py_clear_weak_references(PyObject *object, PyObject **list)
{
	if (PY_SHARED_LOAD(list) != NULL)
		PyObject_ClearWeakRefs(object);
}

/* An element of a list that other threads may change; NULL with an IndexError where it has become
 * shorter. */
static inline PyObject *py_list_item(PyObject *list, Py_ssize_t i)
{
#if PY_VERSION_HEX >= 0x030D0000
	return PyList_GetItemRef(list, i);
#else
	return Py_XNewRef(PyList_GetItem(list, i));
#endif
}

/* What a dict has for a key: 1 with a new reference, 0 with NULL, -1 with an exception. */
static inline int py_dict_item(PyObject *dict, PyObject *key, PyObject **ret_item)
{
#if PY_VERSION_HEX >= 0x030D0000
	return PyDict_GetItemRef(dict, key, ret_item);
#else
	*ret_item = Py_XNewRef(PyDict_GetItemWithError(dict, key));
	return *ret_item != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
#endif
}

#endif
