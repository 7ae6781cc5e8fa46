/* python/walk: the reprs of values, raw and typed: never more than a line, whatever the value, and
 * no exception for what is damaged.  A view shows its own parts, the parts of those are elided; a
 * raw block within another shows its tag and size only. */
#include "walk/repr.h"

#include "typed/class.h"
#include "typed/value.h"
#include "walk/repr_leaf.h"
#include "walk/walk.h"

#include <string.h>

#define PARTS_SHOWN 8
#define FIELDS_SHOWN 16

/* ---- Parts joined ----------------------------------------------------------------- */

/* Steals `text`, NULL where there is an exception. */
static int add_text(PyObject *list, PyObject *text)
{
	int failed = text == NULL ? -1 : PyList_Append(list, text);

	Py_XDECREF(text);
	return failed;
}

static PyObject *join(PyObject *list)
{
	PyObject *comma = PyUnicode_FromString(", "), *joined = NULL;

	if (comma != NULL)
		joined = PyUnicode_Join(comma, list);
	Py_XDECREF(comma);
	return joined;
}

PyObject *py_repr_elements(PyObject *view, PyObject *(*element)(PyObject *, Py_ssize_t),
			   Py_ssize_t size)
{
	struct py_snapshot *snapshot = ((struct py_view *)view)->snapshot;
	PyObject *list = PyList_New(0), *joined = NULL, *text = NULL;
	int failed = list == NULL ? -1 : 0;
	Py_ssize_t i;

	for (i = 0; failed == 0 && i < size && i < PARTS_SHOWN; i++) {
		PyObject *part = element(view, i);

		failed = add_text(list, part != NULL ? part : py_repr_damage(snapshot));
	}
	if (failed == 0)
		joined = join(list);
	if (joined != NULL)
		text = PyUnicode_FromFormat(i < size ? "[%U, ...]" : "[%U]", joined);
	Py_XDECREF(list);
	Py_XDECREF(joined);
	return text;
}

/* One part of a walk, with the name of its field or its key before it. */
static PyObject *part_text(const struct py_walk *walk, const char *name, struct ancient_typed key,
			   struct ancient_typed part, int levels)
{
	PyObject *text, *before, *both;

	text = py_repr_value(walk->snapshot, walk->schema, part, levels);
	if (text == NULL || (name == NULL && !walk->keyed))
		return text;
	before = name != NULL ? PyUnicode_FromString(name)
			      : py_repr_value(walk->snapshot, walk->schema, key, levels);
	both = before == NULL
		       ? NULL
		       : PyUnicode_FromFormat(name != NULL ? "%U=%U" : "%U: %U", before, text);
	Py_XDECREF(before);
	Py_DECREF(text);
	return both;
}

/* "a, b, ..." of the parts of a walk that has begun. */
static PyObject *parts_text(struct py_walk *walk, const struct ancient_field *fields, int levels)
{
	PyObject *list = PyList_New(0), *text = NULL;
	struct ancient_typed key = walk->typed, part;
	Py_ssize_t shown = fields != NULL ? FIELDS_SHOWN : PARTS_SHOWN;
	int more = 1, failed = list == NULL ? -1 : 0;

	while (failed == 0 && more == 1) {
		Py_ssize_t at = PyList_GET_SIZE(list);

		more = py_walk_next(walk, &key, &part);
		if (more < 0) {
			failed = add_text(list, py_repr_damage(walk->snapshot));
		} else if (more == 1 && at == shown) {
			failed = add_text(list, PyUnicode_FromString("..."));
			break;
		} else if (more == 1) {
			failed = add_text(list, part_text(walk, fields ? fields[at].name : NULL,
							  key, part, levels));
		}
	}
	if (failed == 0)
		text = join(list);
	Py_XDECREF(list);
	return text;
}

/* ---- Values ----------------------------------------------------------------------- */

static const struct ancient_field *fields_of(const struct py_walk *walk)
{
	if (walk->kind == ANCIENT_TYPE_RECORD)
		return walk->type->fields;
	if (walk->kind != ANCIENT_TYPE_VARIANT)
		return NULL;
	return walk->type->constructors[walk->number].fields;
}

