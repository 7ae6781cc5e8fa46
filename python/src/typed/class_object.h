/* python/typed: the classes of types as objects: their metaclass, their names in ancient.ocaml, and
 * their pickles, which are the text of a schema and the number of a type in it. */
#ifndef ANCIENT_PYTHON_TYPED_CLASS_OBJECT_H
#define ANCIENT_PYTHON_TYPED_CLASS_OBJECT_H

#include "module/objects.h"

/* A class that derives from `base`, with the metaclass of this package. */
PyTypeObject *py_class_object_new(struct py_state *state, PyType_Spec *spec, PyTypeObject *base);

/* Puts a value, which is stolen, into a class; -1 with an exception, also where it is NULL. */
int py_class_put(PyTypeObject *class, const char *name, PyObject *value);

/* What a class has of its own by a name, as a new reference.  NULL without an exception: nothing.
 */
PyObject *py_class_item(PyTypeObject *class, const char *name);

/* Gives the class of a record or variant type a name that no other living class has, and says
 * which type it is.  0, or -1 with an exception. */
int py_class_declare(struct py_schema *schema, uint32_t type, PyTypeObject *class);

/* The same for a class within that of a variant: what has the name `name` there, and is, or is the
 * class of, constructor `index`. */
int py_class_declare_part(PyTypeObject *variant, const char *name, uint32_t index,
			  PyTypeObject *class);

/* Lets the class of a type be found by its name, once it is complete. */
int py_class_publish(struct py_state *state, PyTypeObject *class);

/* What tells a constant from all others, as long as its type lasts: the text of a schema, the
 * type and the constructor. */
PyObject *py_constant_reference(PyObject *self);

/* What pickles call when they are loaded. */
PyObject *py_restore_class(PyObject *module, PyObject *args);
PyObject *py_restore_constant(PyObject *module, PyObject *args);

/* The class of a name in ancient.ocaml. */
PyObject *py_class_named(PyObject *module, PyObject *name);

int py_class_object_init(PyObject *module, struct py_state *state);

#endif
