/* python/walk: the order of values of variants, which is that of OCaml's compare: constants as they
 * were declared, before constructors with arguments, those as they were declared, equal ones by
 * their arguments.  Constants of a polymorphic variant have the order of OCaml's numbers for them.
 *
 * Two values of one file are compared by the reader in place; where there are two files, the right
 * one becomes a key, as for a lookup. */
#include "walk/order.h"

#include "module/errors.h"
#include "module/snapshot.h"
#include "typed/key.h"
#include "typed/record.h"
#include "typed/value.h"
#include "typed/variant.h"
#include "walk/compare.h"

/* nan is less than all others, and equal to itself. */
static int order_of_doubles(double a, double b)
{
	return (a > b) - (a < b) + (a == a) - (b == b);
}

/* What lies flat in a record is the float of an unboxed constructor, possibly behind further
 * unboxed types: so there is no block to compare.  0, or -1 with an exception. */
static int flat_float(PyObject *variant, double *ret_number)
{
	const struct py_schema *schema = ((const struct py_typed *)variant)->schema;
	const struct py_state *state = schema->state;
	PyObject *part = Py_NewRef(variant), *inner;
	uint32_t steps;

	/* No unboxed type is only itself, but in a schema made to be one. */
	for (steps = 0; part != NULL && !PyFloat_Check(part) && steps <= schema->count; steps++) {
		if (PyObject_TypeCheck(part, state->variant))
			inner = py_variant_part(part, 0);
		else if (PyObject_TypeCheck(part, state->record))
			inner = py_record_part(part, 0);
		else
			break;
		Py_SETREF(part, inner);
	}
	*ret_number = part == NULL ? -1.0 : PyFloat_AsDouble(part);
	Py_XDECREF(part);
	return *ret_number == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static int order_flat(PyObject *a, PyObject *b, int *ret_order)
{
	double left, right;

	if (flat_float(a, &left) < 0 || flat_float(b, &right) < 0)
		return -1;
	*ret_order = order_of_doubles(left, right);
	return 0;
}

static int order_of_files(const struct py_typed *a, PyObject *b, int *ret_order)
{
	struct py_snapshot *snapshot = a->view.snapshot;
	struct py_keys keys = {.snapshot = snapshot, .schema = a->schema};
	struct ancient_error err;
	struct ancient_key key;
	int made = py_key_make(&keys, a->type, b, &key);

	if (made == 1 && ancient_key_compare(snapshot->file, a->view.value, &key, ret_order,
					     &err) != ANCIENT_OK) {
		py_raise(snapshot->state, snapshot->name, &err);
		made = -1;
	} else if (made == 0 || made == 2) {
		py_fail(snapshot, ANCIENT_E_WRONG_KIND, ANCIENT_NO_OFFSET,
			"values of two stores with lists, arrays or tables in them have no order: "
			"read both from one store");
		made = -1;
	}
	py_keys_done(&keys);
	return made < 0 ? -1 : 0;
}

static int order_of_blocks(PyObject *left, PyObject *right, int *ret_order)
{
	const struct py_typed *a = (const struct py_typed *)left;
	const struct py_typed *b = (const struct py_typed *)right;
	struct py_snapshot *snapshot = a->view.snapshot;
	struct ancient_error err;

	if (a->flat != 0 || b->flat != 0)
		return order_flat(left, right, ret_order);
	if (snapshot->file != b->view.snapshot->file)
		return order_of_files(a, right, ret_order);
	if (ancient_value_compare(snapshot->file, a->view.value, b->view.value, ret_order, &err) ==
	    ANCIENT_OK)
		return 0;
	py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}

static bool is_constant(PyObject *variant)
{
	return ((const struct py_variant *)variant)->name != NULL;
}

static int order_of(PyObject *a, PyObject *b, int *ret_order)
{
	if (!is_constant(a) && !is_constant(b))
		return order_of_blocks(a, b, ret_order);
	if (is_constant(a) && is_constant(b)) {
		const int64_t left = ancient_value_to_int(((struct py_view *)a)->value);
		const int64_t right = ancient_value_to_int(((struct py_view *)b)->value);

		*ret_order = (left > right) - (left < right);
	} else {
		*ret_order = is_constant(a) ? -1 : 1;
	}
	return 0;
}

static int stands(PyObject *variant)
{
	return is_constant(variant) ? 0 : py_stands(((struct py_view *)variant)->snapshot);
}

/* Both of one variant type: the class of a constructor derives from its type's. */
static bool of_one_type(PyObject *a, PyObject *b)
{
	return Py_TYPE(a)->tp_base == Py_TYPE(b)->tp_base;
}

PyObject *py_variant_compare(PyObject *a, PyObject *b, int operation)
{
	int order;

	if (operation == Py_EQ || operation == Py_NE)
		return py_typed_compare(a, b, operation);
	if (!of_one_type(a, b))
		Py_RETURN_NOTIMPLEMENTED;
	if (order_of(a, b, &order) < 0 || stands(a) < 0 || stands(b) < 0)
		return NULL;
	Py_RETURN_RICHCOMPARE(order, 0, operation);
}