/* What goes before and behind the parts; NULL where the parts are all there is. */
static void brackets(const struct py_walk *walk, char *before, size_t size, const char **after)
{
	const struct ancient_type *type = walk->type;
	char name[280];

	*after = ")";
	switch (walk->kind) {
	case ANCIENT_TYPE_RECORD:
		py_class_name(type, name, sizeof name);
		snprintf(before, size, "%s(", name);
		break;
	case ANCIENT_TYPE_VARIANT:
	case ANCIENT_TYPE_POLYVARIANT:
		snprintf(before, size, "%s(", type->constructors[walk->number].name);
		break;
	case ANCIENT_TYPE_TUPLE:
		snprintf(before, size, "(");
		break;
	case ANCIENT_TYPE_REF:
		snprintf(before, size, "Ref(");
		break;
	case ANCIENT_TYPE_RESULT:
		snprintf(before, size, walk->number ? "Ok(" : "Err(");
		break;
	case ANCIENT_TYPE_OPTION:
		snprintf(before, size, "Some(");
		break;
	case ANCIENT_TYPE_LIST:
	case ANCIENT_TYPE_ARRAY:
		snprintf(before, size, "[");
		*after = "]";
		break;
	default:
		snprintf(before, size, "{");
		*after = "}";
	}
}

static PyObject *block_text(const struct py_walk *walk)
{
	return PyUnicode_FromFormat("<Block tag=%u size=%zu>", walk->number, (size_t)walk->count);
}

static PyObject *elided(struct py_walk *walk, const char *before, const char *after)
{
	struct ancient_typed key, part;
	int more = py_walk_next(walk, &key, &part);

	if (more < 0)
		return py_repr_damage(walk->snapshot);
	return PyUnicode_FromFormat("%s%s%s", before, more == 1 ? "..." : "", after);
}

static PyObject *walk_text(struct py_walk *walk, int levels)
{
	const struct ancient_type *type = walk->type;
	bool option = walk->kind == ANCIENT_TYPE_OPTION;
	char before[300];
	const char *after;
	PyObject *parts, *text;

	if ((walk->kind == ANCIENT_TYPE_VARIANT || walk->kind == ANCIENT_TYPE_POLYVARIANT) &&
	    type->constructors[walk->number].constant)
		return PyUnicode_FromString(type->constructors[walk->number].name);
	if (option && walk->number == 0)
		return PyUnicode_FromString("None");
	if (option && !py_type_may_be_none(walk->schema, type->arguments[0]))
		return parts_text(walk, NULL, levels);
	brackets(walk, before, sizeof before, &after);
	if (levels <= 0)
		return elided(walk, before, after);
	parts = parts_text(walk, fields_of(walk), levels - 1);
	if (parts == NULL)
		return NULL;
	if (walk->kind == ANCIENT_TYPE_TUPLE && type->field_count == 1)
		after = ",)";
	text = PyUnicode_FromFormat("%s%U%s", before, parts, after);
	Py_DECREF(parts);
	return text;
}

static PyObject *value_text(struct py_snapshot *snapshot, struct py_schema *schema,
			    struct ancient_typed typed, int levels)
{
	PyObject *text = NULL;
	struct py_walk walk;

	if (py_walk_look(&walk, snapshot, schema, typed) < 0)
		return NULL;
	if (!py_walk_has_parts(&walk))
		return py_repr_leaf(&walk);
	if (py_walk_is_raw(&walk))
		return py_walk_enter(&walk) < 0 ? NULL : block_text(&walk);
	if (Py_EnterRecursiveCall(" while printing a value") != 0)
		return NULL;
	if (py_walk_enter(&walk) == 0)
		text = walk_text(&walk, levels);
	py_walk_done(&walk);
	Py_LeaveRecursiveCall();
	return text;
}

PyObject *py_repr_value(struct py_snapshot *snapshot, struct py_schema *schema,
			struct ancient_typed typed, int levels)
{
	PyObject *text = value_text(snapshot, schema, typed, levels);

	return text != NULL ? text : py_repr_damage(snapshot);
}

/* ---- Views ------------------------------------------------------------------------ */

PyObject *py_typed_repr(PyObject *object)
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_state *state;
	PyObject *text, *named;
	const char *name, *dot;

	if (self->schema == NULL) /* a constant */
		return Py_NewRef(((struct py_variant *)object)->name);
	state = self->view.snapshot->state;
	if (PyObject_TypeCheck(object, state->record) ||
	    PyObject_TypeCheck(object, state->variant) || PyObject_TypeCheck(object, state->ref))
		return py_repr_value(self->view.snapshot, self->schema, py_typed_of(self), 1);
	text = py_repr_value(self->view.snapshot, self->schema, py_typed_of(self), 2);
	if (text == NULL)
		return NULL;
	dot = strrchr(Py_TYPE(object)->tp_name, '.');
	name = dot != NULL ? dot + 1 : Py_TYPE(object)->tp_name;
	named = PyUnicode_FromFormat("%s(%U)", name, text);
	Py_DECREF(text);
	return named;
}
