/* python/typed: Ref, the view of an OCaml ref. */
#include "typed/ref.h"

#include "module/errors.h"
#include "module/module.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "typed/value.h"
#include "walk/compare.h"
#include "walk/repr.h"
#include "docs.h"

static PyObject *ref_contents(PyObject *object, void *Py_UNUSED(closure))
{
	const struct py_typed *self = (const struct py_typed *)object;
	struct py_snapshot *snapshot = self->view.snapshot;
	struct ancient_typed contents;
	struct ancient_error err;

	if (ancient_typed_contents(snapshot->file, self->schema->schema, py_typed_of(self),
				   &contents, &err) != ANCIENT_OK)
		return py_raise(snapshot->state, snapshot->name, &err);
	return py_typed_value(snapshot, self->schema, contents);
}

static PyMethodDef ref_methods[] = {
	PY_VIEW_METHODS(py_typed_reduce),
	/* for annotations: Ref[int] */
	{"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, NULL},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef ref_attributes[] = {
	{"contents", ref_contents, NULL, PY_DOC_Ref_contents, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot ref_slots[] = {
	{Py_tp_doc, PY_DOC_Ref},
	{Py_tp_dealloc, py_typed_dealloc},
	{Py_tp_repr, py_typed_repr},
	{Py_tp_richcompare, py_typed_compare},
	{Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_methods, ref_methods},
	{Py_tp_members, py_view_members},
	{Py_tp_getset, ref_attributes},
	{0, NULL},
};

static PyType_Spec ref_spec = {
	.name = "ancient.Ref",
	.basicsize = sizeof(struct py_typed),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = ref_slots,
};

int py_ref_init(PyObject *module, struct py_state *state)
{
	PyObject *names;
	int failed;

	if (py_add_type(module, &ref_spec, NULL, &state->ref) < 0)
		return -1;
	names = Py_BuildValue("(s)", "contents");
	failed = names == NULL ? -1
			       : PyDict_SetItemString(state->ref->tp_dict, "__match_args__", names);
	Py_XDECREF(names);
	return failed;
}
