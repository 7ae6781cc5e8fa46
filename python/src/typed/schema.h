/* python/typed: parsed schemas. */
#ifndef ANCIENT_PYTHON_TYPED_SCHEMA_H
#define ANCIENT_PYTHON_TYPED_SCHEMA_H

#include "module/objects.h"

/* The schema of a text: one object for each distinct text that is in use.  name: what stands
 * for the text in messages. */
struct py_schema *py_schema_parse(struct py_state *state, const char *text, size_t length,
				  const char *name);

/* The lock under which schemas and classes are made, so that there is one of each.  A thread may
 * take it again; others wait.  0, or -1 with an exception.  Unlocking keeps an exception. */
int py_schemas_lock(struct py_state *state);
void py_schemas_unlock(struct py_state *state);

/* The schema that was given to open(): TypeError unless `text` is a str. */
struct py_schema *py_schema_given(struct py_state *state, PyObject *text);

static inline const struct ancient_type *py_schema_type(const struct py_schema *schema,
							uint32_t type)
{
	return type < schema->count ? schema->types[type] : NULL;
}

/* 16 bytes, as a bytes object: equal where two types are declared alike, names included. */
PyObject *py_schema_type_key(struct py_schema *schema, uint32_t type);

int py_schema_init(PyObject *module, struct py_state *state);

#endif
