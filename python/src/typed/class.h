/* python/typed: the Python classes of record and variant types.  A schema makes one for each type
 * when a value of it is first met.  Classes are interned by what the type is made of, names
 * included, so that the same declaration gives the same class in every file and every generation.
 */
#ifndef ANCIENT_PYTHON_TYPED_CLASS_H
#define ANCIENT_PYTHON_TYPED_CLASS_H

#include "module/objects.h"
#include "module/threads.h"

/* Whether values of the type have a class of their own. */
static inline bool py_type_has_class(const struct ancient_type *type)
{
	return type->kind == ANCIENT_TYPE_RECORD || type->kind == ANCIENT_TYPE_VARIANT ||
	       type->kind == ANCIENT_TYPE_POLYVARIANT;
}

/* The class of a record or variant type; borrowed. */
PyTypeObject *py_class_make(struct py_schema *schema, uint32_t type);
static inline PyTypeObject *py_class_of(struct py_schema *schema, uint32_t type)
{
	PyObject *class = PY_SHARED_LOAD(&schema->classes[type]);

	return class != NULL ? (PyTypeObject *)class : py_class_make(schema, type);
}

/* A hash table from the names of a record's fields to their numbers, so that attributes are found
 * without a lookup in the class.  Names are compared by address: they are interned, as the names in
 * Python code are.  The class keeps them alive. */
struct py_names {
	size_t mask;
	struct py_name {
		PyObject *name; /* NULL: the slot is free */
		uint32_t index;
	} slots[];
};

static inline struct py_name *py_names_slot(struct py_names *names, const PyObject *name)
{
	size_t at = (size_t)((uintptr_t)name >> 4) & names->mask;

	while (names->slots[at].name != NULL && names->slots[at].name != name)
		at = (at + 1) & names->mask;
	return &names->slots[at];
}

/* The class, or the constant, of a constructor of a variant type; borrowed. */
PyObject *py_constructor_of(struct py_schema *schema, uint32_t type, uint32_t index);

/* The fields of a class of this package, or of an instance of one, as a tuple of str.  NULL without
 * an exception for other objects. */
PyObject *py_class_fields(struct py_state *state, PyObject *object);

/* The name that a type goes by in Python: "Package" for "Package.t". */
void py_class_name(const struct ancient_type *type, char *name, size_t size);

int py_class_init(PyObject *module, struct py_state *state);

#endif
