/* python/typed: values of a range by their keys, and its repr (range_parts.h). */
#include "typed/range_parts.h"

#include "module/errors.h"
#include "typed/absent_key.h"
#include "typed/bound.h"
#include "typed/mapping.h"
#include "typed/schema.h"
#include "typed/value.h"
#include "walk/repr.h"
#include "walk/repr_leaf.h"

#define PARTS_SHOWN 8

/* The next of a range: 1, 0 at its end, -1.  In a set the part is the element itself. */
static int next(const struct py_typed *container, struct ancient_range *range,
		struct ancient_typed *ret_key, struct ancient_typed *ret_part)
{
	struct ancient_error err;
	enum ancient_code code = ancient_range_next(range, ret_key, ret_part, &err);

	if (code == ANCIENT_OK || code == ANCIENT_E_NO_INDEX)
		return code == ANCIENT_OK;
	py_raise(container->view.snapshot->state, container->view.snapshot->name, &err);
	return -1;
}

/* ---- By key --------------------------------------------------------------------------- */

/* Whether an end of the range lies on the far side of the key, or is it: 1, 0, -1. */
static int reaches(const struct py_typed *map, const struct ancient_range *end, bool high,
		   const struct ancient_key *key)
{
	struct ancient_range range = *end;
	struct ancient_typed last, part;
	struct ancient_error err;
	int order, more = next(map, &range, &last, &part);

	if (more != 1)
		return more;
	if (ancient_key_compare(map->view.snapshot->file, last.value, key, &order, &err) !=
	    ANCIENT_OK) {
		py_raise(map->view.snapshot->state, map->view.snapshot->name, &err);
		return -1;
	}
	return high ? order >= 0 : order <= 0;
}

/* Whether a key of the map lies in the range: 1, 0, -1; -1 without an exception where the key is
 * not one that can be compared. */
static int within(const struct py_typed *map, const struct ancient_range *ends, PyObject *object)
{
	struct py_state *state = map->view.snapshot->state;
	struct py_keys keys = {.snapshot = map->view.snapshot, .schema = map->schema};
	struct ancient_key key;
	bool excluded = false;
	int inside = -1, made = py_bound_make(&keys, map, object, false, &key, &excluded);

	if (made == 1)
		inside = reaches(map, &ends[0], false, &key);
	if (inside == 1)
		inside = reaches(map, &ends[1], true, &key);
	py_keys_done(&keys);
	if (made < 0 && (PyErr_ExceptionMatches(state->errors[ANCIENT_E_WRONG_KIND]) ||
			 PyErr_ExceptionMatches(state->errors[ANCIENT_E_TOO_LARGE])))
		PyErr_Clear();
	return inside;
}

PyObject *py_range_value(PyObject *range, const struct py_typed *map,
			 const struct ancient_range *ends, PyObject *key)
{
	struct ancient_typed value;
	int inside = 1, found = py_container_find((PyObject *)map, key, &value);

	if (found == 0)
		return py_raise_absent_key(
			map, py_schema_type(map->schema, map->type)->arguments[0], key);
	if (found == 1 && ends != NULL) {
		inside = within(map, ends, key);
		if (inside < 0 && !PyErr_Occurred())
			inside = PySequence_Contains(range, key);
	}
	if (found < 0 || inside < 0)
		return NULL;
	if (inside == 0)
		return py_fail(map->view.snapshot, ANCIENT_E_NO_KEY, ANCIENT_NO_OFFSET,
			       "no such key in the range, but in its map");
	return py_typed_value(map->view.snapshot, map->schema, value);
}

/* ---- Repr ----------------------------------------------------------------------------- */

static PyObject *part_text(const struct py_typed *container, enum py_wanted wanted,
			   struct ancient_typed key, struct ancient_typed part)
{
	struct py_snapshot *snapshot = container->view.snapshot;
	PyObject *before, *text, *both = NULL;

	if (wanted != PY_ITEMS)
		return py_repr_value(snapshot, container->schema, wanted == PY_KEYS ? key : part,
				     1);
	before = py_repr_value(snapshot, container->schema, key, 1);
	text = before == NULL ? NULL : py_repr_value(snapshot, container->schema, part, 1);
	if (text != NULL)
		both = PyUnicode_FromFormat("(%U, %U)", before, text);
	Py_XDECREF(before);
	Py_XDECREF(text);
	return both;
}

PyObject *py_range_text(const struct py_typed *container, const struct ancient_range *from,
			enum py_wanted wanted)
{
	PyObject *text = PyUnicode_FromString("Range(["), *shown;
	struct ancient_range range = *from;
	struct ancient_typed key, part;
	int i, more = 1;

	for (i = 0; text != NULL && more == 1 && i <= PARTS_SHOWN; i++) {
		more = next(container, &range, &key, &part);
		if (more == 0)
			break;
		if (more < 0)
			shown = py_repr_damage(container->view.snapshot);
		else if (i < PARTS_SHOWN)
			shown = part_text(container, wanted, key, part);
		else
			shown = PyUnicode_FromString("...");
		Py_SETREF(text, shown == NULL ? NULL
					      : PyUnicode_FromFormat("%U%s%U", text,
								     i > 0 ? ", " : "", shown));
		Py_XDECREF(shown);
	}
	if (text != NULL)
		Py_SETREF(text, PyUnicode_FromFormat("%U])", text));
	return text;
}
