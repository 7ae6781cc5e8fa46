/* python/typed: Python objects for values whose OCaml type is known. */
#ifndef ANCIENT_PYTHON_TYPED_VALUE_H
#define ANCIENT_PYTHON_TYPED_VALUE_H

#include "raw/value.h"
#include "typed/record.h"

static inline void py_typed_fill(struct py_typed *self, struct py_snapshot *snapshot,
				 struct py_schema *schema, struct ancient_typed typed)
{
	self->view.snapshot = (struct py_snapshot *)Py_NewRef(snapshot);
	self->view.value = typed.value;
	self->view.weak_references = NULL;
	self->schema = (struct py_schema *)Py_NewRef(schema);
	self->type = typed.type;
	self->flat = typed.flat;
}

static inline struct ancient_typed py_typed_of(const struct py_typed *self)
{
	struct ancient_typed typed = {self->view.value, self->type, self->flat};

	return typed;
}

/* Values of other types than the usual; called by py_typed_value only. */
PyObject *py_typed_other(struct py_snapshot *snapshot, struct py_schema *schema,
			 struct ancient_typed typed);

/* The Python object for a typed value. */
static inline PyObject *py_typed_value(struct py_snapshot *snapshot, struct py_schema *schema,
				       struct ancient_typed typed)
{
	enum ancient_type_kind kind = schema->types[typed.type]->kind;

	/* Most values are one of these. */
	if (kind == ANCIENT_TYPE_INT && ancient_value_is_int(typed.value) && typed.flat == 0)
		return py_int(ancient_value_to_int(typed.value));
	if (kind == ANCIENT_TYPE_RECORD)
		return py_record_new(snapshot, schema, typed);
	return py_typed_other(snapshot, schema, typed);
}

/* A view of one of the types; with an exception where `type` is NULL. */
PyObject *py_typed_new(PyTypeObject *type, struct py_snapshot *snapshot, struct py_schema *schema,
		       struct ancient_typed typed);
void py_typed_dealloc(PyObject *self);

/* Replaces a lazy by what it holds.  0, or -1 with an exception. */
int py_typed_open(struct py_snapshot *snapshot, const struct py_schema *schema,
		  struct ancient_typed *typed);

/* Whether values of the type may be None in Python, so that an option of them needs the class
 * Some. */
bool py_type_may_be_none(const struct py_schema *schema, uint32_t type);

/* A big or small integer of Zarith. */
PyObject *py_typed_integer(struct py_snapshot *snapshot, const struct py_schema *schema,
			   struct ancient_typed typed);

/* Called by ancient._typed, once, with the classes it has made. */
PyObject *py_register(PyObject *module, PyObject *args);

/* Some, Ok or Err of a value, which is stolen; NULL gives NULL. */
PyObject *py_box(PyObject *class, PyObject *value);

/* True for views of typed values. */
bool py_is_typed(const struct py_state *state, PyObject *object);

#endif
