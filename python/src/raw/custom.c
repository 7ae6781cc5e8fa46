/* python/raw: custom blocks: Zarith's integers become int, others Custom, a view of their
 * identifier and bytes. */
#include "raw/custom.h"

#include "module/errors.h"
#include "module/module.h"
#include "module/snapshot.h"
#include "raw/view.h"
#include "store/pickle.h"
#include "walk/compare.h"
#include "docs.h"

#include <string.h>

#define SIGN (1ull << 63)

bool py_custom_is_integer(const struct ancient_custom *custom)
{
	return strcmp(custom->identifier, "_z") == 0;
}

/* Z.t (FORMAT 6): sign and count of limbs, then limbs, the least significant first. */
static PyObject *integer(struct py_snapshot *snapshot, struct ancient_value value,
			 const struct ancient_custom *custom)
{
	uint64_t head = 0, limbs, held = 0;
	PyObject *number, *negated;

	if (custom->bytes >= sizeof head)
		memcpy(&head, custom->payload, sizeof head);
	limbs = head & ~SIGN;
	if (custom->bytes < sizeof head || limbs > (custom->bytes - sizeof head) / 8)
		return py_fail(snapshot, ANCIENT_E_BAD_CUSTOM, value.word - snapshot->base,
			       "an integer of Zarith with more limbs than its block");
	if (py_hold(snapshot, custom->payload, 8 * limbs, &held) < 0)
		return NULL;
	/* y# copies the limbs before anything looks at them. */
	number = PyObject_CallMethod((PyObject *)&PyLong_Type, "from_bytes", "y#s",
				     (const char *)custom->payload + sizeof head,
				     (Py_ssize_t)(8 * limbs), "little");
	if (number == NULL || py_stands(snapshot) < 0) {
		Py_XDECREF(number);
		return NULL;
	}
	if ((head & SIGN) == 0)
		return number;
	negated = PyNumber_Negative(number);
	Py_DECREF(number);
	return negated;
}

static int find(struct py_snapshot *snapshot, struct ancient_value value,
		struct ancient_custom *ret_custom)
{
	struct ancient_error err;

	if (ancient_custom_get(snapshot->file, value, ret_custom, &err) == ANCIENT_OK)
		return 0;
	py_raise(snapshot->state, snapshot->name, &err);
	return -1;
}

PyObject *py_custom_new(struct py_snapshot *snapshot, struct ancient_value value)
{
	struct ancient_custom custom;

	if (find(snapshot, value, &custom) < 0)
		return NULL;
	if (py_custom_is_integer(&custom))
		return integer(snapshot, value, &custom);
	return py_view_new(snapshot->state->custom, snapshot, value);
}

PyObject *py_custom_identifier(PyObject *self, void *Py_UNUSED(closure))
{
	const struct py_view *view = (const struct py_view *)self;
	struct ancient_custom custom;

	if (find(view->snapshot, view->value, &custom) < 0)
		return NULL;
	return PyUnicode_DecodeUTF8(custom.identifier, (Py_ssize_t)strlen(custom.identifier),
				    "surrogateescape");
}

static int custom_buffer(PyObject *self, Py_buffer *buffer, int flags)
{
	const struct py_view *view = (const struct py_view *)self;
	struct ancient_custom custom;

	if (find(view->snapshot, view->value, &custom) < 0)
		return -1;
	return PyBuffer_FillInfo(buffer, self, (void *)(uintptr_t)custom.payload,
				 (Py_ssize_t)custom.bytes, 1, flags);
}

static PyObject *custom_repr(PyObject *self)
{
	const struct py_view *view = (const struct py_view *)self;
	struct ancient_custom custom;
	PyObject *text, *identifier = py_custom_identifier(self, NULL);

	if (identifier == NULL || find(view->snapshot, view->value, &custom) < 0) {
		Py_XDECREF(identifier);
		return NULL;
	}
	text = PyUnicode_FromFormat("<ancient.Custom %R of %zu bytes>", identifier, custom.bytes);
	Py_DECREF(identifier);
	return text;
}

static PyMethodDef custom_methods[] = {
	PY_VIEW_METHODS(py_view_reduce),
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef custom_attributes[] = {
	{"identifier", py_custom_identifier, NULL, PY_DOC_Custom_identifier, NULL},
	{"offset", py_view_offset, NULL, PY_DOC_Custom_offset, NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot custom_slots[] = {
	{Py_tp_doc, PY_DOC_Custom},
	{Py_tp_dealloc, py_view_dealloc},
	{Py_tp_repr, custom_repr},
	{Py_tp_richcompare, py_raw_compare},
	{Py_tp_hash, PyObject_HashNotImplemented},
	{Py_tp_methods, custom_methods},
	{Py_tp_members, py_view_members},
	{Py_tp_getset, custom_attributes},
	{Py_bf_getbuffer, custom_buffer},
	{0, NULL},
};

static PyType_Spec custom_spec = {
	.name = "ancient.Custom",
	.basicsize = sizeof(struct py_view),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = custom_slots,
};

int py_custom_init(PyObject *module, struct py_state *state)
{
	return py_add_type(module, &custom_spec, NULL, &state->custom);
}
