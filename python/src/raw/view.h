/* python/raw: what all views share: they keep their snapshot alive and know their place in it. */
#ifndef ANCIENT_PYTHON_RAW_VIEW_H
#define ANCIENT_PYTHON_RAW_VIEW_H

#include "module/objects.h"
#include "module/threads.h"

#include <structmember.h>

PyObject *py_view_new(PyTypeObject *type, struct py_snapshot *snapshot, struct ancient_value value);
void py_view_dealloc(PyObject *self);

/* To begin the deallocation of a view with. */
static inline void py_view_clear_weak_references(PyObject *self)
{
	py_clear_weak_references(self, &((struct py_view *)self)->weak_references);
}

/* Members of every type of views: what lets programs refer to them weakly. */
extern PyMemberDef py_view_members[];

/* Getter of the attribute `offset`. */
PyObject *py_view_offset(PyObject *self, void *closure);

#endif
