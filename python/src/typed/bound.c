/* python/typed: the bounds of a range, made of Python objects (bound.h). */
#include "typed/bound.h"

#include <math.h>

#include "module/errors.h"
#include "typed/schema.h"
#include "typed/value.h"

/* 1, -1: how an integer that no key equals lies to all keys; 0: an exception. */
static int side_of(PyObject *object)
{
	PyObject *number = PyNumber_Index(object);
	int overflow = 0;
	long long value = number == NULL ? -1 : PyLong_AsLongLongAndOverflow(number, &overflow);

	Py_XDECREF(number);
	if (value == -1 && PyErr_Occurred())
		return 0;
	return overflow != 0 ? overflow : value < 0 ? -1 : 1;
}

/* A bound beyond all keys of a type of integers, or all finite floats: true, or false where the
 * type is another. */
static bool far_key(enum ancient_type_kind kind, int side, struct ancient_key *ret_key)
{
	const int64_t number = side < 0 ? INT64_MIN : INT64_MAX;

	switch (kind) {
	case ANCIENT_TYPE_INT:
		*ret_key = ancient_key_int(number);
		return true;
	case ANCIENT_TYPE_INT32:
		*ret_key = ancient_key_boxed(ANCIENT_KEY_INT32, number);
		return true;
	case ANCIENT_TYPE_INT64:
		*ret_key = ancient_key_boxed(ANCIENT_KEY_INT64, number);
		return true;
	case ANCIENT_TYPE_NATIVEINT:
		*ret_key = ancient_key_boxed(ANCIENT_KEY_NATIVEINT, number);
		return true;
	case ANCIENT_TYPE_FLOAT:
		*ret_key = ancient_key_float(side < 0 ? -INFINITY : INFINITY);
		return true;
	default:
		return false;
	}
}

/* Where the far key itself is a key, it lies on this side of the bound: an integer of 2^70 is above
 * the greatest int64, and below the infinite float. */
static void exclude(enum ancient_type_kind kind, int side, bool high, bool *excluded)
{
	const bool inside = kind == ANCIENT_TYPE_FLOAT ? (side > 0) != high : (side > 0) == high;

	*excluded = !inside;
}

static int far_bound(enum ancient_type_kind kind, PyObject *object, bool high,
		     struct ancient_key *ret_key, bool *excluded)
{
	int side = side_of(object);

	if (side == 0)
		return -1;
	if (!far_key(kind, side, ret_key))
		return 0;
	exclude(kind, side, high, excluded);
	return 1;
}

/* A view of a key of the same file, of a type whose keys are not made of Python objects. */
static bool is_key(const struct py_keys *keys, uint32_t type, PyObject *object)
{
	const struct py_typed *view = (const struct py_typed *)object;

	return py_is_typed(keys->snapshot->state, object) && view->view.snapshot != NULL &&
	       view->view.snapshot->file == keys->snapshot->file && view->flat == 0 &&
	       view->schema == keys->schema && view->type == type;
}

int py_bound_make(struct py_keys *keys, const struct py_typed *container, PyObject *object,
		  bool high, struct ancient_key *ret_key, bool *excluded)
{
	const uint32_t number = py_schema_type(container->schema, container->type)->arguments[0];
	const struct ancient_type *type = py_schema_type(container->schema, number);
	int made;

	if (object == NULL || (object == Py_None && !py_type_may_be_none(keys->schema, number)))
		return 0;
	made = py_key_make(keys, number, object, ret_key);
	if (made == 0 && PyIndex_Check(object))
		made = far_bound(type->kind, object, high, ret_key, excluded);
	if (made == 2 && is_key(keys, number, object)) {
		*ret_key = ancient_key_value(((const struct py_view *)object)->value);
		made = 1;
	}
	if (made == 2 && type->kind == ANCIENT_TYPE_Z) {
		py_fail(keys->snapshot, ANCIENT_E_TOO_LARGE, ANCIENT_NO_OFFSET,
			"a bound of a range: integers beyond 63 bits are none");
		return -1;
	}
	if (made == 0 || made == 2) {
		py_fail(keys->snapshot, ANCIENT_E_WRONG_KIND, ANCIENT_NO_OFFSET,
			"a bound of a range: expected a key of OCaml's type %.80s%s, found %.80s",
			type->name, made == 2 ? ", as iteration gives it" : "",
			Py_TYPE(object)->tp_name);
		return -1;
	}
	return made;
}
